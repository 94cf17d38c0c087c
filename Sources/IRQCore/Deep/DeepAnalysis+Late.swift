// What was in the way of late wake-ups and softirqs: kept for the worst of them, and summed up by kind for softirqs.

extension DeepAnalysis {
    /// Softirqs whose raises are noted; the kernel has ten.
    static let notedSoftirqs = 16

    /// Makes room for the notes of a new CPU.
    mutating func addLateNotes() {
        history.addCPU()
        raiseNotes.resize(to: raiseNotes.count + Self.notedSoftirqs, filling: RaiseNote())
    }

    /// The things that a CPU was busy with between a time and now.
    private mutating func parts(_ slot: Int, from start: UInt64, to now: UInt64) -> RunParts {
        runSum.removeAll()
        history.sum(slot: slot, from: start, to: now, into: &runSum)
        var parts = runSum.largest()
        for place in 0..<parts.count where parts.list[place].item.kind == .task {
            parts.list[place].priority = tasks[parts.list[place].item.value].priority
        }
        return parts
    }

    // MARK: Softirqs

    /// Notes a raise: what the CPU has done up to now, if it is the first since the last entry, and who raised it.
    mutating func noteRaise(_ slot: Int, _ now: UInt64, _ vector: UInt64, isFirst: Bool) {
        guard vector < UInt64(Self.notedSoftirqs) else { return }
        let place = slot &* Self.notedSoftirqs &+ Int(vector)
        if isFirst {
            raiseNotes[place].shares = cpus[slot].shares
            raiseNotes[place].task = cpus[slot].task
            raiseNotes[place].count = 0
            raiseNotes[place].path = hardPath(slot) ?? WakePath(origin: now)
        }
        raiseNotes[place].count &+= 1
    }

    /// The way to what a handler or vector does now that is open on a CPU; nil if none is.
    @inline(always)
    private func hardPath(_ slot: Int) -> WakePath? {
        let depth = cpus[slot].hardCount
        return depth > 0 ? WakePath(origin: cpus[slot].hard[depth &- 1].start, originCause: cause(slot)) : nil
    }

    /// Notes which way has led to the softirq that the current task has entered.
    mutating func noteEntry(_ slot: Int, _ now: UInt64, _ vector: UInt64, wasRaised: Bool) {
        let task = Int(cpus[slot].task)
        tasks[task].softirqPath = WakePath(middle: now)
        guard wasRaised, vector < UInt64(Self.notedSoftirqs) else { return }
        let place = slot &* Self.notedSoftirqs &+ Int(vector)
        // Of several raises nobody knows which one is served when.
        guard raiseNotes[place].count == 1 else { return }
        tasks[task].softirqPath = raiseNotes[place].path
        tasks[task].softirqPath.middle = now
    }

    /// Sums up what a CPU did between the raise of a softirq and its entry, and keeps the latest of them.
    mutating func noteWait(_ slot: Int, _ now: UInt64, _ vector: Int, from raised: UInt64) {
        guard vector < Self.notedSoftirqs, now >= raised else { return }
        let place = slot &* Self.notedSoftirqs &+ vector
        let (before, after) = (raiseNotes[place].shares, cpus[slot].shares)
        var waits = softirqWaits[vector]
        for kind in 0..<7 { waits[kind] &+= after[kind] &- before[kind] }
        softirqWaits[vector] = waits
        let latency = now &- raised
        guard latency > lateSoftirqs.threshold(vector) else { return }
        let (task, note) = (cpus[slot].task, raiseNotes[place])
        let parts = self.parts(slot, from: raised, to: now)
        let start = LateStart(
            latency: latency, time: raised, task: task, priority: tasks[Int(task)].priority, slot: Int32(slot),
            wakingSlot: Int32(slot), waitingSlot: Int32(slot), cause: note.path.originCause, waker: note.task,
            path: .unknown, parts: parts)
        lateSoftirqs.offer(start, vector)
    }

    // MARK: Wake-ups

    /// The way to the wake-up that the current context of a CPU does now.
    @inline(always)
    func wakePath(_ slot: Int) -> WakePath {
        if let path = hardPath(slot) { return path }
        let task = cpus[slot].task
        guard task >= 0 else { return .unknown }
        if tasks[Int(task)].softirqCount > 0 { return tasks[Int(task)].softirqPath }
        let thread = Int(tasks[Int(task)].thread)
        guard thread >= 0, threads[thread].isActive else { return .unknown }
        return WakePath(
            origin: threads[thread].handlerStart, originCause: threads[thread].cause, middle: threads[thread].start)
    }

    /// Keeps a wake-up that has led to running if it is one of the latest.
    @inline(always)
    mutating func noteStart(_ task: Int32, _ slot: Int, _ now: UInt64) {
        let time = tasks[Int(task)].wake.time
        let latency = now >= time ? now &- time : 0
        let isUrgent = tasks[Int(task)].priority < 100
        let threshold = isUrgent ? lateUrgent.threshold : lateOthers.threshold
        if latency > threshold { keepStart(task, slot, now, latency, isUrgent: isUrgent) }
    }

    @inline(never)
    private mutating func keepStart(_ task: Int32, _ slot: Int, _ now: UInt64, _ latency: UInt64, isUrgent: Bool) {
        guard isWanted(task) else { return }
        let wake = tasks[Int(task)].wake
        // Another CPU may have taken it out of the queue in which it waited: then that one's doings were in its way.
        let waitingSlot = wake.queuedSlot >= 0 ? wake.queuedSlot : Int32(slot)
        let parts = self.parts(Int(waitingSlot), from: wake.time, to: now)
        let start = LateStart(
            latency: latency, time: wake.time, task: task, priority: tasks[Int(task)].priority, slot: Int32(slot),
            wakingSlot: wake.wakingSlot, waitingSlot: waitingSlot, cause: wake.cause, waker: wake.waker,
            path: wake.path, parts: parts)
        if isUrgent { lateUrgent.offer(start) } else { lateOthers.offer(start) }
    }

    /// True if a task is one that was asked for; asked again only if it has another name.
    private mutating func isWanted(_ task: Int32) -> Bool {
        guard let isTaskWanted else { return true }
        let name = tasks[Int(task)].name
        if tasks[Int(task)].askedName != name {
            tasks[Int(task)].askedName = name
            tasks[Int(task)].isWanted = isTaskWanted(names.text(of: name), tasks[Int(task)].pid)
        }
        return tasks[Int(task)].isWanted
    }
}
