// The events of the deep analysis, of which texts tell all that pages do but for names of functions instead of addresses.

extension TextDecoder {
    /// Reads the arguments of an event that the deep analysis alone reads; nil if they make no sense.
    @inline(never)
    mutating func deepEvent(_ kind: EventKind, _ text: RawSpan, _ line: TraceLine) -> TraceEvent? {
        let range = line.arguments
        var numbers: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var name = TextRange(start: 0, end: 0)
        var pid = line.pid
        switch kind {
        case .schedSwitch:
            guard let found = text.taskSwitch(in: range, form: line.form) else { return nil }
            numbers = (found.next.pid, found.state, UInt64(bitPattern: found.next.priority), 0)
            name = found.next.name
            let second = found.previous.name
            // perf script numbers tasks as the recorder's container does.
            pid = Int32(truncatingIfNeeded: found.previous.pid)
            return event(kind, line, pid, numbers, name)
                .withSecondText(at: second.start, byteCount: second.byteCount)
        case .schedWaking, .schedWakeup:
            guard let found = text.wakeUp(in: range, form: line.form) else { return nil }
            // Kernels before 4.3 told of wake-ups that found nothing to do.
            if found.isVain { return event(.other, line, pid, numbers, name) }
            numbers = (found.task.pid, found.cpu, 0, 0)
            name = found.task.name
        case .napiPoll:
            guard let found = text.packetPoll(in: range, form: line.form) else { return nil }
            numbers = (found.packets, found.budget, 0, 0)
            name = found.device
        case .ipiSendCPU, .ipiSendMask:
            numbers = (symbol("callsite", text, range), symbol("callback", text, range), 0, 0)
        case .ipiRaise:
            guard let reason = text.reason(in: range), let number = function(text, reason) else { return nil }
            numbers.0 = number
        case .csdQueue, .csdEntry:
            guard let call = text.pointer("csd", in: range) else { return nil }
            numbers = (call, symbol("func", text, range), 0, 0)
        case .timerEntry, .timerExit:
            guard let timer = text.pointer("timer", in: range) else { return nil }
            numbers = (timer, kind == .timerEntry ? symbol("function", text, range) : 0, 0, 0)
        case .hrtimerStart, .hrtimerEntry:
            guard let timer = text.pointer("hrtimer", in: range),
                let place = text.field(kind == .hrtimerStart ? "softexpires" : "now", in: range),
                let time = text.signed(at: place, range.end)
            else { return nil }
            numbers = (timer, symbol("function", text, range), time, 0)
            if kind == .hrtimerStart {
                timers.start(timer, numbers.1)
            } else if isAddress(text, range) {
                timers.expire(timer, numbers.1)
            }
        case .hrtimerExit:
            guard let timer = text.pointer("hrtimer", in: range) else { return nil }
            numbers.0 = timer
        default: break
        }
        return event(kind, line, pid, numbers, name)
    }

    @inline(always)
    private func event(
        _ kind: EventKind, _ line: TraceLine, _ pid: Int32, _ numbers: (UInt64, UInt64, UInt64, UInt64),
        _ name: TextRange
    ) -> TraceEvent {
        TraceEvent(
            kind, time: line.time, pid: pid, numbers: numbers, textOffset: Int32(truncatingIfNeeded: name.start),
            textByteCount: Int32(truncatingIfNeeded: name.byteCount))
    }

    /// The number of a function or a place in one; 0 if there is none.
    private mutating func symbol(_ key: FieldName, _ text: RawSpan, _ range: TextRange) -> UInt64 {
        text.symbol(key, in: range).flatMap { function(text, $0) } ?? 0
    }

    /// True if the function is an address.
    private func isAddress(_ text: RawSpan, _ range: TextRange) -> Bool {
        text.symbol("function", in: range).map { text.has("0x", at: $0.start) } ?? false
    }
}

/// The functions of hrtimers: where a timer expires, trace-cmd report -R shows the address of its function, and where it is
/// started the name.
struct TimerFunctions: ~Copyable {
    /// More timers are not remembered.
    private static let limit = 1 << 16

    private var functionByTimer = IntegerMap<UInt64>(filler: 0)
    private var expiredByTimer = IntegerMap<UInt64>(filler: 0)
    private var startedByExpired = IntegerMap<UInt64>(filler: 0)

    /// Notes the function that a timer is started with, by its number.
    mutating func start(_ timer: UInt64, _ function: UInt64) {
        if expiredByTimer.count > 0, function > 0, let expired = expiredByTimer.remove(timer) {
            pair(expired, function)
        }
        guard functionByTimer.count < Self.limit || functionByTimer.value(for: timer) != nil else { return }
        functionByTimer.reserve(1)
        functionByTimer.set(function, for: timer)
    }

    /// Notes the address of the function that a timer expires with, by its number.
    mutating func expire(_ timer: UInt64, _ function: UInt64) {
        guard function > 0, startedByExpired.value(for: function) == nil else { return }
        if let started = functionByTimer.value(for: timer), started > 0 { return pair(function, started) }
        guard expiredByTimer.count < Self.limit || expiredByTimer.value(for: timer) != nil else { return }
        expiredByTimer.reserve(1)
        expiredByTimer.set(function, for: timer)
    }

    private mutating func pair(_ expired: UInt64, _ started: UInt64) {
        startedByExpired.reserve(1)
        startedByExpired.set(started, for: expired)
    }

    /// The number of the function that a timer was started with which expired with this one; nil if that is not known.
    func started(_ function: UInt64) -> UInt64? { startedByExpired.value(for: function) }
}
