/// A part of the analysis that needs the events of all CPUs in the order of time.
///
/// Several consumers are one that hands each event on to those that want it, by its kind. Each decides for itself what a
/// gap leaves of what it waits for. A recording may be damaged: a CPU's times may run back.
protocol CrossCPUConsumer: ~Copyable {
    /// Takes the next event, which happened on `cpu`. Its text cannot be read any more.
    mutating func take(_ event: TraceEvent, cpu: UInt32)
    /// Notes that events of `cpu` are missing up to `time`.
    mutating func gap(cpu: UInt32, time: UInt64)
    /// Learns the names that a shard has met since the last time.
    mutating func learn(_ names: borrowing DeepNames, shard: Int)
    /// Takes the next event or gap of `cpu` with the names of its texts, which are those of a shard.
    mutating func take(_ record: CrossCPURecord, cpu: UInt32, shard: Int)
}

extension CrossCPUConsumer where Self: ~Copyable {
    mutating func learn(_ names: borrowing DeepNames, shard: Int) {}

    @inline(__always)
    mutating func take(_ record: CrossCPURecord, cpu: UInt32, shard: Int) {
        if record.isGap { gap(cpu: cpu, time: record.event.time) } else { take(record.event, cpu: cpu) }
    }
}

/// The queue that brings the events which matter across CPUs into the order of time.
///
/// Each CPU's pairing puts them into the log of its shard. `merge` hands over those up to the time that every CPU has been
/// read to, since an earlier one may still come from the CPU that is most behind:
///
///     CPU 0   queue 10   end 90                          queue 10   start 40
///     CPU 1   start 40   gap 95      before 50   ->      (end 90 and gap 95 wait)
///
/// Of equal times the lower CPU comes first.
struct CrossCPUQueue: ~Copyable {
    private var heads = MinimumHeap<Head>(capacity: 64)

    // Not private: see SpanTable.Row.
    /// The first record of a CPU that waits.
    struct Head: HeapElement {
        let time: UInt64
        let cpu: UInt32
        let shard: Int32
        let slot: Int32

        @inline(__always)
        func isBefore(_ other: Head) -> Bool { time == other.time ? cpu < other.cpu : time < other.time }
    }

    /// Hands over what happened before `watermark`, or all there is at the end (`.max`).
    mutating func merge<Consumer: CrossCPUConsumer & ~Copyable>(
        _ shards: inout FixedSlots<ShardAnalysis>, before watermark: UInt64, into consumer: inout Consumer
    ) {
        heads.removeAll()
        for shard in 0..<shards.count {
            consumer.learn(shards[shard].pairing.names, shard: shard)
            let count = shards[shard].contexts.count
            heads.reserve(count)
            for slot in 0..<count {
                guard let time = shards[shard].firstWaitingTime(slot: slot), Self.isDue(time, watermark) else {
                    continue
                }
                let cpu = shards[shard].contexts[slot].cpu
                heads.insert(Head(time: time, cpu: cpu, shard: Int32(shard), slot: Int32(slot)))
            }
        }
        while heads.count > 0 {
            let head = heads[0]
            let (shard, slot) = (Int(head.shard), Int(head.slot))
            let record = shards[shard].removeFirstWaiting(slot: slot)
            if let time = shards[shard].firstWaitingTime(slot: slot), Self.isDue(time, watermark) {
                heads.replaceFirst(with: Head(time: time, cpu: head.cpu, shard: head.shard, slot: head.slot))
            } else {
                heads.removeFirst()
            }
            consumer.take(record, cpu: head.cpu, shard: shard)
        }
    }

    @inline(__always)
    private static func isDue(_ time: UInt64, _ watermark: UInt64) -> Bool { time < watermark || watermark == .max }
}
