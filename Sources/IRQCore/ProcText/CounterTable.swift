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

    let source: Source
    private let selection: CPUSet?
    var cpuNumbers: GrowableBuffer<Int32>
    private var rowList: GrowableBuffer<PackedRow>
    private var countList: GrowableBuffer<UInt64>
    private var nameList = RowNames()
    private var ordinals = LabelOrdinals()
    /// The number of bytes to come, if that is known: then all memory is made at once.
    private var expectedByteCount = 0
    /// The line that is read next, from 1.
    var line = 1
    var isHeaderKnown = false
    /// True if a run of blanks stood before a count or before what follows the counts.
    private var hasWideGap = false

    /// Rows that could not be read, in the last text.
    public internal(set) var rejectedRowCount = 0
    /// True if a row had a number of counts that fits no kind: the text changed while it was read, or is damaged.
    public private(set) var isTorn = false
    /// Rows among them that begin with a number: those of interrupt lines.
    public private(set) var rejectedLineCount = 0
    /// True if the text does not end with a newline, as the kernel's do: rows behind its end may be missing.
    public internal(set) var isCut = false
    /// What was wrong with the first row that could not be read.
    public internal(set) var firstProblem: ProcTextError?
    /// Lines before the header, or before the first row where there is none, that are not understood.
    public internal(set) var strayLineCount = 0
    /// True if another line of CPU names follows the rows: another table, which is not read.
    public private(set) var hasAnother = false
    /// True if a line names the CPUs of the columns. Without one (`grep eth0 /proc/interrupts`) the columns are those of
    /// the text, numbered from 0, and nobody knows their CPUs.
    public internal(set) var namesCPUs = true
    /// The layout of what follows the counts.
    public private(set) var layout = DescriptorText.Layout.fields

    /// Creates an empty table.
    ///
    /// - Parameter cpus: the CPUs to keep; the counts of others are read, checked, and forgotten. Nil keeps all.
    public init(_ source: Source, cpus: CPUSet? = nil) {
        self.source = source
        selection = cpus
        cpuNumbers = GrowableBuffer(capacity: 16)
        rowList = GrowableBuffer(capacity: 64)
        countList = GrowableBuffer(capacity: 1024)
    }

    /// True if the counts of some CPUs may have been left out.
    public var isSelection: Bool { selection != nil }
    /// The number of CPUs the header names, of those that are kept.
    public var cpuCount: Int { cpuNumbers.count }
    /// The number of the CPU of a column, 0…`ProcTextLimits.highestCPU`.
    public func cpu(_ column: Int) -> Int { Int(cpuNumbers[column]) }
    /// The number of rows.
    public var rowCount: Int { rowList.count }
    /// The row at `index`, in the order of the text.
    public func row(_ index: Int) -> CounterRow {
        let row = rowList[index]
        let countCount =
            switch row.kind {
            case .perCPU: cpuNumbers.count
            case .global: 1
            case .text: 0
            }
        return CounterRow(
            label: row.label, tail: row.tail, firstCount: Int(row.firstCount), countCount: countCount, kind: row.kind,
            irq: row.irq, ordinal: row.ordinal, isSum: row.isSum)
    }
    /// The labels of rows, and what follows their counts.
    public var names: RawSpan {
        @_lifetime(borrow self)
        borrowing get { nameList.bytes }
    }
    /// A count of a row: of the CPU of the column `index`, or at 0 of the machine.
    @inline(__always)
    public func count(_ row: CounterRow, _ index: Int) -> UInt64 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: row.countCount))
        return countList[row.firstCount &+ index]
    }
    /// The number of counts a row has.
    public func countCount(_ row: CounterRow) -> Int { row.countCount }
    /// Reads a text. Rows that cannot be read are left out, counted, and the first of them is described.
    ///
    /// Allocates only where this text has more rows or CPUs than any before it.
    ///
    /// - Throws: `ProcTextError` if nothing can be read: no header, or beyond a limit. The table is then empty.
    public mutating func parse(_ text: RawSpan) throws(ProcTextError) {
        begin(expecting: text.byteCount)
        _ = try readLines(text, isLast: true)
    }

    /// Begins to read a text that comes in pieces.
    ///
    /// - Parameter byteCount: how many bytes it has; 0 if that is unknown.
    public mutating func begin(expecting byteCount: Int = 0) {
        clear()
        expectedByteCount = byteCount
    }

    /// Reads the whole lines of a piece.
    ///
    /// - Parameters:
    ///   - text: what is left of the piece before, and what follows it.
    ///   - isLast: whether nothing follows: then all of it is read.
    /// - Returns: how many bytes were read; 0 while too little of the text is there to tell that it has no header.
    /// - Throws: as `parse` does.
    public mutating func readLines(_ text: RawSpan, isLast: Bool) throws(ProcTextError) -> Int {
        var end = text.byteCount
        while !isLast, end > 0, text.text(at: end &- 1) != ASCII.newline { end &-= 1 }
        do throws(ProcTextError) {
            let lines = text.extracting(0..<end)
            var start = 0
            if !isHeaderKnown {
                guard let next = try parseHeader(lines, isLast: isLast) else { return 0 }
                start = next
            }
            try readRows(lines, from: start)
            if isLast, !namesCPUs, selection != nil { throw ProcTextError(.noHeader) }
        } catch {
            clear()
            throw error
        }
        if isLast {
            noteEnd(text)
            nameList.markSums(&rowList)
            layout = nameList.layout(rowList, hasWideGap: hasWideGap)
            if selection != nil { keepSelection() }
        }
        return end
    }

    private mutating func readRows(_ text: RawSpan, from start: Int) throws(ProcTextError) {
        var position = start
        // A name is no longer than the text it stands in.
        nameList.reserve(text.byteCount &- position)
        while position < text.byteCount, !hasAnother {
            // Room for a row and its counts, so that the loop over a row never grows anything.
            if rowList.count == ProcTextLimits.rows { throw ProcTextError(.tooManyRows, line: line) }
            if countList.count > ProcTextLimits.cells { throw ProcTextError(.tooManyCells, line: line) }
            rowList.reserve(1)
            countList.reserve(cpuCount)
            ordinals.reserve()
            let start = position
            position = parseRow(text, from: start)
            if ordinals.needsNumbers {
                addNumbers()
                position = parseRow(text, from: start)
            }
            if !namesCPUs, isTorn, firstProblem?.fault != .cutShort {
                throw ProcTextError(.columnsDiffer(expected: cpuNumbers.count), line: line)
            }
            position &+= 1
            line &+= 1
            if rowList.count == 1, expectedByteCount > 0 { reserveRows(lineByteCount: position &- start) }
        }
    }

    /// Makes room for all rows at once, if they are like the first: growing bit by bit takes more at its end.
    private mutating func reserveRows(lineByteCount: Int) {
        let rows = min(expectedByteCount / lineByteCount &+ 16, ProcTextLimits.rows)
        rowList.reserve(rows)
        // No count has less than two bytes.
        countList.reserve(min(rows &* cpuCount, expectedByteCount / 2, ProcTextLimits.cells))
        nameList.reserve(rows: rows, like: rowList[0])
        expectedByteCount = 0
    }

    /// Numbers do not ascend as the kernel's do: from now on each has to be looked for.
    private mutating func addNumbers() {
        for row in 0..<rowList.count where rowList[row].irq >= 0 {
            ordinals.addNumber(nameList.key(rowList[row]))
        }
        ordinals.areNumbersKnown = true
    }

    // MARK: Names

    /// Lends its rows and their names to a table that is about to be read: names that are the same are not kept twice.
    mutating func lend(to other: inout CounterTable) {
        nameList.dropUnused(&rowList)
        swap(&nameList, &other.nameList)
        other.nameList.borrow(&rowList)
    }

    /// Takes back what it lent.
    ///
    /// - Parameter isRead: whether the other table was read: then the names stay there, those of this table too.
    mutating func takeBack(from other: inout CounterTable, isRead: Bool) {
        other.nameList.giveBack(&rowList, isRead: isRead)
        if !isRead { swap(&nameList, &other.nameList) }
    }

    /// Forgets the counts of CPUs that nobody asked for.
    private mutating func keepSelection() {
        guard let selection else { return }
        var kept = 0
        for row in 0..<rowList.count {
            let counts = self.row(row)
            rowList[row].firstCount = UInt32(truncatingIfNeeded: kept)
            for index in 0..<counts.countCount {
                if counts.kind == .perCPU, !selection.contains(Int(cpuNumbers[index])) { continue }
                countList[kept] = countList[counts.firstCount &+ index]
                kept &+= 1
            }
        }
        while countList.count > kept { countList.removeLast() }
        var columns = 0
        for column in 0..<cpuNumbers.count where selection.contains(Int(cpuNumbers[column])) {
            cpuNumbers[columns] = cpuNumbers[column]
            columns &+= 1
        }
        while cpuNumbers.count > columns { cpuNumbers.removeLast() }
    }

    mutating func clear() {
        cpuNumbers.removeAll()
        rowList.removeAll()
        countList.removeAll()
        nameList.begin()
        ordinals.removeAll()
        (line, isHeaderKnown, expectedByteCount) = (1, false, 0)
        (namesCPUs, hasWideGap, hasAnother, layout) = (true, false, false, .fields)
        (rejectedRowCount, strayLineCount, isTorn, firstProblem) = (0, 0, false, nil)
        (rejectedLineCount, isCut) = (0, false)
    }

    /// Reads the row at `start` and returns the end of its line.
    #if !DEBUG
        @_noAllocation
    #endif
    private mutating func parseRow(_ text: RawSpan, from start: Int) -> Int {
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
                reject(.cutShort)
            } else if position > labelStart {
                // A blank line is none.
                hasAnother = Self.isHeader(text, from: labelStart)
                reject(hasAnother ? .anotherTable : .noLabel)
            }
            return min(position, text.byteCount)
        }
        let labelEnd = text.trimmingEnd(labelStart, position)
        position &+= 1

        let countsStart = position
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
            if next &- position > 1 { hasWideGap = true }
            countList.append(value)
            countCount &+= 1
            position = end
        }
        let isNumbered = ASCII.digit(text.text(at: labelStart)) < 10
        var isPresentOnly = false
        if countCount == cpuNumbers.count, !isNumbered, namesCPUs, source == .interrupts,
            let end = takePresentCPUs(text, from: countsStart, firstCount: firstCount)
        {
            isPresentOnly = true
            position = end
        }
        let lineEnd = text.endOfLine(from: position)
        let tailStart = min(text.skippingBlanks(from: position), lineEnd)
        if tailStart &- position > 1 { hasWideGap = true }
        let tailEnd = text.trimmingEnd(tailStart, lineEnd)
        let irq = RowText.number(text, labelStart, labelEnd)
        let isSummary = tailEnd == tailStart ? RowText.isSumLabel(text, labelStart, labelEnd) : false
        let isError = tailEnd == tailStart ? RowText.isErrorLabel(text, labelStart, labelEnd) : false
        // No `&&`: its closure would hold the span, which the optimizer of 6.3.1 takes for an allocation.
        let isText = countCount == 0 ? !RowText.isWord(text, labelStart, labelEnd) : false
        let kind =
            isText ? nil : kind(countCount, hasTail: tailEnd > tailStart, isNumbered: isNumbered, isError: isError)
        // Without a newline behind it the last count may have lost digits.
        let isCutHere = lineEnd == text.byteCount && tailEnd == tailStart && countCount > 0
        guard let kind, !isTooLarge, !isCutHere, labelEnd > labelStart, labelEnd &- labelStart <= Int(UInt16.max) else {
            while countList.count > firstCount { countList.removeLast() }
            if isNumbered { rejectedLineCount &+= 1 }
            if isCutHere {
                isTorn = true
                reject(.cutShort)
            } else if isTooLarge {
                reject(.countTooLarge)
            } else if labelEnd == labelStart || labelEnd &- labelStart > Int(UInt16.max) {
                reject(.noLabel)
            } else if isText, !isNumbered {
                reject(.noRow)
            } else {
                isTorn = true
                reject(.countMismatch(expected: cpuNumbers.count, found: countCount))
            }
            return lineEnd
        }
        // A count more than the header has CPUs: one came online between the two. No chip is named by a number.
        if !isPresentOnly, RowText.isNumber(text, tailStart, tailEnd) { isTorn = true }
        let ordinal = ordinals.next(text, labelStart, labelEnd, irq: irq)
        if ordinals.needsNumbers {
            while countList.count > firstCount { countList.removeLast() }
            return start
        }
        let label = TextRange(start: labelStart, end: labelEnd)
        let tail = TextRange(start: tailStart, end: tailEnd)
        rowList.append(
            PackedRow(
                nameStart: UInt32(nameList.place(text, label, tail)), tailByteCount: UInt32(tail.byteCount),
                firstCount: UInt32(truncatingIfNeeded: firstCount), irq: irq, ordinal: ordinal,
                labelByteCount: UInt16(label.byteCount), kind: kind, isSum: isSummary))
        return lineEnd
    }

    /// Takes the counts of a row that has more of them than the header has CPUs. Kernels for ARM before 3.1 print their
    /// own rows for all CPUs that are present, and the header for those that are online (arch/arm/kernel/smp.c
    /// `show_ipi_list`): such a row has the counts of the CPUs 0, 1, 2 …
    ///
    /// - Returns: where the counts end; nil if the row has no more than the header, or fewer than its highest CPU needs.
    @inline(never)
    #if !DEBUG
        @_noAllocation
    #endif
    private mutating func takePresentCPUs(_ text: RawSpan, from start: Int, firstCount: Int) -> Int? {
        let found = RowText.counts(text, from: start)
        guard found.count > cpuNumbers.count, found.count <= ProcTextLimits.highestCPU,
            Int(cpuNumbers[cpuNumbers.count &- 1]) < found.count
        else { return nil }
        var (cpu, column, position) = (0, 0, start)
        while column < cpuNumbers.count {
            var end = text.skippingBlanks(from: position)
            var isTooLarge = false
            guard let value = text.decimal(at: &end, isTooLarge: &isTooLarge), !isTooLarge else { return nil }
            if cpu == Int(cpuNumbers[column]) {
                countList[firstCount &+ column] = value
                column &+= 1
            }
            cpu &+= 1
            position = end
        }
        return found.end
    }

    /// What `count` counts mean; nil if they fit nothing.
    @inline(always)
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

    private mutating func reject(_ fault: ProcTextError.Fault) {
        rejectedRowCount &+= 1
        if firstProblem == nil || hasAnother { firstProblem = ProcTextError(fault, line: line) }
    }
}
