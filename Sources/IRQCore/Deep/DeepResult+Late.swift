// The late starts of a deep analysis, with names.

extension DeepResult {
    /// The wake-ups of real-time tasks and of others, the latest of all first, so many as were asked for.
    static func lateWakes(_ deep: borrowing DeepAnalysis, _ vectorNames: [String]) -> [DeepReport.LateStart] {
        let isRefused = deep.tallies.isAcrossCPUsRefused
        let all = (deep.lateUrgent.sorted() + deep.lateOthers.sorted()).filter {
            !isRefused || $0.wakingSlot == $0.slot && $0.waitingSlot == $0.slot
        }
        return all.map { start($0, softirq: nil, deep, vectorNames) }.sorted {
            ($1.latencyNanoseconds, $0.startNanoseconds) < ($0.latencyNanoseconds, $1.startNanoseconds)
        }
    }

    /// The latest of each softirq.
    static func lateSoftirqs(_ deep: borrowing DeepAnalysis, _ vectorNames: [String]) -> [DeepReport.LateStart] {
        var all: [DeepReport.LateStart] = []
        for vector in 0..<DeepAnalysis.notedSoftirqs {
            for given in deep.lateSoftirqs.sorted(vector) {
                all.append(start(given, softirq: vector, deep, vectorNames))
            }
        }
        return all
    }

    /// The waits of softirqs by what had their CPU.
    static func softirqWaits(_ deep: borrowing DeepAnalysis) -> [DeepReport.SoftirqWait] {
        var waits: [DeepReport.SoftirqWait] = []
        for vector in 0..<DeepAnalysis.notedSoftirqs {
            let wait = DeepReport.SoftirqWait(vector: vector, parts: (0..<7).map { deep.softirqWaits[vector][$0] })
            if wait.total > 0 { waits.append(wait) }
        }
        return waits
    }

    private static func start(
        _ given: LateStart, softirq: Int?, _ deep: borrowing DeepAnalysis, _ vectorNames: [String]
    ) -> DeepReport.LateStart {
        func name(_ task: Int32) -> String { deep.names.text(of: deep.tasks[Int(task)].name) }
        func passed(_ from: UInt64, _ to: UInt64) -> UInt64? {
            from == DeepCPU.never || to == DeepCPU.never ? nil : to >= from ? to - from : 0
        }
        let path = given.path
        let hasMiddle = path.middle != DeepCPU.never
        var meanwhile: [DeepReport.Busy] = []
        for place in 0..<given.parts.count { meanwhile.append(busy(given.parts.list[place], deep, vectorNames)) }
        return DeepReport.LateStart(
            softirq: softirq, name: name(given.task), pid: max(deep.tasks[Int(given.task)].pid, 0),
            priority: given.priority == DeepTask.noPriority ? nil : given.priority,
            cpu: Int(deep.cpus[Int(given.slot)].number), wakingCPU: Int(deep.cpus[Int(given.wakingSlot)].number),
            waitingCPU: Int(deep.cpus[Int(given.waitingSlot)].number),
            startNanoseconds: given.time, latencyNanoseconds: given.latency,
            cause: deep.cause(given.cause, vectorNames),
            waker: given.waker < 0 ? nil : (name(given.waker), max(deep.tasks[Int(given.waker)].pid, 0)),
            originCause: hasMiddle ? deep.cause(path.originCause, vectorNames) : nil,
            originNanoseconds: passed(path.origin, hasMiddle ? path.middle : given.time),
            middleNanoseconds: passed(path.middle, given.time), meanwhile: meanwhile,
            restNanoseconds: given.parts.restTime, restCount: Int(given.parts.restCount),
            unknownNanoseconds: given.parts.notKept)
    }

    private static func busy(
        _ part: RunPart, _ deep: borrowing DeepAnalysis, _ vectorNames: [String]
    ) -> DeepReport.Busy {
        func task(_ place: Int) -> String { deep.names.text(of: deep.tasks[place].name) }
        var (kind, number, name) = (DeepReport.Busy.Kind.idle, Int64?.none, "")
        var (thread, priority) = (String?.none, Int32?.none)
        let value = part.item.value
        switch part.item.kind {
        case .handler:
            (kind, number, name) = (.irq, deep.handlers[value].irq, deep.names.text(of: deep.handlers[value].name))
        case .vector: (kind, name) = (.vector, value < vectorNames.count ? vectorNames[value] : "\(value)")
        case .softirq:
            (kind, name) = (.softirq, SoftirqNames.name(of: Int64(part.item.softirqVector)))
            if value >= 0 { thread = task(value) }
        case .task:
            (kind, number, name) = (.task, deep.tasks[value].pid, task(value))
            priority = part.priority == DeepTask.noPriority ? nil : part.priority
        case .idle, .unknown: break
        }
        return DeepReport.Busy(
            kind: kind, number: number, name: name, thread: thread, priority: priority, nanoseconds: part.time,
            count: UInt64(part.count))
    }
}
