/// A line of a trace as text, taken apart into who, where, when and what. Ranges are bytes of the text it stands in.
///
/// ```
///       rectext.sh-25278   [000] d.h1.  1886.851339: irq_handler_exit: irq=36 ret=handled       tracefs, trace-cmd 3.3
///       app_main-4963  ( 4867) [000] ....   928.081847: irq_handler_entry: irq=150 name=kirq     with the process's number
/// inp-a:       rectext.sh-25278 [000]  1886.851339: irq_handler_exit:     irq=36 ret=handled     trace-cmd, an instance
///  rectext.-25278     0d.h1. 1886851339us : irq_handler_exit: irq=36 ret=handled                 latency format
///    qemu-system-x86 13077 [000]  1731.265802:    irq:irq_handler_entry: irq=36 name=virtio1-req.0    perf script
/// ```
/// Sources: kernel/trace/trace_output.c, trace-cmd's libtraceevent `print_event_*`, perf's builtin-script.c.
struct TraceLine {
    /// The text in front: a buffer's or file's name with a colon, a stamp of the kernel's log, quote marks.
    var prefix = TextRange(start: 0, end: 0)
    /// The name of the interrupted task, as far as the layout holds it.
    var task = TextRange(start: 0, end: 0)
    /// The number of the interrupted thread; -1 where the layout has none.
    var pid: Int32 = -1
    /// The CPU, 0…
    var cpu: Int32 = 0
    /// The state of the CPU (`d.h1.`); empty where it is not told.
    var flags = TextRange(start: 0, end: 0)
    /// The time in nanoseconds, or in the clock's own ticks where it has no point.
    var time: UInt64 = 0
    /// The time's smallest step in nanoseconds; 0 for ticks.
    var stepNanoseconds: UInt32 = 0
    /// The event's name, with its system in front where the layout tells it; empty of a function or stack trace.
    var event = TextRange(start: 0, end: 0)
    /// The text behind the name, without blanks at both ends.
    var arguments = TextRange(start: 0, end: 0)
    /// The program whose layout it is.
    var form = TraceTextForm.ftrace
}

/// The programs whose texts differ in more than columns.
public enum TraceTextForm: UInt8, Sendable, BitwiseCopyable {
    /// tracefs, trace-cmd report, ftrace's dump, atrace, systrace, hitrace.
    case ftrace
    /// perf script and perf-prof.
    case perfScript
    /// babeltrace2 of an LTTng trace.
    case babeltrace

    /// The name of the format, as reports have it.
    public var name: String {
        switch self {
        case .ftrace: "ftrace"
        case .perfScript: "perf script"
        case .babeltrace: "babeltrace"
        }
    }
}

/// The kind of a line of a trace as text.
enum TraceLineKind {
    /// An event.
    case event
    /// Events of a CPU are missing before this line: so many, or an unknown number.
    case lost(count: UInt64?)
    /// The buffer of a CPU begins here: what it did before is not known.
    case begins
    /// A function, or a call of one, or a stack trace, which tracers write between events.
    case call
    /// A comment, `#`.
    case comment
    /// A blank line.
    case blank
    /// No line of a trace: a message of the kernel, a frame of a call chain.
    case other
}

extension RawSpan {
    /// Takes the line apart that stands in `start..<end`, without its newline. `line` is only of use for kinds that have a CPU.
    func traceLine(_ start: Int, _ end: Int, into line: inout TraceLine) -> TraceLineKind {
        var end = end
        while end > start, ASCII.isBlank(text(at: end &- 1)) { end &-= 1 }
        // Each line of a page that systrace wrote before 2014 ends so.
        if end &- start > 3, text(at: end &- 1) == UInt8(ascii: "\\"), has("\\n", at: end &- 3) { end &-= 3 }
        let first = skippingBlanks(from: start)
        if first >= end { return .blank }
        if text(at: first) == UInt8(ascii: "#"), !has("##### CP", at: first) { return .comment }
        if text(at: first) == UInt8(ascii: "["), babeltraceLine(first, end, into: &line) { return .event }
        // Names are right-aligned in sixteen columns, and may hold anything, such as `x-1 [000] 1.5: y:`: looked for is
        // behind them first.
        if let behind = behindAlignedTask(start, end), let bracket = findByte(UInt8(ascii: "["), from: behind, end),
            let kind = bracketed(bracket, start, end, into: &line)
        {
            return kind
        }
        var position = first
        // Only the latency layouts have no bracket.
        while let bracket = findByte(UInt8(ascii: "["), from: position, end) {
            if let kind = bracketed(bracket, start, end, into: &line) { return kind }
            position = bracket &+ 1
        }
        if let kind = latency(start, end, into: &line) { return kind }
        return special(first, end, into: &line)
    }

    /// The place behind the number of the thread if that stands where it does without anything in front of the line.
    private func behindAlignedTask(_ start: Int, _ end: Int) -> Int? {
        var position = start &+ 16
        guard position < end else { return nil }
        if text(at: position) == UInt8(ascii: "-") {
            position &+= 1
        } else {
            guard text(at: position) == ASCII.blank else { return nil }
            position = behindBlanks(position, end)
        }
        let digits = position
        while position < end, ASCII.digit(text(at: position)) < 10 { position &+= 1 }
        return position > digits ? position : nil
    }

    // MARK: Layouts with the CPU in brackets

    private func bracketed(
        _ bracket: Int, _ start: Int, _ end: Int, into line: inout TraceLine
    ) -> TraceLineKind? {
        var position = bracket &+ 1
        let digits = position
        guard let cpu = wholeNumber(&position, end), position &- digits <= 5, text(at: position) == UInt8(ascii: "]")
        else {
            return verbose(bracket, start, end, into: &line)
        }
        line = TraceLine()
        line.cpu = Int32(truncatingIfNeeded: cpu)
        position &+= 1
        // Behind it: flags and a time; trace-cmd 3.3 glues them to it under -R.
        if text(at: position) == UInt8(ascii: "-"), has("0x", at: position &+ 1) {
            let flags = position &+ 1
            while position < end, !ASCII.isBlank(text(at: position)) { position &+= 1 }
            line.flags = TextRange(start: flags, end: position)
        }
        let isGlued = position < end && !ASCII.isBlank(text(at: position))
        position = behindBlanks(position, end)
        if ASCII.digit(text(at: position)) > 9 {
            let flags = position
            while position < end, !ASCII.isBlank(text(at: position)) { position &+= 1 }
            guard position &- flags <= 9 else { return nil }
            line.flags = TextRange(start: flags, end: position)
            position = behindBlanks(position, end)
        }
        guard time(&position, end, into: &line) else { return nil }
        if isGlued, line.stepNanoseconds == 0 { line.stepNanoseconds = 1 }
        let name = position
        guard let isCall = event(position, end, into: &line) else { return nil }
        guard before(bracket, start, into: &line) else { return nil }
        if line.form == .perfScript, has("PERF_REC", at: behindBlanks(name, end)) { return perfRecord(name, end) }
        return isCall ? .call : .event
    }

    /// The thread and its task, in front of the CPU.
    private func before(_ bracket: Int, _ start: Int, into line: inout TraceLine) -> Bool {
        var position = beforeBlanks(bracket, start)
        // perf script -F cpu,time,event,trace
        if position == start {
            line.form = .perfScript
            return true
        }
        if position > start, text(at: position &- 1) == UInt8(ascii: ")") {
            // The process's number, or dashes.
            var open = position &- 1
            while open > start, text(at: open) != UInt8(ascii: "(") {
                open &-= 1
                if position &- open > 12 { return false }
            }
            position = beforeBlanks(open, start)
        } else if position > start, ASCII.digit(text(at: position &- 1)) > 9 {
            // perf-prof has its flags in front of the CPU.
            let flagsEnd = position
            while position > start, !ASCII.isBlank(text(at: position &- 1)) { position &-= 1 }
            guard flagsEnd &- position <= 9 else { return false }
            line.flags = TextRange(start: position, end: flagsEnd)
            position = beforeBlanks(position, start)
        }
        let numberEnd = position
        while position > start, ASCII.digit(text(at: position &- 1)) < 10 { position &-= 1 }
        guard numberEnd > position, numberEnd &- position <= 10 else { return false }
        var digits = position
        guard let pid = wholeNumber(&digits, numberEnd) else { return false }
        line.pid = Int32(truncatingIfNeeded: pid)
        line.form = .perfScript
        guard position > start else { return true }
        var taskEnd = position
        switch text(at: position &- 1) {
        case UInt8(ascii: "-"):
            taskEnd = position &- 1
            // `:-1    -1 [001]` of perf script is a thread that it does not know.
            if pid == 1, taskEnd &- 3 >= start, ASCII.isBlank(text(at: taskEnd &- 1)),
                has(":-1", at: beforeBlanks(taskEnd, start) &- 3)
            {
                line.pid = -1
                break
            }
            line.form = .ftrace
        case UInt8(ascii: "/"):
            // perf: the process, then the thread.
            var process = position &- 1
            while process > start, ASCII.digit(text(at: process &- 1)) < 10 { process &-= 1 }
            guard process < position &- 1 else { return false }
            taskEnd = process
        case let byte where ASCII.isBlank(byte): break
        default: return false
        }
        let nameEnd = beforeBlanks(taskEnd, start)
        // The thread's number is right-aligned too in perf's text.
        let column = nameEnd &- start <= 16 ? start &+ 16 : taskEnd
        setTask(start, nameEnd, width: 16, from: column, into: &line)
        return true
    }

    /// Names are right-aligned in a number of columns, so that whatever they hold, they begin there at the earliest.
    private func setTask(_ start: Int, _ end: Int, width: Int, from column: Int, into line: inout TraceLine) {
        var first = column &- width
        // Without its padding, the name begins with the line, or behind a prefix.
        if first < start { first = start }
        if first > start, !ASCII.isBlank(text(at: first &- 1)) {
            while first > start, !ASCII.isBlank(text(at: first &- 1)) { first &-= 1 }
        }
        line.prefix = TextRange(start: start, end: beforeBlanks(first, start))
        first = behindBlanks(first, end)
        line.task = TextRange(start: min(first, end), end: end)
    }

    /// `  rectext.sh   25278   0 9 00000001 00000004 [70771107] 1886851.335ms (+0.001ms): irq_handler_entry: irq=36 …`:
    /// the latency format with all its fields, of which the number in brackets is a stamp (`trace_print_lat_context`).
    private func verbose(
        _ bracket: Int, _ start: Int, _ end: Int, into line: inout TraceLine
    ) -> TraceLineKind? {
        guard let close = findByte(UInt8(ascii: "]"), from: bracket, end), close &- bracket >= 9 else { return nil }
        line = TraceLine()
        var position = behindBlanks(close &+ 1, end)
        guard time(&position, end, into: &line), line.stepNanoseconds > 0,
            let isCall = event(position, end, into: &line)
        else { return nil }
        // Backwards: a counter, the depth of preemption, the flags, the CPU, the thread, and the name before all.
        var last = beforeBlanks(bracket, start)
        var (cpu, pid): (UInt64?, UInt64?)
        for word in 0..<5 {
            var first = last
            while first > start, !ASCII.isBlank(text(at: first &- 1)) { first &-= 1 }
            var place = first
            let value = wholeNumber(&place, last)
            if word == 3 { cpu = place == last ? value : nil }
            if word == 4 { pid = place == last ? value : nil }
            last = beforeBlanks(first, start)
        }
        guard let cpu, cpu <= ProcTextLimits.highestCPU, let pid else { return nil }
        line.cpu = Int32(cpu)
        line.pid = Int32(truncatingIfNeeded: pid)
        setTask(start, last, width: 16, from: last, into: &line)
        return isCall ? .call : .event
    }

    /// `PERF_RECORD_LOST lost 34`, and other records that perf script tells of if it is asked to.
    private func perfRecord(_ name: Int, _ end: Int) -> TraceLineKind {
        var position = behindBlanks(name, end) &+ 8
        guard has("ORD_LOST", at: position), has(" lost ", at: position &+ 8) else { return .other }
        position = behindBlanks(position &+ 14, end)
        return .lost(count: wholeNumber(&position, end))
    }

    // MARK: Layouts without brackets

    /// `  <idle>-0       1d..h1.. 2563695110us : local_timer_entry: vector=236`, also as trace-cmd report -l has it.
    private func latency(_ start: Int, _ end: Int, into line: inout TraceLine) -> TraceLineKind? {
        // Names have eight columns here.
        var position = text(at: start &+ 8) == UInt8(ascii: "-") ? start &+ 8 : start
        while let dash = findByte(UInt8(ascii: "-"), from: position, end) {
            position = dash &+ 1
            var place = position
            guard let pid = wholeNumber(&place, end), place < end, ASCII.isBlank(text(at: place)) else { continue }
            place = behindBlanks(place, end)
            guard let cpu = wholeNumber(&place, end), cpu <= ProcTextLimits.highestCPU else { continue }
            // The flags follow at once, and never begin with a digit.
            guard place < end, !ASCII.isBlank(text(at: place)) else { continue }
            let flags = place
            while place < end, !ASCII.isBlank(text(at: place)) { place &+= 1 }
            guard place &- flags >= 3, place &- flags <= 9 else { continue }
            line = TraceLine()
            line.pid = Int32(truncatingIfNeeded: pid)
            line.cpu = Int32(truncatingIfNeeded: cpu)
            line.flags = TextRange(start: flags, end: place)
            place = behindBlanks(place, end)
            guard time(&place, end, into: &line), let isCall = event(place, end, into: &line) else { continue }
            setTask(start, dash, width: 8, from: dash, into: &line)
            return isCall ? .call : .event
        }
        return nil
    }
}
