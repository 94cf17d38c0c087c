import Foundation
import TestSupport
import Testing

/// The deep analysis of texts: against exact numbers, and against the same events in a trace.dat.
@Suite struct DeepTextTests {
    private static let traceCmd = program("trace-cmd") ?? ""
    private static let isReady = program("trace-cmd") != nil && program("python3") != nil

    /// The report of what trace-cmd prints of a recording.
    private static func report(_ name: String, _ options: String, _ command: String = "report -J") throws -> ProcessResult {
        let path = DeepOracleTests.recording(name)
        return try shell("'\(traceCmd)' report \(options) '\(path)' 2>/dev/null | '\(Places.command.path)' \(command)")
    }

    /// Nanoseconds and raw numbers: as exact as the recording itself.
    @Test(
        .enabled(if: isReady, "trace-cmd or python3 is not installed"),
        arguments: [
            "plain-6.12", "threadirqs-6.1", "rt-6.12", "lost-rt-6.12", "arm64-6.12", "host-busy-6.18",
            "napi-threads-6.18",
        ])
    func textGivesTheExactNumbers(name: String) throws {
        let report = try Self.report(name, "-t -R")
        let result = try DeepOracleTests.compare(name, report: report.output)
        #expect(result.status == 0, "\(result.text)\(result.errors)\(report.errors)")
    }

    /// Microseconds, and states and results as words, once as libtraceevent's plugins print them and once as the kernel does.
    @Test(
        .enabled(if: isReady, "trace-cmd or python3 is not installed"),
        arguments: ["plain-6.12", "rt-6.12", "arm64-6.12", "napi-threads-6.18"], ["", "-N"])
    func microsecondsGiveTheSameCounts(name: String, option: String) throws {
        let exact = try run(Places.command.path, ["report", "-J", DeepOracleTests.recording(name)])
        let text = try Self.report(name, option)
        let result = try Self.near(exact.output, text.output, step: 1000)
        #expect(result.status == 0, "\(result.text)\(result.errors)\(text.errors)")
    }

    private static let layouts = TextOracleTests.expected.map(\.file).filter { $0.hasPrefix("a.") || $0.hasPrefix("report-a.") }

    /// One ring buffer, in each layout of tracefs and of three versions of trace-cmd.
    @Test(.enabled(if: program("python3") != nil, "python3 is not installed"), arguments: layouts)
    func layoutsTellTheSame(file: String) throws {
        #expect(Self.layouts.count >= 15)
        let exact = try run(Places.command.path, ["report", "-J", TextOracleTests.folder.path + "/a.dat"])
        let text = try run(Places.command.path, ["report", "-J", TextOracleTests.folder.path + "/" + file])
        let result = try Self.near(exact.output, text.output, step: 1000)
        #expect(result.status == 0, "\(result.text)\(result.errors)\(text.errors)")
    }

    /// The samples of perf and its own text of them, against exact numbers; perf.data tells functions by their addresses.
    @Test(
        .enabled(if: program("python3") != nil, "python3 is not installed"),
        arguments: [("texts/script-deep.txt.xz", [String]()), ("perf/deep.perf.data.xz", ["--addresses"])])
    func perfGivesTheExactNumbers(file: String, options: [String]) throws {
        let exact = try Data(contentsOf: Places.fixtures.appendingPathComponent("perf/deep.oracle.json"))
        let report = try run(Places.command.path, ["report", "-J", Places.fixtures.path + "/" + file])
        let result = try Self.near(exact, report.output, step: 1, options)
        #expect(result.status == 0, "\(result.text)\(result.errors)\(report.errors)")
    }

    static func near(_ exact: Data, _ text: Data, step: Int, _ options: [String] = []) throws -> ProcessResult {
        try withFolder { folder in
            try exact.write(to: URL(fileURLWithPath: folder + "/exact.json"))
            try text.write(to: URL(fileURLWithPath: folder + "/text.json"))
            return try run(
                "/usr/bin/env",
                [
                    "python3", Places.repository.appendingPathComponent("Tests/oracle/deep-near.py").path,
                    folder + "/exact.json", folder + "/text.json", String(step),
                ] + options)
        }
    }

    /// Results as words do not tell whether a thread was asked for: that it is woken at once does.
    @Test(.enabled(if: isReady, "trace-cmd or python3 is not installed"))
    func wordsDoNotTellRequests() throws {
        let report = try Oracle.json(Self.report("threadirqs-6.1", "").output)
        let deep = try #require(report["deep"] as? Oracle.Object)
        let threads = try #require(deep["threads"] as? [Oracle.Object])
        let ours = threads.filter { $0["kind"] as? String == "irq_thread" && Oracle.number($0["wakeups"]) ?? 0 > 10 }
        #expect(ours.count > 3)
        for thread in ours {
            #expect(thread["requests"] is NSNull)
            #expect(Oracle.number((thread["irq_to_run"] as? Oracle.Object)?["count"]) ?? 0 > 0)
        }
    }

    @Test(.enabled(if: isReady, "trace-cmd or python3 is not installed"), arguments: ["report -J --no-deep", "report -J"])
    func eventsThatAreNotReadAreCountedByName(command: String) throws {
        // Without the scheduler there is no deep analysis, and what it alone reads is not used.
        let path = DeepOracleTests.recording("plain-6.12")
        let filter = command.hasSuffix("deep") ? "cat" : "grep -v ' sched_'"
        let text = try shell(
            "'\(Self.traceCmd)' report '\(path)' 2>/dev/null | \(filter) | '\(Places.command.path)' \(command)")
        let report = try Oracle.json(text.output)
        #expect(report["deep"] is NSNull)
        let events = try #require(report["events"] as? Oracle.Object)
        let unused = try #require(events["unused"] as? [Oracle.Object])
        let counts = unused.map { Oracle.number($0["count"]) ?? 0 }
        #expect(Set(unused.compactMap { $0["event"] as? String }).isSuperset(of: ["napi_poll", "hrtimer_start"]))
        let sum = counts.reduce(0, +)
        #expect(Oracle.number(events["total"]) == sum + (Oracle.number(events["used"]) ?? 0))
    }

    /// Events of the scheduler that begin late are found: a file is read again, of a pipe that is said.
    @Test(.enabled(if: isReady, "trace-cmd or python3 is not installed")) func lateEventsOfTheSchedulerAreRead() throws {
        try withFolder { folder in
            let path = DeepOracleTests.recording("plain-6.12")
            let script = """
                cd '\(folder)'; '\(Self.traceCmd)' report -t -R '\(path)' 2>/dev/null > all
                { awk 'NR > 30000 || !/ sched_/' all; } > late; '\(Places.command.path)' report -J late > file.json
                cat late | '\(Places.command.path)' report -J > pipe.json; awk '/ sched_/' late | wc -l
                """
            let result = try shell(script)
            let file = try Oracle.json(Data(contentsOf: URL(fileURLWithPath: folder + "/file.json")))
            let deep = try #require(file["deep"] as? Oracle.Object, "\(result.errors)")
            #expect(Oracle.number(deep["events"]) == Oracle.number((file["events"] as? Oracle.Object)?["total"]))
            let pipe = try Oracle.json(Data(contentsOf: URL(fileURLWithPath: folder + "/pipe.json")))
            #expect(pipe["deep"] is NSNull)
            #expect((pipe["notes"] as? [String] ?? []).contains { $0.contains("begin late") })
        }
    }

    /// The texts of single CPUs one after another are in no order that could tell who woke whom.
    @Test(.enabled(if: isReady, "trace-cmd or python3 is not installed")) func textsOfSingleCPUsAreNotFollowed() throws {
        let path = DeepOracleTests.recording("plain-6.12")
        let command = "'\(Self.traceCmd)' report --cpu CPU '\(path)' 2>/dev/null | grep -v '^cpus='"
        let one = try shell("\(command.replacing("CPU", with: "0")) | '\(Places.command.path)' report -J")
        #expect(try Oracle.json(one.output)["deep"] is Oracle.Object)
        let two = try shell(
            "{ \(command.replacing("CPU", with: "0")); \(command.replacing("CPU", with: "1")); } | "
                + "'\(Places.command.path)' report -J")
        let report = try Oracle.json(two.output)
        #expect(report["deep"] is NSNull)
        #expect((report["notes"] as? [String] ?? []).contains { $0.contains("order of time") })
    }
}
