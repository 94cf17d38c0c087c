/// Tests of the words of a row.
enum RowText {
    /// A label of digits only as an IRQ number, else -1.
    @inline(__always)
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
    @inline(__always)
    static func isNumber(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        var position = start
        while position < end, ASCII.digit(text.text(at: position)) < 10 { position &+= 1 }
        if position == start { return false }
        return position == end ? true : ASCII.isBlank(text.text(at: position))
    }

    /// The rows without text that count for the machine as a whole.
    @inline(__always)
    static func isErrorLabel(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        guard end &- start == 3 else { return false }
        if text.has("ERR", at: start) { return true }
        if text.has("MIS", at: start) { return true }
        return text.has("Err", at: start)
    }

    /// The rows that s390 prints as sums of those that end in `[EXT]`, `[I/O]`, `[AIO]` (arch/s390/kernel/irq.c).
    @inline(__always)
    static func isSumLabel(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        guard end &- start == 3 else { return false }
        if text.has("EXT", at: start) { return true }
        if text.has("I/O", at: start) { return true }
        return text.has("AIO", at: start)
    }
}
