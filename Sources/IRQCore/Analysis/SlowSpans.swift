/// One finished span, as the list of the slowest keeps it.
struct SlowSpan: BitwiseCopyable {
    let duration: UInt64
    let selfTime: UInt64
    let start: UInt64
    let tally: Int32
    let pid: Int32
}

/// The N longest spans seen so far: a heap with the shortest of them on top.
///
/// The choice of the rows whose spans are wanted is made after the batch of events in which a row was made. Until then
/// its spans are kept, so there is room for as many as a batch can bring: taking them out leaves the N longest of the
/// others.
struct SlowSpans: ~Copyable {
    /// The number of spans that are kept at the most.
    static let limit = 10_000
    private(set) var heap: GrowableBuffer<SlowSpan>
    private let wanted: Int
    /// Spans shorter than this need not be offered.
    private(set) var threshold: UInt64

    /// - Parameter undecided: the most spans of undecided rows at any time.
    init(wanted: Int, undecided: Int = 0) {
        let count = min(max(wanted, 0), Self.limit)
        self.wanted = count == 0 ? 0 : count + undecided
        heap = GrowableBuffer(capacity: self.wanted)
        threshold = self.wanted == 0 ? .max : 0
    }

    /// Keeps `span` if it is among the longest.
    @inline(never)
    mutating func offer(_ span: SlowSpan) {
        guard wanted > 0 else { return }
        if heap.count < wanted {
            heap.append(span)
            var child = heap.count - 1
            while child > 0, heap[child].duration < heap[(child - 1) / 2].duration {
                swap(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if span.duration > heap[0].duration {
            heap[0] = span
            sink()
        }
        if heap.count == wanted { threshold = heap[0].duration &+ 1 }
    }

    /// Takes out the spans that are not wanted after all.
    mutating func remove(where isUnwanted: (SlowSpan) -> Bool) {
        var kept = 0
        for index in 0..<heap.count where !isUnwanted(heap[index]) {
            heap[kept] = heap[index]
            kept += 1
        }
        if kept == heap.count { return }
        heap.resize(to: kept, filling: SlowSpan(duration: 0, selfTime: 0, start: 0, tally: 0, pid: 0))
        for parent in stride(from: kept / 2, through: 0, by: -1) { sink(from: parent) }
        threshold = 0
    }

    private mutating func sink(from place: Int = 0) {
        var parent = place
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && heap[child].duration < heap[least].duration { least = child }
            if least == parent { return }
            swap(least, parent)
            parent = least
        }
    }

    private mutating func swap(_ first: Int, _ second: Int) {
        let kept = heap[first]
        heap[first] = heap[second]
        heap[second] = kept
    }
}
