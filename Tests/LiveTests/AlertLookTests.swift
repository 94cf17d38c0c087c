import Foundation
import TestSupport
import Testing

/// The second's look that `irqscope alert` takes at a real storm, through the tracefs of this machine.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct AlertLookTests {
    /// A state of its own, and levels that reads of a disk exceed.
    final class Box {
        let folder = try! TestFolder()
        var state: String { folder.file("state") }

        func words(_ more: [String]) -> [String] {
            [Places.command.path, "alert", "--state", state, "--warn-rate", "1k", "--crit-rate", "500k"] + more
        }

        func alert(_ more: String...) throws -> ProcessResult {
            let words = words(more)
            return try run(words[0], Array(words.dropFirst()))
        }

        /// Makes a state to compare with.
        func begin() throws {
            _ = try alert("--no-trace")
            usleep(600_000)
        }
    }

    static func storm(_ text: String) throws -> [String: Any] {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let findings = object["findings"] as? [[String: Any]] ?? []
        // Other lines may be busy too; the disk's is the one whose device is a disk.
        return try #require(
            findings.first { $0["verdict"] as? String == "storm" && ($0["device"] as? String)?.hasPrefix("vd") == true }, "\(text)")
    }

    static func number(_ finding: [String: Any], _ key: String) throws -> Double {
        try #require((finding[key] as? NSNumber)?.doubleValue, "\(key): \(finding)")
    }

    @Test func aRealStormIsNamedLookedAtAndOver() throws {
        let settings = try Tracefs.topSettings()
        let neighbour = (Tracefs.root ?? "") + "/instances/neighbour-\(UUID().uuidString)"
        try #require(mkdir(neighbour, 0o700) == 0)
        defer { rmdir(neighbour) }
        let box = Box()
        try DiskLoad.during {
            try box.begin()
            let recorder = try Recorder(box.words([]))
            #expect(recorder.status() == 1, "\(recorder.text)\(recorder.errors)")
            #expect(recorder.errors.isEmpty)
            #expect(try Tracefs.instances(of: recorder.id) == [])
            let line = try #require(recorder.text.split(separator: "\n").first { $0.contains("(vd") })
            #expect(line.hasPrefix("WARNING storm: irq ") && line.contains("virtio"), "\(line)")
            #expect(line.contains("its handler takes ") && line.contains(" of CPU ") && line.contains("; 0% unhandled"), "\(line)")
            usleep(600_000)
            let plugin = try box.alert("--format", "nagios")
            #expect(plugin.text.split(separator: "\n").dropFirst().contains { $0.contains("its handler takes ") }, "\(plugin.text)")
            usleep(600_000)
            let finding = try Self.storm(try box.alert("-J", "--output", box.folder.file("m.prom")).text)
            let (rate, calls) = try (Self.number(finding, "total_per_s"), Self.number(finding, "handler_calls"))
            // The load is not the same in the look as before it.
            #expect(calls > rate / 5 && calls < rate * 5, "\(rate) counted a second, \(calls) calls in the look")
            let (mean, p99, most) = try (
                Self.number(finding, "handler_mean_ns"), Self.number(finding, "handler_p99_ns"), Self.number(finding, "handler_max_ns")
            )
            #expect(mean > 100 && mean <= most && p99 <= most)
            let (share, look) = try (Self.number(finding, "handler_cpu_share"), Self.number(finding, "handler_look_ns"))
            #expect(look >= 1e9 && look < 3e9)
            // On one CPU it is all of it, on two the larger part.
            let whole = mean * calls / look
            #expect(share <= whole * 1.01 && share >= whole * 0.49, "\(share) of \(whole)")
            #expect(try Self.number(finding, "handler_unhandled_share") == 0 && Self.number(finding, "handler_lost_events") == 0)
            let actions = try #require(finding["handler_actions"] as? [[String: Any]])
            #expect(actions.count == 1 && actions.first?["calls"] as? Double == calls)
            // A saved copy has no handlers: the other tests of the page cannot see these keys.
            let page = try String(contentsOf: Places.repository.appendingPathComponent("man/irqscope-alert.1"), encoding: .utf8)
            for key in actions.first?.keys.sorted() ?? [] { #expect(page.contains("\n.BR \(key) "), "\(key)") }
            let metrics = try String(contentsOfFile: box.folder.file("m.prom"), encoding: .utf8)
            #expect(metrics.contains("\nirqscope_finding_handler_cpu_ratio{verdict=\"storm\""), "\(metrics)")
            #expect(metrics.contains("\nirqscope_finding_unhandled_ratio{verdict=\"storm\""))
        }
        try Self.expectItClears(box)
        #expect(try Tracefs.topSettings() == settings)
        #expect(access(neighbour, F_OK) == 0, "another tracer's instance is gone")
    }

    /// Others may read the disk meanwhile, so the level goes by how busy it is now: well above that, the storm is over.
    static func expectItClears(_ box: Box) throws {
        var text = ""
        for _ in 0..<10 {
            _ = try box.alert("--no-trace")
            let (before, start) = (try diskCount(), Date())
            sleep(1)
            let perSecond = Double(try diskCount() - before) / Date().timeIntervalSince(start)
            let level = "\(Int(max(perSecond * 4, 1_000)))"
            text = try box.alert("--no-trace", "--warn-rate", level, "--crit-rate", "50M").text
            if text.contains("OK storm: irq "), text.contains("(vd"), text.contains("over, storm ended") { return }
        }
        Issue.record("it did not clear: \(text)")
    }

    /// The interrupts of the machine's disks so far.
    static func diskCount() throws -> Int {
        try String(contentsOfFile: "/proc/interrupts", encoding: .utf8).split(separator: "\n").reduce(0) { sum, line in
            guard line.contains("-req.") else { return sum }
            let words = line.split(separator: " ").dropFirst().prefix { Int($0) != nil }
            return sum + words.reduce(0) { $0 + (Int($1) ?? 0) }
        }
    }

    @Test func noStormIsNotLookedAt() throws {
        let box = Box()
        let words = [Places.command.path, "alert", "--state", box.state, "--warn-rate", "50M", "--crit-rate", "50M"]
        for _ in 0..<2 {
            let start = Date()
            let recorder = try Recorder(words)
            while recorder.isRunning { #expect(try Tracefs.instances(of: recorder.id) == []) }
            #expect(recorder.status() == 0 && Date().timeIntervalSince(start) < 10)
            usleep(400_000)
        }
    }

    @Test func switchedOffOrImpossibleTheCountersRemain() throws {
        let box = Box()
        try DiskLoad.during {
            try box.begin()
            let off = try box.alert("--no-trace")
            #expect(off.status == 1 && off.errors.isEmpty && off.text.contains("(vd"), "\(off.text)\(off.errors)")
            #expect(!off.text.contains("handler"))
            usleep(600_000)
            let wrong = try box.alert("--tracing-root", "/nowhere")
            #expect(wrong.status == 1, "not UNKNOWN: \(wrong.text)\(wrong.errors)")
            #expect(wrong.errors.contains("/nowhere: there is no such directory; leave out --tracing-root"), "\(wrong.errors)")
            #expect(wrong.text.contains("its handler not looked at: there is no such directory"), "\(wrong.text)")
            usleep(600_000)
            let finding = try Self.storm(try box.alert("-J", "--tracing-root", "/tmp").text)
            #expect(finding["handler_problem"] as? String == "this is not the kernel's tracefs")
            #expect(finding["handler_cpu_share"] is NSNull && finding["handler_actions"] is NSNull)
        }
    }

    /// A read-only tracefs, as containers have it.
    @Test func readOnlyTracefsIsARemark() throws {
        if try shell("unshare -m true").status != 0 { try Test.cancel("there are no mount namespaces here") }
        let box = Box()
        try DiskLoad.during {
            try box.begin()
            let words = box.words([]).map { "'\($0)'" }.joined(separator: " ")
            let root = try #require(Tracefs.root)
            let result = try shell("unshare -m /bin/sh -c \"mount -o remount,bind,ro \(root) && exec \(words)\"")
            #expect(
                result.status == 1 && result.text.contains("its handler not looked at: tracefs is mounted read-only"),
                "\(result.text)\(result.errors)")
        }
    }

    @Test(.enabled(if: program("setpriv") != nil)) func withoutRootNothingIsSaid() throws {
        let box = Box()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: box.folder.path)
        let copy = box.folder.file("irqscope")
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: copy)
        let words = ["--reuid", "65534", "--clear-groups", copy] + box.words([]).dropFirst()
        try DiskLoad.during {
            _ = try run(program("setpriv") ?? "", words)
            usleep(600_000)
            let result = try run(program("setpriv") ?? "", words)
            #expect(result.status == 1 && result.errors.isEmpty && result.text.contains("(vd"), "\(result.text)\(result.errors)")
            #expect(!result.text.contains("handler"))
        }
    }

    // MARK: Ways out

    /// Ended while it looks, by a signal: nothing was told, nothing is left, and the next run tells.
    @Test func endedWhileItLooks() throws {
        let numbers = [SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGKILL]
        let boxes = numbers.map { _ in Box() }
        try DiskLoad.during {
            for box in boxes { _ = try box.alert("--no-trace") }
            usleep(600_000)
            let before = try boxes.map { try Data(contentsOf: URL(fileURLWithPath: $0.state)) }
            let recorders = try boxes.map { try Recorder($0.words([])) }
            for recorder in recorders { try recorder.waitForTrace() }
            for (recorder, number) in zip(recorders, numbers) { recorder.send(number) }
            for (index, recorder) in recorders.enumerated() {
                let number = numbers[index]
                #expect(recorder.status() == 128 + number && recorder.text.isEmpty, "\(recorder.text)\(recorder.errors)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: boxes[index].state)) == before[index])
                if number != SIGKILL { #expect(try Tracefs.instances(of: recorder.id) == []) }
            }
            let next = try boxes.map { try Recorder($0.words(["--changes"])) }
            for run in next {
                #expect(run.status() == 1, "\(run.text)\(run.errors)")
                #expect(run.text.contains("(vd") && run.text.contains("its handler takes"), "\(run.text)\(run.errors)")
            }
            for recorder in recorders {
                #expect(try Tracefs.instances(of: recorder.id) == [], "the next run removes what SIGKILL leaves")
            }
        }
    }

    /// Runs at once look once, tell the change once, and all see the storm.
    @Test func runsAtOnceShareTheLook() throws {
        let box = Box()
        let hook = box.folder.file("hook")
        try Data("#!/bin/sh\necho $1 $2 $3 >>\(box.folder.file("log"))\n".utf8).write(to: URL(fileURLWithPath: hook))
        _ = try shell("chmod 755 \(hook)")
        try DiskLoad.during {
            try box.begin()
            let start = Date()
            let recorders = try (0..<6).map { _ in try Recorder(box.words(["--exec", hook])) }
            for recorder in recorders { #expect(recorder.status() == 1, "\(recorder.text)\(recorder.errors)") }
            #expect(Date().timeIntervalSince(start) < 5, "one look after the other")
            #expect(recorders.filter { $0.text.contains("its handler takes") }.count == 1)
        }
        let told = try String(contentsOfFile: box.folder.file("log"), encoding: .utf8).split(separator: "\n")
        #expect(Set(told).count == told.count && told.contains { $0.hasPrefix("WARNING storm ") }, "\(told)")
    }

    /// Each sample but the last is judged by its counters: however long `--for` is, there is one look.
    @Test func anIntervalEndsWithOneLook() throws {
        try DiskLoad.during {
            let start = Date()
            let words = ["alert", "--interval", "300ms", "--for", "1s", "--warn-rate", "1k", "--crit-rate", "500k"]
            let result = try run(Places.command.path, words)
            #expect(result.status == 1 && result.text.contains("its handler takes "), "\(result.text)\(result.errors)")
            let took = Date().timeIntervalSince(start)
            #expect(took > 2.2 && took < 5, "four intervals and a second: \(took)")
        }
    }
}
