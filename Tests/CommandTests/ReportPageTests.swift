import Foundation
import TestSupport
import Testing

/// `--format html` and `-o` of `report` and `diff`.
@Suite struct ReportPageTests {
    static let hostile = Places.fixtures.appendingPathComponent("texts/hostile-names.txt.xz").path

    /// A recording whose handlers have names that are HTML, script and style.
    private static func writeHostile(_ path: String) throws {
        var recording = RecordingBuilder()
        let events = EventBuilder(recording.texts, recording.byteOrder)
        var page = PageBuilder(recording.layout, start: 1_000_000_000)
        var time: UInt64 = 1_000_000_000
        for (number, name) in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style><svg onload=alert(2)>"].enumerated()
        {
            for _ in 0..<3 {
                page.event(at: time, events.irqEntry(Int32(number), name))
                page.event(at: time + 5000, events.irqExit(Int32(number), ret: 1))
                time += 1_000_000
            }
        }
        recording.buffers = [("", [(0, [page.bytes()])])]
        try Data(recording.build()).write(to: URL(fileURLWithPath: path))
    }

    @Test(.enabled(if: program("python3") != nil, "python3 is not here")) func pagesOfRealRecordingsAreWhole() throws {
        let folder = try TestFolder()
        try Self.writeHostile(folder.file("hostile.dat"))
        let deep = Places.fixtures.appendingPathComponent("deep/plain-6.12.dat").path
        let (a, b) = (Places.recording("amd64-v7"), Places.recording("amd64-rt-v7"))
        var pages: [String] = []
        for words in [
            ["report", deep], ["report", a, b], ["report", Places.recording("amd64-empty")], ["report", Self.hostile],
            ["report", folder.file("hostile.dat")], ["report", Places.recording("ppc64el-lost")], ["report", "--by", "file", a, b],
            ["report", Places.fixtures.appendingPathComponent("texts/c-counter.tgid.txt.xz").path], ["diff", a, b],
            ["diff", a, Self.hostile], ["diff", folder.file("hostile.dat"), Self.hostile],
        ] {
            let page = folder.file("page\(pages.count).html")
            let result = try run(Places.command.path, words + ["--format", "html", "-o", page])
            #expect(result.status == 0 && result.output.isEmpty && result.errors == "", "\(words): \(result.errors)")
            pages.append(page)
        }
        #expect(try PageTools.problems(pages) == "")
        for page in [pages[3], pages[4], pages[10]] {
            let text = try String(contentsOfFile: page, encoding: .utf8)
            #expect(text.contains("irq") && text.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !text.contains("<script>alert"))
            #expect(!text.contains("<img") && !text.contains("<svg onload"))
        }
        #expect(try String(contentsOfFile: pages[7], encoding: .utf8).contains("counts ticks, not time"))
        #expect(try String(contentsOfFile: pages[1], encoding: .utf8).contains("Pictures over time are those of one recording"))
    }

    /// Any format goes to a file as it goes to standard output.
    @Test(arguments: ["text", "json", "csv", "html"]) func filesHoldWhatIsPrinted(format: String) throws {
        let folder = try TestFolder()
        for words in [["report", Places.recording("amd64-v7")], ["diff", Places.recording("amd64-v7"), Places.recording("amd64-rt-v7")]] {
            let file = folder.file(words[0])
            let printed = try run(Places.command.path, words + ["--format", format])
            let written = try run(Places.command.path, words + ["--format", format, "-o", file])
            #expect(written.status == 0 && written.output.isEmpty, "\(written.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == printed.output && !printed.output.isEmpty)
        }
    }

    /// Files of others stay as they are, and so does one that is half of ours; our own pages are made anew.
    @Test func filesOfOthersStay() throws {
        let folder = try TestFolder()
        let (file, recording) = (folder.file("x.html"), Places.recording("amd64-v7"))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
        for format in ["text", "html"] {
            let result = try irqscope("report", "--format", format, "-o", file, recording)
            #expect(result.status == 1 && result.errors.contains("x.html: a file of this name is there already"), "\(result.errors)")
        }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        try FileManager.default.removeItem(atPath: file)
        for _ in 0..<2 {
            let result = try irqscope("report", "--format", "html", "-o", file, recording)
            #expect(result.status == 0, "\(result.errors)")
        }
        #expect(folder.names == ["x.html"])
    }

    @Test func placesThatCannotBeAreSaidOnce() throws {
        let folder = try TestFolder()
        let recording = Places.recording("amd64-v7")
        for (path, words) in [
            (folder.path, "Is a directory; name a file in it"), (folder.file("none/x.html"), "make the directory first"),
            ("/dev/full", "No space left on device"),
        ] {
            for words2 in [["report", recording], ["diff", recording, recording]] {
                let result = try run(Places.command.path, words2 + ["--format", "html", "-o", path])
                #expect(result.status == 1 && result.errors.contains(words), "\(path): \(result.errors)")
                #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            }
        }
        // A recording that cannot be read leaves no file.
        #expect(try irqscope("report", "--format", "html", "-o", folder.file("y.html"), "/etc/hostname").status == 1)
        let closed = try shell("'\(Places.command.path)' report --format html '\(recording)' | head -c 100; echo ${PIPESTATUS[0]}")
        #expect(closed.text.hasSuffix("0\n") && closed.errors == "", "\(closed.errors)")
        #expect(folder.names.isEmpty)
    }

    @Test func intervalsHaveNoPage() throws {
        let result = try irqscope("report", "--every", "10ms", "--format", "html", Places.recording("amd64-v7"))
        #expect(result.status == 64 && result.errors.contains("a page is one"), "\(result.errors)")
    }

    /// What was not chosen is in no picture, and the page says that it is a selection.
    @Test func selectionsAreSaid() throws {
        let file = Places.fixtures.appendingPathComponent("deep/plain-6.12.dat").path
        let whole = try irqscope("report", "--format", "html", file).text
        let page = try irqscope("report", "--format", "html", "--irq", "35", file).text
        func count(_ page: String, _ words: String) -> Int { page.ranges(of: words).count }
        #expect(count(whole, "<figure id=\"heat-") > 10 && whole.contains("id=\"cpus\"") && !whole.contains("a selection"))
        #expect(count(page, "<figure id=\"heat-") == 1 && page.contains("irq 35 ") && page.contains("a selection"))
        #expect(!page.contains("id=\"cpus\"") && !page.contains("<b><bdi>softirq NET_RX") && !page.contains("Not recorded"))
        let task = try irqscope("report", "--format", "html", "--task", "lg", file).text
        #expect(task.contains("<b><bdi>softirq NET_RX") && !task.contains("<b><bdi>rcu_preempt"))
        #expect(whole.contains("<b><bdi>rcu_preempt") && whole.contains("Times from one CPU to another"))
    }

    /// Where events are missing there may have been more.
    @Test func sharesBesideGapsAreLowerBounds() throws {
        let lost = try irqscope("report", "--format", "html", Places.recording("ppc64el-lost")).text
        #expect(lost.ranges(of: "<span class=\"soft\">≥ ").count == 4)
        let whole = try irqscope("report", "--format", "html", Places.fixtures.appendingPathComponent("deep/plain-6.12.dat").path).text
        #expect(!whole.contains("≥ ") && !whole.contains("Its own time was 127 ms"))
    }

    /// Ticks of a clock are no time.
    @Test func ticksHaveNoPictures() throws {
        let page = try irqscope("report", "--format", "html", Places.recording("amd64-tsc")).text
        #expect(page.contains("counts ticks, not time, so there is nothing to draw over time"))
        #expect(!page.contains("<figure id=\"heat-") && !page.contains("id=\"moments\""))
    }
}
