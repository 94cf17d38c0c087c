/// The analysis of one trace buffer (instance): its shards, and the pairing across CPUs.
///
/// Each round, every shard is fed some pages of its CPUs, in parallel if the caller likes; then
/// `mergeWork` pairs the workqueue events up to the time that every CPU has reached.
public struct BufferAnalysis: ~Copyable {
    private let shards: FixedSlots<ShardAnalysis>
    private var work: WorkPairing
    private var heap = GrowableBuffer<Head>(capacity: 64)

    /// The first waiting work record of a CPU.
    struct Head: BitwiseCopyable {
        let time: UInt64
        let cpu: UInt32
        let shard: Int32
        let slot: Int32

        func isBefore(_ other: Head) -> Bool { (time, cpu) < (other.time, other.cpu) }
    }

    /// Creates `shardCount` (at least 1) empty shards.
    public init(shardCount: Int, options: AnalysisOptions) {
        precondition(shardCount > 0)
        shards = FixedSlots(count: shardCount) { _ in ShardAnalysis(options) }
        work = WorkPairing(options)
    }

    /// How many shards there are.
    public var shardCount: Int { shards.count }

    /// Lets `body` work on the shard `index`. Different shards may be worked on at the same time; one
    /// shard by one thread at a time.
    public func withShard<Result>(_ index: Int, _ body: (inout ShardAnalysis) -> Result) -> Result {
        shards.with(index, body)
    }

    /// Pairs the work records with a time below `watermark`, or all of them at the end (`.max`).
    public mutating func mergeWork(before watermark: UInt64) {
        heap.removeAll()
        for shard in 0..<shardCount {
            for slot in 0..<withShard(shard, { $0.contexts.count }) { pushHead(shard, slot, watermark) }
        }
        while heap.count > 0 {
            let first = heap[0]
            let record = withShard(Int(first.shard)) { $0.removeFirstWork(slot: Int(first.slot)) }
            popHead()
            work.feed(record)
            pushHead(Int(first.shard), Int(first.slot), watermark)
        }
    }

    private mutating func pushHead(_ shard: Int, _ slot: Int, _ watermark: UInt64) {
        let (time, cpu) = withShard(shard) {
            ($0.pairing.workLog.firstTime(of: $0.contexts[slot]), $0.contexts[slot].cpu)
        }
        guard let time, time < watermark || watermark == .max else { return }
        heap.reserve(1)
        heap.append(Head(time: time, cpu: cpu, shard: Int32(shard), slot: Int32(slot)))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            let parent = (child - 1) / 2
            let kept = heap[child]
            heap[child] = heap[parent]
            heap[parent] = kept
            child = parent
        }
    }

    private mutating func popHead() {
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
            if least == parent { return }
            let kept = heap[least]
            heap[least] = heap[parent]
            heap[parent] = kept
            parent = least
        }
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
        mergeWork(before: .max)
        work.finish()
        var result = BufferResult(buffer: buffer)
        for index in 0..<shardCount {
            withShard(index) { shard in
                shard.finish()
                result.ledger += shard.pairing.ledger
                result.addUnused(shard.pairing.unused, names: unusedNames)
                result.add(
                    shard.pairing.table, slow: shard.pairing.slow, storms: shard.pairing.storms,
                    vectorNames: vectorNames)
                for slot in 0..<shard.contexts.count {
                    result.addTimes(shard.contexts[slot])
                }
            }
        }
        result.ledger += work.ledger
        result.add(work.table, slow: work.slow, storms: work.storms, vectorNames: vectorNames)
        return result
    }
}
