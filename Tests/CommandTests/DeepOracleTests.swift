import Foundation
import TestSupport
import Testing

/// The deep analysis of real recordings against exact numbers, which another program computed from trace-cmd's text
/// (Tests/oracle/make-deep.sh).
@Suite struct DeepOracleTests {
    static let folder = Places.fixtures.appendingPathComponent("deep")
    /// The recordings of which the exact numbers are known.
    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/expected")) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func recording(_ name: String) -> String {
        let own = folder.appendingPathComponent(name + ".dat").path
        return FileManager.default.fileExists(atPath: own) ? own : Places.recording(name)
    }

    static func compare(_ name: String, report: Data) throws -> ProcessResult {
        try withFolder { scratch in
            try report.write(to: URL(fileURLWithPath: scratch + "/actual.json"))
            return try run(
                "/usr/bin/env",
                [
                    "python3", Places.repository.appendingPathComponent("Tests/oracle/deep-compare.py").path,
                    folder.path + "/expected/\(name).json", scratch + "/actual.json",
                ])
        }
    }

    @Test(.enabled(if: program("python3") != nil, "python3 is not installed"), arguments: names)
    func numbersAreExact(name: String) throws {
        #expect(Self.names.count >= 13)
        let report = try run(Places.command.path, ["report", "--json", Self.recording(name)])
        let result = try Self.compare(name, report: report.output)
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    /// The number of threads that read changes nothing.
    @Test(.enabled(if: program("python3") != nil, "python3 is not installed"), arguments: ["lost-rt-6.12", "arm64-6.12"])
    func oneThreadSeesTheSame(name: String) throws {
        let report = try run(Places.command.path, ["report", "--json", "--jobs", "1", Self.recording(name)])
        let result = try Self.compare(name, report: report.output)
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    @Test(.enabled(if: program("python3") != nil, "python3 is not installed"))
    func comparisonSeesWhatIsWrong() throws {
        let report = try run(Places.command.path, ["report", "--json", Self.recording("plain-6.12")])
        let wrong = report.text.replacingOccurrences(of: "\"while_running\":", with: "\"while_running\":1")
        #expect(wrong != report.text)
        #expect(try Self.compare("plain-6.12", report: Data(wrong.utf8)).status == 1)
    }

    /// The softirqs of the plain report take the time of their tasks alone, on PREEMPT_RT too: together the shares of all CPUs.
    @Test func selfTimeOfSoftirqsIsThatOfTheirTasks() throws {
        for name in Self.names {
            let report = try Oracle.json(run(Places.command.path, ["report", "--json", Self.recording(name)]).output)
            let deep = try #require(report["deep"] as? Oracle.Object)
            // What is open at the ends, or beside a gap, has no duration.
            guard deep["open_at_end"] as? Int == 0, deep["gaps"] as? Int == 0, deep["unmatched_exits"] as? Int == 0 else {
                continue
            }
            let rows = try #require(report["softirqs"] as? [Oracle.Object])
            let own = rows.reduce(0) { $0 + (($1["duration"] as? Oracle.Object)?["self_ns"] as? Int ?? 0) }
            let shares = try #require(deep["cpu_share"] as? [Oracle.Object])
            let all = shares.reduce(0) {
                $0 + ($1["softirq_ns"] as? Int ?? 0) + ($1["softirq_thread_ns"] as? Int ?? 0)
            }
            #expect(own == all, "\(name)")
        }
    }

    @Test func recordingsWithoutSchedulerEventsHaveNone() throws {
        for words in [[Places.recording("armhf-v6")], [Self.recording("plain-6.12"), "--no-deep"]] {
            let report = try run(Places.command.path, ["report", "--json"] + words)
            #expect(try Oracle.json(report.output)["deep"] is NSNull)
        }
    }

    /// Without the deep analysis a report says what it said before there was one.
    @Test func otherKeysDoNotDependOnIt() throws {
        func keys(_ words: [String]) throws -> Oracle.Object {
            let report = try run(Places.command.path, ["report", "--json", Self.recording("threadirqs-6.1")] + words)
            var object = try Oracle.json(report.output)
            object["deep"] = nil
            object["events"] = nil
            return object
        }
        #expect(NSDictionary(dictionary: try keys([])) == NSDictionary(dictionary: try keys(["--no-deep"])))
    }
}
