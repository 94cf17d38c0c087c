import Foundation
import TestSupport
import Testing

/// What was asked for and is not there is named: nobody shall take silence for a result.
@Suite struct AbsentChoiceTests {
    static let box = Places.fixtures.path + "/doctor/one-cpu-nic.tar.zst"
    static let copies = ["s0", "s1"].map { Places.fixtures.path + "/proc/amd64/" + $0 }
    static let pair = [Places.recording("amd64-v7"), Places.recording("amd64-rt-v7")]

    private static func expect(_ words: [String], _ status: Int32, _ sentences: String...) throws {
        let result = try run(Places.command.path, words)
        #expect(result.status == status, "\(words): \(result.errors)")
        for sentence in sentences { #expect(result.errors.contains(sentence), "\(words): \(result.errors)") }
        #expect(result.errors.split(separator: "\n").count == sentences.count, "\(words): \(result.errors)")
    }

    @Test func tasks() throws {
        let deep = Places.fixtures.path + "/deep/host-busy-6.18.dat"
        let sentence = "host-busy-6.18.dat: no task that matches --task was woken by interrupts, or lost time to them"
        try Self.expect(["report", "--task", "nosuchtask", deep], 0, sentence)
        try Self.expect(["report", "--task", "4000000", deep], 0, sentence)
        try Self.expect(["report", "--task", "^irqscope$|swift|ksoftirqd|rcu", deep], 0)
        let plain = Places.recording("armhf-v6")
        let report = try irqscope("report", "--json", plain)
        if report.text.contains(#""deep":null"#) {
            try Self.expect(["report", "--task", "bash", plain], 0, "it has no events of the scheduler")
        }
    }

    @Test(arguments: [pair, copies]) func sidesOfComparisons(files: [String]) throws {
        let place = "\(files[0]) and \(files[1]): there is "
        try Self.expect(
            ["diff", "--irq", "4711", "--cpu", "77", "--filter", "nosuch"] + files, 0, place + "no interrupt 4711",
            place + "no CPU 77", place + "no name that matches --filter")
        try Self.expect(["diff", "--cpu", "0", "--filter", "virtio"] + files, 0)
    }

    @Test func places() throws {
        let box = try FakeBox()
        try box.write()
        let sys = "/nowhere: there is no such directory, so what /sys tells is unknown; check --sys-root"
        for words in [
            ["list"], ["top", "-b", "-n", "1", "-d", "0.1"], ["alert", "--interval", "100ms"], ["doctor"], ["affinity", "show"],
        ] {
            let result = try run(Places.command.path, words + ["--proc-root", box.proc, "--sys-root", "/nowhere"])
            #expect(result.errors.contains(sys), "\(words): \(result.errors)")
        }
        let tracing = "not looked at: /nowhere: there is no such directory; leave out --tracing-root"
        try Self.expect(["alert", "--interval", "100ms", "--tracing-root", "/nowhere"], 0, tracing)
        // A copy has nothing to trace.
        let copy = try irqscope("alert", "--interval", "100ms", "--proc-root", box.proc, "--tracing-root", "/nowhere")
        #expect(!copy.errors.contains("looked at"), "\(copy.errors)")
        for words in [["doctor"], ["affinity", "show"], ["affinity", "plan", "spread"]] {
            try Self.expect(words + ["--proc-root", "/nowhere"], 1, "/nowhere: No such file or directory; check --proc-root")
            try Self.expect(words + ["--root", "/nowhere"], 1, "/nowhere: No such file or directory; check --root")
        }
    }

    /// What is no copy is told by what it is.
    @Test func copiesThatAreNone() throws {
        let folder = try TestFolder()
        for (name, bytes) in [("empty", 0), ("short", 50)] {
            try Data(repeating: 7, count: bytes).write(to: URL(fileURLWithPath: folder.file(name)))
            for words in [["doctor"], ["affinity", "show"]] {
                try Self.expect(words + ["--root", folder.file(name)], 1, "\(name): this is no archive that irqscope snapshot made")
                try Self.expect(words + ["--proc-root", folder.file(name)], 1, "\(name): Not a directory; check --proc-root")
            }
        }
        try Self.expect(["doctor", "--root", folder.path], 1, "proc/interrupts is not there; give a folder")
    }

    @Test func devicesAndCPUs() throws {
        try Self.expect(
            ["doctor", "--root", Self.box, "--latency-cpus", "7,4096"], 0,
            "CPU 4096 of --latency-cpus is not online here, which has 0-7")
        try Self.expect(["doctor", "--root", Self.box, "--latency-cpus", "7"], 0)
        let sentence = "no interrupt is of nosuch; irqscope affinity show lists devices"
        try Self.expect(["affinity", "show", "--root", Self.box, "--device", "nosuch"], 1, sentence)
        try Self.expect(["affinity", "plan", "spread", "--root", Self.box, "--device", "nosuch"], 1, sentence)
    }

    /// A command to repeat is the one that was typed.
    @Test func theCommandToRepeat() throws {
        let folder = try TestFolder()
        let program = folder.file("irqscope")
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: program)
        chmod(folder.path, 0o755)
        func sentence(_ words: String) throws -> String {
            let prefix = getuid() == 0 ? "setpriv --reuid 65534 --clear-groups " : ""
            return try shell("\(prefix)'\(program)' \(words)").errors
        }
        #expect(
            try sentence("affinity apply spread --device eth0 --yes")
                == "irqscope: apply needs root, as only root may write masks: sudo irqscope affinity apply spread --device eth0 --yes\n")
        #expect(
            try sentence("affinity verify")
                == "irqscope: verify needs root, as only root may read what was applied: sudo irqscope affinity verify\n")
    }
}
