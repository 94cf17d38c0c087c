import TestSupport
import Testing

@testable import IRQCore

/// Past rates of more rows than have a place of their own.
@Suite struct RateHistoryTests {
    @Test func rowsThatStandStillShareAPast() {
        var history = RateHistory()
        let slots = 5_000
        history.begin(sample: 2, isTimed: true)
        history.reserve(slotCount: slots)
        for slot in 0..<slots { history.note(0, slot: Int32(slot), sample: 2) }
        history.begin(sample: 3, isTimed: true)
        for slot in 0..<slots { history.note(slot == 4_999 ? 7 : 0, slot: Int32(slot), sample: 3) }
        history.begin(sample: 4, isTimed: false)
        for slot in 0..<slots { history.note(.nan, slot: Int32(slot), sample: 4) }
        for slot in [0, 2_047, 2_048, 4_998, 4_999] as [Int32] {
            #expect(history.rate(slot: slot, sample: 2) == 0, "slot \(slot)")
            #expect(history.rate(slot: slot, sample: 3) == (slot == 4_999 ? 7 : 0), "slot \(slot)")
            #expect(history.rate(slot: slot, sample: 4).isNaN, "slot \(slot)")
            #expect(history.rate(slot: slot, sample: 1).isNaN, "slot \(slot)")
        }
        // Another row in the slot has no past.
        history.begin(sample: 5, isTimed: true)
        for slot in [4_098, 4_999] as [Int32] {
            history.start(slot, sample: 5)
            history.note(.nan, slot: slot, sample: 5)
        }
        history.begin(sample: 6, isTimed: true)
        for slot in [4_098, 4_999] as [Int32] { history.note(3, slot: slot, sample: 6) }
        for slot in [4_098, 4_999] as [Int32] {
            #expect(history.rate(slot: slot, sample: 3).isNaN && history.rate(slot: slot, sample: 5).isNaN)
            #expect(history.rate(slot: slot, sample: 6) == 3)
        }
    }

    @Test func rowsBeyondTheLimitHaveNoPastOnceTheyMoved() {
        var history = RateHistory()
        let slots = RateHistory.placeLimit + 10
        history.begin(sample: 2, isTimed: true)
        history.reserve(slotCount: slots)
        for slot in 0..<slots { history.note(5, slot: Int32(slot), sample: 2) }
        history.begin(sample: 3, isTimed: true)
        for slot in 0..<slots { history.note(0, slot: Int32(slot), sample: 3) }
        let (first, last) = (Int32(0), Int32(slots - 1))
        #expect(history.rate(slot: first, sample: 2) == 5 && history.rate(slot: first, sample: 3) == 0)
        #expect(history.rate(slot: last, sample: 2).isNaN && history.rate(slot: last, sample: 3) == 0)
    }
}
