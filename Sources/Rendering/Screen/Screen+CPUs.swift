internal import IRQCore

extension Screen {
    /// Writes a set of CPUs as a list, `0-3,8`, that fills `width` columns; `-` for none. Allocates nothing.
    mutating func writeLeft(_ set: CPUSet?, width: Int, _ style: CellStyle = .plain) {
        let start = currentColumn
        let end = start + max(width, 0)
        guard let set, let first = set.run(from: 0) else {
            writeLeft("-", width: width, .dim)
            return
        }
        var run: ClosedRange<Int>? = first
        while let shown = run, end > start {
            let next = set.run(from: shown.upperBound + 1)
            let separator = currentColumn > start ? 1 : 0
            // What follows needs a comma and an ellipsis at least: a list that is cut in the middle of a number
            // would name other CPUs.
            if separator + Self.length(shown) + (next == nil ? 0 : 2) > end - currentColumn {
                if separator > 0 { write(0x2C, style) }
                write(ellipsis, style)
                break
            }
            if separator > 0 { write(0x2C, style) }
            write(String(shown.lowerBound), style)
            if shown.count > 1 {
                write(0x2D, style)
                write(String(shown.upperBound), style)
            }
            run = next
        }
        moveColumn(to: end)
    }

    private static func length(_ run: ClosedRange<Int>) -> Int {
        func digits(_ number: Int) -> Int { number < 10 ? 1 : 1 + digits(number / 10) }
        return digits(run.lowerBound) + (run.count > 1 ? 1 + digits(run.upperBound) : 0)
    }
}
