/// One finished span, as the list of the slowest keeps it.
struct SlowSpan: HeapElement {
    let duration: UInt64
    let selfTime: UInt64
    let start: UInt64
    let tally: Int32
    let pid: Int32

    @inline(always)
    func isBefore(_ other: SlowSpan) -> Bool { duration < other.duration }
}

/// The N longest spans seen so far: a heap with the shortest of them on top.
///
/// The choice of the rows whose spans are wanted is made after the batch of events in which a row was made. Until then
/// its spans are kept, so there is room for as many as a batch can bring: taking them out leaves the N longest of the
/// others.
struct SlowSpans: ~Copyable {
    /// The number of spans that are kept at the most.
    static let limit = 10_000
    private(set) var heap: MinimumHeap<SlowSpan>
    private let wanted: Int
    /// Spans shorter than this need not be offered.
    private(set) var threshold: UInt64

    /// - Parameter undecided: the most spans of undecided rows at any time.
    init(wanted: Int, undecided: Int = 0) {
        let count = min(max(wanted, 0), Self.limit)
        self.wanted = count == 0 ? 0 : count + undecided
        heap = MinimumHeap(capacity: self.wanted)
        threshold = self.wanted == 0 ? .max : 0
    }

    /// Keeps `span` if it is among the longest.
    @inline(never)
    mutating func offer(_ span: SlowSpan) {
        guard wanted > 0 else { return }
        if heap.count < wanted {
            heap.insert(span)
        } else if heap[0].isBefore(span) {
            heap.replaceFirst(with: span)
        }
        if heap.count == wanted { threshold = heap[0].duration &+ 1 }
    }

    /// Takes out all.
    mutating func removeAll() { remove { _ in true } }

    /// Takes out the spans that are not wanted after all.
    mutating func remove(where isUnwanted: (SlowSpan) -> Bool) {
        if heap.removeAll(where: isUnwanted) { threshold = 0 }
    }
}
