/// A table of /proc in few bytes, and back.
///
/// On a machine of 1152 CPUs /proc/interrupts has 13 MB, nearly all of it blanks and zeros. Here runs of blanks become
/// one, and four or more counts of 0 in a row become the byte 1 and how many there are (LEB128). A table that is
/// expanded again parses to the same numbers and names: columns are never found by their offsets, and runs of blanks
/// count as one when rows are compared.
///
///     " 36:          0          0          0          0    2051656  chip"
///     " 36:" 01 04 " 2051656 chip"
///
/// A text that has the byte 1 itself is kept as it is; the first byte of the result tells which (0 plain, 1 squeezed).
public enum SqueezedText {
    private static let mark: UInt8 = 1
    private static let shortestRun = 4

    /// Appends the text to `result`.
    public static func squeeze(_ text: RawSpan, into result: inout [UInt8]) {
        let count = text.byteCount
        let start = result.count
        result.append(1)
        var position = 0
        while position < count {
            let byte = text.text(at: position)
            if byte == mark {
                result.removeSubrange(start...)
                result.append(0)
                unsafe text.withUnsafeBytes { unsafe result.append(contentsOf: $0) }
                return
            }
            guard ASCII.isBlank(byte) else {
                result.append(byte)
                position &+= 1
                continue
            }
            position = squeezeBlanks(text, from: position, into: &result)
        }
    }

    /// Takes the blanks at `start` and the zeros behind them; returns where it stopped.
    private static func squeezeBlanks(_ text: RawSpan, from start: Int, into result: inout [UInt8]) -> Int {
        var position = start
        var zeros = 0
        while true {
            let next = text.skippingBlanks(from: position)
            let isZero = next > position && next < text.byteCount && text.text(at: next) == ASCII.zero
            guard isZero, isEnd(text, next &+ 1) else { break }
            zeros &+= 1
            position = next &+ 1
        }
        if zeros >= shortestRun {
            result.append(mark)
            var rest = zeros
            while rest >= 0x80 {
                result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            result.append(UInt8(rest))
        } else {
            for _ in 0..<zeros { result += [ASCII.blank, ASCII.zero] }
        }
        let next = text.skippingBlanks(from: position)
        if next > position { result.append(ASCII.blank) }
        return next
    }

    private static func isEnd(_ text: RawSpan, _ position: Int) -> Bool {
        let byte = text.text(at: position)
        return byte == ASCII.newline || ASCII.isBlank(byte)
    }

    /// Adds the text that was squeezed to `text`; false if the bytes are none or it would be longer than `limit` bytes.
    public static func expand(_ bytes: RawSpan, into text: inout TextBuffer, limit: Int) -> Bool {
        guard let form = bytes.byte(at: 0), form <= 1 else { return bytes.byteCount == 0 }
        if form == 0 {
            guard bytes.byteCount <= limit else { return false }
            text.append(bytes.extracting(1..<bytes.byteCount))
            return true
        }
        var position = 1
        var plainStart = 1
        while position < bytes.byteCount {
            guard bytes.text(at: position) == mark else {
                position &+= 1
                continue
            }
            text.append(bytes.extracting(plainStart..<position))
            position &+= 1
            var (zeros, shift) = (0, 0)
            while true {
                guard let byte = bytes.byte(at: position), shift < 28 else { return false }
                position &+= 1
                zeros |= Int(byte & 0x7F) << shift
                shift &+= 7
                if byte < 0x80 { break }
            }
            guard zeros * 2 + bytes.byteCount + text.byteCount <= limit else { return false }
            text.appendZeros(zeros)
            plainStart = position
        }
        text.append(bytes.extracting(plainStart..<bytes.byteCount))
        return text.byteCount <= limit
    }
}
