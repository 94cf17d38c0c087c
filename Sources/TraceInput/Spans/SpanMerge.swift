import IRQCore

/// All spans of some piles in the order of time, read run by run.
struct SpanMerge {
    /// A run, from its next span on.
    private struct Cursor {
        let pile: Int
        /// The place of the next span in the file that is not in `loaded` yet, and that of the end of the run.
        var place: Int
        let end: Int
        var loaded: [SpanRecord]
        var index = 0
        var loadedCount: Int

        var head: SpanRecord { loaded[index] }
    }

    /// The spans of a run that are in memory, in general; fewer where there are many runs, so that all of them stay below
    /// `loadLimit` up to billions of events.
    private static let loadCounts = 16...512
    private static let loadLimit = 1 << 17

    private let piles: [SpanPile]
    private let loadCount: Int
    private var cursors: [Cursor] = []
    /// The places of runs that are not at their end, as a heap.
    private var heap: [Int] = []

    init(_ piles: [SpanPile]) {
        self.piles = piles
        let runCount = piles.reduce(1) { $0 + $1.runs.count }
        loadCount = min(max(Self.loadLimit / runCount, Self.loadCounts.lowerBound), Self.loadCounts.upperBound)
        for (place, pile) in piles.enumerated() {
            var start = 0
            for count in pile.runs {
                add(Cursor(pile: place, place: start, end: start + count, loaded: [], loadedCount: 0))
                start += count
            }
            add(Cursor(pile: place, place: 0, end: 0, loaded: pile.last, loadedCount: pile.last.count))
        }
    }

    private mutating func add(_ given: Cursor) {
        var cursor = given
        if cursor.loadedCount == 0, !load(&cursor) { return }
        cursors.append(cursor)
        heap.append(cursors.count - 1)
        var child = heap.count - 1
        while child > 0, isBefore(heap[child], heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func load(_ cursor: inout Cursor) -> Bool {
        let count = min(loadCount, cursor.end - cursor.place)
        guard count > 0 else { return false }
        if cursor.loaded.isEmpty {
            let nothing = FinishedSpan(
                row: 0, cpu: 0, pid: 0, startNanoseconds: 0, durationNanoseconds: 0, selfNanoseconds: 0)
            cursor.loaded = Array(repeating: SpanRecord(nothing, order: 0), count: loadCount)
        }
        cursor.loadedCount = piles[cursor.pile].read(from: cursor.place, into: &cursor.loaded, count: count)
        cursor.place += cursor.loadedCount
        cursor.index = 0
        return cursor.loadedCount > 0
    }

    /// The order of two runs by their next spans; equal ones in the order of piles and of runs, which is that of time.
    private func isBefore(_ first: Int, _ second: Int) -> Bool {
        let (a, b) = (cursors[first].head, cursors[second].head)
        if a.isBefore(b) { return true }
        return first < second && !b.isBefore(a)
    }

    /// Takes out the next span, and the pile that it is of; nil at the end.
    mutating func next() -> (record: SpanRecord, pile: Int)? {
        guard let first = heap.first else { return nil }
        let result = (cursors[first].head, cursors[first].pile)
        cursors[first].index += 1
        if cursors[first].index == cursors[first].loadedCount, !load(&cursors[first]) {
            cursors[first].loaded = []
            let last = heap.removeLast()
            if heap.isEmpty { return result }
            heap[0] = last
        }
        sink()
        return result
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, isBefore(heap[child + 1], heap[child]) { child += 1 }
            guard isBefore(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
