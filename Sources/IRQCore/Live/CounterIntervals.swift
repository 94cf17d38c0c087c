/// How the counts of a row moved since the sample before.
public enum RowState: UInt8, BitwiseCopyable, Sendable {
    /// All counts moved forward: the deltas are known.
    case steady
    /// The row was not in the sample before: it has no delta yet.
    case new
    /// A count went back by more than a wrap explains: the deltas are unknown.
    case reset
}

/// What an interval tells of one row.
public struct RowInterval: BitwiseCopyable, Sendable {
    /// How its counts moved.
    public var state: RowState
    /// The sum of its known deltas; 0 where none is known.
    public var delta: UInt64
    /// The place of what is kept about the row from sample to sample, 0…; reused after the row is gone.
    public var slot: Int32
    /// A number that no other row has had: tells whether a slot changed hands.
    public var serial: UInt32

    /// Whether its delta is known.
    public var isKnown: Bool { state == .steady }
}

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
    /// How many past rates are kept for each row.
    public static let historyLength = 128
    /// More interrupts a second than any CPU can take: 10 ns each.
    static let highestRatePerSecond: UInt64 = 100_000_000

    private var current: CounterSample
    private var previous: CounterSample
    private var sampleCount = 0

    private var intervals: GrowableBuffer<RowInterval>
    private var previousIntervals: GrowableBuffer<RowInterval>
    private var deltas: GrowableBuffer<UInt64>
    private var previousColumns: GrowableBuffer<Int32>
    private var columnTotals: GrowableBuffer<UInt64>
    private var isMatched: GrowableBuffer<Bool>
    private var goneRows: GrowableBuffer<Int32>
    private var rowsByLabel: IntegerMap<Int32>
    private var isRowsByLabelBuilt = false

    /// Made with the second sample: a single look at a million rows has no use for it.
    private var history: GrowableBuffer<Float>
    private var slotCount = 0
    private var freeSlots: GrowableBuffer<Int32>
    private var nextSerial: UInt32 = 0

    /// Since when, and until when; nil before the second sample.
    public private(set) var intervalNanoseconds: UInt64?
    /// The sum of all known deltas, sums of other rows left out.
    public private(set) var totalDelta: UInt64 = 0

    /// Whether the last sample is of now: false once one could not be taken.
    public private(set) var isCurrent = false

    /// Creates a sequence of samples without any.
    ///
    /// - Parameter cpus: the CPUs to keep; nil keeps all.
    public init(_ source: CounterTable.Source, cpus: CPUSet? = nil) {
        current = CounterSample(source, cpus: cpus)
        previous = CounterSample(source, cpus: cpus)
        intervals = GrowableBuffer(capacity: 64)
        previousIntervals = GrowableBuffer(capacity: 64)
        deltas = GrowableBuffer(capacity: 512)
        previousColumns = GrowableBuffer(capacity: 16)
        columnTotals = GrowableBuffer(capacity: 16)
        isMatched = GrowableBuffer(capacity: 64)
        goneRows = GrowableBuffer(capacity: 16)
        rowsByLabel = IntegerMap(filler: 0)
        history = GrowableBuffer(capacity: 1)
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
        do throws(Failure) {
            try fill(&previous)
        } catch {
            forgetDeltas()
            throw error
        }
        isCurrent = true
        swap(&current, &previous)
        swap(&intervals, &previousIntervals)
        sampleCount += 1
        reserve()
        compare()
    }

    /// The last sample is older than the interval that was to be told: nothing is known of that one.
    private mutating func forgetDeltas() {
        (intervalNanoseconds, totalDelta) = (nil, 0)
        for row in 0..<intervals.count {
            // A row that is new stays so: nothing of it went back.
            if intervals[row].state == .steady { intervals[row].state = .reset }
            intervals[row].delta = 0
        }
        for column in 0..<previousColumns.count { previousColumns[column] = -1 }
    }

    // MARK: What is known

    /// The sample that was taken last.
    public var sample: CounterSample {
        _read { yield current }
    }
    /// How many samples were taken.
    public var samples: Int { sampleCount }
    /// What the interval tells of a row of the last sample.
    public func interval(_ row: Int) -> RowInterval { intervals[row] }

    /// Whether the CPU of a column was there in the sample before.
    public func isColumnKnown(_ column: Int) -> Bool { sampleCount > 1 && previousColumns[column] >= 0 }

    /// The delta of a row on the CPU of a column (0 for a row that counts for the machine); nil if unknown.
    public func delta(_ row: Int, _ column: Int) -> UInt64? {
        let count = current.table.row(row)
        guard isCurrent, intervals[row].isKnown, column < count.countCount else { return nil }
        if count.kind == .perCPU, !isColumnKnown(column) { return nil }
        return deltas[count.firstCount + column]
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

    /// How many rows of the sample before are gone.
    public var goneCount: Int { goneRows.count }
    /// The label of a row that is gone.
    public func goneLabel(_ index: Int) -> String {
        previous.label(previous.table.row(Int(goneRows[index])))
    }

    /// A past rate of a slot, per second: age 0 is the last interval, up to `historyLength` - 1; NaN if unknown.
    public func pastRate(slot: Int32, age: Int) -> Float {
        precondition((0..<Self.historyLength).contains(age))
        if age >= sampleCount { return .nan }
        let place = Int(slot) * Self.historyLength + (sampleCount - 1 - age) % Self.historyLength
        return place < history.count ? history[place] : .nan
    }

    // MARK: Comparing

    /// Makes all room that `compare` needs.
    private mutating func reserve() {
        let rows = current.table.rowCount
        let columns = current.table.cpuCount
        intervals.removeAll()
        intervals.reserve(rows)
        deltas.removeAll()
        deltas.resize(to: current.table.allCountCount, filling: 0)
        previousColumns.removeAll()
        previousColumns.reserve(columns)
        columnTotals.removeAll()
        columnTotals.resize(to: columns, filling: 0)
        isMatched.removeAll()
        isMatched.resize(to: previous.table.rowCount, filling: false)
        goneRows.removeAll()
        goneRows.reserve(previous.table.rowCount)
        freeSlots.reserve(previous.table.rowCount + rows)
        if sampleCount > 1 { history.resize(to: slotCount * Self.historyLength, filling: .nan) }
        rowsByLabel.removeAll()
        rowsByLabel.reserve(previous.table.rowCount)
        isRowsByLabelBuilt = false
        totalDelta = 0
    }

    private mutating func compare() {
        let hasPrevious = sampleCount > 1
        let (now, before) = (current.timeNanoseconds, previous.timeNanoseconds)
        intervalNanoseconds = hasPrevious && now > before ? now &- before : nil
        matchColumns(hasPrevious)
        var expected = 0
        for row in 0..<current.table.rowCount {
            let match = hasPrevious ? findPrevious(row, expected: expected) : -1
            if match >= 0 {
                expected = match &+ 1
                isMatched[match] = true
                intervals.append(previousIntervals[match])
                subtract(row, match)
            } else {
                intervals.append(newInterval())
            }
            note(row)
        }
        guard hasPrevious else { return }
        for row in 0..<previous.table.rowCount where !isMatched[row] {
            goneRows.append(Int32(truncatingIfNeeded: row))
            freeSlots.append(previousIntervals[row].slot)
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
    @inline(__always)
    private mutating func findPrevious(_ row: Int, expected: Int) -> Int {
        let wanted = current.table.row(row)
        if expected < previous.table.rowCount, !isMatched[expected],
            current.isSame(wanted, as: previous.table.row(expected), of: previous)
        {
            return expected
        }
        return searchPrevious(wanted)
    }

    /// The rare case: rows came, went, or changed places.
    @inline(never)
    private mutating func searchPrevious(_ wanted: CounterRow) -> Int {
        if !isRowsByLabelBuilt {
            for row in 0..<previous.table.rowCount {
                let key = Self.key(previous.table.row(row), previous.text.bytes)
                rowsByLabel.set(Int32(truncatingIfNeeded: row), for: key)
            }
            isRowsByLabelBuilt = true
        }
        guard let found = rowsByLabel.value(for: Self.key(wanted, current.text.bytes)) else { return -1 }
        let match = Int(found)
        guard !isMatched[match], current.isSame(wanted, as: previous.table.row(match), of: previous) else { return -1 }
        return match
    }

    private static func key(_ row: CounterRow, _ text: RawSpan) -> UInt64 {
        let ordinal = UInt64(UInt32(bitPattern: row.ordinal))
        return CounterTable.labelKey(text, row.label.start, row.label.end) ^ (ordinal &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Subtracts a row of the sample before, `match`, from a row of this one.
    @inline(__always)
    private mutating func subtract(_ row: Int, _ match: Int) {
        let (new, old) = (current.table.row(row), previous.table.row(match))
        var sum: UInt64 = 0
        var knownCount = 0
        for index in 0..<new.countCount {
            let column = new.kind == .perCPU ? Int(previousColumns[index]) : 0
            if column < 0 { continue }
            guard
                let delta = Self.difference(
                    current.table.count(new, index), previous.table.count(old, column),
                    intervalNanoseconds: intervalNanoseconds)
            else {
                for index in 0..<new.countCount { deltas[new.firstCount &+ index] = 0 }
                intervals[row].state = .reset
                intervals[row].delta = 0
                return
            }
            deltas[new.firstCount &+ index] = delta
            sum &+= delta
            knownCount &+= 1
        }
        intervals[row].state = knownCount > 0 || new.kind == .text ? .steady : .new
        intervals[row].delta = sum
    }

    /// How far a count moved; nil if it went back and no wrap explains it.
    @inline(__always)
    static func difference(_ new: UInt64, _ old: UInt64, intervalNanoseconds: UInt64?) -> UInt64? {
        if new >= old { return new &- old }
        guard old <= UInt64(UInt32.max) else { return nil }
        let wrapped = new &- old &+ (1 << 32)
        guard wrapped < 1 << 31, let intervalNanoseconds else { return nil }
        // Milliseconds keep the product within 64 bits; any interval may have had a million.
        let milliseconds = intervalNanoseconds / 1_000_000
        let most = (milliseconds &+ 10).multipliedReportingOverflow(by: highestRatePerSecond / 1000)
        return most.overflow || wrapped <= most.partialValue ? wrapped : nil
    }

    /// Adds a row's deltas to the totals, and its rate to its history.
    @inline(__always)
    private mutating func note(_ row: Int) {
        let interval = intervals[row]
        let counts = current.table.row(row)
        if interval.isKnown, !counts.isSum {
            totalDelta &+= interval.delta
            if counts.kind == .perCPU {
                for column in 0..<counts.countCount { columnTotals[column] &+= deltas[counts.firstCount &+ column] }
            }
        }
        let place = Int(interval.slot) &* Self.historyLength &+ (sampleCount &- 1) % Self.historyLength
        guard place < history.count else { return }
        let rate = interval.isKnown ? perSecond(interval.delta) : nil
        history[place] = rate.map { Float($0) } ?? .nan
    }

    /// A slot without a past.
    @inline(__always)
    private mutating func newInterval() -> RowInterval {
        let slot: Int32
        if freeSlots.count > 0 {
            slot = freeSlots[freeSlots.count &- 1]
            freeSlots.removeLast()
        } else {
            slot = Int32(truncatingIfNeeded: slotCount)
            slotCount &+= 1
        }
        let past = Int(slot) &* Self.historyLength
        if past < history.count { for age in 0..<Self.historyLength { history[past &+ age] = .nan } }
        nextSerial &+= 1
        return RowInterval(state: .new, delta: 0, slot: slot, serial: nextSerial)
    }
}
