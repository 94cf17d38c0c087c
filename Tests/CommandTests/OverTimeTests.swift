import Foundation
import TestSupport
import Testing

/// Calls over time of recordings without events of the scheduler, counted again from text.
@Suite struct OverTimeTests {
    private static let text = "trace-cmd report -t -R '\(Places.recording("armhf-v6"))' 2>/dev/null"
    private static let slice: UInt64 = 100_000_000

    /// The times of the handlers' calls, by number and name, and that of the first event.
    private static func calls(_ text: String) -> (first: UInt64, times: [String: [UInt64]]) {
        var first: UInt64?
        var times: [String: [UInt64]] = [:]
        for line in text.split(separator: "\n") {
            guard let found = line.firstMatch(of: #/\] +(\d+)\.(\d{9}): +(\w+): +(?:irq=(\d+) name=(.*))?/#),
                let time = UInt64(found.1 + found.2)
            else { continue }
            first = first ?? time
            guard found.3 == "irq_handler_entry", let number = found.4, let name = found.5 else { continue }
            times["\(number) \(name.trimmingCharacters(in: .whitespaces))", default: []].append(time)
        }
        return (first ?? 0, times)
    }

    /// The most calls in any window that begins with a call.
    private static func peak(_ times: [UInt64], in window: UInt64) -> UInt64 {
        var (end, most) = (0, 0)
        for (place, start) in times.enumerated() {
            while end < times.count, times[end] - start < window { end += 1 }
            most = max(most, end - place)
        }
        return UInt64(most)
    }

    private func check(_ deep: Oracle.Object, against text: String) throws {
        let (first, times) = Self.calls(text)
        #expect(times.count >= 5)
        func rows(_ key: String) throws -> [String: Oracle.Object] {
            let rows = try #require(deep[key] as? [Oracle.Object])
            return Dictionary(uniqueKeysWithValues: rows.map { ("\(Oracle.number($0["irq"]) ?? 0) \($0["action"] ?? "")", $0) })
        }
        let (slices, peaks) = try (rows("slices"), rows("peaks"))
        #expect(Set(slices.keys) == Set(times.keys) && Set(peaks.keys) == Set(times.keys))
        for (name, times) in times {
            let counts = (slices[name]?["slices"] as? [Oracle.Object] ?? []).map {
                [Oracle.number($0["slice"]) ?? 0, Oracle.number($0["count"]) ?? 0]
            }
            let expected = Dictionary(grouping: times) { ($0 - first) / Self.slice }
                .map { [$0.key, UInt64($0.value.count)] }.sorted { $0[0] < $1[0] }
            #expect(counts == expected, "\(name)")
            for (key, window) in [("in_1ms", 1_000_000), ("in_10ms", 10_000_000), ("in_100ms", 100_000_000)] as [(String, UInt64)] {
                #expect(Oracle.number(peaks[name]?[key]) == Self.peak(times, in: window), "\(name) \(key)")
            }
        }
        // Nothing is said of what only the scheduler tells.
        for (key, value) in deep where !["slices", "peaks"].contains(key) {
            #expect((value as? [Any])?.isEmpty ?? true, "\(key)")
        }
    }

    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"))
    func recordingsOfInterruptsHaveCallsOverTime() throws {
        let report = try Oracle.report(Places.recording("armhf-v6"), "--every", "100ms")
        try check(#require(report["deep"] as? Oracle.Object), against: shell(Self.text).text)
        #expect(try Oracle.report(Places.recording("armhf-v6"))["deep"] is NSNull)
    }

    @Test(.enabled(if: program("trace-cmd") != nil && program("python3") != nil, "trace-cmd or python3 is not installed"))
    func tracesOfPerfettoHaveCallsOverTime() throws {
        let script = Places.repository.appendingPathComponent("Tests/oracle/make-perfetto.py").path
        // Events that the script leaves out would move the first slice; a timer has rows only beside the scheduler.
        let text = "\(Self.text) | grep -E ' irq_handler_| softirq_'"
        let timer = "echo ' a-1 [000] 999999.000000000: hrtimer_expire_exit: hrtimer=0xc0000000'"
        let trace = "{ \(text); \(timer); } | python3 '\(script)' plain | '\(Places.command.path)' report -J"
        let report = try Oracle.json(shell("\(trace) --every 100ms").output)
        try check(#require(report["deep"] as? Oracle.Object), against: shell(text).text)
        let plain = try Oracle.json(shell(trace).output)
        #expect(plain["deep"] is NSNull)
        for key in ["irqs", "softirqs", "events"] {
            #expect(
                try JSONSerialization.data(withJSONObject: plain[key] ?? "", options: .sortedKeys)
                    == JSONSerialization.data(withJSONObject: report[key] ?? "", options: .sortedKeys), "\(key)")
        }
    }

    @Test func recordingsByPerfHaveCallsOverTime() throws {
        let report = try Oracle.report(Places.fixtures.path + "/perf/default.perf.data.xz", "--every", "1ms")
        let deep = try #require(report["deep"] as? Oracle.Object)
        let rows = try #require(deep["slices"] as? [Oracle.Object]), calls = try #require(report["irqs"] as? [Oracle.Object])
        func sum(_ row: Oracle.Object) -> UInt64 {
            (row["slices"] as? [Oracle.Object] ?? []).reduce(0) { $0 + (Oracle.number($1["count"]) ?? 0) }
        }
        #expect(!rows.isEmpty && rows.map(sum) == calls.map { Oracle.number($0["calls"]) ?? 0 })
    }
}
