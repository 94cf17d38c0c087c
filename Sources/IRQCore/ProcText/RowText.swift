/// Tests of the words of a row.
enum RowText {
    /// A label of digits only as an IRQ number, else -1.
    @inline(always)
    static func number(_ text: RawSpan, _ start: Int, _ end: Int) -> Int32 {
        guard end > start, end &- start < 10 else { return -1 }
        var value: Int32 = 0
        for position in start..<end {
            let digit = ASCII.digit(text.text(at: position))
            guard digit < 10 else { return -1 }
            value = value &* 10 &+ Int32(digit)
        }
        return value
    }

    /// True if the first word of a tail is a number.
    @inline(always)
    static func isNumber(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        var position = start
        while position < end, ASCII.digit(text.text(at: position)) < 10 { position &+= 1 }
        if position == start { return false }
        return position == end ? true : ASCII.isBlank(text.text(at: position))
    }

    /// True if a label is one word of capitals and digits, as those of rows without counts are: FIQ.
    @inline(always)
    static func isWord(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        for position in start..<end {
            let byte = text.text(at: position)
            let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard isCapital || ASCII.digit(byte) < 10 || byte == UInt8(ascii: "_") else { return false }
        }
        return true
    }

    /// The rows without text that count for the machine as a whole.
    @inline(always)
    static func isErrorLabel(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        guard end &- start == 3 else { return false }
        if text.has("ERR", at: start) { return true }
        if text.has("MIS", at: start) { return true }
        return text.has("Err", at: start)
    }

    /// The rows that s390 prints as sums of those that end in `[EXT]`, `[I/O]`, `[AIO]` (arch/s390/kernel/irq.c).
    @inline(always)
    static func isSumLabel(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        guard end &- start == 3 else { return false }
        if text.has("EXT", at: start) { return true }
        if text.has("I/O", at: start) { return true }
        return text.has("AIO", at: start)
    }

    /// The number of whole numbers at the beginning of a text, with blanks between, and where the last one ends.
    static func counts(_ text: RawSpan, from start: Int) -> (count: Int, end: Int) {
        var (count, position) = (0, start)
        while true {
            var end = text.skippingBlanks(from: position)
            var isTooLarge = false
            guard text.decimal(at: &end, isTooLarge: &isTooLarge) != nil else { return (count, position) }
            let follower = text.text(at: end)
            guard follower == ASCII.newline || ASCII.isBlank(follower) else { return (count, position) }
            count &+= 1
            position = end
        }
    }

    /// The number of counts of a line that looks like a row of its file: a number and a colon, or a word in capitals
    /// and a colon, and counts behind it; nil for another line.
    static func countCount(_ text: RawSpan, from start: Int, _ source: CounterTable.Source) -> Int? {
        let labelStart = text.skippingBlanks(from: start)
        var position = labelStart
        while position < text.byteCount, text.text(at: position) != ASCII.colon {
            let byte = text.text(at: position)
            let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard isCapital || ASCII.digit(byte) < 10 || byte == UInt8(ascii: "_"), position &- labelStart < 10 else {
                return nil
            }
            position &+= 1
        }
        guard position < text.byteCount, position > labelStart else { return nil }
        let found = counts(text, from: position &+ 1)
        // Rows of softirqs have no text; of the rows of interrupts only those that count for the machine.
        let hasText = text.endOfLine(from: found.end) > text.skippingBlanks(from: found.end)
        return found.count > 0 && hasText == (source == .interrupts) ? found.count : nil
    }
}
