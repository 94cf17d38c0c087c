// Functions that the kernel calls later or elsewhere: tasklets, work, timers, and calls to other CPUs.

/// The tables of functions.
enum DeepFunctionTable: UInt64, CaseIterable {
    case tasklet, call, localCall, callWait, timer, hrtimer, lateness, work, workWait
}

/// A function in one of the tables.
struct DeepFunctionRow: BitwiseCopyable {
    let table: UInt8
    let function: UInt64
    let tally: Int32
    /// Of lateness: the expiries before which the CPU had run all that was due already.
    var lateRuns: UInt64 = 0
}

/// The last start of a high-resolution timer.
struct TimerStart: BitwiseCopyable {
    /// The time when it is due, by its own clock.
    var expiry: UInt64 = 0
    /// The time of the event.
    var time: UInt64 = 0
}

/// The last two times at which a CPU ran the timers that were due, by their own clock and by that of the trace. One run may
/// have timers of several clocks, each with its own time.
struct TimerRuns: BitwiseCopyable {
    private var last = TimerStart()
    private var before = TimerStart()

    /// Notes that a timer expires.
    mutating func add(_ now: UInt64, at time: UInt64) {
        if now != last.expiry { before = last }
        last = TimerStart(expiry: now, time: time)
    }

    /// True if a timer that was started then cannot have waited until `now`, for what was due has been run meanwhile.
    func refute(_ start: TimerStart, until now: UInt64) -> Bool {
        func isBetween(_ run: TimerStart) -> Bool {
            run.expiry > start.expiry && run.expiry < now && run.time > start.time
        }
        return isBetween(last) || isBetween(before)
    }
}

/// A place that sends interrupts to other CPUs.
struct DeepSender: Hashable {
    let callsite: UInt64
    let callback: UInt64
    /// The address of the text that says why.
    let reason: UInt64
}

/// A call that has begun.
struct OpenCall: BitwiseCopyable {
    /// The object that it is known by, and the task, or -1.
    let object: UInt64
    let task: Int32
    let slot: Int32
    let start: UInt64
    let function: UInt64
    var isLocal = false
}

/// The calls that have begun, each kind by its object.
struct OpenCalls: ~Copyable {
    /// More than this are not remembered: no kernel has so many.
    static let limit = 1 << 17
    private static let none = OpenCall(object: 0, task: -1, slot: -1, start: 0, function: 0)

    private var callByKey = IntegerMap<OpenCall>(filler: Self.none)
    var startByTimer = IntegerMap<TimerStart>(filler: TimerStart())
    /// The calls that found no room.
    private(set) var beyondLimit: UInt64 = 0

    /// - Parameter table: tells objects of one kind from those of another.
    private static func key(_ table: DeepFunctionTable, _ object: UInt64, _ task: Int32) -> UInt64 {
        (object ^ UInt64(UInt32(bitPattern: task)) << 40) &* 16 &+ table.rawValue
    }

    mutating func begin(_ table: DeepFunctionTable, _ call: OpenCall) {
        let key = Self.key(table, call.object, call.task)
        guard callByKey.count < Self.limit || callByKey.value(for: key) != nil else {
            beyondLimit &+= 1
            return
        }
        callByKey.reserve(1)
        callByKey.set(call, for: key)
    }

    /// Takes out the call that ends; nil if it did not begin.
    mutating func end(_ table: DeepFunctionTable, object: UInt64, task: Int32 = -1) -> OpenCall? {
        callByKey.remove(Self.key(table, object, task)) { $0.object == object && $0.task == task }
    }
}

extension DeepAnalysis {
    mutating func send(_ sender: DeepSender) {
        if sent[sender] == nil, sent.count >= SpanTable.rowLimit {
            totals.rowsBeyondLimit &+= 1
            return
        }
        sent[sender, default: 0] &+= 1
    }

    /// Takes an event of a call.
    mutating func call(
        _ kind: EventKind, _ numbers: (object: UInt64, function: UInt64, third: UInt64), _ slot: Int, _ now: UInt64
    ) {
        let cpu = UInt64(slot)
        let task = cpus[slot].task
        switch kind {
        case .taskletEntry: begin(.tasklet, cpu, task, slot, now, numbers.function)
        case .taskletExit: end(.tasklet, cpu, task, slot, now)
        case .csdQueue: begin(.callWait, numbers.object, -1, slot, now, 0)
        case .csdEntry:
            end(.callWait, numbers.object, -1, slot, now, function: numbers.function)
            open.begin(
                .call,
                OpenCall(
                    object: cpu, task: task, slot: Int32(slot), start: now, function: numbers.function,
                    isLocal: numbers.object == 0))
        case .csdExit: end(.call, cpu, task, slot, now)
        case .timerEntry: begin(.timer, numbers.object, task, slot, now, numbers.function)
        case .timerExit: end(.timer, numbers.object, task, slot, now)
        case .hrtimerStart: start(timer: numbers.object, TimerStart(expiry: numbers.third, time: now))
        case .hrtimerEntry: expire(timer: numbers.object, slot, now, by: numbers.third, numbers.function)
        case .hrtimerExit: end(.hrtimer, numbers.object, task, slot, now)
        case .workQueue: begin(.workWait, numbers.object, -1, slot, now, 0)
        case .workStart:
            end(.workWait, numbers.object, -1, slot, now, function: numbers.function)
            begin(.work, numbers.object, task, slot, now, numbers.function)
        case .workEnd: end(.work, numbers.object, task, slot, now)
        default: break
        }
    }

    private mutating func start(timer: UInt64, _ start: TimerStart) {
        guard open.startByTimer.count < OpenCalls.limit || open.startByTimer.value(for: timer) != nil else { return }
        open.startByTimer.reserve(1)
        open.startByTimer.set(start, for: timer)
    }

    /// - Parameter due: the time by the timer's own clock.
    private mutating func expire(timer: UInt64, _ slot: Int, _ now: UInt64, by due: UInt64, _ function: UInt64) {
        // Those that expire in softirqs wait for these, while others expire.
        let isHard = cpus[slot].hardCount > 0 || cause(slot) != CauseKey(.softirq, 8)
        // A timer that is early was started anew without an event.
        if let start = open.startByTimer.remove(timer), due >= start.expiry {
            let isRefuted = isHard && cpus[slot].timerRuns.refute(start, until: due)
            record(due &- start.expiry, from: now, .lateness, function, slot, isRefuted: isRefuted)
        }
        if isHard { cpus[slot].timerRuns.add(due, at: now) }
        begin(.hrtimer, timer, cpus[slot].task, slot, now, function)
    }

    private mutating func begin(
        _ table: DeepFunctionTable, _ object: UInt64, _ task: Int32, _ slot: Int, _ now: UInt64, _ function: UInt64
    ) {
        open.begin(
            table, OpenCall(object: object, task: task, slot: Int32(slot), start: now, function: function))
    }

    /// - Parameter function: that of what began now, where the beginning of the wait did not tell.
    private mutating func end(
        _ table: DeepFunctionTable, _ object: UInt64, _ task: Int32, _ slot: Int, _ now: UInt64, function: UInt64? = nil
    ) {
        guard let call = open.end(table, object: object, task: task) else { return }
        if isDropped(CPUList(Int32(slot), call.slot), from: call.start, to: now) { return }
        let isAcross = call.slot != Int32(slot)
        let passed = now >= call.start ? now &- call.start : 0
        if isAcross, table == .callWait { skew.observe(passed, from: call.slot, to: Int32(slot)) }
        record(
            passed, from: call.start, call.isLocal ? .localCall : table, function ?? call.function, slot,
            isAcrossCPUs: isAcross)
    }

    private mutating func record(
        _ nanoseconds: UInt64, from start: UInt64, _ table: DeepFunctionTable, _ function: UInt64, _ slot: Int,
        isAcrossCPUs: Bool = false, isRefuted: Bool = false
    ) {
        guard isCounted(slot, start) else { return }
        // The highest bits are the same in all addresses of a kernel.
        let key = function &* 16 &+ table.rawValue
        if let known = functionByKey.value(for: key) {
            tallies.record(nanoseconds, in: functions[Int(known)].tally, isAcrossCPUs: isAcrossCPUs)
            if isRefuted { functions[Int(known)].lateRuns &+= 1 }
            return
        }
        guard functions.count < Self.rowLimit else {
            totals.rowsBeyondLimit &+= 1
            return
        }
        let tally = tallies.make()
        functions.reserve(1)
        functions.append(
            DeepFunctionRow(
                table: UInt8(table.rawValue), function: function, tally: tally, lateRuns: isRefuted ? 1 : 0))
        functionByKey.reserve(1)
        functionByKey.set(Int32(functions.count - 1), for: key)
        tallies.record(nanoseconds, in: tally, isAcrossCPUs: isAcrossCPUs)
    }
}
