// Wake-ups, switches, and the activations of service threads.

/// The wake-ups of a task by one cause.
struct DeepWakeRow: BitwiseCopyable {
    let cause: CauseKey
    let task: Int32
    let latency: Int32
    /// Those that found the task running: they have no latency.
    var whileRunning: UInt64 = 0
}

extension DeepAnalysis {
    /// An event shows another task than the CPU's last switch did.
    mutating func correct(_ slot: Int, _ task: Int32) {
        let old = cpus[slot].task
        if old >= 0 {
            totals.unseenSwitches &+= 1
            if isRunWanted { handOutUnknown(slot) }
            // When the other task had the CPU from is not known.
            if cpus[slot].hardCount == 0 { history.note(.unknown, slot: slot, at: cpus[slot].lastTime) }
            forgetActivation(old)
            tasks[Int(old)].runningOn = -1
        }
        forgetActivation(task)
        // That it was switched in is not known, nor when.
        tasks[Int(task)].isWoken = false
        tasks[Int(task)].isAsleep = false
        tasks[Int(task)].strayStart = DeepCPU.never
        // It may have been given another one since the last switch to it that was recorded.
        tasks[Int(task)].priority = DeepTask.noPriority
        cpus[slot].task = task
        tasks[Int(task)].runningOn = Int32(slot)
    }

    private mutating func forgetActivation(_ task: Int32) {
        let thread = Int(tasks[Int(task)].thread)
        guard thread >= 0 else { return }
        threads[thread].isActive = false
        threads[thread].isWhole = false
    }

    /// The place of a task's service thread, made if it is new; -1 if it is none.
    private mutating func thread(of task: Int32) -> Int {
        let known = tasks[Int(task)].thread
        if known >= 0 { return Int(known) }
        guard threads.count < Self.rowLimit else {
            totals.rowsBeyondLimit &+= 1
            return -1
        }
        threads.reserve(1)
        threads.append(
            ServiceThread(
                task: task, waits: tallies.make(limit: budget?[.thread]), handlerToRun: tallies.make(),
                runs: tallies.make(),
                preemptions: tallies.make(), blocks: tallies.make()))
        tasks[Int(task)].thread = Int32(threads.count - 1)
        return threads.count - 1
    }

    // MARK: Wake-ups

    mutating func wake(_ slot: Int, _ now: UInt64, pid: UInt64, target: UInt64, name: Int32) {
        let task = self.task(Int32(truncatingIfNeeded: pid), slot: slot)
        tasks[Int(task)].name = name
        var cause = self.cause(slot)
        var handlerStart = DeepCPU.never
        let isRunning = tasks[Int(task)].runningOn >= 0
        if tasks[Int(task)].strayStart != DeepCPU.never { noteStray(task, slot, now) }
        tasks[Int(task)].isAsleep = false
        let traits = self.traits[Int(name)]
        if traits.service >= 0 {
            let exit = cpus[slot].exitRow
            if exit >= 0, traits.irq >= 0, traits.irq == handlers[Int(exit)].irq {
                // The kernel wakes the thread after the exit of the handler.
                cause = CauseKey(.irq, UInt64(exit))
                handlerStart = cpus[slot].exitStart
            }
            let thread = self.thread(of: task)
            if thread >= 0 {
                let isBlocked = !isRunning && (threads[thread].isActive || !threads[thread].isWhole)
                if isCounted(slot, now) {
                    threads[thread].wakeups &+= 1
                    if isBlocked { threads[thread].lockWakeups &+= 1 }
                }
                let kind = ServiceKind.allCases[Int(traits.service)]
                // Whoever frees a lock is no cause; ksoftirqd and ktimers are woken at the end of an interrupt, whatever
                // that one had interrupted.
                if isBlocked || kind == .ksoftirqd || kind == .ktimers { cause = .none }
            }
        }
        if tasks[Int(task)].isWoken, isInWindow(now) { totals.wokenAgain &+= 1 }
        let isByNobody = traits.service == NameTraits.ksoftirqd || traits.service == NameTraits.ktimers
        let path =
            handlerStart == DeepCPU.never ? wakePath(slot) : WakePath(origin: handlerStart, originCause: cause)
        let cpus = CPUList(Int32(slot), knownSlot(ofCPU: target))
        tasks[Int(task)].isWoken = true
        tasks[Int(task)].wake = PendingWake(
            time: now, cause: cause, cpus: cpus, wasRunning: isRunning, handlerStart: handlerStart,
            waker: isByNobody ? -1 : self.cpus[slot].task, wakingSlot: Int32(slot), path: isByNobody ? .unknown : path,
            slot: Int32(slot))
    }

    /// A task that slept ran before the wake-up that must have let it run: the clock of one CPU is behind the other's.
    @inline(never)
    private mutating func noteStray(_ task: Int32, _ slot: Int, _ now: UInt64) {
        let start = tasks[Int(task)].strayStart
        let straySlot = tasks[Int(task)].straySlot
        tasks[Int(task)].strayStart = DeepCPU.never
        // Lost events would explain it as well.
        guard straySlot != Int32(slot), !hasGaps, now >= start else { return }
        // A signal lets a task go on that was about to sleep, and the switch still says S.
        skew.observe(
            before: now &- start, from: Int32(slot), to: straySlot, isCertain: tasks[Int(task)].sleepState & 1 == 0)
    }

    /// The kernel says that a task can run, where it was woken before.
    mutating func wokenUp(_ pid: UInt64, target: UInt64) {
        guard let task = knownTask(pid), tasks[Int(task)].isWoken else { return }
        if tasks[Int(task)].wake.wasRunning {
            foundRunning(task)
        } else {
            let queue = knownSlot(ofCPU: target)
            tasks[Int(task)].wake.isQueued = true
            tasks[Int(task)].wake.queuedSlot = queue
            tasks[Int(task)].wake.cpus.add(queue)
        }
    }

    /// A task that was woken was running: that was no wake-up.
    private mutating func foundRunning(_ task: Int32) {
        tasks[Int(task)].isWoken = false
        guard isInWindow(tasks[Int(task)].wake.time) else { return }
        totals.whileRunning &+= 1
        let cause = tasks[Int(task)].wake.cause
        guard cause != .none, isSelected(task) else { return }
        let row = wakeRow(cause, task)
        if row >= 0 { wakes[row].whileRunning &+= 1 }
    }

    /// True if the CPU where a task runs was asked for.
    private func isSelected(_ task: Int32) -> Bool {
        let slot = tasks[Int(task)].runningOn
        return slot < 0 || cpus[Int(slot)].isSelected
    }

    private mutating func wakeRow(_ cause: CauseKey, _ task: Int32) -> Int {
        let key = cause.raw << 20 | UInt64(UInt32(bitPattern: task))
        if let known = wakeByKey.value(for: key) { return Int(known) }
        guard wakes.count < Self.rowLimit else {
            totals.rowsBeyondLimit &+= 1
            return -1
        }
        wakes.reserve(1)
        wakes.append(DeepWakeRow(cause: cause, task: task, latency: tallies.make(limit: budget?[.wake])))
        wakeByKey.reserve(1)
        wakeByKey.set(Int32(wakes.count - 1), for: key)
        return wakes.count - 1
    }

    // MARK: Switches

    mutating func switchTasks(
        _ slot: Int, _ now: UInt64, to pid: Int32, state: UInt64, priority: Int32, name: Int32, previousName: Int32
    ) {
        let previous = cpus[slot].task
        if cpus[slot].busySince != DeepCPU.never { endStretch(slot, now, previous) }
        cpus[slot].isSwitched = true
        let next = self.task(pid, slot: slot)
        tasks[Int(previous)].name = previousName
        tasks[Int(next)].name = name
        let state = UInt8(truncatingIfNeeded: state)
        if tasks[Int(previous)].isWoken, tasks[Int(previous)].wake.wasRunning {
            if state == 0 { foundRunning(previous) }
            tasks[Int(previous)].wake.time = now
            tasks[Int(previous)].wake.wasRunning = false
            tasks[Int(previous)].wake.slot = Int32(slot)
            tasks[Int(previous)].wake.isDirect = false
        }
        if traits[Int(previousName)].service >= 0 { switchOut(previous, slot, now, state) }
        tasks[Int(previous)].runningOn = -1
        tasks[Int(previous)].isAsleep = state != 0 && !tasks[Int(previous)].isWoken
        tasks[Int(previous)].sleepState = state
        tasks[Int(previous)].strayStart = DeepCPU.never
        cpus[slot].task = next
        cpus[slot].pid = Int64(pid)
        if pid == 0 { cpus[slot].idleSince = now }
        tasks[Int(next)].runningOn = Int32(slot)

        let isWoken = tasks[Int(next)].isWoken
        tasks[Int(next)].isWoken = false
        var isKnown = isWoken
        if isWoken {
            tasks[Int(next)].wake.cpus.add(Int32(slot))
            isKnown = !isDropped(tasks[Int(next)].wake.cpus, from: tasks[Int(next)].wake.time, to: now)
            if isKnown, mayHaveRunUnseen(next, slot), isAnyLossy(from: tasks[Int(next)].wake.time, to: now) {
                totals.uncertainAtGaps &+= 1
            }
        }
        tasks[Int(next)].priority = priority
        if isKnown, isCounted(slot, tasks[Int(next)].wake.time) { noteStart(next, slot, now) }
        if isRunWanted { handOutChange(slot, now, to: next, isKnown: isKnown) }
        if tasks[Int(next)].isAsleep {
            tasks[Int(next)].isAsleep = false
            (tasks[Int(next)].strayStart, tasks[Int(next)].straySlot) = (now, Int32(slot))
        }
        if isKnown { countWake(next, slot, now) }
        if traits[Int(name)].service >= 0 {
            switchIn(next, slot, now, isWoken: isWoken, isKnown: isKnown, priority)
        }
    }

    /// Counts the latency of a task that was woken and is switched in.
    @inline(always)
    private mutating func countWake(_ task: Int32, _ slot: Int, _ now: UInt64) {
        let (time, from) = (tasks[Int(task)].wake.time, tasks[Int(task)].wake.slot)
        let isAcross = from != Int32(slot) || tasks[Int(task)].wake.wakingSlot != Int32(slot)
        let passed = now >= time ? now &- time : 0
        if isAcross, tasks[Int(task)].wake.isDirect { skew.observe(passed, from: from, to: Int32(slot)) }
        let cause = tasks[Int(task)].wake.cause
        if cause != .none, isCounted(slot, time) {
            let row = wakeRow(cause, task)
            if row >= 0 {
                tallies.record(passed, in: wakes[row].latency, isAcrossCPUs: isAcross)
                // Those of service threads are counted where they begin an activation.
                if traits(ofTask: task).service < 0 {
                    noteWake(task, slot, from: time, latency: passed, isAcrossCPUs: isAcross)
                }
            }
        }
    }

    /// True if a task that is switched in may have run on any other CPU since it was woken: nothing says where it was
    /// queued, or this CPU was idle meanwhile. Then a gap of any CPU may hide that.
    @inline(always)
    private func mayHaveRunUnseen(_ task: Int32, _ slot: Int) -> Bool {
        hasWakeups && !tasks[Int(task)].wake.isQueued || cpus[slot].idleSince > tasks[Int(task)].wake.time
    }

    /// - Parameter isKnown: true if there was a wake-up that led to this, and it is known when.
    private mutating func switchIn(
        _ task: Int32, _ slot: Int, _ now: UInt64, isWoken: Bool, isKnown: Bool, _ priority: Int32
    ) {
        let place = self.thread(of: task)
        guard place >= 0 else { return }
        if isCounted(slot, now) { threads[place].count(priority: priority) }
        if threads[place].isActive {
            let passed = now >= threads[place].since ? now &- threads[place].since : 0
            switch threads[place].off {
            case .preempted: threads[place].preempted &+= passed
            case .blocked: threads[place].blocked &+= passed
            }
            threads[place].since = now
            threads[place].cpus.add(Int32(slot))
        } else if isWoken, threads[place].isWhole {
            threads[place].isActive = true
            (threads[place].run, threads[place].preempted, threads[place].blocked) = (0, 0, 0)
            (threads[place].start, threads[place].since) = (now, now)
            threads[place].cpus = CPUList()
            threads[place].cpus.add(Int32(slot))
            threads[place].off = .preempted
            (threads[place].handlerStart, threads[place].cause) = (DeepCPU.never, .none)
            guard isKnown else { return }
            let wake = tasks[Int(task)].wake
            (threads[place].handlerStart, threads[place].cause) = (wake.handlerStart, wake.cause)
            let isAcross = wake.slot != Int32(slot) || wake.wakingSlot != Int32(slot)
            if isCounted(slot, wake.time) {
                let waited = now >= wake.time ? now &- wake.time : 0
                tallies.record(waited, in: threads[place].waits, isAcrossCPUs: isAcross)
                noteWake(task, slot, from: wake.time, latency: waited, isAcrossCPUs: isAcross)
            }
            if wake.handlerStart != DeepCPU.never, isCounted(slot, wake.handlerStart) {
                tallies.record(
                    now >= wake.handlerStart ? now &- wake.handlerStart : 0, in: threads[place].handlerToRun,
                    isAcrossCPUs: isAcross)
            }
        }
    }

    private mutating func switchOut(_ task: Int32, _ slot: Int, _ now: UInt64, _ state: UInt8) {
        let place = self.thread(of: task)
        guard place >= 0 else { return }
        // S or I: it has nothing to do. D is a lock.
        let slept = state & 0x81 != 0
        let wasActive = threads[place].isActive
        threads[place].isWhole = wasActive || slept
        guard wasActive else { return }
        threads[place].run &+= now >= threads[place].since ? now &- threads[place].since : 0
        threads[place].since = now
        threads[place].off = state == 0 ? .preempted : .blocked
        guard slept else { return }
        if !isDropped(threads[place].cpus, from: threads[place].start, to: now), isCounted(slot, threads[place].start) {
            let isAcross = threads[place].cpus.isMany
            tallies.record(threads[place].run, in: threads[place].runs)
            tallies.record(threads[place].preempted, in: threads[place].preemptions, isAcrossCPUs: isAcross)
            tallies.record(threads[place].blocked, in: threads[place].blocks, isAcrossCPUs: isAcross)
        }
        threads[place].isActive = false
    }
}
