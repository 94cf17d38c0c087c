/// A stretch of time in which a CPU was busy with one thing.
struct RunStretch: BitwiseCopyable, Sendable {
    let start: UInt64
    let end: UInt64
    let item: RunItem
}

extension RunHistory {
    /// Adds what a CPU was busy with between two times to a moment, which then has at most `limit` stretches.
    ///
    /// - Parameter isLatest: true if the latest stretches are wanted most, else the earliest.
    borrowing func add(to moment: inout FoundMoment, from start: UInt64, to end: UInt64, limit: Int, isLatest: Bool) {
        let ring = rings[moment.slot]
        var found: [RunStretch] = []
        var upper = end
        var place = ring.count - 1
        let oldest = max(0, ring.count - ring.capacity)
        while place >= oldest, upper > start {
            let piece = pieces[ring.base + place & (ring.capacity - 1)]
            let lower = max(piece.start, start)
            if lower < upper {
                found.append(RunStretch(start: lower, end: upper, item: piece.item))
                upper = lower
            }
            place -= 1
        }
        // Then there may have been more.
        if upper > start, oldest > 0 { moment.leftOutCount += 1 }
        let kept = min(found.count, max(limit - moment.stretches.count, 0))
        moment.leftOutCount += found.count - kept
        moment.stretches += isLatest ? Array(found.prefix(kept).reversed()) : Array(found.suffix(kept).reversed())
    }
}

/// Makes nested spans of the things that a CPU was busy with, one after the other: a thing that goes on after another one was
/// interrupted by that.
struct StretchNesting {
    private struct Open {
        let item: RunItem
        let start: UInt64
        var end: UInt64
    }

    /// A thing with its begin, its end and the number of those that it interrupted.
    struct Nested {
        let item: RunItem
        let start: UInt64
        let end: UInt64
        let depth: Int
    }

    private var open: [Open] = []
    private var nested: [Nested] = []

    /// The spans of stretches in the order of time, by begin, outer ones first.
    static func spans(of stretches: [RunStretch]) -> [Nested] {
        var nesting = StretchNesting()
        for stretch in stretches { nesting.add(stretch) }
        nesting.close(downTo: 0)
        return nesting.nested.sorted { ($0.start, $0.depth) < ($1.start, $1.depth) }
    }

    private mutating func add(_ stretch: RunStretch) {
        if let last = open.last, last.end != stretch.start { close(downTo: 0) }
        let level = Self.level(of: stretch.item)
        guard level >= 0 else { return close(downTo: 0) }
        if let place = open.lastIndex(where: { $0.item == stretch.item }) {
            close(downTo: place + 1)
        } else {
            // Hard interrupts come on top of everything.
            if level < 2 { close(downTo: open.firstIndex { Self.level(of: $0.item) >= level } ?? open.count) }
            open.append(Open(item: stretch.item, start: stretch.start, end: stretch.end))
        }
        for place in open.indices { open[place].end = stretch.end }
    }

    private mutating func close(downTo count: Int) {
        while open.count > count {
            let last = open.removeLast()
            nested.append(Nested(item: last.item, start: last.start, end: last.end, depth: open.count))
        }
    }

    private static func level(of item: RunItem) -> Int {
        switch item.kind {
        case .idle, .unknown: -1
        case .task: 0
        case .softirq: 1
        case .handler, .vector: 2
        }
    }
}
