/// One finished span, as the list of the slowest keeps it.
struct SlowSpan: BitwiseCopyable {
    let duration: UInt64
    let own: UInt64
    let start: UInt64
    let tally: Int32
    let pid: Int32
}

/// The N longest spans seen so far: a heap with the shortest of them on top.
struct SlowSpans: ~Copyable {
    /// How many are kept at the most.
    static let limit = 10_000
    private(set) var heap: GrowableBuffer<SlowSpan>
    private let wanted: Int
    /// Spans shorter than this need not be offered.
    private(set) var threshold: UInt64

    init(wanted: Int) {
        self.wanted = min(max(wanted, 0), Self.limit)
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

    private mutating func sink() {
        var parent = 0
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
