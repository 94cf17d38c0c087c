import Testing

@testable import IRQCore

@Suite struct RunHistoryTests {
    private static func parts(_ history: borrowing RunHistory, from start: UInt64, to end: UInt64) -> RunParts {
        var sum = RunSum()
        history.sum(slot: 0, from: start, to: end, into: &sum)
        return sum.largest()
    }

    @Test func timesAreThoseBetween() {
        var history = RunHistory()
        history.addCPU()
        for (time, item) in [(10, RunItem.task(1)), (20, .vector(2)), (25, .task(1)), (40, .softirq(3, servedBy: 7))] {
            history.note(item, slot: 0, at: UInt64(time))
        }
        let parts = Self.parts(history, from: 15, to: 43)
        #expect(parts.count == 3 && parts.notKept == 0)
        #expect((0..<3).map { parts.list[$0].time } == [20, 5, 3])
        #expect(parts.list[0].item == .task(1) && parts.list[0].count == 2)
        #expect(parts.list[2].item.softirqVector == 3 && parts.list[2].item.value == 7)
        // Before the first change nothing is known.
        #expect(Self.parts(history, from: 3, to: 15).notKept == 7)
    }

    /// What was overwritten is said to be missing, never given to another.
    @Test func oldPartsAreNotKept() {
        var history = RunHistory()
        history.addCPU()
        let count = RunHistory.longCapacity + 100
        for index in 0..<count { history.note(.task(Int32(index % 5)), slot: 0, at: UInt64(index * 10)) }
        let end = UInt64(count * 10)
        let parts = Self.parts(history, from: 0, to: end)
        #expect(parts.notKept == 1000 && parts.count == 5)
        #expect((0..<5).reduce(0) { $0 + parts.list[$1].time } + parts.notKept == end)
    }

    @Test func manyThingsLeaveARest() {
        var history = RunHistory()
        history.addCPU()
        var time: UInt64 = 0
        for index in 1...20 {
            history.note(.task(Int32(index)), slot: 0, at: time)
            time += UInt64(index)
        }
        let parts = Self.parts(history, from: 0, to: time)
        #expect(parts.count == RunParts.limit && parts.restCount == 12 && parts.restTime == 78)
        #expect((0..<8).map { parts.list[$0].time } == [20, 19, 18, 17, 16, 15, 14, 13])
    }

    @Test func unknownIsNobodys() {
        var history = RunHistory()
        history.addCPU()
        history.note(.task(1), slot: 0, at: 0)
        history.note(.unknown, slot: 0, at: 10)
        history.note(.task(2), slot: 0, at: 30)
        let parts = Self.parts(history, from: 0, to: 31)
        #expect(parts.notKept == 20 && parts.count == 2)
    }
}
