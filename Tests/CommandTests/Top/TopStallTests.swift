import Foundation
import TestSupport
import Testing

/// `irqscope top` after it was not let run for a while: no interval of next to no time follows, whose rates are noise.
@Suite struct TopStallTests {
    /// The interval after one of 14 s had 8 ms.
    @Test func theIntervalAfterAStopIsAWholeOne() throws {
        let process = try RunningProcess(Places.command.path, ["top", "-b", "-J", "--no-trace", "-d", "0.4"])
        func interval() throws -> Double { Double(try #require(TopLines.object(process.line())["interval_ns"] as? Int)) / 1e9 }
        _ = try interval()
        kill(process.id, SIGSTOP)
        usleep(1_500_000)
        kill(process.id, SIGCONT)
        // A line may have been written before the stop.
        var longest = try interval()
        if longest < 1 { longest = try interval() }
        #expect(longest > 1)
        for _ in 0..<3 {
            let next = try interval()
            #expect(next > 0.35, "\(next) s after \(longest) s")
        }
        kill(process.id, SIGTERM)
    }

    /// Likewise when the reader does not read.
    @Test func theIntervalAfterAFullPipeIsAWholeOne() throws {
        let line = "'\(Places.command.path)' top -b -J --no-trace -d 0.2 -n 12 | (sleep 1.5; cat)"
        let result = try shell("ulimit -c 0; \(line)")
        let intervals = try result.text.split(separator: "\n").map {
            Double(try #require(TopLines.object(String($0))["interval_ns"] as? Int)) / 1e9
        }
        #expect(intervals.count == 12)
        for next in intervals.dropFirst() { #expect(next > 0.17, "\(intervals)") }
    }
}
