import TestSupport
import Testing

@testable import IRQCore
@testable import KernelSource

/// The ring of a flight recorder that reads at once, against a plain array.
@Suite struct PageRingTests {
    static let size = 256

    /// A page: its time, and bytes that tell it from others.
    static func page(_ time: UInt64, byteCount: Int) -> [UInt8] {
        let head = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(8 * $0)) }
        return head + (8..<max(byteCount, 8)).map { UInt8(truncatingIfNeeded: UInt64($0) &* 31 &+ time) }
    }

    static func pages(_ room: borrowing PageBuffer) -> [[UInt8]] {
        (0..<room.count).map { index in
            let page = room.page(index)
            return (0..<page.byteCount).map { page.byte(at: $0) ?? 0 }
        }
    }

    @Test(arguments: 1...20) func keepsTheYoungest(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let capacity = Int.random(in: 300...3_000, using: &generator)
        var ring = PageRing(byteCount: capacity, subBufferByteCount: Self.size)
        var model: [[UInt8]] = []
        for step in 0..<2_000 {
            let page = Self.page(UInt64(step), byteCount: Int.random(in: 8...Self.size, using: &generator))
            let span = page.span
            ring.append(span.bytes)
            model.append(page)
            // The youngest, and what fits beside them; an entry that would wrap wastes its place.
            let (count, first) = (ring.count, ring.firstTime)
            #expect(count <= model.count && count > 0)
            model.removeFirst(model.count - count)
            #expect(first == UInt64(step - model.count + 1))
            if step % 97 == 0 {
                let limit = UInt64(max(step - 2, 0))
                ring.removeOlder(than: limit)
                while model.count > 1, UInt64(step - model.count + 2) < limit { model.removeFirst() }
                let count = ring.count
                #expect(count == model.count)
            }
        }
        let held = model.reduce(0) { $0 + ($1.count + 7) & ~7 + 8 }
        #expect(held <= max(capacity, Self.size + 8) + 7 && held > min(capacity / 4, 200))
        let hasDropped = ring.hasDropped
        #expect(hasDropped)
        var room = PageBuffer(subBufferByteCount: Self.size, capacity: model.count)
        while ring.moveFirst(to: &room) {}
        #expect(Self.pages(room) == model.map { $0 + [UInt8](repeating: 0, count: Self.size - $0.count) })
        let (left, first) = (ring.count, ring.firstTime)
        #expect(left == 0 && first == nil)
    }

    /// One that is smaller than a sub-buffer holds one all the same.
    @Test func holdsOneAtLeast() {
        var ring = PageRing(byteCount: 1, subBufferByteCount: Self.size)
        for time in 1...3 as ClosedRange<UInt64> {
            let page = Self.page(time, byteCount: Self.size)
            let span = page.span
            ring.append(span.bytes)
            let (count, first) = (ring.count, ring.firstTime)
            #expect(count == 1 && first == time)
        }
    }
}
