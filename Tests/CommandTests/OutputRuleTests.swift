import Foundation
import TestSupport
import Testing

/// What is there already under the name of -o: the same rule for all commands.
@Suite struct OutputRuleTests {
    static let recordings = [Places.recording("amd64-offline"), Places.recording("amd64-rt-v7")]

    /// Calls of commands, with 1 and 2 for recordings.
    static let calls = """
        report --format text 1
        report --format json 1
        report --format html 1
        report --format prometheus 1
        report --format text 1 2
        report --format json 1 2
        report --format csv 1 2
        report --format html 1 2
        report --color always 1
        diff --format text 1 2
        diff --format json 1 2
        diff --format csv 1 2
        diff --format html 1 2
        diff --color always 1 2
        export --format perfetto 1
        export --format csv 1
        export --format jsonl 1
        export --gzip --format perfetto 1
        export --gzip --format csv 1
        export --gzip --format jsonl 1
        export --format csv 1 2
        snapshot --quick
        """.split(separator: "\n").map(String.init) + tables.map { "report --csv --slow=3 --section \($0) 1" }

    static let tables = [
        "rows", "irqs", "softirqs", "tasklets", "vectors", "work", "per_cpu", "histograms", "cpus", "storms", "slowest",
        "events", "unused", "coverage", "coverage_cpus", "uncompared_cpus",
    ]

    private static func words(_ call: String) -> [String] {
        call.split(separator: " ").map { $0 == "1" ? recordings[0] : $0 == "2" ? recordings[1] : String($0) }
    }

    private static func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// What a command wrote is replaced, whatever it is run for the second time; an empty file is, too.
    @Test(arguments: calls) func whatACommandWroteIsReplaced(call: String) throws {
        let folder = try TestFolder()
        let words = Self.words(call)
        let file = folder.file("out")
        try Self.write("", file)
        for _ in 0..<2 {
            let result = try run(Places.command.path, words + ["-o", file])
            #expect(result.status == 0, "\(words): \(result.errors)")
        }
        let first = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(!first.isEmpty)
        // The next command over it knows that it is none of its own, but for pages, which are alike.
        for (other, name) in [("report", "report"), ("diff", "comparison"), ("export", "export")] where other != words[0] {
            if words.contains("html") && other != "export" || call.contains("--section") { continue }
            let given = other == "diff" ? Self.recordings : [Self.recordings[0]]
            let result = try run(Places.command.path, [other] + given + ["-o", file])
            let expected = "a file of this name is there already, is no \(name) and is left alone; replace it with --force"
            #expect(result.status == 1 && result.errors.contains(expected), "\(words): \(result.errors)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == first)
        #expect(folder.names == ["out"])
    }

    /// Files of others, some of which look alike.
    @Test(arguments: [
        "notes", "A  shopping list\nmilk\n", "file,kind\n", "file,kind,size\na,b,3\n", "{\"schema\":\"other.v1\"}\n", "{}\n",
        "trace.dat of Monday\n", "2 recordings of birds\n", "box 3, 2 CPUs, slow\n", "# HELP node_load1 Load.\n",
        "<!DOCTYPE html>\n<html>", "kind,number,name\n", "tracing\n", "\u{1b}[1m",
    ]) func filesOfOthersStay(text: String) throws {
        let folder = try TestFolder()
        let file = folder.file("mine")
        try Self.write(text, file)
        for words in [
            ["report", Self.recordings[0]], ["report", "--json", Self.recordings[0]], ["diff"] + Self.recordings,
            ["diff", "--csv"] + Self.recordings, ["export", Self.recordings[0]], ["snapshot", "--quick"],
            ["record", "--tracing-root", "/nowhere"],
        ] {
            let result = try run(Places.command.path, words + ["-o", file])
            #expect(result.status == 1 && result.errors.contains("is left alone; replace it with --force"), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
        #expect(folder.names == ["mine"])
    }

    /// An archive of somebody is no snapshot.
    @Test func archivesOfOthersStay() throws {
        let folder = try TestFolder()
        let made = try shell(
            "cd '\(folder.path)' && mkdir proc && echo 1 >proc/interrupts && tar -cf box.tar proc && zstd -q box.tar && rm -r proc")
        try #require(made.status == 0, "\(made.errors)")
        for name in ["box.tar", "box.tar.zst"] {
            let result = try irqscope("snapshot", "--quick", "-o", folder.file(name))
            #expect(result.status == 1 && result.errors.contains("is no snapshot and is left alone"), "\(result.errors)")
        }
    }

    /// What --force replaces, and what not even that.
    @Test func force() throws {
        let folder = try TestFolder()
        let (file, recording) = (folder.file("mine"), folder.file("r.dat"))
        try FileManager.default.copyItem(atPath: Self.recordings[0], toPath: recording)
        let before = try Data(contentsOf: URL(fileURLWithPath: recording))
        try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: false)
        for words in [["report", recording], ["diff", recording, Self.recordings[1]], ["export", recording]] {
            try Self.write("notes", file)
            let result = try run(Places.command.path, words + ["--force", "-o", file])
            #expect(result.status == 0, "\(result.errors)")
            #expect(try !Data(contentsOf: URL(fileURLWithPath: file)).starts(with: "notes".utf8))
            for (path, problem) in [(recording, "this is the recording itself"), (folder.file("d"), "Is a directory")] {
                let result = try run(Places.command.path, words + ["--force", "-o", path])
                #expect(result.status == 1 && result.errors.contains(problem), "\(result.errors)")
            }
        }
        // With no tracefs, which is told next.
        let record = try irqscope("record", "--force", "--tracing-root", "/nowhere", "-o", file)
        #expect(record.errors.contains("/nowhere: there is no such directory"), "\(record.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: recording)) == before)
    }

    /// A recording is one, whoever made it.
    @Test func recordingsAreReplaced() throws {
        let folder = try TestFolder()
        for name in ["amd64-v7", "armhf-v6"] {
            try FileManager.default.copyItem(atPath: Places.recording(name), toPath: folder.file(name))
            let result = try irqscope("record", "--tracing-root", "/nowhere", "-o", folder.file(name))
            #expect(result.errors.contains("/nowhere: there is no such directory"), "\(result.errors)")
        }
    }
}
