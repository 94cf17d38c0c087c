/// The takers of the events of all CPUs in the order of time: the pairing of work and, where there are events of the
/// scheduler, the deep analysis.
struct CrossCPUConsumers: CrossCPUConsumer, ~Copyable {
    var work: WorkPairing
    /// Nil if it is not wanted, or if there turned out to be nothing for it.
    var deep: DeepAnalysis?

    init(
        _ options: AnalysisOptions, shardCount: Int, isDeep: Bool, hasWaking: Bool, sink: (any SpanSink)?,
        runSink: (any RunSink)?
    ) {
        work = WorkPairing(options, sink: sink)
        deep = isDeep ? DeepAnalysis(options, shardCount: shardCount, hasWaking: hasWaking, runSink: runSink) : nil
    }

    mutating func lane(ofCPU cpu: UInt32) -> Int32 { deep?.slot(of: cpu) ?? 0 }

    mutating func learn(_ names: borrowing DeepNames, shard: Int, hasWaking: Bool) {
        deep?.learn(names, shard: shard)
        if hasWaking { deep?.hasWaking = true }
    }

    @inline(always)
    mutating func take(_ log: borrowing CrossCPULog, _ run: Range<Int>, _ place: CrossCPUPlace) {
        // The two know nothing of each other.
        for index in run where log[index].kind.isWork {
            if log[index].role == .gapEnd {
                work.gap(cpu: place.cpu, time: log[index].time)
            } else {
                work.take(log[index].event, cpu: place.cpu)
            }
        }
        deep?.take(log, run, place)
    }
}
