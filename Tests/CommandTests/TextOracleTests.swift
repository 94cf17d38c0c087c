import Foundation
import Testing
import TestSupport

/// The command on traces as text, against a plain Python script and against the same events in a trace.dat.
@Suite struct TextOracleTests {
    typealias Object = Oracle.Object

    static let folder = Places.fixtures.appendingPathComponent("texts")
    /// The texts of Fixtures/texts, each with the numbers that it must give.
    static let expected: [(file: String, numbers: String)] = {
        let table = (try? String(contentsOf: folder.appendingPathComponent("expected.tsv"), encoding: .utf8)) ?? ""
        return table.split(separator: "\n").map { line in
            let words = line.split(separator: "\t").map(String.init)
            return (words[0], words[1])
        }
    }()

    /// The report of a text, what it cannot tell filled in from what is expected of it.
    private func report(_ path: String, _ expected: Object) throws -> Object {
        var report = try Oracle.report(path)
        report["irqs"] = (report["irqs"] as? [Object] ?? []).map { row in
            var row = row
            if row["wake_thread"] is NSNull {
                let same = (expected["irqs"] as? [Object])?.first {
                    Oracle.number($0["irq"]) == Oracle.number(row["irq"]) && $0["action"] as? String == row["action"] as? String
                }
                row["wake_thread"] = same?["wake_thread"]
            }
            return row
        }
        return report
    }

    @Test(arguments: expected.map(\.file)) func numbersOfTextsAreThoseOfTheOracle(file: String) throws {
        let numbers = try #require(Self.expected.first { $0.file == file }?.numbers)
        let path = Self.folder.appendingPathComponent("\(numbers).expected.json")
        let expected = try Oracle.json(Data(contentsOf: path))
        let report = try report(Self.folder.appendingPathComponent(file).path, expected)
        #expect(Oracle.differences(report, expected) == [])
    }

    /// One ring buffer as recording and as text: equal counts, and durations that differ by the text's rounding only.
    @Test(arguments: [
        ("a", "a.default"), ("a", "report-a.3.1.6.default"), ("a", "report-a.3.1.6.t-R"), ("c-global", "c-global.tgid"),
        ("c-mono_raw", "c-mono_raw.tgid"),
    ])
    func recordingAndTextOfABufferAreTheSame(recording: String, text: String) throws {
        let exact = try Oracle.report(Self.folder.appendingPathComponent("\(recording).dat").path, "--no-deep")
        let read = try Oracle.report(Self.folder.appendingPathComponent("\(text).txt.xz").path)
        let step = Oracle.number((read["source"] as? Object)?["resolution_ns"]) ?? 1
        var compared = 0
        for (kind, name) in [("irqs", "action"), ("softirqs", "name"), ("vectors", "vector")] {
            func rows(_ report: Object) -> [String: Object] {
                let rows = report[kind] as? [Object] ?? []
                return Dictionary(rows.map { ($0[name] as? String ?? "", $0) }) { first, _ in first }
            }
            let (ours, theirs) = (rows(read), rows(exact))
            #expect(ours.keys.sorted() == theirs.keys.sorted())
            for (id, row) in ours {
                for key in ["calls", "entries", "unhandled"] { #expect(Oracle.number(row[key]) == Oracle.number(theirs[id]?[key])) }
                for part in ["duration", "raise_latency"] {
                    guard let one = row[part] as? Object, let other = theirs[id]?[part] as? Object else { continue }
                    #expect(Oracle.number(one["count"]) == Oracle.number(other["count"]))
                    let count = Oracle.number(one["count"]) ?? 0
                    for (key, times) in [("total_ns", count), ("max_ns", min(count, 1)), ("min_ns", min(count, 1))] {
                        let apart = Double(Oracle.number(one[key]) ?? 0) - Double(Oracle.number(other[key]) ?? 0)
                        #expect(abs(apart) <= Double(times * (step > 1 ? step : 0)), "\(id) \(part) \(key)")
                        compared += 1
                    }
                }
            }
        }
        #expect(compared >= 9)
    }

    /// trace-cmd marks what the ring buffer overwrote before the first event, which the text of the kernel does not.
    @Test(arguments: ["report-l.3.1.6.default", "report-l.3.3.1.default"]) func overwrittenEventsAreAGap(text: String) throws {
        let expected = try Oracle.json(Data(contentsOf: Self.folder.appendingPathComponent("l.us.expected.json")))
        let report = try report(Self.folder.appendingPathComponent("\(text).txt.xz").path, expected)
        #expect(Oracle.differences(report, expected) == ["gaps: 1 for 0"])
        #expect((report["events"] as? Object)?["lost"] is NSNull)
    }

    @Test func exactRecordingsEqualTheirExpectations() throws {
        for name in ["a", "c-global", "c-mono_raw", "l"] {
            let expected = try Oracle.json(Data(contentsOf: Self.folder.appendingPathComponent("\(name).expected.json")))
            let report = try Oracle.report(Self.folder.appendingPathComponent("\(name).dat").path)
            #expect(Oracle.differences(report, expected) == [], "\(name)")
        }
    }

    @Test func expectationsAreThere() { #expect(Self.expected.count == 31) }

    /// The same events through trace-cmd's text, with times to the nanosecond and results as numbers.
    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: ["amd64-nomsi-v7", "amd64-rt-v7", "amd64-tasklets", "s390x-instances", "ppc64el-lost"])
    func traceCmdsTextGivesTheSameNumbers(name: String) throws {
        let path = Places.recording(name)
        let text = try shell(
            "'\(program("trace-cmd") ?? "")' report -t -R -i '\(path)' 2>/dev/null | '\(Places.command.path)' report -J --no-deep")
        #expect(text.status == 0, "\(text.errors)")
        // A trace.dat tells some functions by their addresses; DeepTextTests has the rest.
        let whole = try run(Places.command.path, ["report", "-J", "--no-deep", path])
        var (recorded, read) = (try Oracle.json(whole.output), try Oracle.json(text.output))
        #expect((read["source"] as? Object)?["format"] as? String == "ftrace")
        for key in ["source", "notes", "coverage", "slowest"] { (recorded[key], read[key]) = (nil, nil) }
        var (events, others) = (recorded["events"] as? Object ?? [:], read["events"] as? Object ?? [:])
        // Names without their system; the kernel's count of what was overwritten is no part of the text.
        for key in ["unused", "overrun"] { (events[key], others[key]) = (nil, nil) }
        (recorded["events"], read["events"]) = (events, others)
        for rows in ["irqs", "tasklets", "work", "softirqs", "vectors", "storms"] {
            #expect(Self.plain(recorded[rows]) == Self.plain(read[rows]), "\(rows)")
            (recorded[rows], read[rows]) = (nil, nil)
        }
        #expect(NSDictionary(dictionary: recorded) == NSDictionary(dictionary: read))
    }

    /// Rows as texts in an order of their own, without what only a trace.dat knows of hardware and modules.
    private static func plain(_ rows: Any?) -> [String] {
        (rows as? [Object] ?? []).map { row in
            var row = row
            for key in ["module", "device", "driver", "chip", "hwirq", "trigger", "node", "affinity", "effective_affinity"] {
                row[key] = nil
            }
            let data = try? JSONSerialization.data(withJSONObject: row, options: [.sortedKeys])
            return String(decoding: data ?? Data(), as: UTF8.self)
        }.sorted()
    }

    // MARK: Pipes

    @Test func textComesThroughPipesPackedOrNot() throws {
        let path = Self.folder.appendingPathComponent("a.default.txt.xz").path
        let whole = try shell("'\(Places.command.path)' report --format csv '\(path)' | cut -d, -f2-").output
        for pipe in ["cat PATH", "xz -dc PATH", "xz -dc PATH | gzip -c", "xz -dc PATH | zstd -qc"] {
            let writer = pipe.replacing("PATH", with: "'\(path)'")
            let piped = try shell("\(writer) | '\(Places.command.path)' report --format csv | cut -d, -f2-")
            #expect(piped.output == whole, "\(pipe): \(piped.errors)")
        }
    }

    @Test func intervalsAddUpToTheWhole() throws {
        let path = Self.folder.appendingPathComponent("a.default.txt.xz").path
        let parts = try run(Places.command.path, ["report", "-J", "--every", "5ms", path])
        #expect(parts.status == 0, "\(parts.errors)")
        let reports = try parts.output.split(separator: 10).map { try Oracle.json(Data($0)) }
        let whole = try Oracle.report(path)
        #expect(reports.count >= 6)
        for (rows, key) in [("irqs", "calls"), ("softirqs", "entries"), ("vectors", "entries"), ("work", "starts")] {
            func sum(_ reports: [Object], _ value: (Object) -> UInt64?) -> UInt64 {
                reports.flatMap { $0[rows] as? [Object] ?? [] }.reduce(0) { $0 + (value($1) ?? 0) }
            }
            #expect(sum(reports) { Oracle.number($0[key]) } == sum([whole]) { Oracle.number($0[key]) }, "\(rows)")
            for key in ["count", "total_ns", "self_ns"] {
                let part: (Object) -> UInt64? = { Oracle.number(($0["duration"] as? Object)?[key]) }
                #expect(sum(reports, part) == sum([whole], part), "\(rows) \(key)")
            }
        }
        // A recording is one report, which shows calls over time.
        let recording = try run(Places.command.path, ["report", "--every", "5ms", Places.recording("s390x-v7")])
        #expect(recording.status == 0 && recording.text.contains("Over time"))
    }

    @Test func whatWasReadUpToAnInterruptIsReported() throws {
        let text = Self.folder.appendingPathComponent("a.default.txt.xz").path
        // The writer stays after its last line, as trace_pipe does; the reader gets the signal.
        let script = """
            mkfifo pipe; exec 3<>pipe; '\(Places.command.path)' report -J < pipe > out & reader=$!
            xz -dc '\(text)' >&3; sleep 1; kill -INT $reader; wait $reader; echo "status $?"
            """
        try withFolder { folder in
            let result = try shell("cd '\(folder)'; set -m; \(script)")
            #expect(result.text.contains("status 0"), "\(result.text) \(result.errors)")
            let report = try Oracle.json(Data(contentsOf: URL(fileURLWithPath: folder + "/out")))
            #expect(Oracle.number((report["events"] as? Object)?["total"]) == 3189)
        }
    }
}
