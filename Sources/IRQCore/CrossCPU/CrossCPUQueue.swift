/// A CPU, for those who take its events.
struct CrossCPUPlace: BitwiseCopyable {
    let cpu: UInt32
    /// The number that the consumer has given to the CPU.
    let lane: Int32
    /// The shard whose names the events have.
    let shard: Int32
}

/// A part of the analysis that needs the events of all CPUs in the order of time.
///
/// Several consumers are one that hands each event on to those that want it, by its kind. Each decides for itself what a
/// gap leaves of what it waits for. A recording may be damaged: a CPU's times may run back.
protocol CrossCPUConsumer: ~Copyable {
    /// The number by which a CPU is called from now on.
    mutating func lane(ofCPU cpu: UInt32) -> Int32
    /// Learns the names that a shard has met since the last time, and whether it has met sched_waking.
    mutating func learn(_ names: borrowing DeepNames, shard: Int, hasWaking: Bool)
    /// Takes the next events and gaps, all of one CPU, with the places of their texts among the names of the shard. They
    /// stay where they are in the log: a copy would cost more than what most consumers do with one.
    mutating func take(_ log: borrowing CrossCPULog, _ run: Range<Int>, _ place: CrossCPUPlace)
}

/// The queue that brings the events which matter across CPUs into the order of time.
///
/// Each CPU's pairing puts them into the log of its shard. `merge` hands over those up to the time that every CPU has been
/// read to, since an earlier one may still come from the CPU that is most behind:
///
///     CPU 0   queue 10   end 90                          queue 10   start 40
///     CPU 1   start 40   gap 95      before 50   ->      (end 90 and gap 95 wait)
///
/// Of equal times the lower CPU comes first, or what was fed first where all CPUs come in one order.
struct CrossCPUQueue: ~Copyable {
    private var heads = MinimumHeap<Head>(capacity: 64)

    // Not private: see SpanTable.Row.
    /// The first record of a CPU that waits.
    struct Head: HeapElement {
        let time: UInt64
        /// The order among equal times.
        let order: UInt32
        /// -1 for the end of what is handed over.
        let slot: Int32
        let place: CrossCPUPlace

        @inline(always)
        func isBefore(_ other: Head) -> Bool {
            if time != other.time { return time < other.time }
            // Of the end of time, what happened then is no exception.
            if other.slot < 0 { return time == .max }
            // Orders may overflow; two that wait are never far apart.
            return Int32(bitPattern: order &- other.order) < 0
        }
    }

    /// Hands over what happened before `watermark`, or all there is at the end (`.max`).
    mutating func merge<Consumer: CrossCPUConsumer & ~Copyable>(
        _ shards: inout FixedSlots<ShardAnalysis>, before watermark: UInt64, into consumer: inout Consumer
    ) {
        let end = Head(time: watermark, order: 0, slot: -1, place: CrossCPUPlace(cpu: 0, lane: -1, shard: -1))
        heads.removeAll()
        for shard in 0..<shards.count {
            consumer.learn(shards[shard].pairing.names, shard: shard, hasWaking: shards[shard].pairing.hasWaking)
            let count = shards[shard].contexts.count
            heads.reserve(count)
            for slot in 0..<count {
                guard let time = shards[shard].firstWaitingTime(slot: slot) else { continue }
                let cpu = shards[shard].contexts[slot].cpu
                let place = CrossCPUPlace(cpu: cpu, lane: consumer.lane(ofCPU: cpu), shard: Int32(shard))
                let order = shards[shard].firstWaitingOrder(slot: slot)
                let head = Head(time: time, order: order, slot: Int32(slot), place: place)
                if head.isBefore(end) { heads.insert(head) }
            }
        }
        while heads.count > 0 {
            let head = heads[0]
            // A CPU goes on until another one comes first.
            var limit = end
            if let second = heads.second, second.isBefore(limit) { limit = second }
            let next = shards[Int(head.place.shard)].handOn(head, until: limit, to: &consumer)
            if let next, next.isBefore(end) { heads.replaceFirst(with: next) } else { heads.removeFirst() }
        }
    }
}

extension ShardAnalysis {
    /// Hands over the records of a CPU from the first one on, until one does not come before `limit`; returns that one.
    @inline(always)
    fileprivate mutating func handOn<Consumer: CrossCPUConsumer & ~Copyable>(
        _ head: CrossCPUQueue.Head, until limit: CrossCPUQueue.Head, to consumer: inout Consumer
    ) -> CrossCPUQueue.Head? {
        let slot = Int(head.slot)
        var waiting = contexts[slot].waiting
        var next: CrossCPUQueue.Head?
        repeat {
            let block = pairing.log.firstBlock(of: waiting)
            // Those that certainly come before it; the order of equal times is looked at once a run.
            var end = block.lowerBound &+ 1
            while end < block.upperBound, pairing.log[end].time < limit.time { end &+= 1 }
            consumer.take(pairing.log, block.lowerBound..<end, head.place)
            pairing.log.removeFirst(end &- block.lowerBound, of: &waiting)
            next = pairing.log.firstTime(of: waiting).map {
                CrossCPUQueue.Head(
                    time: $0, order: pairing.log.order(of: waiting, cpu: head.place.cpu), slot: head.slot,
                    place: head.place)
            }
        } while next.map { $0.isBefore(limit) } ?? false
        contexts[slot].waiting = waiting
        return next
    }
}
