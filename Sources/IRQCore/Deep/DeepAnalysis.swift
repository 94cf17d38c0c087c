/// The way from interrupts to their consequences: who was woken, how late, who served a softirq, who paid.
///
/// Takes every event of a recording in the order of time. Hard contexts (handlers, x86 vectors) are one stack for each CPU,
/// softirqs one for each task, because PREEMPT_RT preempts them. The context of a CPU is its innermost hard one, else the
/// innermost softirq of its current task, else that task. The current task is what the last switch said, corrected by the
/// pid of each event, for some switches are not recorded.
///
/// Extensions have the rules of each part: `DeepAnalysis+Contexts`, `+Scheduler`, `+Softirqs`, `+Calls`.
struct DeepAnalysis: ~Copyable {
    /// More tasks than this are not told apart, nor more rows of a kind; both are counted.
    static let taskLimit = 1 << 18
    static let rowLimit = 1 << 17

    var names = DeepNames()
    /// The meaning of each name for its task, by the name's place.
    var traits = GrowableBuffer<NameTraits>(capacity: 256)
    /// The place of each name of a shard among all names: those of the shards in turn.
    private var placeOfName = GrowableBuffer<Int32>(capacity: 256)
    private var learntCounts: [Int]
    private let shardCount: Int
    var cpus = GrowableBuffer<DeepCPU>(capacity: 4)
    private var slotByCPU = IntegerMap<Int32>(filler: -1)
    var tasks = GrowableBuffer<DeepTask>(capacity: 256)
    /// The things that were in the way of what ran late.
    var history = RunHistory()
    var runSum = RunSum()
    var raiseNotes = GrowableBuffer<RaiseNote>(capacity: 64)
    /// For each softirq the shares of the time that it waited.
    var softirqWaits = InlineArray<16, InlineArray<7, UInt64>>(repeating: InlineArray(repeating: 0))
    var lateUrgent: LateStarts
    var lateOthers: LateStarts
    var lateSoftirqs: LateSoftirqs
    /// The times kept for a course over time; nil if that is not wanted.
    var times: DeepTimes?
    /// True if they are wanted: that of an optional this large costs a call to look at.
    let areTimesWanted: Bool
    let isTaskWanted: (@Sendable (String, Int64) -> Bool)?
    private var taskByPid = IntegerMap<Int32>(filler: -1, minimumCapacity: 256)
    var threads = GrowableBuffer<ServiceThread>(capacity: 16)
    var tallies = DurationTallies()
    var handlers: [DeepHandler] = []
    var handlerByKey = IntegerMap<Int32>(filler: -1)
    var wakes = GrowableBuffer<DeepWakeRow>(capacity: 64)
    var wakeByKey = IntegerMap<Int32>(filler: -1, minimumCapacity: 64)
    var functions = GrowableBuffer<DeepFunctionRow>(capacity: 64)
    var functionByKey = IntegerMap<Int32>(filler: -1, minimumCapacity: 64)
    var vectorTallies = InlineArray<64, Int32>(repeating: -1)
    /// For each softirq by who served it: inline, then the kinds of service threads.
    var raiseTallies = InlineArray<160, Int32>(repeating: -1)
    var raises = InlineArray<32, UInt64>(repeating: 0)
    var entries = InlineArray<32, UInt64>(repeating: 0)
    var open = OpenCalls()
    var skew = ClockSkew()
    private(set) var clocks = ClockSkew.Finding()
    /// True if a skew between CPUs is possible: then numbers across CPUs are refused where one shows.
    private let isClockDoubtful: Bool
    private let isSliced: Bool
    private let selectedCPUs: Set<Int>?
    var devices = GrowableBuffer<DeepDevice>(capacity: 8)
    var deviceByName = IntegerMap<Int32>(filler: -1)
    var chains = GrowableBuffer<DeepChain>(capacity: 8)
    var chainByKey = IntegerMap<Int32>(filler: -1)
    var sent: [DeepSender: UInt64] = [:]
    var clock: SliceClock
    var totals = DeepTotals()
    /// The CPUs of which events are missing up to now.
    var openGapCount = 0
    var firstTime: UInt64?
    var lastTime: UInt64 = 0
    /// True if sched_waking is recorded: without it sched_wakeup stands for a wake-up.
    var hasWaking: Bool
    private(set) var hasScheduler = false
    /// True if sched_wakeup is recorded beside sched_waking.
    private(set) var hasWakeups = false
    /// The limits that latencies are held against.
    let budget: Budget?
    private var taskNames: [Int32: String]
    /// The time window: its begin and its length.
    let from: UInt64
    let length: UInt64
    /// True if it is not the whole recording.
    let isWindowed: Bool
    let unknownName: Int32
    /// The taker of what tasks run when; nil if nobody wants that.
    let runSink: (any RunSink)?
    let isRunWanted: Bool
    private let idleName: Int32

    init(_ options: AnalysisOptions, shardCount: Int, hasWaking: Bool, runSink: (any RunSink)? = nil) {
        self.runSink = runSink
        isRunWanted = runSink != nil
        self.hasWaking = hasWaking
        self.shardCount = shardCount
        learntCounts = Array(repeating: 0, count: shardCount)
        taskNames = options.taskNames
        budget = options.budget
        lateUrgent = LateStarts(limit: options.lateCount)
        lateOthers = LateStarts(limit: options.lateCount)
        lateSoftirqs = LateSoftirqs(limit: options.lateCount)
        areTimesWanted = options.isTimelineWanted
        times = areTimesWanted ? DeepTimes() : nil
        isTaskWanted = options.isTaskWanted
        isClockDoubtful = options.isClockDoubtful
        isSliced = options.isSliced
        selectedCPUs = options.cpus
        from = options.fromNanoseconds
        length = options.toNanoseconds >= from ? options.toNanoseconds - from : 0
        isWindowed = from > 0 || length < .max
        clock = SliceClock(width: options.sliceNanoseconds)
        unknownName = names.place(of: Array("<...>".utf8))
        idleName = names.place(of: Array("<idle>".utf8))
        for place in 0..<names.count { addTraits(ofName: Int32(place)) }
    }

    // MARK: - Names, tasks, CPUs

    mutating func learn(_ others: borrowing DeepNames, shard: Int) {
        if placeOfName.count < others.count * shardCount {
            placeOfName.resize(to: others.count * shardCount, filling: 0)
        }
        while learntCounts[shard] < others.count {
            let place = learntCounts[shard]
            placeOfName[place * shardCount + shard] = self.place(ofName: others.bytes(of: Int32(place)))
            learntCounts[shard] += 1
        }
    }

    /// The place among all names of one that a shard has met.
    @inline(always)
    private func place(ofName name: Int32, _ place: CrossCPUPlace) -> Int32 {
        placeOfName[Int(name) &* shardCount &+ Int(place.shard)]
    }

    /// The place of a name among all names.
    mutating func place(ofName name: [UInt8]) -> Int32 {
        let place = names.place(of: name)
        if Int(place) == traits.count { addTraits(ofName: place) }
        return place
    }

    private mutating func addTraits(ofName place: Int32) {
        traits.reserve(1)
        traits.append(NameTraits(names.bytes(of: place), place: place))
    }

    /// The meaning of a task's name.
    @inline(always)
    func traits(ofTask task: Int32) -> NameTraits { traits[Int(tasks[Int(task)].name)] }

    /// The slot of a CPU; -1 for one that has no events.
    @inline(always)
    func knownSlot(ofCPU cpu: UInt64) -> Int32 { slotByCPU.value(for: cpu) ?? -1 }

    /// The slot of a CPU, made if it is new.
    mutating func slot(of cpu: UInt32) -> Int32 {
        if let slot = slotByCPU.value(for: UInt64(cpu)) { return slot }
        let slot = cpus.count
        let idle = addTask(pid: -1 - Int64(cpu), name: idleName)
        cpus.reserve(1)
        cpus.append(
            DeepCPU(number: cpu, idleTask: idle, isSelected: selectedCPUs?.contains(Int(cpu)) ?? true))
        addLateNotes()
        times?.addCPU()
        slotByCPU.reserve(1)
        slotByCPU.set(Int32(slot), for: UInt64(cpu))
        return Int32(slot)
    }

    /// The place of a task of a CPU by its pid, which is 0 for the idle one.
    @inline(always)
    mutating func task(_ pid: Int32, slot: Int) -> Int32 {
        if pid == 0 { return cpus[slot].idleTask }
        if let known = taskByPid.value(for: UInt64(UInt32(bitPattern: pid))) { return known }
        return newTask(pid)
    }

    /// Tells the name of a task that no event has named yet.
    mutating func setName(_ name: String, of pid: Int32) {
        if taskNames.count < Self.taskLimit { taskNames[pid] = name }
        guard let known = taskByPid.value(for: UInt64(UInt32(bitPattern: pid))),
            tasks[Int(known)].name == unknownName
        else { return }
        tasks[Int(known)].name = place(ofName: Array(name.utf8))
    }

    /// The place of a task that has been seen.
    @inline(always)
    func knownTask(_ pid: UInt64) -> Int32? { taskByPid.value(for: pid & 0xFFFF_FFFF) }

    @inline(never)
    private mutating func newTask(_ pid: Int32) -> Int32 {
        if tasks.count >= Self.taskLimit || pid < 0 {
            if pid >= 0 { totals.tasksBeyondLimit &+= 1 }
            // One stands for all of them.
            if let known = taskByPid.value(for: .max) { return known }
            let place = addTask(pid: Int64(Int32.max) + 1, name: unknownName)
            taskByPid.reserve(1)
            taskByPid.set(place, for: .max)
            return place
        }
        let name = taskNames[pid].map { self.place(ofName: Array($0.utf8)) } ?? unknownName
        let place = self.addTask(pid: Int64(pid), name: name)
        taskByPid.reserve(1)
        taskByPid.set(place, for: UInt64(UInt32(bitPattern: pid)))
        return place
    }

    private mutating func addTask(pid: Int64, name: Int32) -> Int32 {
        tasks.reserve(1)
        tasks.append(DeepTask(pid: pid, name: name))
        return Int32(truncatingIfNeeded: tasks.count &- 1)
    }

    // MARK: - Events

    /// Takes the next events and gaps, all of one CPU.
    mutating func take(_ log: borrowing CrossCPULog, _ run: Range<Int>, _ place: CrossCPUPlace) {
        let slot = Int(place.lane)
        for index in run {
            let now = log[index].time
            if log[index].role != .event {
                // The end of a gap is for work; here it ends with the next event.
                if log[index].role == .gapStart { openGap(slot, now, count: log[index].number0) }
                continue
            }
            // All are followed, for what begins in the window hangs on what was before, and may end behind it.
            if isInWindow(now) {
                if firstTime == nil {
                    firstTime = now
                    clock.origin = now
                }
                if now > lastTime { lastTime = now }
                totals.events &+= 1
            }
            if openGapCount > 0, cpus[slot].openGapStart != DeepCPU.never { endGap(slot, now) }
            take(log, index, slot, now, place)
        }
    }

    /// Takes an event, which is wanted.
    @inline(always)
    private mutating func take(
        _ log: borrowing CrossCPULog, _ index: Int, _ slot: Int, _ now: UInt64, _ place: CrossCPUPlace
    ) {
        var state = self.state(slot)
        charge(slot, now, state)
        let pid = log[index].pid
        // Where a source does not tell the task, it is the one that was switched to.
        if cpus[slot].pid != Int64(pid), pid >= 0 || cpus[slot].task < 0 {
            let task = self.task(pid, slot: slot)
            if cpus[slot].task != task {
                correct(slot, task)
                state = self.state(slot)
                history.note(state.item, slot: slot, at: now)
            }
            cpus[slot].pid = Int64(pid)
        }
        let kind = log[index].kind
        if !kind.isBetweenExitAndThread { cpus[slot].exitRow = -1 }
        if act(kind, log, index, slot, now, place) {
            state = self.state(slot)
            history.note(state.item, slot: slot, at: now)
        }
        cpus[slot].lastTime = now
        if areTimesWanted { times?.look(slot: slot, at: now, history) }
        if state.isRobbed {
            if cpus[slot].busySince == DeepCPU.never { cpus[slot].busySince = now }
        } else if cpus[slot].busySince != DeepCPU.never {
            endStretch(slot, now, cpus[slot].task)
        }
    }

    /// The place among all names of a record's text.
    @inline(always)
    private func name(_ log: borrowing CrossCPULog, _ index: Int, _ place: CrossCPUPlace) -> Int32 {
        self.place(ofName: log[index].name, place)
    }

    /// Does what an event means.
    ///
    /// - Returns: true if a context of the CPU may begin or end with it, or its task get another name.
    @inline(always)
    private mutating func act(
        _ kind: EventKind, _ log: borrowing CrossCPULog, _ index: Int, _ slot: Int, _ now: UInt64,
        _ place: CrossCPUPlace
    ) -> Bool {
        switch kind {
        case .irqEntry:
            enterHandler(slot, now, irq: log[index].irq, name: name(log, index, place))
            return true
        case .irqExit:
            leaveHandler(
                slot, now, irq: log[index].irq, result: log[index].handlerResult, isWord: log[index].isResultWord)
            return true
        case .vectorEntry:
            push(slot, HardContext(isIRQ: false, number: log[index].vectorIndex, row: -1, start: now))
            return true
        case .vectorExit:
            leaveVector(slot, now, log[index].vectorIndex)
            return true
        case .softirqRaise: raise(slot, now, log[index].softirqVector)
        case .softirqEntry:
            dropHard(slot)
            enterSoftirq(slot, now, log[index].softirqVector)
            return true
        case .softirqExit:
            dropHard(slot)
            leaveSoftirq(slot, now, log[index].softirqVector)
            return true
        case .napiPoll:
            poll(
                slot, now, device: name(log, index, place), packets: log[index].number0,
                budget: log[index].number1)
        case .schedWaking:
            (hasWaking, hasScheduler) = (true, true)
            wake(
                slot, now, pid: log[index].number0, target: log[index].number1, name: name(log, index, place))
            return true
        case .schedWakeup:
            hasScheduler = true
            if hasWaking {
                hasWakeups = true
                wokenUp(log[index].number0, target: log[index].number1)
            } else {
                wake(
                    slot, now, pid: log[index].number0, target: log[index].number1,
                    name: name(log, index, place))
            }
            return true
        case .schedSwitch:
            dropHard(slot)
            hasScheduler = true
            switchTasks(
                slot, now, to: Int32(truncatingIfNeeded: log[index].number0), state: log[index].number1,
                priority: Int32(truncatingIfNeeded: log[index].number2), name: name(log, index, place),
                previousName: self.place(ofName: log[index].secondName, place))
            return true
        case .pageFaultUser: if isCounted(slot, now) { tasks[Int(cpus[slot].task)].userFaults &+= 1 }
        case .pageFaultKernel: if isCounted(slot, now) { tasks[Int(cpus[slot].task)].kernelFaults &+= 1 }
        case .ipiSendCPU, .ipiSendMask:
            if isCounted(slot, now) {
                send(DeepSender(callsite: log[index].number0, callback: log[index].number1, reason: 0))
                tasks[Int(cpus[slot].task)].sentCount &+= 1
            }
        case .ipiRaise:
            if isCounted(slot, now) {
                send(DeepSender(callsite: 0, callback: 0, reason: log[index].number0))
                tasks[Int(cpus[slot].task)].raisedCount &+= 1
            }
        case .other, .schedMigrate: break
        default: call(kind, (log[index].number0, log[index].number1, log[index].number2), slot, now)
        }
        return false
    }

    /// Ends the recording; without an event of the scheduler there are at most calls over time, else nil.
    mutating func finish(vectorNames: [String]) -> DeepResult? {
        guard hasScheduler else { return isSliced ? DeepResult(overTime: self) : nil }
        for slot in 0..<cpus.count { totals.openAtEnd &+= UInt64(cpus[slot].hardCount) }
        for task in 0..<tasks.count { totals.openAtEnd &+= UInt64(tasks[task].softirqCount) }
        finishRunSink()
        clocks = skew.finding()
        if !isClockDoubtful { clocks.provenNanoseconds = nil }
        tallies.isAcrossCPUsRefused = clocks.provenNanoseconds != nil
        return DeepResult(self, vectorNames: vectorNames)
    }
}

/// The counts of a deep analysis.
struct DeepTotals: Sendable {
    var events: UInt64 = 0
    var lost: UInt64 = 0
    var gaps: UInt64 = 0
    var contextsDroppedAtGaps: UInt64 = 0
    var droppedAtGaps: UInt64 = 0
    /// Wake-ups that were measured, though the task may have run meanwhile on a CPU whose events were lost then.
    var uncertainAtGaps: UInt64 = 0
    var unmatchedEntries: UInt64 = 0
    var unmatchedExits: UInt64 = 0
    var openAtEnd: UInt64 = 0
    var unseenSwitches: UInt64 = 0
    var whileRunning: UInt64 = 0
    var wokenAgain: UInt64 = 0
    var tasksBeyondLimit: UInt64 = 0
    var rowsBeyondLimit: UInt64 = 0
    var namesBeyondLimit: UInt64 = 0
    var callsBeyondLimit: UInt64 = 0

    /// The counts of what was left out because there was too much of it.
    var beyondLimits: UInt64 { tasksBeyondLimit &+ rowsBeyondLimit &+ namesBeyondLimit &+ callsBeyondLimit }
}
