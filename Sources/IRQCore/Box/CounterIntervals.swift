/// Samples of one table, taken one after the other, and what moved between the last two.
///
/// The one place where the questions of counters over time are decided:
///
/// | what happens | what is told |
/// |---|---|
/// | a count grows | the difference |
/// | a 32-bit count wraps | the difference modulo 2³², if the machine can have made so many |
/// | a count goes back further | the row is `reset`: nothing known this time |
/// | a row appears, or returns | `new`: no difference to its total since boot |
/// | the number of a row stays and its device changes | the old row is gone, the new one `new` |
/// | a row vanishes | gone |
/// | a CPU appears, or returns | its column is unknown this time; the others count |
/// | a CPU vanishes | its column is gone; the others count |
/// | a sample cannot be read | it is skipped; the next interval is longer |
///
/// Source of the widths: `unsigned int` per CPU in struct irqstat and softirqs (include/linux/kernel_stat.h);
/// riscv up to 6.1 printed 64-bit counts of IPIs.
public struct CounterIntervals: ~Copyable {
    /// The number of past rates kept for each row.
    public static var historyLength: Int { RateHistory.length }
    /// More interrupts a second than any CPU can take: 10 ns each.
    static let highestRatePerSecond: UInt64 = 100_000_000

    private let source: CounterTable.Source
    private let keepsHistory: Bool
    private var current: CounterSample
    private var previous: CounterSample
    private var sampleCount = 0

    private var owners: GrowableBuffer<SlotOwner>
    private var previousOwners: GrowableBuffer<SlotOwner>
    private var moves: GrowableBuffer<RowMove>
    private var previousColumns: GrowableBuffer<Int32>
    private var columnTotals: GrowableBuffer<UInt64>
    private var isMatched: GrowableBuffer<Bool>
    private var goneRows: GrowableBuffer<Int32>
    private var rowsByLabel: IntegerMap<Int32>
    private var isRowsByLabelBuilt = false

    /// Used from the second sample on: a single look at a million rows has no use for it.
    private var history = RateHistory()
    private var slotCount = 0
    private var freeSlots: GrowableBuffer<Int32>
    private var nextSerial: UInt32 = 0

    /// Since when, and until when; nil before the second sample.
    public private(set) var intervalNanoseconds: UInt64?
    /// The sum of all known deltas, sums of other rows left out.
    public private(set) var totalDelta: UInt64 = 0

    /// True if the last sample is of now: false once one could not be taken.
    public private(set) var isCurrent = false

    /// Creates a sequence of samples without any.
    ///
    /// - Parameters:
    ///   - cpus: the CPUs to keep; nil keeps all.
    ///   - keepsHistory: whether past rates are of use.
    public init(_ source: CounterTable.Source, cpus: CPUSet? = nil, keepsHistory: Bool = true) {
        self.source = source
        self.keepsHistory = keepsHistory
        current = CounterSample(source, cpus: cpus)
        previous = CounterSample(source, cpus: cpus)
        owners = GrowableBuffer(capacity: 64)
        previousOwners = GrowableBuffer(capacity: 64)
        moves = GrowableBuffer(capacity: 64)
        previousColumns = GrowableBuffer(capacity: 16)
        columnTotals = GrowableBuffer(capacity: 16)
        isMatched = GrowableBuffer(capacity: 64)
        goneRows = GrowableBuffer(capacity: 16)
        rowsByLabel = IntegerMap(filler: 0)
        freeSlots = GrowableBuffer(capacity: 16)
    }

    /// Takes a sample: `fill` reads its text, its times and its numbers.
    ///
    /// - Throws: what `fill` throws; the last sample then stays the current one, and its rates are unknown.
    public mutating func take<Failure: Error>(
        _ fill: (inout CounterSample) throws(Failure) -> Void
    ) throws(Failure) {
        isCurrent = false
        goneRows.removeAll()  // they are rows of the sample that is about to be overwritten
        current.table.lend(to: &previous.table)
        do throws(Failure) {
            try fill(&previous)
        } catch {
            current.table.takeBack(from: &previous.table, isRead: false)
            forgetDeltas()
            throw error
        }
        current.table.takeBack(from: &previous.table, isRead: true)
        isCurrent = true
        swap(&current, &previous)
        swap(&owners, &previousOwners)
        sampleCount += 1
        reserve()
        compare()
    }

    /// The last sample is older than the interval that was to be told: nothing is known of that one.
    private mutating func forgetDeltas() {
        (intervalNanoseconds, totalDelta) = (nil, 0)
        for row in 0..<moves.count {
            // A row that is new stays so: nothing of it went back.
            if moves[row].state == .steady { moves[row].state = .reset }
            moves[row].delta = 0
        }
        for column in 0..<previousColumns.count { previousColumns[column] = -1 }
    }

    // MARK: What is known

    /// The sample that was taken last.
    public var sample: CounterSample {
        _read { yield current }
    }
    /// The number of samples taken.
    public var samples: Int { sampleCount }
    /// The facts that the interval tells of a row of the last sample.
    public func interval(_ row: Int) -> RowInterval {
        RowInterval(
            state: moves[row].state, delta: moves[row].delta, slot: owners[row].slot, serial: owners[row].serial)
    }

    /// True if the CPU of a column was there in the sample before.
    public func isColumnKnown(_ column: Int) -> Bool { sampleCount > 1 && previousColumns[column] >= 0 }

    /// The delta of a row on the CPU of a column (0 for a row that counts for the machine); nil if unknown.
    public func delta(_ row: Int, _ column: Int) -> UInt64? {
        let counts = current.table.row(row)
        guard isCurrent, moves[row].state == .steady, column < counts.countCount else { return nil }
        let old = counts.kind == .perCPU ? Int(previousColumns[column]) : 0
        guard sampleCount > 1, old >= 0 else { return nil }
        // The sample before stays as it is until the next one is taken.
        return difference(counts, column, previous.table.row(Int(moves[row].match)), old)
    }

    /// The deltas of a row that counts for each CPU, on the CPUs of some columns; nil where unknown.
    public func deltas(_ row: Int, _ columns: [Int]) -> [UInt64?] {
        guard isCurrent, sampleCount > 1, moves[row].state == .steady else {
            return [UInt64?](repeating: nil, count: columns.count)
        }
        let (new, old) = (current.table.row(row), previous.table.row(Int(moves[row].match)))
        var deltas: [UInt64?] = []
        deltas.reserveCapacity(columns.count)
        for column in columns {
            let before = Int(previousColumns[column])
            deltas.append(before < 0 ? nil : difference(new, column, old, before))
        }
        return deltas
    }

    /// The sum of a CPU's known deltas, sums of other rows left out; nil if unknown.
    public func columnTotal(_ column: Int) -> UInt64? {
        isCurrent && isColumnKnown(column) ? columnTotals[column] : nil
    }

    /// A delta as a rate per second; nil before the second sample, and while there is no sample of now.
    public func perSecond(_ delta: UInt64) -> Double? {
        guard isCurrent, let intervalNanoseconds, intervalNanoseconds > 0 else { return nil }
        return Double(delta) * 1e9 / Double(intervalNanoseconds)
    }

    /// The number of rows of the sample before that are gone.
    public var goneCount: Int { goneRows.count }
    /// The label of a row that is gone.
    public func goneLabel(_ index: Int) -> String {
        current.label(previous.table.row(Int(goneRows[index])))
    }

    /// A past rate of a slot, per second: age 0 is the last interval, up to `historyLength` - 1; NaN if unknown.
    public func pastRate(slot: Int32, age: Int) -> Float {
        precondition((0..<Self.historyLength).contains(age))
        if age >= sampleCount { return .nan }
        return history.rate(slot: slot, sample: sampleCount - age)
    }

    /// Gives back the memory of the sample before: how the last one differs from it is unknown then.
    mutating func forgetPrevious() {
        forgetDeltas()
        isCurrent = false
        previous = CounterSample(source)
        previousOwners = GrowableBuffer(capacity: 1)
    }

    // MARK: Comparing

    /// Makes all room that `compare` needs.
    private mutating func reserve() {
        let rows = current.table.rowCount
        let columns = current.table.cpuCount
        owners.removeAll()
        owners.reserve(rows)
        moves.removeAll()
        moves.reserve(rows)
        previousColumns.removeAll()
        previousColumns.reserve(columns)
        columnTotals.removeAll()
        columnTotals.resize(to: columns, filling: 0)
        isMatched.removeAll()
        isMatched.resize(to: previous.table.rowCount, filling: false)
        goneRows.removeAll()
        rowsByLabel.removeAll()
        isRowsByLabelBuilt = false
        totalDelta = 0
    }

    private mutating func compare() {
        let hasPrevious = sampleCount > 1
        let (now, before) = (current.timeNanoseconds, previous.timeNanoseconds)
        intervalNanoseconds = hasPrevious && now > before ? now &- before : nil
        matchColumns(hasPrevious)
        history.begin(sample: sampleCount, isTimed: intervalNanoseconds != nil)
        let hasHistory = hasPrevious && keepsHistory
        if hasHistory { history.reserve(slotCount: slotCount) }
        var expected = 0
        for row in 0..<current.table.rowCount {
            let match = hasPrevious ? findPrevious(row, expected: expected) : -1
            if match >= 0 {
                expected = match &+ 1
                isMatched[match] = true
                owners.append(previousOwners[match])
                moves.append(RowMove(delta: 0, match: Int32(truncatingIfNeeded: match), state: .steady))
                subtract(row, match)
            } else {
                owners.append(newOwner(hasHistory))
                moves.append(RowMove(delta: 0, match: -1, state: .new))
            }
            if hasHistory { note(row) }
        }
        guard hasPrevious else { return }
        for row in 0..<previous.table.rowCount where !isMatched[row] {
            goneRows.reserve(1)
            goneRows.append(Int32(truncatingIfNeeded: row))
            freeSlots.reserve(1)
            freeSlots.append(previousOwners[row].slot)
        }
    }

    private mutating func matchColumns(_ hasPrevious: Bool) {
        var expected = 0
        for column in 0..<current.table.cpuCount {
            let cpu = current.table.cpu(column)
            // Both headers ascend.
            while hasPrevious, expected < previous.table.cpuCount, previous.table.cpu(expected) < cpu { expected &+= 1 }
            let isThere = hasPrevious && expected < previous.table.cpuCount && previous.table.cpu(expected) == cpu
            previousColumns.append(isThere ? Int32(truncatingIfNeeded: expected) : -1)
        }
    }

    /// The row of the sample before that is the same counter, or -1.
    @inline(always)
    private mutating func findPrevious(_ row: Int, expected: Int) -> Int {
        let wanted = current.table.row(row)
        if expected < previous.table.rowCount, !isMatched[expected],
            current.table.isSame(wanted, as: previous.table.row(expected))
        {
            return expected
        }
        return searchPrevious(wanted)
    }

    /// The rare case: rows came, went, or changed places.
    @inline(never)
    private mutating func searchPrevious(_ wanted: CounterRow) -> Int {
        if !isRowsByLabelBuilt {
            rowsByLabel.reserve(previous.table.rowCount)
            for row in 0..<previous.table.rowCount {
                let key = Self.key(previous.table.row(row), current.table.names)
                rowsByLabel.set(Int32(truncatingIfNeeded: row), for: key)
            }
            isRowsByLabelBuilt = true
        }
        guard let found = rowsByLabel.value(for: Self.key(wanted, current.table.names)) else { return -1 }
        let match = Int(found)
        guard !isMatched[match], current.table.isSame(wanted, as: previous.table.row(match)) else { return -1 }
        return match
    }

    private static func key(_ row: CounterRow, _ text: RawSpan) -> UInt64 {
        let ordinal = UInt64(UInt32(bitPattern: row.ordinal))
        return LabelOrdinals.key(text, row.label.start, row.label.end) ^ (ordinal &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Subtracts a row of the sample before, `match`, from a row of this one.
    @inline(always)
    private mutating func subtract(_ row: Int, _ match: Int) {
        let (new, old) = (current.table.row(row), previous.table.row(match))
        var sum: UInt64 = 0
        var knownCount = 0
        for index in 0..<new.countCount {
            let column = new.kind == .perCPU ? Int(previousColumns[index]) : 0
            if column < 0 { continue }
            guard let delta = difference(new, index, old, column) else {
                moves[row].state = .reset
                return
            }
            sum &+= delta
            knownCount &+= 1
        }
        if knownCount == 0, new.kind != .text {
            moves[row].state = .new
            return
        }
        moves[row].delta = sum
        if new.isSum { return }
        totalDelta &+= sum
        guard new.kind == .perCPU, sum > 0 else { return }
        for index in 0..<new.countCount {
            let column = Int(previousColumns[index])
            if column >= 0, let delta = difference(new, index, old, column) { columnTotals[index] &+= delta }
        }
    }

    @inline(always)
    private func difference(_ new: CounterRow, _ index: Int, _ old: CounterRow, _ column: Int) -> UInt64? {
        Self.difference(
            current.table.count(new, index), previous.table.count(old, column),
            intervalNanoseconds: intervalNanoseconds)
    }

    /// The amount a count moved by; nil if it went back and no wrap explains it.
    ///
    /// - Parameter mayBeLong: true if a count may have gone more than half of its way in the interval, such as in days.
    @inline(__always)
    public static func difference(
        _ new: UInt64, _ old: UInt64, intervalNanoseconds: UInt64?, mayBeLong: Bool = false
    ) -> UInt64? {
        if new >= old { return new &- old }
        guard old <= UInt64(UInt32.max) else { return nil }
        let wrapped = new &- old &+ (1 << 32)
        guard mayBeLong || wrapped < 1 << 31, let intervalNanoseconds else { return nil }
        // Milliseconds keep the product within 64 bits; any interval may have had a million.
        let milliseconds = intervalNanoseconds / 1_000_000
        let most = (milliseconds &+ 10).multipliedReportingOverflow(by: highestRatePerSecond / 1000)
        return most.overflow || wrapped <= most.partialValue ? wrapped : nil
    }

    /// Adds a row's rate to its history.
    @inline(always)
    private mutating func note(_ row: Int) {
        let rate = moves[row].state == .steady ? perSecond(moves[row].delta).map { Float($0) } ?? .nan : .nan
        history.note(rate, slot: owners[row].slot, sample: sampleCount)
    }

    /// A slot without a past.
    @inline(always)
    private mutating func newOwner(_ hasHistory: Bool) -> SlotOwner {
        let slot: Int32
        if freeSlots.count > 0 {
            slot = freeSlots[freeSlots.count &- 1]
            freeSlots.removeLast()
        } else {
            slot = Int32(truncatingIfNeeded: slotCount)
            slotCount &+= 1
        }
        if hasHistory {
            history.reserve(slotCount: slotCount)
            history.start(slot, sample: sampleCount)
        }
        nextSerial &+= 1
        return SlotOwner(slot: slot, serial: nextSerial)
    }
}
