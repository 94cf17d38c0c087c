import Testing
import TestSupport

@testable import IRQCore

/// The map, the heap and the slots that the hot path stands on, against the standard library.
@Suite struct ContainerTests {
    @Test func integerMapDoesWhatADictionaryDoes() {
        var random = SeededGenerator(seed: 1)
        var map = IntegerMap<Int32>(filler: -1)
        var dictionary: [UInt64: Int32] = [:]
        for step in 0..<20_000 {
            // Few keys that collide: pointers with the same low bits.
            let key = UInt64.random(in: 0..<200, using: &random) << 40
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                map.reserve(1)
                map.set(Int32(step), for: key)
                dictionary[key] = Int32(step)
            case 1:
                let removed = map.remove(key)
                #expect(removed == dictionary.removeValue(forKey: key))
            default:
                let value = map.value(for: key)
                #expect(value == dictionary[key])
            }
            let count = map.count
            #expect(count == dictionary.count)
        }
        for (key, value) in dictionary {
            let kept = map.value(for: key)
            #expect(kept == value)
        }
        map.removeAll()
        let count = map.count
        let isEmpty = dictionary.keys.allSatisfy { map.value(for: $0) == nil }
        #expect(count == 0 && isEmpty)
    }

    @Test(arguments: [0, 1, 7, 100]) func slowSpansKeepTheLongest(wanted: Int) {
        var random = SeededGenerator(seed: 2)
        var slow = SlowSpans(wanted: wanted)
        var all: [UInt64] = []
        for _ in 0..<1000 {
            let duration = UInt64.random(in: 0..<5000, using: &random)
            all.append(duration)
            if duration >= slow.threshold {
                slow.offer(SlowSpan(duration: duration, selfTime: 0, start: 0, tally: 0, pid: 0))
            }
        }
        var kept: [UInt64] = []
        for index in 0..<slow.heap.count { kept.append(slow.heap[index].duration) }
        #expect(kept.sorted(by: >) == Array(all.sorted(by: >).prefix(wanted)))
    }

    struct Number: HeapElement {
        let value: Int
        func isBefore(_ other: Number) -> Bool { value < other.value }
    }

    @Test func heapHasTheLeastOnTop() {
        var random = SeededGenerator(seed: 4)
        var heap = MinimumHeap<Number>(capacity: 1)
        var sorted: [Int] = []
        for _ in 0..<5_000 {
            let value = Int.random(in: 0..<300, using: &random)
            switch Int.random(in: 0..<50, using: &random) {
            case 0..<25:
                heap.reserve(1)
                heap.insert(Number(value: value))
                sorted.append(value)
            case 25..<35 where heap.count > 0:
                heap.replaceFirst(with: Number(value: value))
                sorted[0] = value
            case 35..<49 where heap.count > 0:
                heap.removeFirst()
                sorted.removeFirst()
            case 49:
                let isOneRemoved = heap.removeAll { $0.value % 5 == value % 5 }
                let kept = sorted.filter { $0 % 5 != value % 5 }
                #expect(isOneRemoved == (kept.count < sorted.count))
                sorted = kept
            default: break
            }
            sorted.sort()
            let (count, first) = (heap.count, heap.count > 0 ? heap[0].value : nil)
            #expect(count == sorted.count && first == sorted.first)
        }
    }

    @Test func slotIsLentToOneAtATime() async {
        let slots = FixedSlots(count: 2) { $0 }
        // Two different ones, and one again when it is back.
        let sum = slots.with(0) { first in slots.with(1) { first + $0 } }
        #expect(sum == 1 && slots.with(0) { $0 } == 0)
        await #expect(processExitsWith: .failure) {
            let slots = FixedSlots(count: 1) { $0 }
            slots.with(0) { _ in slots.with(0) { $0 += 1 } }
        }
    }
}
