// What is open on a CPU, where its time goes, and what a gap leaves of that.

/// A handler: its calls by slices of time, and its requests to its thread.
struct DeepHandler {
    let irq: Int64
    let name: Int32
    var slices = SliceTally()
    var peaks = PeakWindows()
    /// Exits that asked for the thread, and all that were paired.
    var requests: UInt64 = 0
    var exits: UInt64 = 0
    /// True if results were told as words: then requests are not known.
    var hasWords = false
    /// The exits that asked for the thread and did nothing else.
    var onlyWoke: UInt64 = 0
}

extension DeepAnalysis {
    /// Stretches that lie less than this apart count as one as well: between a handler's exit and a softirq's entry the
    /// kernel is still busy with the interrupt.
    private static let mergeNanoseconds: UInt64 = 10_000

    // MARK: Time

    /// The thing that a CPU is busy with now.
    @inline(always)
    func state(_ slot: Int) -> DeepState {
        let depth = cpus[slot].hardCount
        if depth > 0 {
            if cpus[slot].hard[depth &- 1].isIRQ {
                return DeepState(share: .hardirq, isRobbed: true, item: .handler(cpus[slot].hard[depth &- 1].row))
            }
            return DeepState(share: .vector, isRobbed: true, item: .vector(cpus[slot].hard[depth &- 1].number))
        }
        let task = cpus[slot].task
        if task < 0 { return DeepState(share: .unknown, isRobbed: false, item: .unknown) }
        let count = Int(tasks[Int(task)].softirqCount)
        if count > 0 {
            let isService = traits(ofTask: task).service >= 0
            let item = RunItem.softirq(tasks[Int(task)].softirqs[count &- 1], servedBy: isService ? task : -1)
            return DeepState(share: isService ? .softirqThread : .softirq, isRobbed: !isService, item: item)
        }
        return task == cpus[slot].idleTask
            ? DeepState(share: .idle, isRobbed: false, item: .idle)
            : DeepState(share: .task, isRobbed: false, item: .task(task))
    }

    /// Charges the time since a CPU's last event to what it was in.
    @inline(always)
    mutating func charge(_ slot: Int, _ now: UInt64, _ state: DeepState) {
        let task = cpus[slot].task
        var (passed, end) = (cpus[slot].charge(now, state.share), now)
        if isWindowed {
            guard let part = chargeWindow(slot, now, passed, state.share) else { return }
            (passed, end) = part
        }
        if state.isRobbed, task >= 0, task != cpus[slot].idleTask, cpus[slot].isSelected {
            tasks[Int(task)].isVictim = true
            tasks[Int(task)].stolen[state.share.rawValue] &+= passed
        }
        if areTimesWanted, state.share == .task, passed > 0, cpus[slot].isSelected, traits(ofTask: task).service >= 0 {
            times?.addThread(slot: slot, from: end &- passed, to: end)
        }
    }

    mutating func endStretch(_ slot: Int, _ now: UInt64, _ task: Int32) {
        let start = cpus[slot].busySince
        let length = now >= start ? now &- start : 0
        if isInWindow(start) {
            if task >= 0, task != cpus[slot].idleTask, cpus[slot].isSelected {
                tasks[Int(task)].isVictim = true
                tasks[Int(task)].stretches &+= 1
                tasks[Int(task)].longestStretch = max(tasks[Int(task)].longestStretch, length)
            }
            cpus[slot].stretches &+= 1
            cpus[slot].longestStretch = max(cpus[slot].longestStretch, length)
        }
        let isNear =
            cpus[slot].mergedStart != DeepCPU.never && start < cpus[slot].mergedEnd &+ Self.mergeNanoseconds
            && !cpus[slot].isSwitched
        if !isNear { cpus[slot].mergedStart = start }
        cpus[slot].mergedEnd = now
        let merged = now >= cpus[slot].mergedStart ? now &- cpus[slot].mergedStart : 0
        if merged > cpus[slot].longestMerged, isInWindow(cpus[slot].mergedStart) {
            cpus[slot].longestMerged = merged
            cpus[slot].longestMergedStart = cpus[slot].mergedStart
        }
        cpus[slot].busySince = DeepCPU.never
        cpus[slot].isSwitched = false
    }

    // MARK: Hard contexts

    mutating func push(_ slot: Int, _ context: HardContext) {
        if cpus[slot].hardCount == DeepCPU.depthLimit {
            for place in 1..<DeepCPU.depthLimit { cpus[slot].hard[place &- 1] = cpus[slot].hard[place] }
            cpus[slot].hardCount &-= 1
            totals.unmatchedEntries &+= 1
        }
        cpus[slot].hard[cpus[slot].hardCount] = context
        cpus[slot].hardCount &+= 1
    }

    /// A softirq or a switch shows that a handler or vector is over: its exit was lost.
    @inline(always)
    mutating func dropHard(_ slot: Int) {
        if cpus[slot].hardCount == 0 { return }
        totals.unmatchedEntries &+= UInt64(cpus[slot].hardCount)
        cpus[slot].hardCount = 0
    }

    /// Closes the innermost context of a kind and number; what is inside of it lost its exit.
    private mutating func close(_ slot: Int, isIRQ: Bool, _ number: UInt64) -> HardContext? {
        var place = cpus[slot].hardCount &- 1
        while place >= 0, cpus[slot].hard[place].isIRQ != isIRQ || cpus[slot].hard[place].number != number {
            place &-= 1
        }
        guard place >= 0 else {
            totals.unmatchedExits &+= 1
            return nil
        }
        totals.unmatchedEntries &+= UInt64(cpus[slot].hardCount &- 1 &- place)
        cpus[slot].hardCount = place
        return cpus[slot].hard[place]
    }

    mutating func enterHandler(_ slot: Int, _ now: UInt64, irq: UInt64, name: Int32) {
        for place in 0..<cpus[slot].hardCount
        where cpus[slot].hard[place].isIRQ && cpus[slot].hard[place].number == irq {
            // A line never re-enters itself.
            if close(slot, isIRQ: true, irq) != nil { totals.unmatchedEntries &+= 1 }
            break
        }
        let row = self.handler(irq, name)
        if row >= 0, isCounted(slot, now) {
            handlers[Int(row)].slices.count(at: now, &clock)
            handlers[Int(row)].peaks.count(at: now)
        }
        push(slot, HardContext(isIRQ: true, number: irq, row: row, start: now))
    }

    private mutating func handler(_ irq: UInt64, _ name: Int32) -> Int32 {
        let key = irq << 32 | UInt64(UInt32(bitPattern: name))
        if let known = handlerByKey.value(for: key) { return known }
        guard handlers.count < SpanTable.rowLimit else {
            totals.rowsBeyondLimit &+= 1
            return -1
        }
        handlers.append(DeepHandler(irq: Int64(bitPattern: irq), name: name))
        handlerByKey.reserve(1)
        handlerByKey.set(Int32(handlers.count - 1), for: key)
        return Int32(handlers.count - 1)
    }

    mutating func leaveHandler(_ slot: Int, _ now: UInt64, irq: UInt64, result: UInt64, isWord: Bool) {
        guard let span = close(slot, isIRQ: true, irq), span.row >= 0 else { return }
        let row = Int(span.row)
        if isWord { handlers[row].hasWords = true }
        let isCounted = isCounted(slot, span.start)
        if isCounted {
            handlers[row].slices.record(now >= span.start ? now &- span.start : 0, from: span.start, &clock)
            handlers[row].exits &+= 1
            // IRQ_WAKE_THREAD and nothing else.
            if result == 2, !isWord { handlers[row].onlyWoke &+= 1 }
        }
        // Of a word only a wake-up of the thread that follows at once tells that it was asked for.
        guard result & 2 != 0 || (isWord && result != 0) else { return }
        if !isWord, isCounted { handlers[row].requests &+= 1 }
        cpus[slot].exitRow = span.row
        cpus[slot].exitStart = span.start
    }

    mutating func leaveVector(_ slot: Int, _ now: UInt64, _ vector: UInt64) {
        guard let span = close(slot, isIRQ: false, vector), vector < 64, isCounted(slot, span.start)
        else { return }
        var tally = vectorTallies[Int(vector)]
        if tally < 0 {
            tally = tallies.make()
            vectorTallies[Int(vector)] = tally
        }
        tallies.record(now >= span.start ? now &- span.start : 0, in: tally)
    }

    /// The context of a CPU, for those that it wakes; nothing in an ordinary task.
    @inline(always)
    func cause(_ slot: Int) -> CauseKey {
        let depth = cpus[slot].hardCount
        if depth > 0 {
            let hard = cpus[slot].hard[depth &- 1]
            if !hard.isIRQ { return CauseKey(.vector, hard.number) }
            return hard.row >= 0 ? CauseKey(.irq, UInt64(hard.row)) : .none
        }
        let task = cpus[slot].task
        if task < 0 { return .none }
        let count = Int(tasks[Int(task)].softirqCount)
        if count > 0 { return CauseKey(.softirq, UInt64(tasks[Int(task)].softirqs[count &- 1])) }
        let traits = traits(ofTask: task)
        if traits.irq >= 0 { return CauseKey(.irqThread, UInt64(traits.irq)) }
        return traits.isPacketThread ? CauseKey(.packetThread, UInt64(UInt32(bitPattern: traits.name))) : .none
    }

    // MARK: Gaps

    /// True if events of a CPU are missing between two times: then nothing that involves it may be said.
    @inline(always)
    func isLossy(_ slot: Int32, from start: UInt64, to end: UInt64) -> Bool {
        slot >= 0 && cpus[Int(slot)].isLossy(from: start, to: end)
    }

    // Changed by nobody, but a function that could not change all this gets a copy of it where it is called.

    /// True if events of any CPU are missing between two times.
    mutating func isAnyLossy(from start: UInt64, to end: UInt64) -> Bool {
        if !hasGaps { return false }
        for slot in 0..<cpus.count where cpus[slot].isLossy(from: start, to: end) { return true }
        return false
    }

    /// The same for several CPUs; counts what is dropped.
    @inline(always)
    mutating func isDropped(_ list: CPUList, from start: UInt64, to end: UInt64) -> Bool {
        hasGaps && isDroppedByGap(list, from: start, to: end)
    }

    @inline(never)
    private mutating func isDroppedByGap(_ list: CPUList, from start: UInt64, to end: UInt64) -> Bool {
        var isLossy = false
        if list.isAll {
            isLossy = isAnyLossy(from: start, to: end)
        } else {
            for place in 0..<Int(list.count) where self.isLossy(list.slots[place], from: start, to: end) {
                isLossy = true
            }
        }
        if isLossy { totals.droppedAtGaps &+= 1 }
        return isLossy
    }

    /// The same for one CPU.
    @inline(always)
    mutating func isDropped(_ slot: Int, from start: UInt64, to end: UInt64) -> Bool {
        guard hasGaps, cpus[slot].isLossy(from: start, to: end) else { return false }
        totals.droppedAtGaps &+= 1
        return true
    }

    /// True if events of any CPU are missing.
    @inline(always) var hasGaps: Bool { totals.gaps > 0 || openGapCount > 0 }

    /// Notes that events of a CPU are missing from a time on; several gaps without an event between them are one.
    mutating func openGap(_ slot: Int, _ time: UInt64, count: UInt64) {
        if cpus[slot].openGapStart == DeepCPU.never {
            cpus[slot].openGapStart = time
            if time != DeepCPU.never { openGapCount &+= 1 }
        }
        cpus[slot].openGapCount &+= count
    }

    /// Forgets what the lost events may have changed: the CPU has its first event after them.
    mutating func endGap(_ slot: Int, _ now: UInt64) {
        if isRunWanted { handOutUnknown(slot) }
        let task = cpus[slot].task
        totals.lost &+= cpus[slot].openGapCount
        totals.gaps &+= 1
        openGapCount &-= 1
        totals.contextsDroppedAtGaps &+= UInt64(cpus[slot].hardCount)
        if task >= 0 {
            totals.contextsDroppedAtGaps &+= UInt64(tasks[Int(task)].softirqCount)
            tasks[Int(task)].softirqCount = 0
            if tasks[Int(task)].thread >= 0 { threads[Int(tasks[Int(task)].thread)].isActive = false }
            tasks[Int(task)].runningOn = -1
        }
        history.note(.unknown, slot: slot, at: cpus[slot].openGapStart)
        cpus[slot].gapStart = cpus[slot].openGapStart
        cpus[slot].gapEnd = now
        cpus[slot].openGapStart = DeepCPU.never
        cpus[slot].openGapCount = 0
        let last = cpus[slot].lastTime
        if last != DeepCPU.never {
            let passed = cpus[slot].charge(now, .unknown)
            if isWindowed { _ = chargeWindow(slot, now, passed, .unknown) }
            cpus[slot].lastTime = now
        }
        cpus[slot].hardCount = 0
        cpus[slot].task = -1
        cpus[slot].pid = DeepCPU.noPid
        cpus[slot].exitRow = -1
        cpus[slot].busySince = DeepCPU.never
        cpus[slot].isRunOpen = false
        cpus[slot].raisers.count = 0
        cpus[slot].mergedStart = DeepCPU.never
        for vector in 0..<DeepCPU.softirqLimit { cpus[slot].raised[vector] = DeepCPU.never }
    }
}
