import Foundation
import TestSupport
import Testing

/// The pictures of a page of chosen rows, of several recordings and of several buffers, and the words beside them.
@Suite struct PageChoiceTests {
    private static func page(_ words: String...) throws -> String {
        try run(Places.command.path, ["report", "--format", "html"] + words).text
    }

    /// The captions of pictures over time: what is drawn, and how often.
    private static func captions(_ page: String) -> [(subject: String, statistic: String, counts: String)] {
        page.matches(of: #/<figure id="heat-\d+"><figcaption><b><bdi>(.*?)</bdi></b>, (.*?)<br>(.*?)(, half|</fig)/#).map {
            (String($0.1), String($0.2), String($0.3).replacingOccurrences(of: ",", with: ""))
        }
    }

    /// A row that was chosen has its picture, however little of the time it took.
    @Test(arguments: ["recordings/ppc64el-lost.dat", "deep/rt-6.12.dat", "recordings/amd64-rt-v7.dat"])
    func everyChosenRowHasItsPicture(name: String) throws {
        let path = Places.fixtures.appendingPathComponent(name).path
        let report = try Oracle.report(path)
        var count = 0
        for row in report["irqs"] as? [Oracle.Object] ?? [] {
            let (irq, action) = (row["irq"] as? Int ?? 0, row["action"] as? String ?? "")
            guard ((row["duration"] as? Oracle.Object)?["count"] as? Int ?? 0) > 0 else { continue }
            count += 1
            let captions = try Self.captions(Self.page("--irq", "\(irq)", path))
            #expect(captions.contains { $0.subject == "irq \(irq) \(action)" }, "\(irq) \(action)")
        }
        #expect(count == (name.contains("lost") ? 7 : 6), "the busiest six have a picture without being chosen")
        for row in report["softirqs"] as? [Oracle.Object] ?? [] {
            guard ((row["duration"] as? Oracle.Object)?["count"] as? Int ?? 0) > 0 else { continue }
            let softirq = row["name"] as? String ?? ""
            let captions = try Self.captions(Self.page("--filter", "^\(softirq)$", path))
            #expect(captions.contains { $0.subject == "softirq \(softirq)" && $0.statistic == "the time of each run" })
        }
    }

    /// The slowest moments are those of the rows that were chosen.
    @Test func momentsAreOfWhatWasChosen() throws {
        let path = Places.recording("ppc64el-lost")
        let page = try Self.page("--irq", "36", path)
        let moments = page.matches(of: #/<h3 id="moment-\d+">(.*?): <bdi>(.*?)</bdi>/#).map { String($0.2) }
        #expect(!moments.isEmpty && Set(moments) == ["irq 36 virtio2-output.0"], "\(moments)")
        let row = try irqscope("report", "--irq", "36", path).text.split(separator: "\n").first {
            $0.split(separator: " ").first == "36"
        }
        let longest = try #require(row?.split(separator: " ").suffix(2).joined(separator: " "))
        #expect(longest.hasSuffix(" ms") && page.contains("<h3 id=\"moment-0\">\(longest): "))
    }

    /// A thread that nothing but a chosen line woke keeps its picture, with all of its wake-ups.
    @Test func wakeupsOfAChosenLineAreDrawn() throws {
        let path = Places.fixtures.appendingPathComponent("deep/rt-6.12.dat").path
        let report = try Oracle.report(path)
        let wakes = (report["deep"] as? Oracle.Object)?["wakes"] as? [Oracle.Object] ?? []
        var tested = 0
        for row in report["irqs"] as? [Oracle.Object] ?? [] {
            let irq = row["irq"] as? Int ?? 0
            let shown = try Self.captions(Self.page("--irq", "\(irq)", path)).filter { $0.statistic.contains("wake-up") }
            for caption in shown {
                let all = wakes.filter { "\($0["comm"] as? String ?? "") \($0["pid"] as? Int ?? 0)" == caption.subject }
                let count = all.reduce(0) { $0 + (($1["latency"] as? Oracle.Object)?["count"] as? Int ?? 0) }
                #expect(caption.counts == "\(count) wait\(count == 1 ? "" : "s")", "\(caption)")
                tested += 1
            }
        }
        #expect(tested > 0)
    }

    /// A picture counts what has an end, a table all: where they differ, both are told.
    @Test(arguments: ["ppc64el-lost", "s390x-lost", "armhf-v7"]) func captionsTellBothCounts(name: String) throws {
        let path = Places.recording(name)
        let report = try Oracle.report(path)
        var differing = 0
        for caption in try Self.captions(Self.page(path)) where caption.statistic.hasPrefix("the time of each") {
            let isIRQ = caption.subject.hasPrefix("irq ")
            let rows = report[isIRQ ? "irqs" : caption.subject.hasPrefix("softirq ") ? "softirqs" : "none"] as? [Oracle.Object] ?? []
            let words = caption.subject.split(separator: " ", maxSplits: isIRQ ? 2 : 1)
            guard
                let row = rows.first(where: {
                    ($0["action"] ?? $0["name"]) as? String == words.last.map { String($0) }
                        && (!isIRQ || $0["irq"] as? Int == Int(words[1]))
                }), let finished = (row["duration"] as? Oracle.Object)?["count"] as? Int
            else { continue }
            let all = (row["calls"] ?? row["entries"]) as? Int ?? 0
            let thing = isIRQ ? "call" : "run"
            let one = all == 1 ? thing : thing + "s"
            #expect(caption.counts == (all > finished ? "\(finished) finished of \(all) \(one)" : "\(all) \(one)"))
            if all > finished { differing += 1 }
        }
        #expect(name == "armhf-v7" || differing > 0)
    }

    /// The share at the right of a lane is that of the table of CPUs; threads stand apart from it.
    @Test func lanesTellThreadsApart() throws {
        let path = Places.fixtures.appendingPathComponent("deep/rt-6.12.dat").path
        let page = try Self.page(path)
        #expect(page.contains("<h2 id=\"cpus\">CPU time in interrupts and their threads</h2>"))
        let text = try irqscope("report", path).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("CPU time in interrupts, without their threads") })
        let titles = lines[start + 1].split(separator: " ")
        let place = try #require(titles.firstIndex(of: "ALL"))
        let shares = page.matches(of: #/<span id="cpu-(\d+)">.*?</svg>.*?<span class="soft">(.*?)</span>/#.dotMatchesNewlines())
        #expect(shares.count > 1)
        for share in shares {
            let row = lines[(start + 2)...].first { $0.split(separator: " ").first == share.1 }
            #expect(row?.split(separator: " ")[place] == share.2.split(separator: " ").first, "CPU \(share.1)")
        }
        #expect(shares.contains { $0.2.contains("% + ") })
        let plain = try Self.page(Places.recording("amd64-v7"))
        #expect(plain.contains("<h2 id=\"cpus\">CPU time in interrupts</h2>") || plain.contains("and their threads"))
    }

    // MARK: Several recordings and buffers

    /// One of several that alone can be read has its pictures and findings.
    @Test func theOnlyReadableOneHasPictures() throws {
        let path = Places.recording("ppc64el-lost")
        let alone = try Self.page(path)
        let result = try irqscope("report", "--format", "html", "/nonexistent.dat", path)
        #expect(result.status == 1 && result.errors.contains("/nonexistent.dat"))
        let page = result.text
        #expect(Self.captions(page).map(\.subject) == Self.captions(alone).map(\.subject) && !Self.captions(page).isEmpty)
        #expect(page.contains("left out: /nonexistent.dat") && !page.contains("Findings are told of one recording at a time"))
        #expect(page.contains("events were lost") == alone.contains("events were lost") && page.contains("id=\"moment-0\""))

        let two = try Self.page(path, Places.recording("amd64-rt-v7"))
        #expect(two.contains("irqscope report --format html \(path)") && Self.captions(two).isEmpty)
    }

    /// The same handler in two buffers: whatever is told of it says which one is meant.
    @Test func findingsNameTheBuffer() throws {
        let folder = try TestFolder()
        var recording = RecordingBuilder()
        let events = EventBuilder(recording.texts, recording.byteOrder)
        func page(_ nanoseconds: UInt64) -> [UInt8] {
            var page = PageBuilder(recording.layout, start: 1_000_000_000)
            for place in 0..<3 as Range<UInt64> {
                page.event(at: 1_000_000_000 + place * 400_000_000, events.irqEntry(9, "nvme0q1"))
                page.event(at: 1_000_000_000 + place * 400_000_000 + nanoseconds, events.irqExit(9, ret: 1))
            }
            return page.bytes()
        }
        recording.buffers = [("", [(0, [page(150_000_000)])]), ("second", [(0, [page(160_000_000)])])]
        let path = folder.file("two.dat")
        try Data(recording.build()).write(to: URL(fileURLWithPath: path))
        let text = try irqscope("report", path).text
        #expect(text.contains("The handler of irq 9 nvme0q1 of buffer second took up to 160 ms"), "\(text)")
        #expect(text.contains("most of it in irq 9 nvme0q1 of buffer second ("), "\(text)")
        let page = try Self.page(path)
        #expect(page.contains("The handler of irq 9 nvme0q1 of buffer second took up to 160 ms"))
        #expect(Set(Self.captions(page).map(\.subject)) == ["irq 9 nvme0q1 of buffer top", "irq 9 nvme0q1 of buffer second"])
        let slow = try irqscope("report", "--slow", "2", path).text
        #expect(slow.contains("\n  BUFFER") && slow.contains("\n  second "))
        // The only buffer needs no name, whatever it is.
        #expect(try !irqscope("report", "--buffer", "second", path).text.contains("of buffer"))
    }
}
