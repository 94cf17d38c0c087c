// The arguments of events of the deep analysis.
//
// ```
// prev_comm=init prev_pid=1 prev_prio=120 prev_state=R+ ==> next_comm=swapper/0 next_pid=0 next_prio=120     the kernel
// prev_comm=init prev_pid=1 prev_prio=120 prev_state=256 next_comm=swapper/0 next_pid=0 next_prio=120        report -R
// init:1 [120] S ==> swapper/0:0 [120]                                                    libtraceevent's plugin
// prev_comm = "init", prev_tid = 1, prev_prio = 20, prev_state = 0, next_comm = "a", next_tid = 2, next_prio = 20
// comm=rcu_preempt pid=18 prio=120 target_cpu=000                     rcu_preempt:18 [120] CPU:000
// napi poll on napi struct 0000000012345678 for device eth0 work 1 budget 64
// target_mask=00000000,00000002 (Rescheduling interrupts)
// ```
//
// A task's name may hold anything, also what looks like the field behind it; it has fifteen bytes at most, so that it ends
// at the last place within them behind which the line goes on as it must.

/// A task as a text of the scheduler names it.
struct TextTask {
    var name: TextRange
    var pid: UInt64
    var priority: Int64
}

extension RawSpan {
    /// The most bytes of a task's name.
    private static var nameByteLimit: Int { 15 }

    // MARK: Switches

    /// The arguments of sched_switch: the tasks, and the state of the one before as bits.
    func taskSwitch(
        in range: TextRange, form: TraceTextForm
    ) -> (previous: TextTask, state: UInt64, next: TextTask)? {
        if form == .babeltrace { return quotedSwitch(in: range) }
        let end = form == .perfScript ? withoutSymbol(range.start, range.end) : range.end
        let isKernels = has(name: "prev_comm", at: range.start)
        var place = range.start &+ (isKernels ? 10 : 0)
        guard let previous = task(at: &place, end, isKernels ? .previous : .plugin), let state = state(at: &place, end)
        else { return nil }
        place = behindBlanks(place, end)
        if has("==>", at: place) { place = behindBlanks(place &+ 3, end) }
        if isKernels {
            guard has(name: "next_comm=", at: place) else { return nil }
            place &+= 10
        }
        guard let next = task(at: &place, end, isKernels ? .next : .lastPlugin) else { return nil }
        return (previous, state, next)
    }

    /// The surroundings of a task's name, pid and priority.
    private enum TaskForm {
        case previous, next, woken, plugin, lastPlugin
    }

    /// A task whose name begins at `place`, which moves to what follows.
    private func task(at place: inout Int, _ end: Int, _ form: TaskForm) -> TextTask? {
        var nameEnd = min(place &+ Self.nameByteLimit, end)
        while nameEnd >= place {
            var next = nameEnd
            if let (pid, priority) = numbers(at: &next, end, form) {
                let name = TextRange(start: place, end: nameEnd)
                place = next
                return TextTask(name: name, pid: pid, priority: priority)
            }
            nameEnd &-= 1
        }
        return nil
    }

    /// The pid and the priority behind a name, and a look at what follows them.
    @inline(always)
    private func numbers(at place: inout Int, _ end: Int, _ form: TaskForm) -> (pid: UInt64, priority: Int64)? {
        switch form {
        case .plugin, .lastPlugin:
            guard text(at: place) == ASCII.colon else { return nil }
            place &+= 1
            guard let pid = wholeNumber(&place, end), has(" [", at: place) else { return nil }
            place &+= 2
            guard let priority = number(at: &place, end), text(at: place) == UInt8(ascii: "]") else { return nil }
            place = behindBlanks(place &+ 1, end)
            if form == .lastPlugin { return place >= end ? (pid, priority) : nil }
            return ASCII.isLetter(text(at: place)) ? (pid, priority) : nil
        case .previous:
            guard text(at: place) == ASCII.blank, has(name: " prev_pid=", at: place) else { return nil }
            place &+= 10
            guard let pid = number(at: &place, end), has(name: " prev_prio=", at: place) else { return nil }
            place &+= 11
            guard let priority = number(at: &place, end), has(name: " prev_state=", at: place) else { return nil }
            place &+= 12
            return (UInt64(bitPattern: pid), priority)
        case .next:
            guard text(at: place) == ASCII.blank, has(name: " next_pid=", at: place) else { return nil }
            place &+= 10
            guard let pid = number(at: &place, end), has(name: " next_prio=", at: place) else { return nil }
            place &+= 11
            guard let priority = number(at: &place, end), place >= end else { return nil }
            return (UInt64(bitPattern: pid), priority)
        case .woken:
            guard text(at: place) == ASCII.blank, has(" pid=", at: place) else { return nil }
            place &+= 5
            guard let pid = number(at: &place, end), has(" prio=", at: place) else { return nil }
            place &+= 6
            guard let priority = number(at: &place, end), text(at: place) == ASCII.blank else { return nil }
            return (UInt64(bitPattern: pid), priority)
        }
    }

    /// A number with its sign: `120`, `-1`, `0x78 (120)`.
    private func number(at place: inout Int, _ end: Int) -> Int64? {
        let isNegative = text(at: place) == ASCII.hyphen
        if isNegative { place &+= 1 }
        if has("0x", at: place) {
            guard let value = hexadecimal(at: place &+ 2, end) else { return nil }
            place &+= 2
            while place < end, ASCII.hexadecimalDigit(text(at: place)) != nil { place &+= 1 }
            guard has(" (", at: place) else { return Int64(truncatingIfNeeded: value) }
            place &+= 2
            guard let told = number(at: &place, end), text(at: place) == UInt8(ascii: ")") else { return nil }
            place &+= 1
            return told
        }
        guard let value = wholeNumber(&place, end) else { return nil }
        return isNegative ? 0 &- Int64(truncatingIfNeeded: value) : Int64(truncatingIfNeeded: value)
    }

    /// The state of a task as the kernel's bits: letters, `R+`, `D|K`, or a number.
    private func state(at place: inout Int, _ end: Int) -> UInt64? {
        if !ASCII.isLetter(text(at: place)) { return number(at: &place, end).map { UInt64(bitPattern: $0) } }
        var state: UInt64 = 0
        while place < end, !ASCII.isBlank(text(at: place)) {
            switch text(at: place) {
            case UInt8(ascii: "S"): state |= 1
            case UInt8(ascii: "D"): state |= 2
            case UInt8(ascii: "T"): state |= 4
            case UInt8(ascii: "t"): state |= 8
            case UInt8(ascii: "X"): state |= 0x10
            case UInt8(ascii: "Z"): state |= 0x20
            case UInt8(ascii: "P"), UInt8(ascii: "x"): state |= 0x40
            // libtraceevent before 1.8 calls idle kernel threads so.
            case UInt8(ascii: "I"), UInt8(ascii: "W"): state |= 0x80
            case UInt8(ascii: "R"), UInt8(ascii: "K"), UInt8(ascii: "N"), UInt8(ascii: "|"), UInt8(ascii: "+"): break
            default: return nil
            }
            place &+= 1
        }
        return state
    }

    // MARK: Wake-ups

    /// The arguments of sched_waking and sched_wakeup; `isVain` if the task was not asleep.
    func wakeUp(in range: TextRange, form: TraceTextForm) -> (task: TextTask, cpu: UInt64, isVain: Bool)? {
        if form == .babeltrace {
            guard let task = quotedTask("comm", "tid", "pid", "prio", in: range),
                let place = field("target_cpu", in: range), let cpu = unsigned(at: place, range.end)
            else { return nil }
            return (task, cpu, false)
        }
        let end = form == .perfScript ? withoutSymbol(range.start, range.end) : range.end
        let isKernels = has("comm=", at: range.start)
        var place = range.start &+ (isKernels ? 5 : 0)
        guard let task = task(at: &place, end, isKernels ? .woken : .plugin) else { return nil }
        let rest = TextRange(start: behindBlanks(place, end), end: end)
        let isVain = field("success", in: rest).map { unsigned(at: $0, end) == 0 } ?? false
        if isKernels {
            guard let place = field("target_cpu", in: rest), let cpu = unsigned(at: place, end) else { return nil }
            return (task, cpu, isVain)
        }
        guard var place = findByte(UInt8(ascii: "C"), from: rest.start, end), has("CPU:", at: place) else { return nil }
        place &+= 4
        return wholeNumber(&place, end).map { (task, $0, isVain) }
    }

    // MARK: Quoted texts

    private func quotedSwitch(in range: TextRange) -> (previous: TextTask, state: UInt64, next: TextTask)? {
        guard let previous = quotedTask("prev_comm", "prev_tid", "prev_pid", "prev_prio", in: range),
            let next = quotedTask("next_comm", "next_tid", "next_pid", "next_prio", in: range),
            var place = field("prev_state", in: TextRange(start: previous.name.end, end: range.end))
        else { return nil }
        // `( "S" : container = 1 )`
        if ASCII.digit(text(at: place)) > 9, text(at: place) != ASCII.hyphen {
            guard let number = field("container", in: TextRange(start: place, end: range.end)) else { return nil }
            place = number
        }
        return signed(at: place, range.end).map { (previous, $0, next) }
    }

    /// A task whose name is quoted. LTTng counts priorities from 100 on.
    private func quotedTask(
        _ name: FieldName, _ task: FieldName, _ pid: FieldName, _ priority: FieldName, in range: TextRange
    ) -> TextTask? {
        guard let start = field(name, in: range) else { return nil }
        let name = action(at: start, in: range, form: .babeltrace)
        let rest = TextRange(start: min(name.end &+ 2, range.end), end: range.end)
        let isLTTng = field(task, in: rest) != nil
        guard let place = field(task, in: rest) ?? field(pid, in: rest), let number = unsigned(at: place, range.end),
            let second = field(priority, in: rest), let value = signed(at: second, range.end)
        else { return nil }
        return TextTask(name: name, pid: number, priority: Int64(bitPattern: value) &+ (isLTTng ? 100 : 0))
    }

    // MARK: Others

    /// The arguments of napi_poll; nil before Linux 4.10, whose text has no number of packets.
    func packetPoll(
        in range: TextRange, form: TraceTextForm
    ) -> (device: TextRange, packets: UInt64, budget: UInt64)? {
        var device = TextRange(start: range.start, end: range.start)
        var rest = range
        if let place = field("dev_name", in: range) {
            device = form == .babeltrace ? action(at: place, in: range, form: form) : word(at: place, range.end)
            rest = TextRange(start: device.end, end: range.end)
        } else {
            guard has("napi pol", at: range.start), let found = value("device", in: range) else { return nil }
            device = word(at: found, range.end)
            rest = TextRange(start: behindBlanks(device.end, range.end), end: range.end)
        }
        guard let packets = field("work", in: rest) ?? value("work", in: rest),
            let budget = field("budget", in: rest) ?? value("budget", in: rest),
            let first = signed(at: packets, range.end), let second = signed(at: budget, range.end)
        else { return nil }
        return (device, first, second)
    }

    private func word(at start: Int, _ end: Int) -> TextRange {
        var position = start
        while position < end, !ASCII.isBlank(text(at: position)) { position &+= 1 }
        return TextRange(start: start, end: position)
    }

    /// The place behind a key and a blank.
    private func value(_ key: FieldName, in range: TextRange) -> Int? {
        var position = range.start
        while position < range.end {
            if has(name: key, at: position), ASCII.isBlank(text(at: position &+ key.byteCount)) {
                return behindBlanks(position &+ key.byteCount, range.end)
            }
            while position < range.end, !ASCII.isBlank(text(at: position)) { position &+= 1 }
            position = behindBlanks(position, range.end)
        }
        return nil
    }

    /// The reason of an IPI: the text in the last brackets, or that of the field.
    func reason(in range: TextRange) -> TextRange? {
        if let start = field("reason", in: range) { return TextRange(start: start, end: range.end) }
        guard range.end > range.start, text(at: range.end &- 1) == UInt8(ascii: ")"),
            let start = findByte(UInt8(ascii: "("), from: range.start, range.end)
        else { return nil }
        return TextRange(start: start &+ 1, end: range.end &- 1)
    }

    /// An address; 0 for `(nil)`, `(null)` and `(0x0)`.
    func pointer(_ key: FieldName, in range: TextRange) -> UInt64? {
        guard let place = field(key, in: range) else { return nil }
        if text(at: place) == UInt8(ascii: "(") {
            return has("0x", at: place &+ 1) ? hexadecimal(at: place &+ 3, range.end) : 0
        }
        return address(at: place, range.end)
    }

    /// A function's name, or its address where it has none; nil for a null pointer.
    func symbol(_ key: FieldName, in range: TextRange) -> TextRange? {
        guard var start = field(key, in: range) else { return nil }
        // `function= (0xffffffff81b02e00)`
        if text(at: start) == UInt8(ascii: "(") {
            start &+= 1
            guard has("0x", at: start) else { return nil }
            var end = start &+ 2
            while end < range.end, ASCII.hexadecimalDigit(text(at: end)) != nil { end &+= 1 }
            return isNull(start, end) ? nil : TextRange(start: start, end: end)
        }
        guard let name = functionName(key, in: range), !isNull(name.start, name.end) else { return nil }
        return name
    }

    /// True for `0x0`, `0` and `0000000000000000`.
    private func isNull(_ start: Int, _ end: Int) -> Bool {
        for position in start..<end where text(at: position) != ASCII.zero && text(at: position) != UInt8(ascii: "x") {
            return false
        }
        return true
    }
}

extension ASCII {
    /// True for a letter.
    @inline(always)
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
}
