import Foundation
import TestSupport
import Testing

/// One report of several recordings, against the reports of each by itself and the oracle's sums.
@Suite struct SeveralRecordingsTests {
    typealias Object = Oracle.Object

    private static let kinds = [
        ("irqs", "action"), ("softirqs", "name"), ("tasklets", "function"), ("vectors", "vector"), ("work", "function"),
    ]

    private static func report(_ words: [String], status: Int32 = 0) throws -> Object {
        let result = try run(Places.command.path, ["report", "-J"] + words)
        #expect(result.status == status, "\(result.errors)")
        return try Oracle.json(result.output)
    }

    private static func command(_ words: [String]) throws -> ProcessResult { try run(Places.command.path, words) }

    /// The numbers of each row that can be added up, and the extremes, by what the row is.
    private static func sums(_ reports: [Object]) -> [String: [String: UInt64]] {
        var sums: [String: [String: UInt64]] = [:]
        func add(_ row: String, _ key: String, _ value: Any?) {
            guard let value = Oracle.number(value) else { return }
            let before = sums[row]?[key]
            let isLeast = key.hasSuffix("min_ns")
            let isMost = key.hasSuffix("max_ns")
            sums[row, default: [:]][key] =
                isLeast ? min(before ?? .max, value) : isMost ? max(before ?? 0, value) : (before ?? 0) + value
        }
        for report in reports {
            for (kind, name) in kinds {
                for row in report[kind] as? [Object] ?? [] {
                    let id = "\(kind) \(row[name] ?? "")"
                    for key in ["calls", "entries", "starts", "unhandled", "handled", "wake_thread"] { add(id, key, row[key]) }
                    for part in ["duration", "raise_latency", "queue_latency"] {
                        guard let durations = row[part] as? Object else { continue }
                        for key in ["count", "total_ns", "self_ns", "min_ns", "max_ns"] { add(id, "\(part) \(key)", durations[key]) }
                        for bucket in durations["histogram"] as? [Object] ?? [] {
                            add(id, "\(part) from \(bucket["low_ns"] ?? "")", bucket["count"])
                        }
                    }
                    for cpu in row["cpus"] as? [Object] ?? [] {
                        for key in ["calls", "total_ns", "self_ns", "max_ns"] { add(id, "cpu \(cpu["cpu"] ?? "") \(key)", cpu[key]) }
                    }
                }
            }
        }
        return sums
    }

    /// Recordings of other formats, machines and packings.
    private static let different = [
        Places.recording("amd64-v7"), Places.recording("amd64-rt-v7"), Places.recording("s390x-v6"),
        Places.fixtures.appendingPathComponent("texts/l.default.txt.xz").path,
        Places.fixtures.appendingPathComponent("perf/default.perf.data.xz").path,
    ]

    @Test func rowsAreTheSumsOfTheirRecordings() throws {
        let whole = try Self.report(Self.different)
        let parts = try Self.different.map { try Self.report(["--no-deep", $0]) }
        // Where a text does not tell who woke a thread, nobody can say how many there were.
        var (ours, expected) = (Self.sums([whole]), Self.sums(parts))
        #expect(ours.values.allSatisfy { $0["wake_thread"] == nil })
        for id in expected.keys {
            ours[id]?["wake_thread"] = nil
            expected[id]?["wake_thread"] = nil
        }
        #expect(ours == expected && expected.count > 30)
        let (events, others) = (whole["events"] as? Object ?? [:], parts.map { $0["events"] as? Object ?? [:] })
        for key in ["total", "used", "gaps", "unmatched_entries", "unmatched_exits", "open_at_end", "lost_at_least"] {
            #expect(Oracle.number(events[key]) == others.reduce(0) { $0 + (Oracle.number($1[key]) ?? 0) }, "\(key)")
        }
        let sources = try #require(whole["sources"] as? [Object])
        #expect(sources.map { $0["file"] as? String } == Self.different)
        #expect((whole["source"] as? Object)?["file"] as? String == Self.different[0] && whole["deep"] is NSNull)
        for (source, part) in zip(sources, parts) {
            #expect(source["window"] as? [String: UInt64] == part["window"] as? [String: UInt64])
        }
        let notes = (whole["notes"] as? [String] ?? []).joined(separator: "\n")
        for word in ["different tracers (ftrace, perf)", "different resolutions", "--by file"] {
            #expect(notes.contains(word), "\(word): \(notes)")
        }
    }

    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"))
    func sumsAreThoseOfTheOracle() throws {
        let paths = [Places.recording("amd64-v7"), Places.recording("amd64-rt-v7")]
        var expected: [String: [UInt64]] = [:]
        for path in paths {
            for row in try Oracle.exact(path)["irqs"] as? [Object] ?? [] {
                let numbers = ["calls", "total_ns", "self_ns"].map { Oracle.number(row[$0]) ?? 0 }
                let before = expected[row["action"] as? String ?? ""] ?? [0, 0, 0]
                expected[row["action"] as? String ?? ""] = zip(before, numbers).map(+)
            }
        }
        var ours: [String: [UInt64]] = [:]
        for row in try Self.report(paths)["irqs"] as? [Object] ?? [] {
            let duration = row["duration"] as? Object ?? [:]
            ours[row["action"] as? String ?? ""] = [row["calls"], duration["total_ns"], duration["self_ns"]].map {
                Oracle.number($0) ?? 0
            }
        }
        #expect(ours == expected && ours.count == 8)
    }

    @Test func twiceTheSameIsTwiceAsMuch() throws {
        let path = Places.recording("amd64-v7")
        let (once, twice) = (try Self.report(["--no-deep", path]), try Self.report([path, path]))
        #expect(Self.sums([twice]) == Self.sums([once, once]))
        for key in ["p50_ns", "p99_ns", "mean_ns", "stddev_ns"] {
            let all = [once, twice].map { report in
                (report["irqs"] as? [Object] ?? []).map { ($0["duration"] as? Object)?[key] as? Double ?? -1 }
            }
            #expect(zip(all[0], all[1]).allSatisfy { abs($0 - $1) < 1e-9 * abs($0) }, "\(key)")
        }
        #expect(try irqscope("report", path, path).text.contains("2 recordings · 16.0 s together"))
    }

    /// A recording that was cut in two is the whole, but for the spans that are open at the cut.
    @Test func halvesAreTheWhole() throws {
        try withFolder { folder in
            let packed = Places.fixtures.appendingPathComponent("texts/a.default.txt.xz").path
            let made = try shell(
                "cd '\(folder)'; xz -dc '\(packed)' >whole; n=$(wc -l <whole); head -n $((n/2)) whole >1; "
                    + "(head -n 12 whole | grep '^#'; tail -n +$((n/2+1)) whole) | xz >2")
            #expect(made.status == 0, "\(made.errors)")
            let (whole, halves) = (try Self.report([folder + "/whole"]), try Self.report([folder + "/1", folder + "/2"]))
            func counts(_ report: Object) -> (calls: UInt64, durations: UInt64) {
                let rows = (report["irqs"] as? [Object] ?? []) + (report["softirqs"] as? [Object] ?? [])
                return rows.reduce((0, 0)) { sum, row in
                    (
                        sum.0 + (Oracle.number(row["calls"] ?? row["entries"]) ?? 0),
                        sum.1 + (Oracle.number((row["duration"] as? Object)?["count"]) ?? 0)
                    )
                }
            }
            func open(_ report: Object) -> UInt64 {
                Oracle.number((report["events"] as? Object)?["open_at_end"]) ?? 0
            }
            let (one, other) = (counts(whole), counts(halves))
            #expect(one.calls == other.calls && one.calls > 350)
            #expect(other.durations + open(halves) == one.durations + open(whole))
            #expect(open(halves) - open(whole) < 6)
        }
    }

    @Test func filesStayApartOnRequest() throws {
        let paths = Array(Self.different.prefix(3))
        let apart = try Self.report(["--by", "file"] + paths)
        for path in paths {
            var mine = apart
            for (kind, _) in Self.kinds {
                mine[kind] = (apart[kind] as? [Object] ?? []).filter { $0["file"] as? String == path }
            }
            let alone = try Self.report([path])
            #expect(Self.sums([mine]) == Self.sums([alone]))
            let source = (apart["sources"] as? [Object] ?? []).first { $0["file"] as? String == path }
            #expect((source?["deep"] as? NSObject) == (alone["deep"] as? NSObject))
        }
        let text = try Self.command(["report", "--by", "file"] + paths).text
        #expect(text.contains("  FILE             IRQ  ACTION") && text.contains("\n  amd64-rt-v7.dat   31  nvme0q1 "))
        let alone = try paths.map { try irqscope("report", "--csv", $0).text.components(separatedBy: "\n") }
        let csv = try Self.command(["report", "--csv", "--by", "file"] + paths).text.components(separatedBy: "\n")
        #expect(Set(csv) == Set(alone.flatMap { $0 }) && csv[0] == alone[0][0])
    }

    @Test func whatCannotBeReadIsSaid() throws {
        let path = Places.recording("amd64-v7")
        let result = try irqscope("report", "-J", path, "/nonexistent.dat", path)
        #expect(result.status == 1 && result.errors.contains("/nonexistent.dat"))
        let report = try Oracle.json(result.output)
        #expect((report["sources"] as? [Object])?.count == 2)
        #expect((report["notes"] as? [String])?.first?.contains("left out: /nonexistent.dat") == true)
        let none = try irqscope("report", "/nonexistent.dat", "/neither.dat")
        #expect(none.status == 1 && none.text.isEmpty)

        // Ticks and nanoseconds have no sum.
        let ticks = try irqscope("report", path, Places.recording("amd64-tsc"))
        #expect(ticks.status == 1 && ticks.errors.contains("amd64-tsc.dat: its times are ticks of the clock \"x86-tsc\""))
        #expect(ticks.text.contains("1 recording · 8.01 s together"))
    }

    /// A row is chosen by the number that it has in any of its recordings.
    @Test func choicesAreOfRowsThatWereAddedUp() throws {
        let paths = [Places.recording("amd64-v7"), Places.recording("amd64-rt-v7")]
        for number in ["28", "31"] {
            let rows = try Self.report(["--irq", number] + paths)["irqs"] as? [Object] ?? []
            let row = try #require(rows.first { $0["action"] as? String == "nvme0q1" })
            #expect(row["irq"] is NSNull && row["numbers"] as? [Int] == [28, 31] && row["calls"] as? Int == 3578)
            let held = try Self.command(["report", "--fail-if", "irq=\(number) action=nvme0q1 calls>=3578"] + paths)
            #expect(held.status == 2 && held.errors.contains("irq 28,31 nvme0q1 has calls 3,578"), "\(held.errors)")
            #expect(try Self.command(["report", "--fail-if", "irq=\(number) action=nvme0q1 calls>3578"] + paths).status == 0)
        }
        let filtered = try Self.report(["--filter", "^nvme0q1$", "--slow", "4"] + paths)
        #expect((filtered["irqs"] as? [Object])?.count == 1)
        #expect((filtered["slowest"] as? [Object])?.allSatisfy { paths.contains($0["file"] as? String ?? "") } == true)
        #expect((filtered["slowest"] as? [Object])?.count == 4)
        let cpu = try Self.report(["--cpu", "1"] + paths)["irqs"] as? [Object] ?? []
        #expect(cpu.allSatisfy { ($0["cpus"] as? [Object])?.map { $0["cpu"] as? Int } == [1] } && !cpu.isEmpty)

        for words in [["--every", "1s"], ["--deep"], ["--task", "dd"], ["--slow", "3", "--irq", "28"]] {
            let result = try Self.command(["report"] + words + paths)
            #expect(result.status == 64 && result.text.isEmpty && result.errors.contains("irqscope: "), "\(words): \(result.errors)")
        }
        #expect(try Self.command(["report", "--by", "file", "--task", "dd", "--slow", "3", "--irq", "28"] + paths).status == 0)
    }

    /// A recording without vectors says nothing about them: its time is not one in which there were none.
    @Test func sharesAreOfTheTimeInWhichTheKindWasRecorded() throws {
        let (with, without) = (Places.recording("amd64-v7"), Places.recording("amd64-rt-v7"))
        let condition = ["--fail-if", "vector=local_timer share>=3.3%"]
        for words in [[with], [with, without], [with, with]] {
            #expect(try Self.command(["report"] + condition + words).status == 2, "\(words)")
        }
        #expect(try Self.command(["report", "--fail-if", "irq=26 action=virtio1-req.1 share>=0.08%", with, without]).status == 0)
        func loads(_ words: String...) throws -> [String] {
            let text = try Self.command(["report", "--csv", "--section", "cpus", with, without] + words).text
            return text.split(separator: "\n").map(String.init)
        }
        #expect(try loads().first == "file,cpu,irq_ns,softirq_ns,vector_ns,total_ns,share,missing_ns")
        #expect(try loads().dropFirst().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false)[4].isEmpty })
        let apart = try loads("--by", "file").dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        #expect(apart.count == 4 && apart.allSatisfy { $0[4].isEmpty == $0[0].contains("rt") })
    }

    /// What only one recording has is refused for that reason, and not for an option that nobody gave.
    @Test(arguments: [["--task", "1"], ["--every", "1s"]]) func whatIsOfOneIsRefusedForThat(words: [String]) throws {
        let path = Places.recording("amd64-v7")
        let result = try run(Places.command.path, ["report"] + words + [path, path])
        #expect(result.status == 64 && result.errors.contains("one recording"), "\(result.errors)")
        #expect(!result.errors.contains("--no-deep"))
    }
}
