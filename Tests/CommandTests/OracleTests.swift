import Foundation
import Testing
import TestSupport

/// The command on real recordings against trace-cmd's text and a plain Python script.
@Suite struct OracleTests {
    typealias Object = Oracle.Object

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: Places.recordingNames.filter { !$0.hasSuffix("-instances") })
    func numbersAreThoseOfTheOracle(name: String) throws {
        let path = Places.recording(name)
        #expect(Oracle.differences(try Oracle.report(path), try Oracle.exact(path)) == [])
    }

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: Places.recordingNames.filter { $0.hasSuffix("-instances") })
    func numbersOfEachBufferAreThoseOfTheOracle(name: String) throws {
        let path = Places.recording(name)
        let top = try Oracle.exact(path, lines: "grep -v '^second: '")
        #expect(Oracle.differences(try Oracle.report(path, "--buffer", "top"), top) == [])
        let second = try Oracle.exact(path, lines: "grep '^second: '")
        #expect(Oracle.differences(try Oracle.report(path, "--buffer", "second"), second) == [])
    }

    /// Version 6 as trace-cmd writes it on machines of 64 bits.
    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"), arguments: ["amd64-v7", "arm64-v7"])
    func numbersOfTraceCmdsVersion6AreThoseOfTheOracle(name: String) throws {
        try withFolder { folder in
            let path = folder + "/6.dat"
            let words = ["convert", "--file-version", "6", "--compression", "none", "-i", Places.recording(name), "-o", path]
            let made = try run(program("trace-cmd") ?? "", words)
            #expect(made.status == 0, "\(made.errors)")
            let report = try Oracle.report(path)
            #expect((report["source"] as? Object)?["version"] as? Int == 6)
            #expect(Oracle.differences(report, try Oracle.exact(path)) == [])
        }
    }

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: ["amd64-v7", "armhf-v6", "s390x-v7"])
    func percentilesAreWithinOnePercentOfSortedDurations(name: String) throws {
        let path = Places.recording(name)
        let script = Places.oracle.deletingLastPathComponent().appendingPathComponent("percentiles.py").path
        let exact = try Oracle.exact(path, script: script)
        let ours = try Oracle.report(path)
        var compared = 0
        for (kind, rows) in [("irq", "irqs"), ("softirq", "softirqs")] {
            for row in ours[rows] as? [Object] ?? [] {
                let label =
                    kind == "irq" ? "irq \(row["irq"] ?? "") \(row["action"] ?? "")" : "softirq \(row["vector"] ?? "")"
                let duration = row["duration"] as? Object ?? [:]
                for (key, value) in exact[label] as? Object ?? [:] {
                    let mine = Double(Oracle.number(duration[key]) ?? 0)
                    let right = Double(Oracle.number(value) ?? 0)
                    #expect(abs(mine - right) <= 0.01 * right, "\(label) \(key): \(mine) for \(right)")
                    compared += 1
                }
            }
        }
        #expect(compared >= 16)
    }

    /// A comparison that finds nothing must be able to find something.
    @Test func comparisonSeesWhatIsWrong() throws {
        let ours: Object = ["irqs": [["irq": 1, "action": "a", "calls": 2, "duration": ["count": 1, "total_ns": 5]]]]
        let theirs: Object = [
            "irqs": [["irq": 1, "action": "a", "calls": 3, "count": 1, "total_ns": 5], ["irq": 2, "action": "b"]]
        ]
        let found = Oracle.differences(ours, theirs)
        #expect(
            found.contains { $0.hasPrefix("irqs 1 a calls") } && found.contains { $0.contains("irqs 2 b is missing") })
    }
}
