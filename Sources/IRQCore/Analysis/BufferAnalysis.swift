/// The analysis of one trace buffer (instance): its shards, and the pairing across CPUs.
///
/// Each round, every shard is fed some pages of its CPUs, in parallel if the caller likes; then
/// `mergeCPUs` pairs the events across CPUs up to the time that every CPU has reached.
public struct BufferAnalysis: ~Copyable {
    private var shards: FixedSlots<ShardAnalysis>
    private var consumers: CrossCPUConsumers
    private var queue = CrossCPUQueue()

    /// Creates `shardCount` (at least 1) empty shards.
    ///
    /// - Parameters:
    ///   - isDeep: true if the deep analysis takes all events, as it does for calls over time too.
    ///   - hasWaking: true if sched_waking is among them; without it sched_wakeup stands for a wake-up.
    ///   - buffer: the buffer's name, for those who take the spans.
    public init(
        shardCount: Int, options: AnalysisOptions, isDeep: Bool = false, hasWaking: Bool = false, buffer: String = ""
    ) {
        precondition(shardCount > 0)
        let isDeep = isDeep || options.isSliced
        shards = FixedSlots(count: shardCount) { _ in
            ShardAnalysis(options, isMerged: true, isDeep: isDeep, sink: options.spanSink(buffer: buffer))
        }
        consumers = CrossCPUConsumers(
            options, shardCount: shardCount, isDeep: isDeep, hasWaking: hasWaking,
            sink: options.spanSink(buffer: buffer), runSink: isDeep ? options.makeRunSink?(buffer) : nil)
    }

    /// The number of shards.
    public var shardCount: Int { shards.count }

    /// Lets `body` work on the shard `index`. Different shards may be worked on at the same time; one
    /// shard by one thread at a time.
    public func withShard<Result>(_ index: Int, _ body: (inout ShardAnalysis) -> Result) -> Result {
        shards.with(index, body)
    }

    /// Feeds one event of a CPU to the first shard, whose slot the CPU has.
    public mutating func feed(event: TraceEvent, text: RawSpan, slot: Int) {
        shards[0].feed(event: event, text: text, slot: slot)
    }

    /// Counts an event that is not read in the first shard.
    public mutating func feed(unused name: Int?, at time: UInt64, pid: Int32?, slot: Int) {
        shards[0].feed(unused: name, at: time, pid: pid, slot: slot)
    }

    /// Tells that events come in one order over all CPUs, which decides between equal times.
    public mutating func setOrdered() { shards[0].pairing.log.isOrdered = true }

    /// True while the deep analysis takes all events.
    public var isDeep: Bool { consumers.deep != nil }

    /// Leaves out the deep analysis from here on.
    ///
    /// - Parameter unused: events that were fed for it alone, by the places of their names: they count as not read.
    public mutating func leaveOutDeep(unused: [UInt64] = []) {
        consumers.deep = nil
        for index in 0..<shardCount { shards[index].pairing.isDeep = false }
        countUnused(unused)
    }

    /// Takes out how long work items waited, at the end: too many events came in another order than they happened in.
    public mutating func leaveOutWaits() {
        mergeCPUs(before: .max)
        consumers.work.leaveOutWaits()
    }

    /// Counts events as not read that were fed for the deep analysis alone, by the places of their names.
    public mutating func countUnused(_ counts: [UInt64]) { shards[0].countUnused(counts) }

    /// Tells the name of a task, for those whose name no event tells. Untrusted text.
    public mutating func setName(_ name: String, of task: Int32) { consumers.deep?.setName(name, of: task) }

    /// Pairs the events that matter across CPUs and have a time below `watermark`, or all of them at the end (`.max`).
    public mutating func mergeCPUs(before watermark: UInt64) {
        queue.merge(&shards, before: watermark, into: &consumers)
    }

    /// Ends an interval and returns what was found in it: what is open goes on, and counts where it ends.
    ///
    /// - Parameters: those of `finish`.
    public mutating func takeInterval(
        buffer: String, vectorNames: [String], unusedNames: [String] = []
    ) -> BufferResult {
        mergeCPUs(before: .max)
        var result = BufferResult(buffer: buffer)
        for index in 0..<shardCount {
            withShard(index) { shard in
                shard.noteLimits()
                result.add(shard, vectorNames: vectorNames, unusedNames: unusedNames)
                shard.startInterval()
            }
        }
        consumers.work.noteLimits()
        result.ledger += consumers.work.ledger
        result.add(
            consumers.work.table, slow: consumers.work.slow, storms: consumers.work.storms, vectorNames: vectorNames)
        consumers.work.startInterval()
        result.removeEmptyRows()
        return result
    }

    /// Ends the recording and returns what was found.
    ///
    /// - Parameters:
    ///   - buffer: the buffer's name; empty for the top-level one.
    ///   - vectorNames: the names of the x86 vectors, from `EventFormats`.
    ///   - unusedNames: those of the events that are not read, from there too.
    public consuming func finish(
        buffer: String, vectorNames: [String], unusedNames: [String] = []
    ) -> BufferResult {
        mergeCPUs(before: .max)
        consumers.work.finish()
        consumers.work.table.finishSink(vectorNames: vectorNames)
        var result = BufferResult(buffer: buffer)
        result.addTimes(of: consumers.work.table)
        for index in 0..<shardCount {
            withShard(index) { shard in
                shard.finish()
                shard.pairing.table.finishSink(vectorNames: vectorNames)
                result.addTimes(of: shard.pairing.table)
                result.add(shard, vectorNames: vectorNames, unusedNames: unusedNames)
            }
        }
        result.ledger += consumers.work.ledger
        result.add(
            consumers.work.table, slow: consumers.work.slow, storms: consumers.work.storms, vectorNames: vectorNames)
        // After intervals there may be some.
        result.removeEmptyRows()
        result.deep = consumers.deep?.finish(vectorNames: vectorNames)
        if result.deep != nil { result.addTimes(of: &consumers.deep, vectorNames: vectorNames) }
        return result
    }
}
