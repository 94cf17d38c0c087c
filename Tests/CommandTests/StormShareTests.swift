import Foundation
import TestSupport
import Testing

/// The time of a storm's calls against the text of trace-cmd.
@Suite struct StormShareTests {
    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"))
    func timeOfAStormIsThatOfItsCalls() throws {
        let path = DeepOracleTests.recording("plain-6.12")
        let report = try Oracle.report(path, "--storm-rate", "100")
        let storms = (report["storms"] as? [Oracle.Object] ?? []).filter { $0["kind"] as? String == "irq" }
        #expect(storms.count >= 3)
        let script = """
            import re, sys
            for line in sys.stdin:
                found = re.match(r"\\s*.*-\\d+\\s+\\[(\\d+)\\].*? (\\d+)\\.(\\d{9}): irq_handler_(entry|exit):\\s+irq=(\\d+)", line)
                if found: print(int(found[1]), found[2] + found[3], found[4], found[5])
            """
        let text = try shell("trace-cmd report -t -R '\(path)' 2>/dev/null | python3 -c '\(script)'").text
        let events = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        for storm in storms {
            let (cpu, irq) = ("\(Oracle.number(storm["cpu"]) ?? 0)", "\(Oracle.number(storm["irq"]) ?? 0)")
            let start = try #require(Oracle.number(storm["start_ns"]))
            let end = try #require(Oracle.number(storm["end_ns"]))
            var (sum, calls, entry) = (UInt64(0), UInt64(0), UInt64?.none)
            for event in events where event[0] == cpu && event[3] == irq {
                let time = try #require(UInt64(event[1]))
                if event[2] == "entry" {
                    entry = time
                    if time >= start, time < end { calls += 1 }
                } else if let begun = entry {
                    entry = nil
                    if begun >= start, begun < end { sum += time - begun }
                }
            }
            #expect(Oracle.number(storm["count"]) == calls)
            #expect(Oracle.number(storm["self_ns"]) == sum, "irq \(irq) on \(cpu)")
            let share = try #require(storm["cpu_share"] as? Double)
            #expect(abs(share - Double(sum) / Double(end - start)) < 1e-9)
        }
    }
}
