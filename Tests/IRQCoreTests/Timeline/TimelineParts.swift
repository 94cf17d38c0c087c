import TestSupport

@testable import IRQCore

/// What tests of courses over time share: streams of nested spans, their analysis, and the same numbers computed slowly.
enum TimelineParts {
    /// A span that a stream has.
    struct Made: Sendable {
        let kind: RowKind
        let number: Int64
        let start: UInt64
        let end: UInt64
    }

    /// The steps of a CPU, its spans, and for each nanosecond the part that it is in.
    struct Stream: Sendable {
        var steps: Steps = []
        var spans: [Made] = []
        /// From time 0 on; -1 for none.
        var parts: [Int8] = []
    }

    /// Random nested spans from `start` on.
    static func stream(_ random: inout SeededGenerator, from start: UInt64, count: Int) -> Stream {
        var stream = Stream(parts: Array(repeating: -1, count: Int(start)))
        var time = start
        for _ in 0..<count {
            stream.wait(&time, part: -1, UInt64.random(in: 1...400, using: &random))
            stream.addSpan(&random, &time, depth: 0)
        }
        return stream
    }

    /// The report of CPUs with its course; each CPU has a shard of its own, or all have one.
    static func report(
        _ cpus: [Int: Steps], isOneShard: Bool = false, options given: AnalysisOptions = AnalysisOptions(),
        nodes: [HardwareMap.Node] = [], clock: String? = "mono"
    ) -> Report {
        var options = given
        options.isTimelineWanted = true
        let analysis = BufferAnalysis(shardCount: isOneShard ? 1 : max(cpus.count, 1), options: options)
        for (place, (cpu, steps)) in cpus.sorted(by: { $0.key < $1.key }).enumerated() {
            analysis.withShard(isOneShard ? 0 : place) { shard in
                let slot = shard.addCPU(cpu)
                for (time, step) in steps { step.feed(&shard, at: time, slot: slot) }
            }
        }
        return report(analysis.finish(buffer: "", vectorNames: ["local_timer"]), options, nodes: nodes, clock: clock)
    }

    static func report(
        _ result: BufferResult, _ options: AnalysisOptions, nodes: [HardwareMap.Node] = [], clock: String? = "mono"
    ) -> Report {
        let source = RecordingSource(
            format: "test", clock: clock, isClockNanoseconds: clock == "mono", cpuCount: 1, machine: nil, buffers: [""])
        var report = Report(
            source: source, buffers: [result], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        report.deep = result.deep?.named(functions: [:], places: [:], texts: [:])
        report.clipWindow(from: options.fromNanoseconds, to: options.toNanoseconds)
        report.addTimeline(of: [result], symbols: [:], tasks: [7: "worker"], nodes: nodes)
        return report
    }

    /// The step of a latency, by logarithms.
    static func step(_ nanoseconds: UInt64) -> UInt8 {
        if nanoseconds < 4 { return UInt8(nanoseconds) }
        var power: UInt64 = 4
        var doublings = 2
        while power <= nanoseconds / 2 { (power, doublings) = (power * 2, doublings + 1) }
        return UInt8(min(4 * (doublings - 1) + Int((nanoseconds - power) / (power / 4)), 159))
    }
}

extension TimelineParts.Stream {
    fileprivate mutating func wait(_ time: inout UInt64, part: Int8, _ nanoseconds: UInt64) {
        parts += Array(repeating: part, count: Int(nanoseconds))
        time += nanoseconds
    }

    fileprivate mutating func addSpan(_ random: inout SeededGenerator, _ time: inout UInt64, depth: Int) {
        let start = time
        // A line never interrupts itself, nor does a softirq.
        let kind: RowKind = [.irq, .softirq, .vector][Int.random(in: 0...2, using: &random)]
        let number = Int64(depth)
        let part: Int8
        switch kind {
        case .irq:
            part = 0
            steps.append((time, .irqEntry(UInt64(number), "a\(number)", pid: 7)))
        case .softirq:
            part = 1
            steps.append((time, .softirq(.softirqEntry, UInt64(number))))
        default:
            part = 2
            steps.append((time, .timer(.vectorEntry)))
        }
        for _ in 0...Int.random(in: 0...2, using: &random) {
            // Now and then one that reaches over many columns.
            let isLong = Int.random(in: 0...20, using: &random) == 0
            wait(&time, part: part, UInt64.random(in: 0...(isLong ? 3_000 : 90), using: &random))
            if depth < 4, Bool.random(using: &random) { addSpan(&random, &time, depth: depth + 1) }
        }
        switch kind {
        case .irq: steps.append((time, .irqExit(UInt64(number))))
        case .softirq: steps.append((time, .softirq(.softirqExit, UInt64(number))))
        default: steps.append((time, .timer(.vectorExit)))
        }
        spans.append(.init(kind: kind, number: kind == .vector ? 0 : number, start: start, end: time))
    }
}

extension Timeline {
    /// The nanoseconds of a lane's part.
    func total(_ lane: CPULane, _ part: CPULane.Part) -> UInt64 { lane.nanoseconds[part.rawValue].reduce(0, +) }

    /// The spans of a map.
    func count(_ subject: HeatMap.Subject) -> UInt64? {
        heatMaps.first { $0.subject == subject }?.cells.reduce(0) { $0 + $1.count }
    }
}
