import Foundation
import TestSupport
import Testing

/// Programs of `--exec`: how they are told, and what becomes of changes that they have not told.
@Suite struct AlertExecTests {
    /// A box with a storm since its last run, and a hook that does `script` and notes its level in `log`.
    static func stormingBox(_ script: String = "", storms: [String: (cpu: Int, perSecond: Double)] = ["36": (0, 50_000)]) throws -> FakeBox
    {
        let box = try FakeBox()
        for irq in storms.keys where irq != "36" { box.add(irq, "PCI-MSIX-0000:00:03.0   \(irq)-edge      gadget\(irq)") }
        _ = try box.alert()
        try write("echo $1 >>\(box.root)/log\n\(script)", hook(box))
        box.pass(60, storms)
        return box
    }

    static func hook(_ box: FakeBox) -> String { box.root + "/hook" }
    static func log(_ box: FakeBox) -> String { (try? String(contentsOfFile: box.root + "/log", encoding: .utf8)) ?? "" }

    static func write(_ script: String, _ path: String) throws {
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    @Test func execTellsByArgumentsAndVariables() throws {
        let box = try FakeBox()
        _ = try box.alert()
        let hook = "#!/bin/sh\necho \"$1/$2/$3/$IRQSCOPE_IRQ/$IRQSCOPE_LEVEL/$IRQSCOPE_PREVIOUS_LEVEL/$IRQSCOPE_RATE\" >>\(box.root)/log\n"
        try Data(hook.utf8).write(to: URL(fileURLWithPath: box.root + "/hook"))
        _ = try shell("chmod 755 \(box.root)/hook")
        box.pass(60, ["36": (0, 50_000)])
        _ = try box.alert("--exec", box.root + "/hook")
        box.pass(60, ["36": (0, 150_000)])
        _ = try box.alert("--exec", box.root + "/hook")
        #expect(
            try String(contentsOfFile: box.root + "/log", encoding: .utf8)
                == "WARNING/storm/36/36/WARNING/OK/50000\nCRITICAL/storm/36/36/CRITICAL/WARNING/150000\n")
    }

    // MARK: Told once, not never

    /// What could not be told is told by the next run, and once.
    @Test(arguments: [
        ("/nonexistent/hook", "No such file or directory; name a program that can be run"),
        ("/etc/passwd", "Permission denied; name a program that can be run"), ("/bin/false", "it ended with status 1"),
        ("kill -TERM $$", "it was ended by signal 15"), ("exit 75", "it ended with status 75"),
    ]) func whatWasNotToldIsToldAgain(command: String, problem: String) throws {
        let box = try Self.stormingBox()
        var program = command
        if !command.hasPrefix("/") {
            program = box.root + "/failing"
            try Self.write(command, program)
        }
        func fail(_ status: Int32) throws {
            let result = try box.alert("--exec", program)
            #expect(result.status == status)
            #expect(result.errors == "irqscope: --exec \(program): \(problem); 1 change is told again by the next run\n")
        }
        for _ in 0..<2 {
            try fail(1)
            box.pass(60, ["36": (0, 50_000)])
        }
        for _ in 0..<2 {
            #expect(try box.alert("--exec", Self.hook(box)).status == 1)
            box.pass(60, ["36": (0, 50_000)])
        }
        #expect(Self.log(box) == "WARNING\n")
        box.pass(600)
        try fail(0)
        for _ in 0..<2 {
            box.pass(60)
            #expect(try box.alert("--exec", Self.hook(box)).status == 0)
        }
        #expect(Self.log(box) == "WARNING\nOK\n")
    }

    /// A program that cannot be started is tried once in a run, and said once.
    @Test func manyChangesAreOneProblem() throws {
        let storms = Dictionary(uniqueKeysWithValues: (100..<104).map { ("\($0)", (cpu: $0 - 100, perSecond: 50_000.0)) })
        let box = try Self.stormingBox(storms: storms)
        let missing = try box.alert("--exec", "/nonexistent/hook")
        #expect(missing.errors.contains("; 4 changes are told again by the next run\n"), "\(missing.errors)")
        #expect(missing.errors.split(separator: "\n").count == 1)
        // Those that fail for some of them only.
        try Self.write("echo $3 >>\(box.root)/told; test $3 = 102", Self.hook(box))
        for count in [3, 3] {
            box.pass(60, storms)
            let some = try box.alert("--exec", Self.hook(box))
            #expect(some.errors.contains("it ended with status 1; \(count) changes are told again"), "\(some.errors)")
        }
        let told = try String(contentsOfFile: box.root + "/told", encoding: .utf8).split(separator: "\n").sorted()
        #expect(told == ["100", "100", "101", "101", "102", "103", "103"])
    }

    /// Nobody was told of it, and it is over: there is nothing left to tell.
    @Test func whatIsOverBeforeItWasToldIsNot() throws {
        let box = try Self.stormingBox()
        _ = try box.alert("--exec", "/nonexistent/hook")
        box.pass(600)
        let over = try box.alert("--exec", Self.hook(box))
        #expect(over.status == 0 && over.text.isEmpty && over.errors.isEmpty && Self.log(box).isEmpty)
    }

    /// Started by somebody who ignores SIGCHLD, a parent never learns how a program ended.
    @Test(.enabled(if: program("python3") != nil)) func ignoredChildrenAreWaitedFor() throws {
        let box = try Self.stormingBox()
        try box.write()
        let clock = "\(box.clock.awake),\(box.clock.boot),\(box.clock.wall)"
        let words = [Places.command.path, "alert", "--proc-root", box.proc, "--state", box.state, "--exec", Self.hook(box)]
        let script = "import os,signal,sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
        let result = try run(program("python3") ?? "", ["-c", script] + words, environment: ["IRQSCOPE_TEST_CLOCK": clock])
        #expect(result.status == 1 && result.errors.isEmpty && Self.log(box) == "WARNING\n", "\(result.errors)")
    }

    /// One that hangs takes half of the time, so that others are told; what it began is killed with it.
    @Test func execIsBounded() throws {
        let storms = ["100": (cpu: 0, perSecond: 90_000.0), "101": (cpu: 1, perSecond: 50_000.0)]
        let box = try Self.stormingBox("[ $3 = 101 ] || exec /bin/sleep 61", storms: storms)
        let start = Date()
        let result = try box.alert("--exec", Self.hook(box))
        #expect(result.status == 1 && Self.log(box) == "WARNING\nWARNING\n")
        #expect(
            result.errors
                == "irqscope: --exec \(Self.hook(box)): it took more than 5 s and was killed; 1 change is told again by the next run\n")
        #expect(Date().timeIntervalSince(start) < 20)
        #expect(try shell("pgrep -f '/bin/sleep 61'").text.isEmpty)
    }
}
