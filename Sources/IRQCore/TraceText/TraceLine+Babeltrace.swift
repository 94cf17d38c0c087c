extension RawSpan {
    /// A line of babeltrace2's text of an LTTng trace: the time of day or in seconds, the host, the event, and groups of
    /// fields in braces, of which the last one is the event's own.
    ///
    /// ```
    /// [1795624218.843174145] (+0.000263470) testbox irq_handler_entry: { cpu_id = 0 }, { pid = 0, procname = "swapper/0" }, { irq = 28, name = "nvme0q1" }
    /// [16:30:18.843174145] (+0.000263470) testbox irq_handler_exit: { cpu_id = 0 }, { irq = 28, ret = 1 }
    /// ```
    func babeltraceLine(_ start: Int, _ end: Int, into line: inout TraceLine) -> Bool {
        guard let close = findByte(UInt8(ascii: "]"), from: start, end), ASCII.isBlank(text(at: close &+ 1)) else {
            return false
        }
        line = TraceLine()
        line.form = .babeltrace
        guard wallTime(start &+ 1, close, into: &line) else { return false }
        var position = behindBlanks(close &+ 1, end)
        if text(at: position) == UInt8(ascii: "(") {
            guard let delta = findByte(UInt8(ascii: ")"), from: position, end) else { return false }
            position = behindBlanks(delta &+ 1, end)
        }
        // The name is the last word before the first brace.
        guard let brace = findByte(UInt8(ascii: "{"), from: position, end) else { return false }
        let nameEnd = beforeBlanks(brace, position) &- 1
        guard nameEnd > position, text(at: nameEnd) == ASCII.colon else { return false }
        var name = nameEnd
        while name > position, isNameByte(text(at: name &- 1)) || text(at: name &- 1) == ASCII.colon { name &-= 1 }
        guard name < nameEnd else { return false }
        line.event = TextRange(start: name, end: nameEnd)
        return groups(brace, end, into: &line)
    }

    /// The groups of fields: the CPU and the thread from those before the last one.
    private func groups(_ first: Int, _ end: Int, into line: inout TraceLine) -> Bool {
        var cpu: UInt64?
        var position = first
        while position < end, text(at: position) == UInt8(ascii: "{") {
            guard let close = endOfGroup(position, end) else { return false }
            let group = TextRange(start: position &+ 1, end: close)
            line.arguments = TextRange(start: behindBlanks(group.start, close), end: beforeBlanks(close, group.start))
            position = behindBlanks(close &+ 1, end)
            if cpu == nil { cpu = field("cpu_id", in: group).flatMap { unsigned(at: $0, close) } }
            guard position < end, text(at: position) == ASCII.comma else { break }
            // Not the last group, so that these are the thread's own.
            if let place = field("perf_tid", in: group) ?? field("tid", in: group) ?? field("pid", in: group),
                let pid = unsigned(at: place, close)
            {
                line.pid = Int32(truncatingIfNeeded: pid)
            }
            if let place = field("procname", in: group) { line.task = action(at: place, in: group, form: .babeltrace) }
            position = behindBlanks(position &+ 1, end)
            // `stream.packet.context = { … }`
            while position < end, text(at: position) != UInt8(ascii: "{") { position &+= 1 }
        }
        // `perf data convert --to-ctf` has one group for all.
        if line.pid < 0, let place = field("perf_tid", in: line.arguments), let pid = unsigned(at: place, end) {
            line.pid = Int32(truncatingIfNeeded: pid)
        }
        guard let cpu, cpu <= ProcTextLimits.highestCPU else { return false }
        line.cpu = Int32(cpu)
        return true
    }

    /// The brace that ends the group which begins at `start`. Texts in it are quoted.
    private func endOfGroup(_ start: Int, _ end: Int) -> Int? {
        var depth = 0
        var isQuoted = false
        var position = start
        while position < end {
            switch text(at: position) {
            case UInt8(ascii: "\\") where isQuoted: position &+= 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "{") where !isQuoted: depth &+= 1
            case UInt8(ascii: "}") where !isQuoted:
                depth &-= 1
                if depth == 0 { return position }
            default: break
            }
            position &+= 1
        }
        return nil
    }

    /// `1795624218.843174145`, `16:30:18.843174145`, `2026-11-25 16:30:18.843174145`.
    private func wallTime(_ start: Int, _ end: Int, into line: inout TraceLine) -> Bool {
        var position = start
        var day: UInt64 = 0
        if text(at: start &+ 4) == ASCII.hyphen {
            var parts: (UInt64, UInt64, UInt64) = (0, 0, 0)
            guard let year = wholeNumber(&position, end), year >= 1970, year < 2500 else { return false }
            position &+= 1
            guard let month = wholeNumber(&position, end), (1...12).contains(month) else { return false }
            position &+= 1
            guard let date = wholeNumber(&position, end), (1...31).contains(date) else { return false }
            parts = (year, month, date)
            day = Self.dayNumber(parts)
            position = behindBlanks(position, end)
        }
        var seconds: UInt64 = 0
        for part in 0..<3 {
            guard let value = wholeNumber(&position, end), value < (part == 0 ? 1 << 33 : 60) else { return false }
            seconds = seconds &* 60 &+ value
            guard text(at: position) == ASCII.colon else { break }
            position &+= 1
        }
        guard text(at: position) == UInt8(ascii: "."), end &- position == 10 else { return false }
        position &+= 1
        guard let nanoseconds = wholeNumber(&position, end), position == end else { return false }
        line.time = (day &* 86_400 &+ seconds) &* 1_000_000_000 &+ nanoseconds
        line.stepNanoseconds = 1
        return true
    }

    /// The days from 1970-01-01 on.
    private static func dayNumber(_ date: (year: UInt64, month: UInt64, day: UInt64)) -> UInt64 {
        // Years begin in March, so that the odd day is at their end.
        let year = date.month > 2 ? date.year : date.year &- 1
        let month = date.month > 2 ? date.month &- 3 : date.month &+ 9
        let days = year &* 365 &+ year / 4 &- year / 100 &+ year / 400 &+ (month &* 153 &+ 2) / 5 &+ date.day
        return days &- 719_469
    }
}
