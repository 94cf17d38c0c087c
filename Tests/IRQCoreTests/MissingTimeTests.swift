import Testing

@testable import IRQCore

/// The time for which events of a CPU are missing, in the window of a report.
@Suite struct MissingTimeTests {
    @Test func gapsCountInsideOfTheWindow() {
        var time = MissingTime()
        #expect(time.isNone && time.nanoseconds(from: 0, to: 100) == 0)
        time.add(from: 0, to: 30, window: 0, length: .max)
        time.add(from: 50, to: 60, window: 0, length: .max)
        time.add(from: 90, to: .max, window: 0, length: .max)
        #expect(!time.isNone)
        // What lies ahead of the first event of all CPUs, and behind the last one, is no part of the recording.
        #expect(time.nanoseconds(from: 20, to: 100) == 10 + 10 + 10)
        #expect(time.nanoseconds(from: 30, to: 90) == 10)
        #expect(time.nanoseconds(from: 0, to: 200) == 30 + 10 + 110)
        #expect(time.nanoseconds(from: 100, to: 100) == 0)
    }

    /// Damage and a loss may be told of the same time.
    @Test func nothingCountsTwice() {
        var time = MissingTime()
        time.add(from: 10, to: 50, window: 0, length: .max)
        time.add(from: 10, to: 50, window: 0, length: .max)
        time.add(from: 40, to: 60, window: 0, length: .max)
        #expect(time.nanoseconds(from: 0, to: 100) == 50)
    }

    @Test func chosenTimesCutGaps() {
        var time = MissingTime()
        time.add(from: 10, to: 50, window: 20, length: 20)
        time.add(from: 60, to: 70, window: 20, length: 20)
        time.add(from: 80, to: .max, window: 20, length: 20)
        #expect(time.nanoseconds(from: 20, to: 40) == 20)
        var ahead = MissingTime()
        ahead.add(from: 0, to: 30, window: 20, length: .max)
        #expect(ahead.nanoseconds(from: 20, to: 100) == 10)
    }
}
