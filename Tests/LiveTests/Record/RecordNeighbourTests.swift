import Foundation
import TestSupport
import Testing

/// `irqscope record` beside other tracers, and on a machine whose CPUs go and come.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct RecordNeighbourTests {
    static func write(_ text: String, _ name: String) throws {
        let descriptor = open("\(Tracefs.root ?? "")/\(name)", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0, "\(name)")
        defer { close(descriptor) }
        #expect(Foundation.write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    /// Somebody traces softirqs in the top-level buffer meanwhile.
    @Test func topLevelTracerIsUndisturbed() throws {
        let folder = try TestFolder()
        try LiveMachine.use(isExclusive: true) {
            let event = "events/irq/softirq_raise"
            try #require(try Tracefs.text(event + "/enable") == "0\n", "somebody else traces")
            // trace-cmd leaves it off where it was stopped.
            let wasOn = try Tracefs.text("tracing_on").trimmingCharacters(in: .newlines)
            try Self.write("1", "tracing_on")
            try Self.write("vec != 9", event + "/filter")
            try Self.write("1", event + "/enable")
            defer {
                try? Self.write(wasOn, "tracing_on")
                try? Self.write("0", event + "/enable")
                try? Self.write("0", event + "/filter")
                try? Self.write("0", "trace")
            }
            let before = try Tracefs.settings("")
            let result = try RecordTests.record("--duration", "1s", "-o", folder.file("a.dat"), "--irq", "5")
            #expect(result.status == 0, "\(result.errors)")
            #expect(try Tracefs.settings("") == before)
            #expect(try Tracefs.text(event + "/enable") == "1\n" && Tracefs.text(event + "/filter") == "vec != 9\n")
            let stats = try Tracefs.text("per_cpu/cpu0/stats")
            let entries = stats.split(separator: "\n").first.flatMap { Int($0.dropFirst("entries: ".count)) }
            #expect(entries ?? 0 > 0, "it went on")
        }
        #expect(try Tracefs.text("events/irq/softirq_raise/enable") == "0\n")
        #expect(try Tracefs.text("events/irq/softirq_raise/filter") == "none\n")
    }

    @Test func twoAtOnceDoNotMeet() throws {
        let folder = try TestFolder()
        let first = try Recorder(record: ["--duration", "1s", "-o", folder.file("a.dat")])
        let second = try Recorder(record: ["--duration", "1s", "-o", folder.file("b.dat")])
        #expect(first.status() == 0 && second.status() == 0 && folder.names == ["a.dat", "b.dat"])
        #expect(try Tracefs.instances(of: first.id) + Tracefs.instances(of: second.id) == [])
    }

    @Test(.enabled(if: TopLiveTests.canSwitch, "this machine does not allow to switch \(TopLiveTests.switchPath)"))
    func cpuGoesOfflineAndReturns() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        try LiveMachine.use(isExclusive: true) {
            // Whatever becomes of this process, the CPU comes back: at the end of this pipe, or after a while.
            let (guardian, pipe) = (Process(), Pipe())
            guardian.executableURL = URL(fileURLWithPath: "/bin/bash")
            guardian.arguments = ["-c", "trap '' HUP INT TERM; read -t 60; echo 1 > \(TopLiveTests.switchPath)"]
            guardian.standardInput = pipe
            try guardian.run()
            defer {
                #expect(TopLiveTests.setOnline(true))
                try? pipe.fileHandleForWriting.close()
                #expect((try? String(contentsOfFile: TopLiveTests.switchPath, encoding: .utf8)) == "1\n")
            }
            let recorder = try Recorder(record: ["-o", path, "--events", "irq,softirq,irq_vectors"])
            try recorder.waitForTrace()
            if !TopLiveTests.setOnline(false) { try Test.cancel("the kernel did not let CPU 1 go") }
            usleep(700_000)
            #expect(recorder.isRunning)
            try #require(TopLiveTests.setOnline(true))
            usleep(700_000)
            recorder.send(SIGINT)
            #expect(recorder.status() == 0 && recorder.errors.contains("none lost"), "\(recorder.errors)")
            #expect(try Tracefs.instances(of: recorder.id) == [])
        }
        let report = try Oracle.report(path)
        #expect(Oracle.differences(report, try Oracle.exact(path)) == [])
        // The timer ran on CPU 1 before and after.
        let vectors = report["vectors"] as? [[String: Any]] ?? []
        let cpus = vectors.flatMap { $0["cpus"] as? [[String: Any]] ?? [] }.compactMap { $0["cpu"] as? Int }
        #expect(vectors.isEmpty || Set(cpus).isSuperset(of: [0, 1]))
        for row in try RecordTests.coverage(path).rows.values {
            #expect(RecordTests.number(row, "counted") ?? 0 < 10_000_000, "\(row)")
        }
    }
}
