/// The line that names the CPUs.
extension CounterTable {
    /// Finds the line of CPU names, which begins within `ProcTextLimits.headerByteCount`, and returns where the next line
    /// begins. If it is not there, but rows are, the first of them tells the number of columns.
    ///
    /// - Returns: where the rows begin; nil if more of the text has to be seen first.
    /// - Throws: `ProcTextError` if there are neither names nor rows, or names that cannot be.
    mutating func parseHeader(_ text: RawSpan, isLast: Bool) throws(ProcTextError) -> Int? {
        var position = 0
        var firstRow: (position: Int, line: Int, countCount: Int)?
        while position < min(text.byteCount, ProcTextLimits.headerByteCount) {
            if let next = try headerEnd(text, from: position) {
                isHeaderKnown = true
                line &+= 1
                return next
            }
            if firstRow == nil, let countCount = RowText.countCount(text, from: position, source) {
                firstRow = (position, line, countCount)
            }
            position = text.endOfLine(from: position) &+ 1
            line &+= 1
            strayLineCount &+= 1
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
        strayLineCount -= line - firstRow.line
        line = firstRow.line
        cpuNumbers.reserve(firstRow.countCount)
        for column in 0..<firstRow.countCount { cpuNumbers.append(Int32(column)) }
        return firstRow.position
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
