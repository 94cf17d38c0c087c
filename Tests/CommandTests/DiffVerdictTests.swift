import Foundation
import TestSupport
import Testing

/// A verdict says nothing about what could not be tested.
@Suite struct DiffVerdictTests {
    /// Two seconds of handlers at even distances, which take some microseconds each.
    private static func write(_ path: String, _ lines: [(irq: Int, calls: Int, microseconds: Int)]) throws {
        var events: [(time: Int, text: String)] = []
        for (irq, calls, microseconds) in lines {
            for call in 0..<calls {
                let time = 1_000_000 + call * 2_000_000 / calls + irq
                events.append((time, "irq_handler_entry: irq=\(irq) name=eth\(irq)"))
                // One in fifty takes longer.
                events.append((time + microseconds + (call % 50 == 0 ? 3 : 0), "irq_handler_exit: irq=\(irq) ret=handled"))
            }
        }
        var text = "# tracer: nop\n#\n"
        for event in events.sorted(by: { $0.time < $1.time }) {
            let digits = String(event.time % 1_000_000)
            let time = "\(event.time / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
            text += "          <idle>-0     [00\(event.text.contains("irq=1") ? 1 : 2)] d.h1.     \(time): \(event.text)\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func diff(_ words: String...) throws -> ProcessResult { try run(Places.command.path, ["diff"] + words) }

    /// The rates of a rare row are the same, and its times are too few to say anything, however far apart they are.
    @Test func sameNeedsThatAllWasTested() throws {
        let folder = try TestFolder()
        let (a, b) = (folder.file("a.txt"), folder.file("b.txt"))
        try Self.write(a, [(1, 80, 40), (2, 6000, 40)])
        try Self.write(b, [(1, 80, 2), (2, 6000, 40)])
        let document = try Oracle.json(Self.diff("--json", a, b).output)
        let rows = try #require(document["rows"] as? [Oracle.Object])
        func row(_ key: String) throws -> Oracle.Object { try #require(rows.first { $0["key"] as? String == key }) }
        let (rare, busy) = (try row("eth1"), try row("eth2"))
        let verdicts = try #require(rare["verdicts"] as? Oracle.Object)
        #expect(verdicts["per_s"] as? String == "same" && verdicts["p50"] as? String == "too few")
        #expect(rare["verdict"] as? String == "too few", "\(rare)")
        #expect(busy["verdict"] as? String == "same", "\(busy)")

        let text = try Self.diff(a, b).text
        #expect(text.contains("as far as that could be tested: of 1 of 2 rows not all could."), "\(text)")
        let line = try #require(text.split(separator: "\n").first { $0.contains("irq eth1") })
        #expect(line.hasSuffix("too few: P50, P99"), "\(line)")
        let page = try Self.diff("--format", "html", a, b).text
        #expect(page.contains("too few: P50, P99") && page.contains("of 1 of 2 rows not all could."))
        let csv = try Self.diff("--csv", a, b).text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let verdict = try #require(csv[0].firstIndex(of: "verdict"))
        let rate = try #require(csv[0].firstIndex(of: "verdict_per_s"))
        let found = try #require(csv.first { $0[1] == "eth1" })
        #expect(found[verdict] == "too few" && found[rate] == "same")

        #expect(try Self.diff("--fail-if", "irq=eth1 p50<-20%", a, b).status == 3)
        #expect(try Self.diff("--fail-if", "irq=eth1 per_s>+20%", a, b).status == 0)
        // Of several rows those that could be tested decide, and the others are named.
        let both = try Self.diff("--fail-if", "p50<-20%", a, b)
        #expect(both.status == 0 && both.errors.contains("could not be tested on irq eth1: there are too few calls"), "\(both.errors)")
    }

    /// Sets in which one recording has too few calls for a percentile.
    @Test func setsSayWhatTheyCouldNotTest() throws {
        let folder = try TestFolder()
        var words: [[String]] = [[], []]
        for place in 0..<8 {
            let path = folder.file("\(place).txt")
            try Self.write(path, [(1, place == 3 ? 500 : 1200 + place, 20 + place % 3)])
            words[place % 2].append(path)
        }
        let document = try Oracle.json(run(Places.command.path, ["diff", "--json"] + words[0] + ["--"] + words[1]).output)
        let row = try #require((document["rows"] as? [Oracle.Object])?.first)
        let verdicts = try #require(row["verdicts"] as? Oracle.Object)
        #expect(verdicts["p99"] as? String == "too few" && row["verdict"] as? String == "too few", "\(row)")
    }

    /// How many ticks make a second is unknown.
    @Test func ticksHaveNoRates() throws {
        let path = Places.recording("amd64-tsc")
        let document = try Oracle.json(Self.diff("--json", path, path).output)
        let rows = try #require(document["rows"] as? [Oracle.Object])
        #expect(!rows.isEmpty && rows.allSatisfy { ($0["a"] as? Oracle.Object)?["per_s"] is NSNull })
        #expect((document["notes"] as? [String])?.contains { $0.hasSuffix("there are no rates") } == true)
    }

    /// What a side did not record is neither new nor gone, and no condition holds by it.
    @Test func whatWasNotRecordedIsNotNew() throws {
        let folder = try TestFolder()
        let (a, b) = (folder.file("a.txt"), folder.file("b.txt"))
        try Self.write(a, [(1, 6000, 40), (3, 100, 20)])
        try Self.write(b, [(1, 6000, 40), (4, 100, 20)])
        var text = try String(contentsOfFile: b, encoding: .utf8)
        text += "          <idle>-0     [002] d.h1.     3.100000: softirq_entry: vec=3 [action=NET_RX]\n"
        text += "          <idle>-0     [002] d.h1.     3.100040: softirq_exit: vec=3 [action=NET_RX]\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: b))
        for (words, new, gone, absent) in [
            ([a, b], "eth4", "eth3", "a"), ([b, a], "eth3", "eth4", "b"), (["--filter", "NET|eth", a, b], "eth4", "eth3", "a"),
        ] {
            let document = try Oracle.json(run(Places.command.path, ["diff", "--json"] + words).output)
            #expect(document["new"] as? [String] == [new] && document["gone"] as? [String] == [gone], "\(document)")
            let kinds = try #require(document["absent_kinds"] as? [String: [String]])
            #expect(kinds == ["a": absent == "a" ? ["softirq"] : [], "b": absent == "b" ? ["softirq"] : []])
            let single = try #require(document["one_sided"] as? [Oracle.Object])
            let row = try #require(single.first { $0["key"] as? String == "NET_RX" })
            #expect((row[absent == "a" ? "b" : "a"] as? Oracle.Object)?["expected_calls"] is NSNull, "\(row)")
            #expect((document["notes"] as? [String])?.contains { $0.contains("no event at all of softirq (") } == true)
        }
        let shown = try Self.diff(a, b).text
        #expect(shown.contains("New: only in B\n") && shown.contains("\nNot recorded in A: only in B\n"), "\(shown)")
        let page = try Self.diff("--format", "html", a, b).text
        #expect(page.contains("Not recorded in A: only in B") && page.contains("1 row is of kinds of which A has no events."))
        let csv = try Self.diff("--csv", a, b).text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let verdict = try #require(csv[0].firstIndex(of: "verdict"))
        #expect(csv.first { $0[1] == "NET_RX" }?[verdict] == "" && csv.first { $0[1] == "eth4" }?[verdict] == "new")
        #expect(try Self.diff("--fail-if", "per_s>+20%", "--no-test", a, b).status == 0)
        #expect(try Self.diff("--fail-if", "softirq=* per_s>+20%", "--no-test", a, b).status == 3)
        // A choice of rows that a side has not is not a kind that it did not record.
        let chosen = try Oracle.json(Self.diff("--json", "--filter", "eth4", a, b).output)
        #expect(chosen["new"] as? [String] == ["eth4"])
    }

    /// What is shown of sets is one ratio, that of the values beside it, in the table, the sentence, JSON and conditions.
    @Test func setsHaveOneRatio() throws {
        let folder = try TestFolder()
        let (before, after) = ([40, 40, 40, 41, 60, 60, 60], [70, 70, 70, 90, 95, 96, 99])
        var (a, b): ([String], [String]) = ([], [])
        for place in before.indices {
            a.append(folder.file("a\(place).txt"))
            b.append(folder.file("b\(place).txt"))
            try Self.write(a[place], [(2, 2000, before[place])])
            try Self.write(b[place], [(2, 2000, after[place])])
        }
        func diff(_ words: String...) throws -> ProcessResult { try run(Places.command.path, ["diff"] + words + a + ["--"] + b) }
        let rows = try #require(Oracle.json(diff("--json").output)["rows"] as? [Oracle.Object])
        let ratio = try #require((rows[0]["ratio"] as? Oracle.Object)?["p50"] as? Double)
        #expect(abs(ratio - 90.0 / 41) < 0.03)
        let text = try diff().text
        let words = "x" + String(format: "%.2f", ratio)
        #expect(text.contains("p50 41.2 µs -> 90.0 µs (\(words), p "), "\(text)")
        let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("  irq eth2 ") })
        #expect(row.contains("41.2 µs  90.0 µs  \(words)"), "\(row)")
    }

    /// An interrupt that did not come in a recording came 0 times there, unless nothing of the kind was recorded.
    @Test func recordingsWithoutTheRowCount() throws {
        let folder = try TestFolder()
        var (a, b): ([String], [String]) = ([], [])
        for place in 0..<5 {
            a.append(folder.file("a\(place).txt"))
            b.append(folder.file("b\(place).txt"))
            try Self.write(a[place], [(2, 2000, 40)] + (place < 3 ? [(1, 50, 40)] : []))
            try Self.write(b[place], [(2, 2000, 40)] + (place < 1 ? [(1, 50, 40)] : []))
        }
        let document = try Oracle.json(run(Places.command.path, ["diff", "--json"] + a + ["--"] + b).output)
        let rows = try #require(document["rows"] as? [Oracle.Object])
        let row = try #require(rows.first { $0["key"] as? String == "eth1" })
        let (one, other) = (try #require(row["a"] as? Oracle.Object), try #require(row["b"] as? Oracle.Object))
        #expect(try #require(one["per_s"] as? Double) > 20 && other["per_s"] as? Double == 0 && other["cpu_share"] as? Double == 0)
        #expect(other["calls"] as? Int == 50 && (other["p50_ns"] as? Int ?? 0) > 0)
    }

    /// A number that one side has chooses the row of both, whatever its number there.
    @Test func aNumberOfOneSideChoosesTheRow() throws {
        let (a, b) = (Places.recording("amd64-v7"), Places.recording("amd64-rt-v7"))
        func rows(_ irqs: String) throws -> (both: [String], gone: Int) {
            let document = try Oracle.json(Self.diff("--json", "--irq", irqs, a, b).output)
            let rows = try #require(document["rows"] as? [Oracle.Object])
            return (rows.compactMap { $0["key"] as? String }, (document["gone"] as? [Any])?.count ?? -1)
        }
        // It is 30 in one and 33 in the other.
        for irqs in ["30", "33", "30,33"] {
            let found = try rows(irqs)
            #expect(found.both.contains("eth0-rx-0") && found.gone == 0, "\(irqs): \(found)")
        }
    }
}
