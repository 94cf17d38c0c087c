/// The longest run of an interrupt handler in the pages of a buffer.
///
/// Pages of a CPU come in order. What began before the first of them, or before a gap, is no run.
public struct LongestHandler: ~Copyable {
    private var shard: ShardAnalysis
    private var slots = IntegerMap<Int32>(filler: 0)

    /// Looks at some interrupts.
    ///
    /// - Parameter irqs: their numbers; nil is all.
    public init(irqs: [ClosedRange<Int64>]? = nil) {
        var options = AnalysisOptions()
        options.slowCount = 1
        if irqs != nil {
            var selection = RowSelection()
            selection.irqs = irqs
            options.selector = RowSelector(selection, names: SpanNames())
        }
        shard = ShardAnalysis(options)
    }

    /// Feeds a page of a CPU.
    ///
    /// - Parameter formats: the formats of handler events alone: softirqs would count, too.
    public mutating func feed(page: RawSpan, cpu: Int, decoder: PageDecoder, formats: borrowing EventFormats) {
        shard.feed(page: page, slot: slot(of: cpu), decoder: decoder, formats: formats)
    }

    private mutating func slot(of cpu: Int) -> Int {
        if let slot = slots.value(for: UInt64(cpu)) { return Int(slot) }
        let slot = shard.addCPU(cpu)
        slots.reserve(1)
        slots.set(Int32(truncatingIfNeeded: slot), for: UInt64(cpu))
        return slot
    }

    /// Its time in nanoseconds; 0 before there is one. Allocates nothing.
    public var nanoseconds: UInt64 {
        var longest: UInt64 = 0
        for index in 0..<shard.pairing.slow.heap.count {
            longest = max(longest, shard.pairing.slow.heap[index].duration)
        }
        return longest
    }

    /// The run; nil before there is one.
    public func span() -> SlowestSpan? {
        var place: Int?
        for index in 0..<shard.pairing.slow.heap.count {
            if let place, shard.pairing.slow.heap[index].duration <= shard.pairing.slow.heap[place].duration {
                continue
            }
            place = index
        }
        guard let place else { return nil }
        let found = shard.pairing.slow.heap[place]
        let tally = shard.pairing.table.tallies[Int(found.tally)]
        let key = shard.pairing.table.key(ofRow: Int(tally.row))
        let name = String(decoding: shard.pairing.table.text(ofRow: Int(tally.row)), as: UTF8.self)
        return SlowestSpan(
            row: RowKey(kind: .irq, number: Int64(bitPattern: key.number), name: name), cpu: Int(tally.cpu),
            startNanoseconds: found.start, durationNanoseconds: found.duration, selfNanoseconds: found.selfTime,
            pid: found.pid, task: nil)
    }
}
