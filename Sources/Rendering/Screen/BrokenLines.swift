/// The lines that a text is broken into, at blanks where that is possible; blanks at a break are left out.
///
/// Nothing is copied, for `top` breaks sentences in each interval.
struct BrokenLines: Sequence, IteratorProtocol {
    private let text: String
    private let width: Int
    /// The columns that the next line has.
    private var room: Int
    /// The beginning of the next line; nil at the end.
    private var start: String.Index?

    /// - Parameters:
    ///   - width: the columns of a line, at least 1.
    ///   - used: the columns of the first line that are taken already: where no word fits behind them, it is empty.
    init(_ text: String, width: Int, used: Int = 0) {
        self.text = text
        self.width = Swift.max(width, 1)
        room = Swift.max(self.width - used, 0)
        start = text.unicodeScalars.startIndex
    }

    mutating func next() -> Substring? {
        guard let start else { return nil }
        let scalars = text.unicodeScalars
        var (end, count) = (start, 0)
        var blank: String.Index?
        while end < scalars.endIndex {
            if scalars[end] == " " { blank = end }
            if count == room { break }
            scalars.formIndex(after: &end)
            count += 1
        }
        if end == scalars.endIndex {
            self.start = nil
        } else if let found = blank {
            end = found
            var following = scalars.index(after: found)
            while following < scalars.endIndex, scalars[following] == " " { scalars.formIndex(after: &following) }
            self.start = following < scalars.endIndex ? following : nil
        } else if room < width {
            end = start
        } else {
            self.start = end
        }
        room = width
        return text[start..<end]
    }
}

extension String {
    /// The text in lines of at most `width` characters.
    func lines(width: Int) -> BrokenLines { BrokenLines(self, width: width) }
}
