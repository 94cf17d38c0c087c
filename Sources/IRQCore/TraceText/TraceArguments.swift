// The arguments of an event as text. The kernel's print formats differ over versions, trace-cmd and perf print fields in
// ways of their own; what they share is a key, `=` or a blank, and the value.
//
// ```
// irq=36 name=virtio1-req.0                              irq_handler_entry; 2.6.30 had handler=
// irq=36 ret=handled         irq=36 ret=1                as it is, with trace-cmd report -R
// irq=0x24 (36) ret=0x1 (1)                              options/fields
// vec=4 [action=BLOCK]       vec=4                       softirqs; 2.6.30 had softirq=4 action=BLOCK
// work struct=000000007b6f4df3 function=blk_mq_run_work_fn workqueue=kblockd req_cpu=256 cpu=1
// work struct 000000007b6f4df3: function blk_mq_run_work_fn
// work=0xffff888102522040 function=blk_mq_run_work_fn (0xffffffff81b02e00)
// irq = 28, name = "nvme0q1"                             babeltrace2
// ```

extension RawSpan {
    /// The place of a field's value: behind the key and `=`, with blanks around that or not. The key stands at the start
    /// or behind a blank.
    func field(_ key: FieldName, in range: TextRange) -> Int? {
        let length = key.byteCount
        var position = range.start
        while position < range.end {
            if has(name: key, at: position) {
                var value = behindBlanks(position &+ length, range.end)
                if value < range.end, text(at: value) == UInt8(ascii: "=") {
                    value = behindBlanks(value &+ 1, range.end)
                    return value
                }
            }
            // The next word.
            while position < range.end, !ASCII.isBlank(text(at: position)) { position &+= 1 }
            position = behindBlanks(position, range.end)
        }
        return nil
    }

    /// A number at `position`, decimal or with 0x.
    func unsigned(at position: Int, _ end: Int) -> UInt64? {
        var place = position
        if text(at: place) == ASCII.zero, text(at: place &+ 1) | 0x20 == UInt8(ascii: "x") {
            return hexadecimal(at: place &+ 2, end)
        }
        return wholeNumber(&place, end)
    }

    /// The same with a sign, extended to 64 bits.
    func signed(at position: Int, _ end: Int) -> UInt64? {
        guard text(at: position) == ASCII.hyphen else { return unsigned(at: position, end) }
        return unsigned(at: position &+ 1, end).map { 0 &- $0 }
    }

    /// Hexadecimal digits, at most 16.
    func hexadecimal(at start: Int, _ end: Int) -> UInt64? {
        var value: UInt64 = 0
        var position = start
        while position < end, let digit = ASCII.hexadecimalDigit(text(at: position)) {
            if position &- start == 16 { return nil }
            value = value << 4 | UInt64(digit)
            position &+= 1
        }
        return position > start ? value : nil
    }

    /// An address as the kernel prints it: with 0x or without.
    func address(at position: Int, _ end: Int) -> UInt64? {
        let isMarked = text(at: position) == ASCII.zero && text(at: position &+ 1) | 0x20 == UInt8(ascii: "x")
        return hexadecimal(at: isMarked ? position &+ 2 : position, end)
    }

    /// The address of a work item: `work struct=…`, `work struct …:`, `work=…`, `work = …`.
    func workItem(in range: TextRange) -> UInt64? {
        guard has("work", at: range.start) else { return nil }
        var position = behindBlanks(range.start &+ 4, range.end)
        if has("struct", at: position) { position = behindBlanks(position &+ 6, range.end) }
        if text(at: position) == UInt8(ascii: "=") { position = behindBlanks(position &+ 1, range.end) }
        return address(at: position, range.end)
    }

    /// A function's name or address: `function=…` or `function …`, without the offset that `%pS` adds.
    func functionName(_ key: FieldName, in range: TextRange) -> TextRange? {
        let length = key.byteCount
        var start = field(key, in: range)
        if start == nil {
            var position = range.start
            while position < range.end {
                if has(name: key, at: position), ASCII.isBlank(text(at: position &+ length)) {
                    start = behindBlanks(position &+ length, range.end)
                    break
                }
                while position < range.end, !ASCII.isBlank(text(at: position)) { position &+= 1 }
                position = behindBlanks(position, range.end)
            }
        }
        guard let start else { return nil }
        var end = start
        while end < range.end, isSymbolByte(text(at: end)) { end &+= 1 }
        // `function=igb_watchdog_task [igb]`
        if text(at: end) == ASCII.blank, text(at: end &+ 1) == UInt8(ascii: "["),
            let close = findByte(UInt8(ascii: "]"), from: end, range.end)
        {
            return TextRange(start: start, end: close &+ 1)
        }
        return end > start ? TextRange(start: start, end: end) : nil
    }

    private func isSymbolByte(_ byte: UInt8) -> Bool { isNameByte(byte) || byte == UInt8(ascii: "$") || byte > 0x7F }

    /// The text from `start` on: to its closing quote, or else to the end of the line.
    func action(at start: Int, in range: TextRange, form: TraceTextForm) -> TextRange {
        if form == .babeltrace, text(at: start) == UInt8(ascii: "\"") {
            var end = start &+ 1
            while end < range.end, text(at: end) != UInt8(ascii: "\"") {
                end &+= text(at: end) == UInt8(ascii: "\\") ? 2 : 1
            }
            return TextRange(start: start &+ 1, end: max(min(end, range.end), start &+ 1))
        }
        guard form == .perfScript else { return TextRange(start: min(start, range.end), end: range.end) }
        return TextRange(start: min(start, range.end), end: withoutSymbol(start, range.end))
    }

    /// The end of a text behind which perf script -F +ip,sym has put the instruction: `ffffffff813612b7 f+0x27 (…)`.
    func withoutSymbol(_ start: Int, _ end: Int) -> Int {
        var position = start
        while position < end {
            while position < end, !ASCII.isBlank(text(at: position)) { position &+= 1 }
            let blank = position
            position = behindBlanks(position, end)
            var digits = position
            while digits < end, ASCII.hexadecimalDigit(text(at: digits)) != nil { digits &+= 1 }
            if digits &- position == 16, digits == end || ASCII.isBlank(text(at: digits)) {
                return beforeBlanks(blank, start)
            }
        }
        return end
    }
}

/// The name of a field: one to sixteen ASCII characters.
struct FieldName: BitwiseCopyable, ExpressibleByStringLiteral {
    let first: ShortWord
    let second: ShortWord
    let byteCount: Int

    @inline(always)
    init(stringLiteral text: StaticString) {
        byteCount = text.utf8CodeUnitCount
        first = ShortWord(text, from: 0)
        second = ShortWord(text, from: 8)
    }
}

extension RawSpan {
    /// True if the bytes at `position` are `name`.
    @inline(always)
    func has(name: FieldName, at position: Int) -> Bool {
        has(name.first, at: position) && (name.byteCount <= 8 || has(name.second, at: position &+ 8))
    }
}
