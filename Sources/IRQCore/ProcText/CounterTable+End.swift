/// The end of a text: whether it is whole, and whether anything stood in it; and what its counts add up to.
extension CounterTable {
    /// True if rows of interrupt lines could not be read, or may be missing behind the end of the text: what the table tells
    /// is then not all that there was.
    public var missesLines: Bool { isCut || rejectedLineCount > 0 }

    /// The problem with the rows, without the name of the file: `line 14: 7 counts where 8 are due: 1 row is left out`; nil if
    /// all were read.
    public var rowProblem: String? {
        let more = isCut ? "more rows may be missing" : ""
        guard let firstProblem else {
            // The last line is a row, and all others were read.
            return isCut ? "\(ProcTextError(.cutShort, line: line - 1)): more rows may be left out" : nil
        }
        // That line is no row.
        let count = rejectedRowCount - (hasAnother ? 1 : 0)
        if count == 0 { return firstProblem.description }
        let rows = count == 1 ? "1 row is" : "\(count) rows are"
        return "\(firstProblem): \(isCut ? more + ", " : "")\(rows) left out"
    }

    /// Makes sure that some row could be read: a table without any says nothing of the machine.
    ///
    /// - Throws: what was wrong with the first row, or that there was none. The table is then empty.
    public mutating func requireRows() throws(ProcTextError) {
        guard rowCount == 0 else { return }
        let problem = firstProblem ?? ProcTextError(.noRows)
        clear()
        throw problem
    }

    /// Notes whether the last line ends with a newline. Blanks behind the last one are no line.
    mutating func noteEnd(_ text: RawSpan) {
        var end = text.byteCount
        while end > 0, text.text(at: end &- 1) != ASCII.newline {
            if !ASCII.isBlank(text.text(at: end &- 1)) {
                isCut = true
                return
            }
            end &-= 1
        }
    }

    // MARK: Sums

    /// True if each of several CPUs has taken some of a row.
    func isOnAllCPUs(_ index: Int) -> Bool {
        let row = row(index)
        guard row.kind == .perCPU, row.countCount > 1 else { return false }
        for column in 0..<row.countCount where count(row, column) == 0 { return false }
        return true
    }

    /// The sum of a row's counts; wraps at 64 bits.
    public func total(_ row: CounterRow) -> UInt64 {
        var sum: UInt64 = 0
        for index in 0..<row.countCount { sum &+= count(row, index) }
        return sum
    }
}
