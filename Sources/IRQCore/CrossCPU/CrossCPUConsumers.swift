/// The takers of the events of all CPUs in the order of time: the pairing of work and, where there are events of the
/// scheduler, the deep analysis.
struct CrossCPUConsumers: CrossCPUConsumer, ~Copyable {
    var work: WorkPairing
    var deep: DeepAnalysis?

    init(_ options: AnalysisOptions, shardCount: Int, isDeep: Bool, hasWaking: Bool) {
        work = WorkPairing(options)
        deep = isDeep ? DeepAnalysis(options, shardCount: shardCount, hasWaking: hasWaking) : nil
    }

    mutating func take(_ event: TraceEvent, cpu: UInt32) { work.take(event, cpu: cpu) }
    mutating func gap(cpu: UInt32, time: UInt64) { work.gap(cpu: cpu, time: time) }

    mutating func learn(_ names: borrowing DeepNames, shard: Int) { deep?.learn(names, shard: shard) }

    @inline(__always)
    mutating func take(_ record: CrossCPURecord, cpu: UInt32, shard: Int) {
        if record.isGap, !record.isGapStart {
            work.gap(cpu: cpu, time: record.event.time)
            return
        }
        if !record.isGap { work.take(record.event, cpu: cpu) }
        deep?.take(record, cpu: cpu, shard: shard)
    }
}
