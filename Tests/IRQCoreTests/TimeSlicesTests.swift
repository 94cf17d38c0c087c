import TestSupport
import Testing

@testable import IRQCore

/// Counts over time against counting by hand.
@Suite struct TimeSlicesTests {
    @Test func slicesGrowWithTheRecording() {
        var random = SeededGenerator(seed: 7)
        var clock = SliceClock(width: nil)
        clock.origin = 5_000
        var tally = SliceTally()
        var (time, times) = (UInt64(5_000), [UInt64]())
        for _ in 0..<20_000 {
            time += UInt64.random(in: 0..<20_000_000, using: &random)
            times.append(time)
            tally.count(at: time, &clock)
            tally.record(time % 977, from: time, &clock)
        }
        tally.widen(to: clock.width)
        // 200 s need slices of 400 ms.
        #expect(clock.width == 400_000_000)
        let exact = Dictionary(grouping: times) { ($0 - 5_000) / clock.width }
        #expect(tally.slices.map(\.index) == exact.keys.sorted())
        for slice in tally.slices {
            let sorted = (exact[slice.index] ?? []).map { $0 % 977 }.sorted()
            #expect(slice.count == UInt64(sorted.count))
            let right = Double(sorted[(sorted.count * 99 + 99) / 100 - 1])
            let percentile = Double(slice.percentile99() ?? 0)
            #expect(abs(percentile - right) <= 0.01 * right + 0.5)
        }
    }

    @Test(arguments: [UInt64(1_000), 40_000, 3_000_000, 90_000_000]) func peaksAreThoseOfAllWindows(step: UInt64) {
        var random = SeededGenerator(seed: step)
        var peaks = PeakWindows()
        var (time, times) = (UInt64(0), [UInt64]())
        for _ in 0..<60_000 {
            time += UInt64.random(in: 0...step, using: &random)
            times.append(time)
            peaks.count(at: time)
        }
        for window in 0..<3 {
            var (end, exact) = (0, 0)
            for (first, start) in times.enumerated() {
                while end < times.count, times[end] < start + PeakWindows.lengths[window] { end += 1 }
                exact = max(exact, end - first)
            }
            let found = Double(peaks.peaks[window])
            #expect(found <= Double(exact) && found >= 0.9 * Double(exact), "\(found) for \(exact)")
            // As long as all times are kept it is exact.
            if exact <= 1 << 14 { #expect(found == Double(exact)) }
        }
    }
}
