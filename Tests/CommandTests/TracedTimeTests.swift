import Foundation
import TestSupport
import Testing

/// Shares of CPUs are by the time in which was traced, not by that between the first and the last event.
@Suite struct TracedTimeTests {
    private static let recording = Places.fixtures.path + "/recordings/few/one-call.dat"

    /// One call of 13.8 us in five seconds, and nothing else, by a recording of ours that tells when tracing began and ended.
    @Test func oneCallIsNoBusyCPU() throws {
        let report = try Oracle.report(Self.recording)
        let window = try #require(report["window"] as? [String: Int])
        let traced = try #require(report["traced"] as? [String: Int])
        let (start, end) = (try #require(traced["start_ns"]), try #require(traced["end_ns"]))
        // record was asked for five seconds.
        #expect((4_900_000_000...5_500_000_000).contains(end - start))
        #expect(try start < #require(window["start_ns"]) && #require(window["end_ns"]) < end)
        let text = try run(Places.command.path, ["report", Self.recording]).text
        #expect(text.contains("<0.01% of 0") && !text.contains("spent"), "\(text)")
        #expect(try run(Places.command.path, ["report", "--fail-if", "share>0.1%", Self.recording]).status == 0)
        // Of a part of it the share is by that part: here half of the time is the call's.
        let first = try #require(window["start_ns"])
        let length = try #require(window["end_ns"]) - first
        let around = "\(Double(first - length) / 1e9)"
        let part = try run(
            Places.command.path,
            ["report", "--time", "\(around),\(Double(first + length) / 1e9)", "--fail-if", "share>40%", Self.recording])
        #expect(part.status == 2, "\(part.errors)")
    }

    /// Without such times a few calls in a short while say nothing of a CPU.
    @Test func aFewCallsSayNothingOfACPU() throws {
        func text(calls: Int) -> String {
            (0..<calls).map { index in
                let time = String(format: "%.6f", 100 + Double(index) * 0.000_1)
                let later = String(format: "%.6f", 100.000_05 + Double(index) * 0.000_1)
                return "  <idle>-0  [000] d.h. \(time): irq_handler_entry: irq=16 name=eth0\n"
                    + "  <idle>-0  [000] d.h. \(later): irq_handler_exit: irq=16 ret=handled\n"
            }.joined()
        }
        let folder = try TestFolder()
        for (calls, isTold) in [(20, false), (200, true)] {
            let path = folder.file("\(calls).txt")
            try Data(text(calls: calls).utf8).write(to: URL(fileURLWithPath: path))
            let result = try run(Places.command.path, ["report", path]).text
            #expect(result.contains("CPU 0 spent 50") == isTold, "\(result)")
        }
    }

    /// Intervals are as long as was asked for, also where nothing came at their ends.
    @Test func intervalsHaveTheirLength() throws {
        let events = [(1.0, 1.001), (1.009, 1.010), (2.6, 2.601), (2.65, 2.651), (3.0, 3.001), (3.5, 3.501)]
        let text = events.map { begin, end in
            String(format: "  <idle>-0  [000] d.h. %.6f: irq_handler_entry: irq=16 name=eth0\n", begin)
                + String(format: "  <idle>-0  [000] d.h. %.6f: irq_handler_exit: irq=16 ret=handled\n", end)
        }.joined()
        let folder = try TestFolder()
        let path = folder.file("bursts.txt")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let result = try run(Places.command.path, ["report", "--every", "1s", "--json", path])
        let windows = try result.text.split(separator: "\n").map {
            let object = try Oracle.json(Data($0.utf8))
            return try #require(object["window"] as? [String: Int])
        }
        #expect(windows.map { $0["start_ns"] } == [1_000_000_000, 2_000_000_000, 3_000_000_000])
        #expect(windows.map { $0["end_ns"] } == [2_000_000_000, 3_000_000_000, 3_501_000_000])
        #expect(try run(Places.command.path, ["report", "--every", "1s", "--fail-if", "share>10%", path]).status == 0)
    }
}
