// Nearly all lines of a trace stand in the columns of the one before. Where a line does, it is taken apart by looking at these
// places only; what does not fit is read by `traceLine`, and its columns are learnt anew.
//
//               0              16      bracket flags  time  dot    colon
//     "      rectext.sh-25278   [000] d.h1.  1886.851339: irq_handler_exit: irq=36 ret=handled"

/// The columns of the layouts of tracefs and trace-cmd report in which a task's name is right-aligned before column 16.
struct LineColumns: BitwiseCopyable {
    /// The column of the bracket before the CPU, which has three digits; 0 as long as no line is known.
    private(set) var bracket = 0
    /// The columns of the flags behind the CPU; equal if there are none.
    private var (flags, flagsEnd) = (0, 0)
    /// The column of the first digit or blank of the time.
    private var time = 0
    /// The column of the point, and that of the colon behind six or nine more digits.
    private var (dot, colon) = (0, 0)

    /// Learns the columns of a line that `traceLine` has read; none if they are not those of such a layout.
    @inline(never)
    mutating func learn(_ text: RawSpan, _ start: Int, _ end: Int, _ line: TraceLine) {
        self = LineColumns()
        guard line.form == .ftrace, line.prefix.isEmpty, line.stepNanoseconds == 1000 || line.stepNanoseconds == 1,
            text.text(at: start &+ 16) == ASCII.hyphen, !line.event.isEmpty
        else { return }
        var found = LineColumns()
        var position = start &+ 17
        while position < end, ASCII.digit(text.text(at: position)) < 10 { position &+= 1 }
        position = text.behindBlanks(position, end)
        found.bracket = position &- start
        position = text.behindBlanks(position &+ 5, end)
        if !line.flags.isEmpty {
            guard line.flags.start == position else { return }
            position = line.flags.end
            (found.flags, found.flagsEnd) = (line.flags.start &- start, line.flags.end &- start)
        } else {
            (found.flags, found.flagsEnd) = (position &- start, position &- start)
        }
        found.time = position &- start
        guard let dot = text.findByte(UInt8(ascii: "."), from: position, end),
            let colon = text.findByte(ASCII.colon, from: dot, end)
        else { return }
        (found.dot, found.colon) = (dot &- start, colon &- start)
        var again = TraceLine()
        // Only if the quick way finds the same.
        guard found.read(text, start, end, into: &again), again.time == line.time, again.pid == line.pid,
            again.cpu == line.cpu, again.event == line.event, again.arguments == line.arguments,
            again.flags == line.flags, again.task == line.task, again.stepNanoseconds == line.stepNanoseconds
        else { return }
        self = found
    }

    /// Takes a line apart whose columns are these; false if it is another one. Whether the bytes of the name are those of a
    /// name is not looked at.
    @inline(always)
    func read(_ text: RawSpan, _ start: Int, _ lineEnd: Int, into line: inout TraceLine) -> Bool {
        var end = lineEnd
        while end > start, ASCII.isBlank(text.text(at: end &- 1)) { end &-= 1 }
        guard bracket > 17, start &+ colon &+ 3 < end, text.text(at: start &+ 16) == ASCII.hyphen,
            text.text(at: start &+ colon) == ASCII.colon, text.text(at: start &+ dot) == UInt8(ascii: "."),
            text.text(at: start &+ bracket) == UInt8(ascii: "["),
            text.text(at: start &+ bracket &+ 4) == UInt8(ascii: "]"),
            text.text(at: start &+ bracket &+ 5) == ASCII.blank, text.text(at: end &- 1) != UInt8(ascii: "\\")
        else { return false }
        // The thread, and blanks behind it.
        guard let pidWord = text.load(at: start &+ 17, as: UInt64.self, isSwapped: false) else { return false }
        let pidDigits = Self.digitCount(UInt64(littleEndian: pidWord))
        // No kernel has more than seven digits.
        guard pidDigits > 0, pidDigits < 8,
            text.behindBlanks(start &+ 17 &+ pidDigits, end) == start &+ bracket
        else { return false }
        let pid = Self.number(UInt64(littleEndian: pidWord), pidDigits)
        guard pid != 1 else { return false }
        let cpuPlace = start &+ bracket &+ 1
        let (hundreds, tens, ones) = (
            ASCII.digit(text.text(at: cpuPlace)), ASCII.digit(text.text(at: cpuPlace &+ 1)),
            ASCII.digit(text.text(at: cpuPlace &+ 2))
        )
        guard hundreds < 10, tens < 10, ones < 10 else { return false }
        // Flags are one word of the same length, and never begin with a digit.
        if flagsEnd > flags {
            var position = start &+ flags
            guard ASCII.digit(text.text(at: position)) > 9, text.text(at: start &+ flagsEnd) == ASCII.blank else {
                return false
            }
            while position < start &+ flagsEnd {
                if ASCII.isBlank(text.text(at: position)) { return false }
                position &+= 1
            }
        }
        guard
            text.behindBlanks(start &+ bracket &+ 5, end)
                == (flagsEnd > flags ? start &+ flags : wholeStart(text, start))
        else { return false }
        let wholePlace = wholeStart(text, start)
        let wholeDigits = start &+ dot &- wholePlace
        let digitCount = colon &- dot &- 1
        guard wholeDigits > 0, wholeDigits < 9, digitCount == 6 || digitCount == 9,
            let wholeWord = text.load(at: wholePlace, as: UInt64.self, isSwapped: false),
            Self.digitCount(UInt64(littleEndian: wholeWord)) == wholeDigits,
            let fractionWord = text.load(at: start &+ dot &+ 1, as: UInt64.self, isSwapped: false)
        else { return false }
        let whole = Self.number(UInt64(littleEndian: wholeWord), wholeDigits)
        var fraction: UInt64
        if digitCount == 6 {
            guard Self.digitCount(UInt64(littleEndian: fractionWord)) == 6 else { return false }
            fraction = Self.number(UInt64(littleEndian: fractionWord), 6)
        } else {
            let last = ASCII.digit(text.text(at: start &+ colon &- 1))
            guard Self.digitCount(UInt64(littleEndian: fractionWord)) == 8, last < 10 else { return false }
            fraction = Self.number(UInt64(littleEndian: fractionWord), 8) &* 10 &+ UInt64(last)
        }
        let step: UInt64 = digitCount == 6 ? 1000 : 1
        // A letter, or else it may be something in front of the name.
        let name = text.behindBlanks(start &+ colon &+ 1, end)
        guard name > start &+ colon &+ 1, ASCII.isLetter(text.text(at: name)),
            let nameEnd = text.findByte(ASCII.colon, from: name, end),
            nameEnd &+ 1 == end || ASCII.isBlank(text.text(at: nameEnd &+ 1))
        else { return false }
        line.prefix = TextRange(start: start, end: start)
        let taskEnd = text.beforeBlanks(start &+ 16, start)
        line.task = TextRange(start: min(text.skippingBlanks(from: start), taskEnd), end: taskEnd)
        line.pid = Int32(truncatingIfNeeded: pid)
        line.cpu = Int32(hundreds) &* 100 &+ Int32(tens) &* 10 &+ Int32(ones)
        line.flags =
            flagsEnd > flags ? TextRange(start: start &+ flags, end: start &+ flagsEnd) : TextRange(start: 0, end: 0)
        line.time = whole &* 1_000_000_000 &+ fraction &* step
        line.stepNanoseconds = UInt32(truncatingIfNeeded: step)
        line.event = TextRange(start: name, end: nameEnd)
        line.arguments = TextRange(start: min(text.behindBlanks(nameEnd &+ 1, end), end), end: end)
        return true
    }

    /// The number of digits that eight characters begin with, the first in the lowest byte.
    @inline(always)
    private static func digitCount(_ word: UInt64) -> Int {
        let highs: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
        // Not zero in each byte whose high half is not 3, or whose low half is above 9: those need six more to overflow.
        let others =
            (word & highs) ^ 0x3030_3030_3030_3030
            | ((word & ~highs) &+ 0x0606_0606_0606_0606) & 0x1010_1010_1010_1010
        return others == 0 ? 8 : others.trailingZeroBitCount >> 3
    }

    /// The number of the first digits of eight characters, one to eight.
    @inline(always)
    private static func number(_ word: UInt64, _ count: Int) -> UInt64 {
        // The digits move to the end, zeros in front of them; then pairs, fours and all eight are joined.
        var value = (word & 0x0F0F_0F0F_0F0F_0F0F) &<< UInt64(64 &- 8 &* count)
        value = (value &* 10 &+ value >> 8) & 0x00FF_00FF_00FF_00FF
        value = (value &* 100 &+ value >> 16) & 0x0000_FFFF_0000_FFFF
        return (value &* 10_000 &+ value >> 32) & 0xFFFF_FFFF
    }

    /// The first digit of the time.
    @inline(always)
    private func wholeStart(_ text: RawSpan, _ start: Int) -> Int {
        text.behindBlanks(start &+ time, start &+ dot)
    }
}
