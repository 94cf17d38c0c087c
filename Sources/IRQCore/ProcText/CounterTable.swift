/// What the counts of a row mean.
public enum CountKind: UInt8, BitwiseCopyable, Sendable {
    /// One count for each CPU of the header.
    case perCPU
    /// One count for the whole machine (`ERR:`, `MIS:`, `Err:`).
    case global
    /// No count at all (`FIQ: usb_fiq`).
    case text
}

/// Some bytes of a text, by their offsets.
public struct TextRange: BitwiseCopyable, Sendable, Equatable {
    /// The first byte.
    public let start: Int
    /// The byte behind the last one.
    public let end: Int

    /// How many bytes there are.
    public var byteCount: Int { end - start }
    /// Whether there are none.
    public var isEmpty: Bool { end == start }
}

/// One row of a table of counts. Offsets are bytes of the text that was parsed.
public struct CounterRow: BitwiseCopyable, Sendable {
    /// The label without blanks and colon: `36`, `LOC`, `IPI0`, `I/O`.
    public let label: TextRange
    /// What follows the counts, without blanks at both ends.
    public let tail: TextRange
    /// Where its counts begin among those of the table.
    var firstCount: Int
    /// How many counts it has: the header's CPUs, 1, or 0.
    var countCount: Int
    /// What they mean.
    public let kind: CountKind
    /// The label as a number, or -1.
    public let irq: Int32
    /// How many rows before this one have the same label (powerpc has two `LOC`).
    public let ordinal: Int32
    /// Whether it is a sum of other rows (s390's EXT, I/O, AIO) and must not be added to them.
    public let isSum: Bool
    /// The line of the text, from 1.
    public let line: Int
}

/// /proc/interrupts or /proc/softirqs as numbers, in memory that is used again for each sample.
///
/// ```
///            CPU0       CPU1              <- header: the CPUs of the columns, by their own numbers
///  36:          0    2051656 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
/// LOC:    1417852    1509363   Local timer interrupts
/// ERR:          0                         <- one count for the machine
/// FIQ:              usb_fiq               <- none
/// ```
///
/// Sources: kernel/irq/proc.c `show_interrupts`, fs/proc/softirqs.c, and each architecture's
/// `arch_show_interrupts`. Columns are never found by their offsets: their width changed over kernels, and
/// a count of ten digits is glued to its label on arm64.
public struct CounterTable: ~Copyable {
    /// Which file it holds: softirqs have no rows that count for the machine as a whole.
    public enum Source: BitwiseCopyable, Sendable {
        case interrupts, softirqs
    }

    private let source: Source
    private let selection: CPUSet?
    private var cpuNumbers: GrowableBuffer<Int32>
    private var rowList: GrowableBuffer<CounterRow>
    private var countList: GrowableBuffer<UInt64>
    private var labels: IntegerMap<Int32>

    /// Rows that could not be read, in the last text.
    public private(set) var rejectedRowCount = 0
    /// Whether a row had a number of counts that fits no kind: the text changed while it was read, or is damaged.
    public private(set) var isTorn = false
    /// What was wrong with the first row that could not be read.
    public private(set) var firstProblem: ProcTextError?
    /// Lines before the header that are none of the kernel's.
    public private(set) var strayLineCount = 0

    /// Creates an empty table.
    ///
    /// - Parameter cpus: the CPUs to keep; the counts of others are read, checked, and forgotten. Nil keeps all.
    public init(_ source: Source, cpus: CPUSet? = nil) {
        self.source = source
        selection = cpus
        cpuNumbers = GrowableBuffer(capacity: 16)
        rowList = GrowableBuffer(capacity: 64)
        countList = GrowableBuffer(capacity: 1024)
        labels = IntegerMap(filler: 0, minimumCapacity: 64)
    }

    /// Whether the counts of some CPUs may have been left out.
    public var isSelection: Bool { selection != nil }
    /// How many CPUs the header names, of those that are kept.
    public var cpuCount: Int { cpuNumbers.count }
    /// The number of the CPU of a column, 0…`ProcTextLimits.highestCPU`.
    public func cpu(_ column: Int) -> Int { Int(cpuNumbers[column]) }
    /// How many rows there are.
    public var rowCount: Int { rowList.count }
    /// The row at `index`, in the order of the text.
    public func row(_ index: Int) -> CounterRow { rowList[index] }
    /// A count of a row: of the CPU of the column `index`, or at 0 of the machine.
    @inline(__always)
    public func count(_ row: CounterRow, _ index: Int) -> UInt64 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: row.countCount))
        return countList[row.firstCount &+ index]
    }
    /// How many counts all rows have together.
    var allCountCount: Int { countList.count }
    /// How many counts a row has.
    public func countCount(_ row: CounterRow) -> Int { row.countCount }
    /// The sum of a row's counts; wraps at 64 bits.
    public func total(_ row: CounterRow) -> UInt64 {
        var sum: UInt64 = 0
        for index in 0..<row.countCount { sum &+= count(row, index) }
        return sum
    }

    /// Reads a text. Rows that cannot be read are left out, counted, and the first of them is described.
    ///
    /// Allocates only where this text has more rows or CPUs than any before it.
    ///
    /// - Throws: `ProcTextError` if nothing can be read: no header, or beyond a limit. The table is then empty.
    public mutating func parse(_ text: RawSpan) throws(ProcTextError) {
        clear()
        do throws(ProcTextError) {
            var position = try parseHeader(text)
            var line = strayLineCount + 2
            while position < text.byteCount {
                // Room for a row and its counts, so that the loop over a row never grows anything.
                if rowList.count == ProcTextLimits.rows { throw ProcTextError(.tooManyRows, line: line) }
                if countList.count > ProcTextLimits.cells { throw ProcTextError(.tooManyCells, line: line) }
                rowList.reserve(1)
                countList.reserve(cpuCount)
                labels.reserve(1)
                position = parseRow(text, from: position, line: line) &+ 1
                line &+= 1
            }
        } catch {
            clear()
            throw error
        }
        if selection != nil { keepSelection() }
    }

    /// Forgets the counts of CPUs that nobody asked for.
    private mutating func keepSelection() {
        guard let selection else { return }
        var kept = 0
        for row in 0..<rowList.count {
            let (first, count) = (rowList[row].firstCount, rowList[row].countCount)
            rowList[row].firstCount = kept
            for index in 0..<count {
                if rowList[row].kind == .perCPU, !selection.contains(Int(cpuNumbers[index])) { continue }
                countList[kept] = countList[first &+ index]
                kept &+= 1
            }
            rowList[row].countCount = kept &- rowList[row].firstCount
        }
        while countList.count > kept { countList.removeLast() }
        var columns = 0
        for column in 0..<cpuNumbers.count where selection.contains(Int(cpuNumbers[column])) {
            cpuNumbers[columns] = cpuNumbers[column]
            columns &+= 1
        }
        while cpuNumbers.count > columns { cpuNumbers.removeLast() }
    }

    private mutating func clear() {
        cpuNumbers.removeAll()
        rowList.removeAll()
        countList.removeAll()
        labels.removeAll()
        (rejectedRowCount, strayLineCount, isTorn, firstProblem) = (0, 0, false, nil)
    }

    /// Finds the line of CPU names and returns where the next one begins.
    private mutating func parseHeader(_ text: RawSpan) throws(ProcTextError) -> Int {
        if text.byteCount == 0 { throw ProcTextError(.empty) }
        var position = 0
        while position < text.byteCount {
            if let next = try headerEnd(text, from: position) { return next }
            position = text.endOfLine(from: position) &+ 1
            strayLineCount &+= 1
            cpuNumbers.removeAll()
        }
        throw ProcTextError(.noHeader)
    }

    /// Collects the CPUs of a line; nil if it is not the header.
    private mutating func headerEnd(_ text: RawSpan, from start: Int) throws(ProcTextError) -> Int? {
        var position = text.skippingBlanks(from: start)
        while text.text(at: position) != ASCII.newline {
            guard text.has("CPU", at: position) else { return nil }
            position &+= 3
            var isTooLarge = false
            guard let number = text.decimal(at: &position, isTooLarge: &isTooLarge),
                text.endOfToken(from: position) == position
            else { return nil }
            let line = strayLineCount + 1
            guard !isTooLarge, number <= UInt64(ProcTextLimits.highestCPU) else {
                throw ProcTextError(.badHeader, line: line)
            }
            // The kernel names them in ascending order, so one comparison finds a CPU that is named twice.
            if cpuNumbers.count > 0, cpuNumbers[cpuNumbers.count - 1] >= Int32(number) {
                throw ProcTextError(.badHeader, line: line)
            }
            cpuNumbers.reserve(1)
            cpuNumbers.append(Int32(number))
            position = text.skippingBlanks(from: position)
        }
        if cpuNumbers.count == 0 { return nil }
        // Without a newline behind it the last CPU's number may have lost digits.
        if position >= text.byteCount { throw ProcTextError(.cutShort, line: strayLineCount + 1) }
        return position &+ 1
    }

    /// Reads the row at `start` and returns the end of its line.
    #if !DEBUG
        @_noAllocation
    #endif
    private mutating func parseRow(_ text: RawSpan, from start: Int, line: Int) -> Int {
        let labelStart = text.skippingBlanks(from: start)
        var position = labelStart
        // Up to the first colon: labels hold none, the names behind the counts may.
        while position < text.byteCount, text.text(at: position) != ASCII.colon {
            if text.text(at: position) == ASCII.newline { break }
            position &+= 1
        }
        guard position < text.byteCount, text.text(at: position) == ASCII.colon else {
            if position >= text.byteCount, position > labelStart {
                isTorn = true
                reject(.cutShort, line: line)
            } else if position > labelStart {
                reject(.noLabel, line: line)  // a blank line is none
            }
            return min(position, text.byteCount)
        }
        let labelEnd = text.trimmingEnd(labelStart, position)
        position &+= 1

        let firstCount = countList.count
        var countCount = 0
        var isTooLarge = false
        while countCount < cpuNumbers.count {
            let next = text.skippingBlanks(from: position)
            var end = next
            // A token that is digits and something else is the tail's: `1-edge`, `9030000.pl061`.
            var isBeyond = false
            guard let value = text.decimal(at: &end, isTooLarge: &isBeyond) else { break }
            let follower = text.text(at: end)
            guard follower == ASCII.newline || ASCII.isBlank(follower) else { break }
            if isBeyond { isTooLarge = true }
            countList.append(value)
            countCount &+= 1
            position = end
        }
        let lineEnd = text.endOfLine(from: position)
        let tailStart = min(text.skippingBlanks(from: position), lineEnd)
        let tailEnd = text.trimmingEnd(tailStart, lineEnd)
        let irq = Self.number(text, labelStart, labelEnd)
        let isNumbered = ASCII.digit(text.text(at: labelStart)) < 10
        let isSummary = tailEnd == tailStart ? Self.isSumLabel(text, labelStart, labelEnd) : false
        let isError = tailEnd == tailStart ? Self.isErrorLabel(text, labelStart, labelEnd) : false
        let kind = kind(countCount, hasTail: tailEnd > tailStart, isNumbered: isNumbered, isError: isError)
        // Without a newline behind it the last count may have lost digits.
        let isCut = lineEnd == text.byteCount && tailEnd == tailStart && countCount > 0
        guard let kind, !isTooLarge, !isCut, labelEnd > labelStart else {
            while countList.count > firstCount { countList.removeLast() }
            if isCut {
                isTorn = true
                reject(.cutShort, line: line)
            } else if isTooLarge {
                reject(.countTooLarge, line: line)
            } else if labelEnd == labelStart {
                reject(.noLabel, line: line)
            } else {
                isTorn = true
                reject(.countMismatch(expected: cpuNumbers.count, found: countCount), line: line)
            }
            return lineEnd
        }
        // A count more than the header has CPUs: one came online between the two. No chip is named by a number.
        if Self.isNumber(text, tailStart, tailEnd) { isTorn = true }
        let key = Self.labelKey(text, labelStart, labelEnd)
        let ordinal = labels.value(for: key) ?? 0
        labels.set(ordinal &+ 1, for: key)
        rowList.append(
            CounterRow(
                label: TextRange(start: labelStart, end: labelEnd),
                tail: TextRange(start: tailStart, end: tailEnd), firstCount: firstCount,
                countCount: countCount, kind: kind, irq: irq, ordinal: ordinal, isSum: isSummary, line: line))
        return lineEnd
    }

    /// What `count` counts mean; nil if they fit nothing.
    @inline(__always)
    private func kind(_ count: Int, hasTail: Bool, isNumbered: Bool, isError: Bool) -> CountKind? {
        if count == cpuNumbers.count {
            // With a single CPU rows that count for the machine look like any other: their labels tell.
            return count == 1 && source == .interrupts && isError ? .global : .perCPU
        }
        if count == 1, !hasTail, source == .interrupts, !isNumbered { return .global }
        // A number whose counts are missing is a line cut short, a word without counts is FIQ.
        if count == 0, hasTail, !isNumbered, source == .interrupts { return .text }
        return nil
    }

    private mutating func reject(_ fault: ProcTextError.Fault, line: Int) {
        rejectedRowCount &+= 1
        if firstProblem == nil { firstProblem = ProcTextError(fault, line: line) }
    }

    /// A label of digits only as an IRQ number, else -1.
    @inline(__always)
    private static func number(_ text: RawSpan, _ start: Int, _ end: Int) -> Int32 {
        guard end > start, end &- start < 10 else { return -1 }
        var value: Int32 = 0
        for position in start..<end {
            let digit = ASCII.digit(text.text(at: position))
            guard digit < 10 else { return -1 }
            value = value &* 10 &+ Int32(digit)
        }
        return value
    }

    /// Whether the first word of a tail is a number.
    @inline(__always)
    private static func isNumber(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        var position = start
        while position < end, ASCII.digit(text.text(at: position)) < 10 { position &+= 1 }
        if position == start { return false }
        return position == end ? true : ASCII.isBlank(text.text(at: position))
    }

    /// The rows without text that count for the machine as a whole.
    @inline(__always)
    private static func isErrorLabel(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        guard end &- start == 3 else { return false }
        if text.has("ERR", at: start) { return true }
        if text.has("MIS", at: start) { return true }
        return text.has("Err", at: start)
    }

    /// The rows that s390 prints as sums of those that end in `[EXT]`, `[I/O]`, `[AIO]` (arch/s390/kernel/irq.c).
    @inline(__always)
    private static func isSumLabel(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        guard end &- start == 3 else { return false }
        if text.has("EXT", at: start) { return true }
        if text.has("I/O", at: start) { return true }
        return text.has("AIO", at: start)
    }

    /// A key for a label: its bytes behind a 1 if there are at most seven, so that zeros in front count too, else a hash,
    /// which has the highest bit set.
    @inline(__always)
    static func labelKey(_ text: RawSpan, _ start: Int, _ end: Int) -> UInt64 {
        var key: UInt64 = 1
        if end &- start <= 7 {
            for position in start..<end { key = key << 8 | UInt64(text.text(at: position)) }
            return key
        }
        key = 0xCBF2_9CE4_8422_2325  // FNV-1a
        for position in start..<end { key = (key ^ UInt64(text.text(at: position))) &* 0x100_0000_01B3 }
        return key | 1 << 63
    }
}
