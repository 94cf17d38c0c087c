extension TextItem {
    /// True if nothing stands in front of the CPU, or a number alone: so has `perf script -F cpu,time,event,trace` its lines, and
    /// so looks the rest of any line with a task that was cut at its front.
    fileprivate var isBare: Bool { form == .perfScript && task.isEmpty && prefix.isEmpty }
}

extension RawSpan {
    /// True if the first line of a text is the rest of one: it is bare, and the next event's is not. Then its thread is not
    /// known, nor which program wrote it.
    ///
    /// - Parameters:
    ///   - first: the first line.
    ///   - start: the place behind it.
    ///   - end: the end of the text that is there; where no event follows in that, the line counts as whole.
    public func isCutAtFront(_ first: TextItem, before start: Int, upTo end: Int) -> Bool {
        guard first.isBare else { return false }
        var line = TraceLine()
        var start = start
        // What stands between two events, such as a call chain, is shorter than this.
        for _ in 0..<256 where start < end {
            let lineEnd = endOfTextLine(from: start)
            if case .event = traceLine(start, lineEnd, into: &line) { return !TextItem(.other, line).isBare }
            start = lineEnd + 1
        }
        return false
    }
}
