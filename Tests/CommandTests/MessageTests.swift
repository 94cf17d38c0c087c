import Foundation
import TestSupport
import Testing

/// Facts that a command must not keep to itself, and words that it should keep short.
@Suite struct MessageTests {
    /// A copy of a recording among several doubles the sums.
    @Test func copiesAreTold() throws {
        let folder = try TestFolder()
        let path = Places.recording("amd64-v7")
        try FileManager.default.copyItem(atPath: path, toPath: folder.file("copy.dat"))
        let note = "it has the times and the events of \(path): if one is a copy of the other, all of it counts twice"
        for words in [[path, folder.file("copy.dat")], [path, path], ["--by", "file", path, path]] {
            let result = try run(Places.command.path, ["report"] + words)
            #expect(result.status == 0 && result.text.contains(note), "\(words)")
        }
        let others = try irqscope("report", path, Places.recording("amd64-rt-v7"), Places.recording("armhf-v7"))
        #expect(others.status == 0 && !others.text.contains("a copy of the other"))
    }

    @Test func slowestNeedsSlow() throws {
        let path = Places.recording("amd64-v7")
        let none = try irqscope("report", "--csv", "--section", "rows,slowest", path)
        #expect(none.status == 0 && none.errors == "irqscope: --section slowest has rows with --slow only, such as --slow 10\n")
        #expect(try irqscope("report", "--csv", "--section", "rows,slowest", "--slow", "1", path).errors.isEmpty)
    }

    /// A file that is no rules file is told in ten lines.
    @Test func mistakesAreFew() throws {
        let folder = try TestFolder()
        try Data(String(repeating: "\u{7}nonsense\n", count: 5_000).utf8).write(to: URL(fileURLWithPath: folder.file("rules")))
        let checked = try irqscope("alert", "--config", folder.file("rules"), "--check-config")
        let lines = checked.errors.split(separator: "\n")
        #expect(checked.status == 3 && lines.count == 11 && lines.last?.hasSuffix("what follows was not looked at") == true)
        #expect(try irqscope("alert", "--config", folder.file("rules")).errors.split(separator: "\n").count == 1)
    }

    @Test func directoriesOnStandardInput() throws {
        let folder = try TestFolder()
        let result = try shell("'\(Places.command.path)' report <'\(folder.path)'")
        #expect(
            result.errors == "irqscope: standard input: is a directory; redirect the recording in it, such as <DIR/trace.dat\n",
            "\(result.errors)")
    }

    @Test func aLineIsNotLines() throws {
        let result = try irqscope("report", "-", input: Data("hello\n".utf8))
        #expect(result.status == 1 && result.errors.contains("its only line is no event of a trace"), "\(result.errors)")
        let more = try irqscope("report", "-", input: Data("hello\nworld\n".utf8))
        #expect(more.errors.contains("none of its 2 lines is an event of a trace"), "\(more.errors)")
    }

    /// Interrupts need a CPU.
    @Test func awayLeavesSome() throws {
        let box = Places.fixtures.path + "/doctor/one-cpu-nic.tar.zst"
        for (words, left) in [(["--cpus", "0", "--away", "0"], "CPU of --cpus 0"), (["--away", "0-7"], "CPU of 0-7")] {
            let result = try run(Places.command.path, ["affinity", "plan", "spread", "--root", box] + words)
            #expect(result.status == 1 && result.text.isEmpty, "\(result.text)")
            #expect(result.errors.contains("--away leaves no \(left) for interrupts"), "\(result.errors)")
        }
    }

    @Test func oneInterruptIsOne() throws {
        let proc = try FakeProc()
        proc.add("36", "PCI-MSIX-0000:00:02.0   1-edge      disk0")
        try proc.publish()
        let result = try irqscope("alert", "--interval", "100ms", "--always", "--proc-root", proc.root)
        #expect(result.text.contains("1 interrupt on "), "\(result.text)\(result.errors)")
    }

    /// That the samples are close is a fact of the result.
    @Test func shortSamplesAreNoMessage() throws {
        let result = try irqscope("doctor", "--quick", "--no-trace")
        #expect(result.errors.isEmpty && result.text.hasSuffix("leave out --quick for those\n"), "\(result.errors)")
    }
}
