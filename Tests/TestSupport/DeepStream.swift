import IRQCore

/// An event for the deep analysis, with its names, or a gap.
public struct DeepStep: Sendable {
    public var time: UInt64
    public var cpu: Int
    /// The kind; nil for events that are missing before this time.
    public var kind: EventKind?
    public var pid: Int32
    public var numbers: [UInt64]
    public var name: String
    public var secondName: String

    public init(
        _ time: UInt64, cpu: Int, _ kind: EventKind?, pid: Int32 = 0, _ numbers: [UInt64] = [], name: String = "",
        secondName: String = ""
    ) {
        (self.time, self.cpu, self.kind, self.pid, self.numbers) = (time, cpu, kind, pid, numbers)
        (self.name, self.secondName) = (name, secondName)
    }

    /// A switch from one task to another.
    public static func change(
        _ time: UInt64, cpu: Int, from pid: Int32, _ name: String, state: UInt64, to next: Int32, _ nextName: String,
        priority: UInt64 = 120
    ) -> DeepStep {
        DeepStep(
            time, cpu: cpu, .schedSwitch, pid: pid, [UInt64(UInt32(bitPattern: next)), state, priority],
            name: nextName, secondName: name)
    }

    /// A wake-up of a task that ran on `target` last.
    public static func waking(
        _ time: UInt64, cpu: Int, by pid: Int32, of task: Int32, _ name: String, target: Int
    ) -> DeepStep {
        DeepStep(
            time, cpu: cpu, .schedWaking, pid: pid, [UInt64(UInt32(bitPattern: task)), UInt64(target)], name: name)
    }

    fileprivate func feed(_ analysis: inout BufferAnalysis, slot: Int) {
        guard let kind else { return analysis.withShard(0) { $0.feed(gap: .counted(1), at: time, slot: slot) } }
        let (first, second) = (Array(name.utf8), Array(secondName.utf8))
        let event = TraceEvent(
            kind, time: time, pid: pid, numbers: Array(numbers.prefix(3)), textByteCount: first.count
        ).withSecondText(at: first.count, byteCount: second.count)
        let bytes = first + second
        let span = bytes.span
        analysis.feed(
            event: kind == .schedSwitch
                ? event
                : TraceEvent(
                    kind, time: time, pid: pid, numbers: numbers, textByteCount: first.count), text: span.bytes, slot: slot)
    }
}

/// The analysis of a stream of events, which are in the order of time on each CPU.
public func analyzeStream(
    _ steps: some Sequence<DeepStep>, options: AnalysisOptions = AnalysisOptions(), vectorNames: [String] = (0..<64).map { "v\($0)" }
) -> BufferResult {
    var analysis = BufferAnalysis(shardCount: 1, options: options, isDeep: true, hasWaking: true)
    var slots: [Int: Int] = [:]
    var count = 0
    for step in steps {
        let slot = slots[step.cpu] ?? analysis.withShard(0) { $0.addCPU(step.cpu) }
        slots[step.cpu] = slot
        step.feed(&analysis, slot: slot)
        count += 1
        // Streams that are not in the order of time over all CPUs are short.
        if count % 8_192 == 0 { analysis.mergeCPUs(before: step.time) }
    }
    return analysis.finish(buffer: "", vectorNames: vectorNames)
}

/// The deep report of a stream; nil without events of the scheduler.
public func deepReport(_ steps: some Sequence<DeepStep>, options: AnalysisOptions = AnalysisOptions()) -> DeepReport? {
    analyzeStream(steps, options: options).deep?.named(functions: [:], places: [:], texts: [:])
}

/// Makes events of any bytes, analyses them, and checks what holds for any events.
public func analyzeDeepBytes(_ span: RawSpan) {
    let kinds = EventKind.allCases
    let names = ["", "a", "ksoftirqd/0", "irq/5-x", "ktimers/1", "napi/e-1", "irq/9-y", "kworker/0:1"]
    var steps: [DeepStep] = []
    var times = [UInt64](repeating: 0, count: 4)
    var time: UInt64 = 0
    var hasRunBack = false
    func byte(_ offset: Int) -> UInt64 { UInt64(span.byte(at: offset) ?? 0) }
    for offset in stride(from: 0, to: span.byteCount, by: 8) {
        let cpu = Int(byte(offset) & 3)
        time &+= byte(offset + 1) &* byte(offset + 1)
        // Now and then a CPU's time runs back.
        let own = byte(offset) & 0xF0 == 0xF0 ? times[cpu] / 2 : time
        if own < times[cpu] { hasRunBack = true }
        times[cpu] = own
        let isGap = byte(offset) & 0xC == 0xC && byte(offset + 2) > 200
        let kind = kinds[Int(byte(offset + 2)) % kinds.count]
        let isVector = kind == .vectorEntry || kind == .vectorExit
        steps.append(
            DeepStep(
                own, cpu: cpu, isGap ? nil : kind, pid: Int32(byte(offset + 3) % 9),
                [byte(offset + 4) & (isVector ? 63 : 255), byte(offset + 5), byte(offset + 6)], name: names[Int(byte(offset + 7) & 7)],
                secondName: names[Int(byte(offset + 7) >> 4 & 7)]))
    }
    guard let deep = deepReport(steps), !hasRunBack else { return }
    for cpu in deep.cpus {
        let all = [cpu.handlers, cpu.vectors, cpu.softirqs, cpu.softirqThreads, cpu.tasks, cpu.idle, cpu.unknown]
        precondition(all.reduce(0, +) == cpu.span)
    }
    for wake in deep.wakes { precondition((wake.latency.maximumNanoseconds ?? 0) <= time) }
}
