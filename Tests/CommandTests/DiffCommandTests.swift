import Foundation
import TestSupport
import Testing

/// `irqscope diff` against the same arithmetic in Python, and its promises to scripts.
@Suite struct DiffCommandTests {
    private static let folder = Places.repository.appendingPathComponent("Fixtures/recordings").path
    private static func recording(_ name: String) -> String { "\(folder)/\(name).dat" }

    private static func diff(_ words: String...) throws -> ProcessResult { try run(Places.command.path, ["diff"] + words) }

    private static func json(_ words: String...) throws -> [String: Any] {
        let result = try run(Places.command.path, ["diff", "--json"] + words)
        #expect(result.status == 0, "\(result.errors)")
        return try Oracle.json(result.output)
    }

    @Test func pairEqualsTheJackknifeOfSlices() throws {
        let (a, b) = (Self.recording("amd64-v7"), Self.recording("amd64-rt-v7"))
        let script = Places.repository.appendingPathComponent("Tests/oracle/compare.py").path
        let result = try run("/usr/bin/python3", [script, "pair", Places.command.path, a, b])
        let expected = try #require(try JSONSerialization.jsonObject(with: result.output) as? [[String: Any]])
        let document = try Self.json(a, b)
        let rows = try #require(document["rows"] as? [[String: Any]])
        #expect(document["schema"] as? String == "irqscope.diff.v1" && document["method"] as? String == "pair")
        #expect(rows.count == expected.count && rows.count > 5)
        var compared = 0
        for row in rows {
            let same = expected.first { $0["kind"] as? String == row["kind"] as? String && $0["key"] as? String == row["key"] as? String }
            let theirs = try #require(same?["z"] as? [String: Double], "\(row["key"] ?? "")")
            let ours = try #require(row["z"] as? [String: Any])
            for (name, value) in ours {
                guard let z = value as? Double else {
                    #expect(theirs[name] == nil, "\(name) of \(row["key"] ?? "")")
                    continue
                }
                compared += 1
                #expect(abs(z - (theirs[name] ?? .nan)) < 1e-6 * max(1, abs(z)), "\(name) of \(row["key"] ?? "")")
            }
        }
        #expect(compared > 10)
    }

    /// A recording is the same as itself, on both sides of any number.
    @Test func nothingDiffersFromItself() throws {
        let path = Self.recording("amd64-v7")
        for words in [[path, path], [path, path, path, path, "--", path, path, path, path]] {
            let result = try run(Places.command.path, ["diff", "--json"] + words)
            let rows = try #require(try Oracle.json(result.output)["rows"] as? [[String: Any]])
            #expect(!rows.isEmpty && rows.allSatisfy { $0["verdict"] as? String != "differs" })
            #expect(rows.allSatisfy { ($0["ratio"] as? [String: Any])?["p50"] as? Double ?? 1 == 1 })
        }
    }

    /// Sets of recordings by the rule of ranks: recordings of a slower handler are told from others.
    @Test func setsTellASlowHandler() throws {
        let folder = try TestFolder()
        var random = SeededGenerator(seed: 3)
        var words: [[String]] = [[], []]
        for index in 0..<14 {
            let isSlow = index % 2 == 1
            let name = folder.file("\(isSlow ? "b" : "a")\(index).dat")
            try Self.write(name, nanoseconds: isSlow ? 3000 : 2000, &random)
            words[index % 2].append(name)
        }
        let document = try Oracle.json(
            run(Places.command.path, ["diff", "--json"] + words[0] + ["--"] + words[1]).output)
        #expect(document["method"] as? String == "sets")
        let rows = try #require(document["rows"] as? [[String: Any]])
        let verdicts = Dictionary(
            uniqueKeysWithValues: rows.map { ($0["key"] as? String ?? "", $0["verdict"] as? String ?? "") })
        #expect(verdicts == ["slow": "differs", "steady": "same"])
        #expect(rows.first?["key"] as? String == "slow", "what got worse comes first")
        let ratio = (rows.first?["ratio"] as? [String: Any])?["p50"] as? Double ?? 0
        #expect((1.4...1.6).contains(ratio))
        let p = (rows.first?["p"] as? [String: Any])?["p50"] as? Double ?? 1
        #expect(p < 0.05 && p > 0)

        // Three against three can never tell.
        let few = try run(
            Places.command.path, ["diff", "--json"] + words[0].prefix(3) + ["--"] + words[1].prefix(3))
        let all = try #require(try Oracle.json(few.output)["rows"] as? [[String: Any]])
        #expect(all.allSatisfy { $0["verdict"] as? String == "too few" })

        let held = try run(
            Places.command.path, ["diff", "--fail-if", "irq=sl* p50>+20%"] + words[0] + ["--"] + words[1])
        #expect(held.status == 2 && held.errors.contains("irq=sl* p50>+20%"))
        let other = try run(
            Places.command.path, ["diff", "--fail-if", "irq=steady p50>+20%"] + words[0] + ["--"] + words[1])
        #expect(other.status == 0, "\(other.errors)")
    }

    /// A recording of 2 s with two handlers, a thousand calls each; one takes that long, give or take a tenth.
    private static func write(_ path: String, nanoseconds: UInt64, _ random: inout SeededGenerator) throws {
        var recording = RecordingBuilder()
        let events = EventBuilder(recording.texts, recording.byteOrder)
        var pages: [[UInt8]] = []
        var time: UInt64 = 1_000_000_000
        while pages.count < 100 {
            var page = PageBuilder(recording.layout, start: time)
            for _ in 0..<10 {
                for (irq, name, length) in [(1, "slow", nanoseconds), (2, "steady", 5000)] {
                    let took = UInt64.random(in: length * 9 / 10...length * 11 / 10, using: &random)
                    page.event(at: time, events.irqEntry(Int32(irq), name))
                    page.event(at: time + took, events.irqExit(Int32(irq), ret: 1))
                    time += 1_000_000
                }
            }
            pages.append(page.bytes())
        }
        recording.buffers = [("", [(0, pages)])]
        try Data(recording.build()).write(to: URL(fileURLWithPath: path))
    }

    /// A text of a pipe comes once, so nothing can be told from chance, and that is said; from a file it can.
    @Test func textsArePairedFromFilesOnly() throws {
        let packed = Places.repository.appendingPathComponent("Fixtures/texts/a.default.txt.xz").path
        let other = Self.recording("amd64-v7")
        let fromFile = try run(Places.command.path, ["diff", packed, other])
        #expect(fromFile.status == 0 && !fromFile.text.contains("which is read once"), "\(fromFile.text)")
        let fromPipe = try shell("xz -dc '\(packed)' | '\(Places.command.path)' diff - '\(other)'")
        #expect(fromPipe.status == 0 && fromPipe.text.contains("which is read once"), "\(fromPipe.text)")
        // A pipe with a name is not waited for a second time.
        let named = try run(
            "/bin/bash", ["-c", "timeout 20 '\(Places.command.path)' diff <(xz -dc '\(packed)') '\(other)'"])
        #expect(named.status == 0 && named.text.contains("which is read once"), "\(named.text)")
    }

    /// What got slower comes before what only comes more often, however much more.
    @Test func slowerComesFirst() throws {
        let rows = try #require(
            try Self.json(Self.recording("amd64-v7"), Self.recording("amd64-rt-v7"))["rows"] as? [[String: Any]])
        let changed = rows.filter { $0["verdict"] as? String == "differs" }.map { $0["key"] as? String ?? "" }
        #expect(changed.count == 7 && changed.starts(with: ["nvme0q1", "nvme0q2", "NET_RX"]), "\(changed)")
    }

    /// A tracer costs time inside of what it measures, so short durations of two of them are no difference.
    @Test func tracersAreNotTakenForHandlers() throws {
        let perf = Places.fixtures.appendingPathComponent("perf/default.perf.data.xz").path
        let script = Places.fixtures.appendingPathComponent("texts/script-default.txt.xz").path
        let ftrace = Places.fixtures.appendingPathComponent("texts/a.default.txt.xz").path
        func verdicts(_ a: String, _ b: String) throws -> (p50: Any?, rate: Any?, notes: String) {
            let document = try Self.json(a, b)
            let row = (document["rows"] as? [[String: Any]])?.first { $0["key"] as? String == "virtio1-req.0" }
            let all = row?["verdicts"] as? [String: Any]
            return (all?["p50"], all?["per_s"], (document["notes"] as? [String] ?? []).joined(separator: "\n"))
        }
        let apart = try verdicts(perf, ftrace)
        #expect(apart.p50 is NSNull && apart.rate is String && apart.notes.contains("different tracers (ftrace, perf)"))
        let same = try verdicts(perf, script)
        #expect(same.p50 as? String == "same" && !same.notes.contains("tracers"), "\(same)")
    }

    @Test func statusesOfConditions() throws {
        let path = Self.recording("amd64-v7")
        #expect(try Self.diff("--fail-if", "p50>+50%", path, path).status == 0)
        #expect(try Self.diff("--fail-if", "irq=none* p99>+50%", path, path).status == 3)
        let absent = try Self.diff("--fail-if", "irq=none* p99>+50%", path, path)
        #expect(absent.errors.contains("no such row on both sides; there are "), "\(absent.errors)")
        let few = try Self.diff("--fail-if", "irq=eth0* p99>+20%", path, Self.recording("amd64-rt-v7"))
        #expect(few.status == 3 && few.errors.contains("too few calls"), "\(few.errors)")
        #expect(try Self.diff("--fail-if", "max<+1%", path, path).status == 2, "the maximum is judged without a test")
        for words in [[path], [path, "--"], ["--fail-if", "p99", path, path], ["--fail-if", "p99>5us", path, path]] {
            let result = try run(Places.command.path, ["diff"] + words)
            #expect(result.status == 64 && !result.errors.isEmpty, "\(words)")
        }
        #expect(try Self.diff(path, "/nonexistent").status == 1)
    }
}
