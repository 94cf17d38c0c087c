// The steps that the layouts of a trace's lines are made of.

extension RawSpan {
    /// `1886.851339:`, `1886851339us :`, `1886851.339ms (+0.001ms):`, ticks `189777:`; `position` is then behind the colon.
    func time(_ position: inout Int, _ end: Int, into line: inout TraceLine) -> Bool {
        guard let whole = wholeNumber(&position, end) else { return false }
        var fraction: UInt64 = 0
        var digitCount = 0
        if text(at: position) == UInt8(ascii: ".") {
            position &+= 1
            while position < end, ASCII.digit(text(at: position)) < 10 {
                if digitCount < 9 {
                    fraction = fraction &* 10 &+ UInt64(ASCII.digit(text(at: position)))
                    digitCount &+= 1
                }
                position &+= 1
            }
            if digitCount == 0 { return false }
        }
        var unit: UInt64 = 1_000_000_000
        if has("us", at: position) {
            unit = 1000
            position &+= 2
            // A mark of how long it took, or a blank.
            if text(at: position) != ASCII.colon { position &+= 1 }
        } else if has("ms", at: position) {
            unit = 1_000_000
            position &+= 2
        } else if digitCount == 0 {
            unit = 0
        }
        position = behindBlanks(position, end)
        if text(at: position) == UInt8(ascii: "("), text(at: position &+ 1) == UInt8(ascii: "+") {
            guard let close = findByte(UInt8(ascii: ")"), from: position, end) else { return false }
            position = close &+ 1
        }
        guard position < end, text(at: position) == ASCII.colon else { return false }
        position &+= 1
        if unit == 0 {
            line.time = whole
            return true
        }
        let step = max(unit / Self.powerOfTen(digitCount), 1)
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: unit)
        let (sum, carry) = scaled.addingReportingOverflow(fraction &* step)
        line.time = sum
        line.stepNanoseconds = UInt32(step)
        return !overflow && !carry
    }

    @inline(always)
    private static func powerOfTen(_ exponent: Int) -> UInt64 {
        switch exponent {
        case 6: 1_000_000
        case 9: 1_000_000_000
        default: (0..<exponent).reduce(1) { power, _ in power &* 10 }
        }
    }

    /// The event's name and what follows; true for a call of a function, nil if there is no name.
    func event(_ position: Int, _ end: Int, into line: inout TraceLine) -> Bool? {
        var start = behindBlanks(position, end)
        // trace-cmd report --ts-diff
        if text(at: start) == UInt8(ascii: "("), text(at: start &+ 1) == UInt8(ascii: "+") {
            guard let close = findByte(UInt8(ascii: ")"), from: start, end) else { return nil }
            start = behindBlanks(close &+ 1, end)
        }
        // perf script -F +period
        var digits = start
        if wholeNumber(&digits, end) != nil, ASCII.isBlank(text(at: digits)) { start = behindBlanks(digits, end) }
        if start >= end { return nil }
        var place = start
        var name = start
        while place < end {
            let byte = text(at: place)
            if byte == ASCII.colon {
                // `irq:irq_handler_entry:` has the system in front.
                let next = text(at: place &+ 1)
                if name == start, place &+ 1 < end, !ASCII.isBlank(next) {
                    name = place &+ 1
                } else {
                    line.event = TextRange(start: start, end: place)
                    line.arguments = TextRange(start: min(behindBlanks(place &+ 1, end), end), end: end)
                    return name < place ? false : nil
                }
            } else if ASCII.isBlank(byte) {
                return true  // `schedule <-do_idle` of the function tracer
            } else if !isNameByte(byte) {
                return true
            }
            place &+= 1
        }
        return true
    }

    /// Lines that tell of missing events.
    func special(_ first: Int, _ end: Int, into line: inout TraceLine) -> TraceLineKind {
        guard let start = findByte(UInt8(ascii: "C"), from: first, end, followedBy: "PU") else { return .other }
        var position = start &+ 3
        let isBuffer = has("##### CP", at: first)
        if text(at: position) == ASCII.colon || ASCII.isBlank(text(at: position)) { position &+= 1 }
        guard let cpu = wholeNumber(&position, end), cpu <= ProcTextLimits.highestCPU else { return .other }
        position = behindBlanks(position, end)
        line = TraceLine()
        line.cpu = Int32(cpu)
        if isBuffer, has("buffer s", at: position) { return .begins }
        guard text(at: position) == UInt8(ascii: "[") else { return .other }
        position &+= 1
        line.prefix = TextRange(start: first, end: beforeBlanks(start, first))
        if has("LOST EVE", at: position) || has("EVENTS D", at: position) { return .lost(count: nil) }
        if has("LOST ", at: position) { position &+= 5 }
        guard let count = wholeNumber(&position, end), has(" EVENTS", at: position) else { return .other }
        return .lost(count: count)
    }

    @inline(always)
    func isNameByte(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")) || ASCII.digit(byte) < 10
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == ASCII.hyphen
    }

    // MARK: Bytes

    @inline(always)
    func wholeNumber(_ position: inout Int, _ end: Int) -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while position < end {
            let digit = ASCII.digit(text(at: position))
            if digit > 9 { break }
            let (product, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.addingReportingOverflow(UInt64(digit))
            if first || second { return nil }
            value = sum
            position &+= 1
        }
        return position > start ? value : nil
    }

    @inline(always)
    func behindBlanks(_ start: Int, _ end: Int) -> Int {
        var position = start
        while position < end, ASCII.isBlank(text(at: position)) { position &+= 1 }
        return position
    }

    @inline(always)
    func beforeBlanks(_ end: Int, _ start: Int) -> Int {
        var position = end
        while position > start, ASCII.isBlank(text(at: position &- 1)) { position &-= 1 }
        return position
    }

    /// The place of a byte, which a word follows.
    func findByte(_ byte: UInt8, from start: Int, _ end: Int, followedBy word: ShortWord) -> Int? {
        var position = start
        while let place = findByte(byte, from: position, end) {
            if has(word, at: place &+ 1) { return place }
            position = place &+ 1
        }
        return nil
    }

    /// The place of a byte.
    @inline(always)
    func findByte(_ byte: UInt8, from start: Int, _ end: Int) -> Int? {
        var position = start
        let lows: UInt64 = 0x0101_0101_0101_0101
        // A byte that is the one wanted becomes zero, and the first zero byte is found by the usual borrow trick.
        while position &+ 8 <= end, let word = load(at: position, as: UInt64.self, isSwapped: false) {
            let others = UInt64(littleEndian: word) ^ (lows &* UInt64(byte))
            let zeros = (others &- lows) & ~others & (lows << 7)
            if zeros != 0 { return position &+ zeros.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < end {
            if text(at: position) == byte { return position }
            position &+= 1
        }
        return nil
    }
}
