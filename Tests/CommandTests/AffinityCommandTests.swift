import Foundation
import TestSupport
import Testing

/// `irqscope affinity`: plans of saved boxes, scripts, statuses, and what it refuses.
@Suite struct AffinityCommandTests {
    typealias Object = [String: Any]

    static func copy(_ box: String) -> [String] {
        ["--root", Places.fixtures.appendingPathComponent("doctor/\(box).tar.zst").path]
    }

    static func affinity(_ words: [String]) throws -> ProcessResult {
        try run(Places.command.path, ["affinity"] + words)
    }

    static func plan(_ words: [String]) throws -> Object {
        let result = try affinity(["plan"] + words + ["-J"])
        #expect(result.status == 0, "\(result.errors)")
        return try Oracle.json(result.output)
    }

    /// The kernel's numbers of a plan's lines and the masks that they get.
    static func masks(_ plan: Object) -> [Int: String] {
        var result: [Int: String] = [:]
        for line in plan["lines"] as? [Object] ?? [] {
            if let irq = line["irq"] as? Int, let new = line["new"] as? String { result[irq] = new }
        }
        return result
    }

    // MARK: Plans

    @Test func eightQueuesOnOneCPUGetOneEach() throws {
        let plan = try Self.plan(["spread", "--device", "ens192"] + Self.copy("one-cpu-nic"))
        #expect(plan["schema"] as? String == "irqscope.affinity.v1")
        #expect(plan["goal"] as? String == "spread")
        #expect(Self.masks(plan) == Dictionary(uniqueKeysWithValues: (0..<8).map { (56 + $0, "\($0)") }))
        let writes = try #require(plan["writes"] as? [Object])
        #expect(writes.count == 8)
        #expect(writes.first?["path"] as? String == "/proc/irq/56/smp_affinity_list")
        #expect(writes.last?["value"] as? String == "7")
    }

    @Test func linesLeaveIsolatedCPUs() throws {
        let plan = try Self.plan(["isolate"] + Self.copy("irqaffinity-all"))
        let masks = Self.masks(plan)
        for irq in 70...77 { #expect(["0", "1", "2", "3"].contains(masks[irq] ?? ""), "irq \(irq)") }
        let moved = (plan["lines"] as? [Object] ?? []).filter { $0["stays"] as? Bool == false }
        #expect(moved.count == 8)
        let writes = plan["writes"] as? [Object] ?? []
        #expect(writes.last?["path"] as? String == "/proc/irq/default_smp_affinity")
        #expect(writes.last?["value"] as? String == "000f")
        let notes = (plan["notes"] as? [String] ?? []).joined(separator: "\n")
        #expect(notes.contains("irqaffinity=0-3"))
        // The kernel's own queues are nobody's to move.
        #expect((41...56).allSatisfy { masks[$0] == nil })
    }

    @Test func theSameBoxGivesTheSamePlan() throws {
        let words = ["plan", "spread", "--xps", "--rps"] + Self.copy("one-cpu-nic")
        #expect(try Self.affinity(words).output == Self.affinity(words).output)
    }

    @Test func showNamesWhoHoldsALine() throws {
        let result = try Self.affinity(["show", "-J"] + Self.copy("irqaffinity-all"))
        let object = try Oracle.json(result.output)
        let lines = try #require(object["lines"] as? [Object])
        let queue = try #require(lines.first { $0["action"] as? String == "nvme0q5" })
        #expect(queue["settable"] as? Bool == false)
        #expect((queue["hold"] as? String)?.contains("managed") == true)
        #expect(object["isolated"] as? String == "4-15")
        #expect((object["movers"] as? [String])?.contains { $0.contains("irqaffinity=") } == true)
    }

    // MARK: The script

    /// What somebody else wrote since stays; the kernel writes masks with zeros and commas of its own.
    @Test(.enabled(if: program("sh") != nil, "needs a shell"))
    func theScriptLooksBeforeItPutsFilesBack() throws {
        let folder = try TestFolder()
        let text = try Self.affinity(["plan", "spread", "--device", "ens192", "--xps", "--script"] + Self.copy("one-cpu-nic")).text
        let script = folder.file("masks.sh")
        try Data(text.replacing("/sys/class/net/", with: folder.file("net/")).utf8).write(to: URL(fileURLWithPath: script))
        func file(_ queue: Int) -> URL { URL(fileURLWithPath: folder.file("net/ens192/queues/tx-\(queue)/xps_cpus")) }
        func masks() throws -> [String] {
            try (0..<8).map { try String(contentsOf: file($0), encoding: .utf8).trimmingCharacters(in: .newlines) }
        }
        for queue in 0..<8 {
            try FileManager.default.createDirectory(at: file(queue).deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("00\n".utf8).write(to: file(queue))
        }
        _ = try run("/bin/sh", [script, "do"])
        let written = try masks()
        try #require(Set(written).count == 8 && !written.contains("00"), "\(written)")
        try Data("f0\n".utf8).write(to: file(2))
        try Data("00000000,000000\(written[3])\n".utf8).write(to: file(3))
        let undone = try run("/bin/sh", [script, "undo"])
        #expect(undone.errors.contains("tx-2/xps_cpus: it is f0 by now"), "\(undone.errors)")
        let zero = { (mask: String) in mask.allSatisfy { $0 == "0" } }
        let left = try masks()
        #expect(left.enumerated().allSatisfy { $0.offset == 2 ? $0.element == "f0" : zero($0.element) }, "\(left)")
    }

    /// The script of a plan, on files instead of the kernel's.
    @Test(.enabled(if: program("dash") != nil || program("sh") != nil, "needs a shell"))
    func theScriptDoesAndUndoes() throws {
        let folder = try TestFolder()
        let text = try Self.affinity(["plan", "spread", "--device", "ens192", "--script"] + Self.copy("one-cpu-nic")).text
        let moved = text.replacing("/proc/irq/", with: folder.file("proc/")).replacing("/sys/kernel/irq/", with: folder.file("sys/"))
        let script = folder.file("masks.sh")
        try Data(moved.utf8).write(to: URL(fileURLWithPath: script))
        for queue in 0..<8 {
            // Queue 5 has gone, and its number is another's.
            let name = queue == 5 ? "nvme3q1" : "ens192-rxtx-\(queue)"
            for (path, text) in [
                ("proc/\(56 + queue)/smp_affinity_list", "0-7"), ("proc/\(56 + queue)/effective_affinity_list", "0"),
                ("sys/\(56 + queue)/actions", name),
            ] {
                let file = URL(fileURLWithPath: folder.file(path))
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data((text + "\n").utf8).write(to: file)
            }
        }
        func masks() throws -> [String] {
            try (0..<8).map {
                try String(contentsOfFile: folder.file("proc/\(56 + $0)/smp_affinity_list"), encoding: .utf8).trimmingCharacters(
                    in: .newlines)
            }
        }
        let done = try run("/bin/sh", [script, "do"])
        #expect(done.status == 1 && done.errors.contains("irq 61: it is not ens192-rxtx-5 any more"), "\(done.errors)")
        #expect(try masks() == ["0", "1", "2", "3", "4", "0-7", "6", "7"])
        // Somebody else's mask stays.
        try Data("2-3\n".utf8).write(to: URL(fileURLWithPath: folder.file("proc/58/smp_affinity_list")))
        let undone = try run("/bin/sh", [script, "undo"])
        #expect(undone.errors.contains("its mask is 2-3 by now"), "\(undone.errors)")
        #expect(try masks() == ["0-7", "0-7", "2-3", "0-7", "0-7", "0-7", "0-7", "0-7"])
        #expect(try run("/bin/sh", [script]).status == 64)
    }

    // MARK: Statuses

    @Test(arguments: [
        ([], "name what to do"), (["plan"], "<goal>"), (["plan", "faster"], "it is none of spread, numa, isolate"),
        (["plan", "spread", "--keep", "eth0"], "a name and a CPU are needed"),
        (["plan", "spread", "--cpus", "x"], "numbers and ranges"), (["apply", "--away", "1"], "options need a goal"),
        (["plan", "spread", "--script", "--json"], "leave out --json"), (["undo", "--wait", "0"], "a time is needed"),
        (["plan", "spread", "--script", "--persist"], "exclude each other"),
    ])
    func wrongUsageIsSaid(words: [String], message: String) throws {
        let result = try Self.affinity(words)
        #expect(result.status == 64 && result.errors.contains(message) && result.text.isEmpty, "\(result.errors)")
    }

    @Test func whatABoxLacksIsSaid() throws {
        let copy = Self.copy("one-cpu-nic")
        for (words, message) in [
            (["plan", "spread", "--device", "eth7"], "no interrupt is of eth7"),
            (["plan", "spread", "--cpus", "6-9"], "CPU 8-9 is not online"),
            (["plan", "isolate"], "name those to keep free with --away"),
            (["plan", "isolate", "--latency-cpus", "0-7"], "--latency-cpus leaves no CPU of 0-7 for interrupts; name others"),
            (["plan", "spread", "--latency-cpus", "0-5", "--away", "6-7"], "--latency-cpus and --away leave no CPU of 0-7"),
        ] {
            let result = try Self.affinity(words + copy)
            #expect(result.status == 1 && result.errors.contains(message) && result.text.isEmpty, "\(result.errors)")
        }
        #expect(try Self.affinity(["plan", "spread", "--root", "/nowhere"]).status == 1)
    }

    /// Nothing is read before that is said: it takes no time.
    @Test(.enabled(if: getuid() == 0 && program("setpriv") != nil, "needs root and setpriv"), arguments: ["apply", "verify", "undo"])
    func rootIsNeeded(verb: String) throws {
        let folder = try TestFolder()
        let copy = folder.file("irqscope")
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: copy)
        chmod(folder.file(""), 0o755)
        let words = ["--reuid", "65534", "--clear-groups", copy, "affinity", verb] + (verb == "apply" ? ["spread"] : [])
        let result = try run(program("setpriv") ?? "", words)
        #expect(result.status == 1 && result.errors.contains("\(verb) needs root") && result.text.isEmpty, "\(result.errors)")
    }

    private static let canUnshare =
        geteuid() == 0 && program("unshare") != nil && (try? run("/usr/bin/unshare", ["-m", "/bin/true"]).status) == 0

    /// With a state of its own and /proc/irq for reading only, as in a container: nothing is written, no state stays.
    @Test(.enabled(if: canUnshare, "needs root and unshare"))
    func whatCannotBeWrittenIsUndone() throws {
        let script = #"""
            mkdir -p /var/lib/irqscope && mount -t tmpfs none /var/lib/irqscope || exit 99
            mount --bind /proc/irq /proc/irq && mount -o remount,ro,bind /proc/irq || exit 99
            "$0" affinity apply isolate --away 0 --yes --quiet --force; echo "status $?"
            ls /var/lib/irqscope; "$0" affinity undo; "$0" affinity verify; echo "status $?"
            """#
        let result = try run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script, Places.command.path])
        let isDone = result.text.contains("status 1\naffinity.state.lock\nnothing is applied: nothing to undo\nstatus 1\n")
        #expect(isDone, "\(result.text) \(result.errors)")
        #expect(result.errors.contains("for reading only here"), "\(result.errors)")
    }

    @Test(.enabled(if: canUnshare, "needs root and unshare"))
    func aStateThatIsNoneIsLeftAlone() throws {
        let script = #"""
            mkdir -p /var/lib/irqscope && mount -t tmpfs none /var/lib/irqscope || exit 99
            echo precious >/var/lib/irqscope/affinity.state
            for verb in undo verify "apply spread --yes"; do "$0" affinity $verb; echo "status $?"; done
            cat /var/lib/irqscope/affinity.state
            printf 'irqscope affinity 1\nboot x\n' >/var/lib/irqscope/affinity.state
            "$0" affinity undo; echo "status $?"
            ln -sf /etc/passwd /var/lib/irqscope/affinity.state
            "$0" affinity undo; echo "status $?"
            """#
        let result = try run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script, Places.command.path])
        #expect(result.text == "status 1\nstatus 1\nstatus 1\nprecious\nstatus 1\nstatus 1\n", "\(result.text) \(result.errors)")
        #expect(
            result.errors.contains("no state of irqscope affinity") && result.errors.contains("is damaged: read it"), "\(result.errors)")
    }

    @Test(.enabled(if: canUnshare, "needs root and unshare"))
    func withoutATerminalNothingIsAsked() throws {
        let script = #"mount -t tmpfs none /var/lib/irqscope; "$0" affinity apply isolate --away 0 --force </dev/null; echo "status $?""#
        let result = try run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script, Places.command.path])
        #expect(result.text.hasSuffix("status 64\n") && result.errors.contains("--yes writes without a question"), "\(result.errors)")
    }
}
