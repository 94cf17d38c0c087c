/// The line that names the CPUs.
extension CounterTable {
    /// Finds the line of CPU names, which begins within `ProcTextLimits.headerByteCount`, and returns where the next line
    /// begins. If it is not there, but rows are, the first of them tells the number of columns.
    ///
    /// - Returns: where the rows begin; nil if more of the text has to be seen first.
    /// - Throws: `ProcTextError` if there are neither names nor rows, or names that cannot be.
    mutating func parseHeader(_ text: RawSpan, isLast: Bool) throws(ProcTextError) -> Int? {
        // An editor may have put a mark of the byte order in front.
        var position = text.has("\u{FEFF}", at: 0) ? 3 : 0
        var rowCountAhead = 0
        var firstRow: (position: Int, line: Int, countCount: Int, strayLineCount: Int)?
        while position < min(text.byteCount, ProcTextLimits.headerByteCount) {
            if let next = try headerEnd(text, from: position) {
                if let firstRow {
                    rejectedRowCount &+= rowCountAhead
                    firstProblem = ProcTextError(.rowsAhead, line: firstRow.line)
                }
                isHeaderKnown = true
                line &+= 1
                return next
            }
            if let countCount = RowText.countCount(text, from: position, source) {
                if firstRow == nil { firstRow = (position, line, countCount, strayLineCount) }
                rowCountAhead &+= 1
            }
            if text.skippingBlanks(from: position) < text.endOfLine(from: position) { strayLineCount &+= 1 }
            position = text.endOfLine(from: position) &+ 1
            line &+= 1
            cpuNumbers.removeAll()
        }
        guard isLast || position >= ProcTextLimits.headerByteCount else {
            (line, strayLineCount) = (1, 0)
            return nil
        }
        guard let firstRow, firstRow.countCount <= ProcTextLimits.highestCPU else {
            throw ProcTextError(text.byteCount == 0 ? .empty : .noHeader)
        }
        (namesCPUs, isHeaderKnown) = (false, true)
        (line, strayLineCount) = (firstRow.line, firstRow.strayLineCount)
        cpuNumbers.reserve(firstRow.countCount)
        for column in 0..<firstRow.countCount { cpuNumbers.append(Int32(column)) }
        return firstRow.position
    }

    /// True if a text begins as a table does: with a line of CPU names, or with a row.
    public static func begins(_ text: RawSpan, _ source: Source) -> Bool {
        var table = CounterTable(source)
        guard let start = try? table.parseHeader(text, isLast: true) else { return false }
        if table.namesCPUs { return true }
        // `CPU:2 [LOST 37 EVENTS]` stands at the head of traces.
        return table.strayLineCount == 0 && !text.has("CPU", at: text.skippingBlanks(from: start))
    }

    /// True if a line names CPUs and nothing else.
    static func isHeader(_ text: RawSpan, from start: Int) -> Bool {
        var position = text.skippingBlanks(from: start)
        let end = text.endOfLine(from: start)
        guard position < end else { return false }
        while position < end {
            guard text.has("CPU", at: position), ASCII.digit(text.text(at: position &+ 3)) < 10 else { return false }
            position = text.skippingBlanks(from: text.endOfToken(from: position))
        }
        return true
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
        if position >= text.byteCount { throw ProcTextError(.cutShort, line: line) }
        return position &+ 1
    }
}
