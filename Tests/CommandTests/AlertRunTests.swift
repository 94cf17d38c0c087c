import Foundation
import IRQCore
import TestSupport
import Testing

/// How `irqscope alert` runs: its state file, its output, its statuses, and bad situations.
@Suite struct AlertRunTests {
    // MARK: State

    /// Of other versions, or cut short.
    @Test(arguments: [
        "{\"schema\":\"irqscope.alert_state.v4\"}\n", "irqalert\u{1}\u{0}\u{0}\u{0}", "irqalert\u{3}\u{0}\u{0}\u{0}",
        "irqalert\u{2}\u{0}\u{0}\u{0}", "irqalert",
    ])
    func statesOfNoUseAreSetAside(content: String) throws {
        let box = try FakeBox()
        try Data(content.utf8).write(to: URL(fileURLWithPath: box.state))
        let result = try box.alert()
        #expect(result.status == 0 && result.errors.contains("kept as \(box.state).bad; a new baseline begins"), "\(result.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: box.state + ".bad")) == Data(content.utf8))
        box.pass(60, ["36": (0, 50_000)])
        let next = try box.alert()
        #expect(next.status == 1 && next.errors.isEmpty)
    }

    @Test func damageIsFound() throws {
        let box = try FakeBox()
        _ = try box.alert()
        let whole = try Data(contentsOf: URL(fileURLWithPath: box.state))
        for position in stride(from: AlertStateFile.magic.count, to: whole.count, by: max(1, whole.count / 9)) {
            var changed = whole
            changed[position] ^= 4
            try changed.write(to: URL(fileURLWithPath: box.state))
            let result = try box.alert()
            #expect(result.status == 0 && result.errors.contains("a new baseline begins"), "byte \(position): \(result.errors)")
        }
    }

    @Test func missingDirectoryIsSaid() throws {
        let box = try FakeBox()
        let result = try box.alert("--state", box.root + "/none/x")
        #expect(result.status == 3 && result.errors.contains("make \(box.root)/none"), "\(result.errors)")
        #expect(result.text.isEmpty)
    }

    @Test(.enabled(if: getuid() == 0, "needs root to mount a small file system"))
    func fullAndReadOnlyFileSystems() throws {
        let box = try FakeBox()
        let folder = box.root + "/small"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if try shell("mount -t tmpfs -o size=64k irqscope-test \(folder)").status != 0 {
            try Test.cancel("root may mount nothing here")
        }
        defer { _ = try? shell("umount \(folder)") }
        let state = folder + "/alert.state"
        #expect(try box.alert("--state", state).status == 0)
        let before = try Data(contentsOf: URL(fileURLWithPath: state))
        _ = try shell("head -c 100000 /dev/zero >\(folder)/fill")
        box.pass(60, ["36": (0, 5)])
        let full = try box.alert("--state", state)
        #expect(full.status == 3 && full.errors.contains("No space left"), "\(full.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: state)) == before, "the last state stays")
        box.pass(60, ["36": (0, 90_000)])
        #expect(try box.alert("--state", state).status == 1, "a storm goes before that")
        _ = try shell("rm \(folder)/fill; mount -o remount,ro \(folder)")
        let readOnly = try box.alert("--state", state)
        #expect(readOnly.status == 1 && readOnly.errors.contains("Read-only file system"), "\(readOnly.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["alert.state", "alert.state.lock"])
    }

    @Test func unreadableProcIsUnknown() throws {
        let box = try FakeBox()
        _ = try box.alert()
        let before = try Data(contentsOf: URL(fileURLWithPath: box.state))
        try FileManager.default.removeItem(atPath: box.proc + "/interrupts")
        let gone = try box.look([])
        #expect(gone.status == 3 && gone.errors.contains("interrupts: No such file"), "\(gone.errors)")
        try Data().write(to: URL(fileURLWithPath: box.proc + "/interrupts"))
        #expect(try box.look(["--format", "nagios"]).text.hasPrefix("IRQSCOPE UNKNOWN - "))
        #expect(try Data(contentsOf: URL(fileURLWithPath: box.state)) == before)
    }

    /// Where nothing can be read all is unknown, and nothing is zero.
    @Test func whatNobodyReadIsNotZero() throws {
        let box = try FakeBox()
        func look(_ format: String) throws -> String {
            let result = try box.look(["--format", format])
            #expect(result.status == 3)
            return result.text
        }
        for text in [nil, "CPU0 CPU1\n"] {
            try text.map { try box.write("interrupts", $0) }
            let json = try look("json")
            #expect(json.contains("\"cpus\":null") && json.contains("\"rows\":null"), "\(json)")
            #expect(json.contains("\"status\":\"UNKNOWN\""))
            let nagios = try look("nagios")
            #expect(nagios.contains("'storm'=U;") && !nagios.contains("=0;"), "\(nagios)")
            let metrics = try look("prometheus")
            #expect(metrics.contains("irqscope_last_run_success 0") && !metrics.contains("verdict="), "\(metrics)")
        }
    }

    /// The end of a table was cut off, in a row or in its words: nobody has judged what stood there, and it is not gone.
    @Test(arguments: [0.3, 0.5, 0.8, 0.999]) func cutTablesAreUnknown(part: Double) throws {
        let box = try FakeBox()
        // The first row has a finding that goes on behind the cut; the last one stands behind it.
        box.rows.insert(box.rows.removeLast(), at: 0)
        box.add("70", "GICv2 70 Level     quiet")
        box.rows.append(FakeBox.Row(label: "71", tail: "GICv2 71 Level     button", counts: [5, 5, 5, 5]))
        _ = try box.alert()
        box.pass(60, ["71": (0, 150_000)])
        #expect(try box.alert().text.contains("CRITICAL storm: irq 71"))
        box.pass(60, ["71": (0, 150_000)])
        try box.write()
        let whole = try String(contentsOfFile: box.proc + "/interrupts", encoding: .utf8)
        try box.write("interrupts", String(whole.prefix(Int(Double(whole.count) * part))))
        let state = try Data(contentsOf: URL(fileURLWithPath: box.state))
        let cut = try box.look(["--format", "json"])
        #expect(cut.errors.contains("the text ends within a row"), "\(cut.errors)")
        #expect(cut.text.contains(part < 0.9 ? "\"exit_status\":3" : "\"exit_status\":2"), "\(cut.text)")
        #expect(!cut.text.contains("\"ending\":\"gone\""))
        #expect(try Data(contentsOf: URL(fileURLWithPath: box.state)) == state)
        box.pass(60, ["71": (0, 150_000)])
        #expect(try box.alert().text.contains("CRITICAL storm: irq 71 button: 150k/s"))
    }

    @Test func runsAtOnceDoNotHarm() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (0, 50_000)])
        try box.write()
        let arguments = "alert --proc-root \(box.proc) --state \(box.state) --exec \(box.root)/hook"
        try Data("#!/bin/sh\necho $1 >>\(box.root)/log\n".utf8).write(to: URL(fileURLWithPath: box.root + "/hook"))
        _ = try shell("chmod 755 \(box.root)/hook")
        let clock = "IRQSCOPE_TEST_CLOCK=\(box.clock.awake),\(box.clock.boot),\(box.clock.wall)"
        let result = try shell(
            "for i in 1 2 3 4 5 6; do \(clock) \(Places.command.path) \(arguments) >/dev/null & done; "
                + "for job in $(jobs -p); do wait $job; echo $?; done")
        #expect(result.text == String(repeating: "1\n", count: 6), "\(result.text)\(result.errors)")
        #expect(try String(contentsOfFile: box.root + "/log", encoding: .utf8) == "WARNING\n", "told once")
    }

    @Test func heldLockIsUnknown() throws {
        let box = try FakeBox()
        _ = try box.alert()
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        holder.arguments = ["-F", box.state + ".lock", "sleep", "40"]
        try holder.run()
        defer { holder.terminate() }
        usleep(300_000)
        let start = Date()
        let result = try box.alert()
        #expect(result.status == 3 && result.errors.contains("another run has held it"), "\(result.errors)")
        #expect(Date().timeIntervalSince(start) < 40)
    }

    /// A /proc that shows only processes (ProcSubset=pid), or not even its own files.
    @Test(.enabled(if: getuid() == 0 && program("setpriv") != nil)) func hiddenProcIsUnknown() throws {
        let box = try FakeBox()
        try box.write()
        let copy = box.root + "/irqscope"
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: copy)
        let modes = "chmod -R a+rX \(box.root); chmod 777 \(box.root)/state; chmod 000 \(box.proc)/interrupts"
        _ = try shell(modes)
        let user = "setpriv --reuid 65534 --clear-groups \(copy) alert --state \(box.state)"
        let refused = try shell("\(user) --proc-root \(box.proc)")
        #expect(refused.status == 3 && refused.errors.contains("interrupts: Permission denied"), "\(refused.errors)")
        let empty = box.root + "/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let hidden = try shell("\(user) --proc-root \(empty) --format nagios")
        #expect(hidden.status == 3 && hidden.text.hasPrefix("IRQSCOPE UNKNOWN - "), "\(hidden.text)")
        #expect(!FileManager.default.fileExists(atPath: box.state), "nothing was seen, nothing is kept")
    }

    /// Killed at any moment, on a machine that is busy, the file is one of the states that were written, whole.
    @Test func killedAtAnyMoment() throws {
        let box = try FakeBox()
        for irq in 100..<600 { box.add("\(irq)", "PCI-MSIX-0000:00:02.0 \(irq)-edge      dev\(irq)", start: 1) }
        _ = try box.alert()
        let before = try Data(contentsOf: URL(fileURLWithPath: box.state))
        // Each run has its own time: 300 ms apart is an interval.
        let result = try shell(
            """
            for i in 1 2; do (while [ $SECONDS -lt 60 ]; do :; done) & load="$load $!"; done
            trap 'kill -9 $load' EXIT  # what Foundation starts has the other signals held back
            for i in $(seq 1 120); do
                t=$((2000 + i))
                IRQSCOPE_TEST_CLOCK=$t,$t,1790000000 \(Places.command.path) alert --proc-root \(box.proc) \
                    --state \(box.state) & pid=$!
                sleep 0.0$((RANDOM % 9))$((RANDOM % 10))
                # The last ones come to their end also where everything is slow.
                [ $i -le 112 ] || sleep 0.$((RANDOM % 9 + 1))
                kill -9 $pid 2>/dev/null
                wait $pid 2>/dev/null
            done
            """)
        _ = result
        #expect(try Data(contentsOf: URL(fileURLWithPath: box.state)) != before, "no run came to its end")
        box.clock = (9_000, 9_000, 1_790_000_000)
        let last = try box.alert()
        #expect(last.status == 0 && last.errors.isEmpty, "\(last.errors)")
        #expect(!FileManager.default.fileExists(atPath: box.state + ".bad"))
    }

    /// A run that is killed before all are told tells again.
    @Test func nothingUntoldIsLost() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (0, 50_000)])
        try box.write()
        try Data("#!/bin/sh\nkill -9 $PPID\n".utf8).write(to: URL(fileURLWithPath: box.root + "/hook"))
        _ = try shell("chmod 755 \(box.root)/hook")
        #expect(try box.alert("--exec", box.root + "/hook").status == 128 + 9)
        box.pass(60, ["36": (0, 50_000)])
        let result = try box.alert("--changes")
        #expect(result.status == 1 && result.text.contains("WARNING storm: irq 36"))
        box.pass(60, ["36": (0, 50_000)])
        let told = try box.alert("--changes")
        #expect(told.status == 1 && told.text.isEmpty)
    }

    // MARK: Surroundings

    @Test func cronsSurroundings() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (0, 50_000)])
        try box.write()
        let clock = "\(box.clock.awake),\(box.clock.boot),\(box.clock.wall)"
        let command = "\(Places.command.path) alert --proc-root \(box.proc) --state \(box.state)"
        let closed = try shell("env -i IRQSCOPE_TEST_CLOCK=\(clock) \(command) <&-")
        #expect(closed.status == 1 && closed.text.contains("irq 36"))
        // With standard output closed the state must not be written to as if it were.
        _ = try shell("env -i IRQSCOPE_TEST_CLOCK=\(clock) \(command) <&- >&- 2>&-")
        box.pass(60)
        let next = try box.alert()
        #expect(next.errors.isEmpty, "\(next.errors)")
    }

    @Test func fullOutputIsUnknown() throws {
        let box = try FakeBox()
        try box.write()
        let result = try shell("\(Places.command.path) alert --proc-root \(box.proc) --state \(box.state) --always >/dev/full")
        #expect(result.status == 3 && result.errors.contains("No space left"))
    }

    @Test(arguments: [
        ["--bogus"], ["--warn-rate", "x"], ["--format", "csv"], ["--interval", "1ms"], ["--check-config"], ["extra"],
        ["--warn-rate", "5k", "--crit-rate", "1k"], ["--interval", "1s", "--state", "/tmp/x"], ["--config", "/nonexistent"],
        ["-J", "--format", "nagios"],
    ])
    func wrongUsageIsUnknown(arguments: [String]) throws {
        let result = try run(Places.command.path, ["alert"] + arguments)
        #expect(result.status == 3 && result.text.isEmpty && result.errors.hasPrefix("irqscope: "), "\(result.errors)")
    }

    @Test func intervalNeedsNoState() throws {
        let box = try FakeBox()
        try box.write()
        let result = try run(Places.command.path, ["alert", "--sample", "2s", "--interval", "200ms", "--no-trace", "--always"])
        #expect(result.status <= 2 && !result.text.isEmpty, "\(result.errors)")
    }

    /// Three clocks that differ: CLOCK_MONOTONIC is what rates are over, CLOCK_REALTIME what people read, and a boot time that
    /// went back begins anew. A running kernel has its own clocks.
    @Test func aToldClockHasThreeTimes() throws {
        let box = try FakeBox()
        func alert(_ clock: String, _ words: [String]) throws -> [String: Any] {
            let result = try run(
                Places.command.path, ["alert", "-J", "--no-trace"] + words, environment: ["IRQSCOPE_TEST_CLOCK": clock])
            return try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        }
        let words = ["--proc-root", box.proc, "--state", box.state]
        try box.write()
        #expect(try alert("100,5000,1790000000", words)["collecting_baseline"] as? Bool == true)
        box.pass(60)
        try box.write()
        let second = try alert("160,9000,1790000777", words)
        #expect(second["interval_ns"] as? Int == 60_000_000_000 && second["time"] as? Int == 1_790_000_777_000_000_000)
        #expect(try alert("220,8000,1790000837", words)["collecting_baseline"] as? Bool == true)
        #expect(try alert("1,2,3", ["--interval", "100ms"])["time"] as? Int != 3_000_000_000)
    }

    // MARK: Rules

    @Test func rulesAreCheckedAndUsed() throws {
        let box = try FakeBox()
        let rules = box.root + "/rules"
        func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: rules)) }
        try write("irq 36 warn 100 crit 1k\n")
        #expect(try box.alert("--config", rules, "--check-config").status == 0)
        _ = try box.alert("--config", rules)
        box.pass(60, ["36": (0, 2_000)])
        #expect(try box.alert("--config", rules).status == 2)
        try write("irq 36 ignore\n")
        box.pass(60, ["36": (0, 2_000)])
        #expect(try box.alert("--config", rules).status == 0)
        try write("maintenance daily 00:00-24:00\n")
        box.pass(60, ["36": (0, 200_000)])
        let quiet = try box.alert("--config", rules, "--always")
        #expect(quiet.status == 0 && quiet.text.contains("maintenance"))
        try write("irq 36 warn\n")
        let wrong = try box.alert("--config", rules, "--check-config")
        #expect(wrong.status == 3 && wrong.errors.contains("\(rules):1:12: "), "\(wrong.errors)")
        // A check tells all mistakes, a run the first.
        try write("irq 36 warn\nfor 30s\nbogus\nleave 200%\n")
        let places = { (text: String) in text.split(separator: "\n").map { $0.split(separator: " ")[1] } }
        #expect(
            places(try box.alert("--config", rules, "--check-config").errors)
                == ["\(rules):1:12:", "\(rules):3:1:", "\(rules):4:7:"])
        #expect(places(try box.alert("--config", rules).errors) == ["\(rules):1:12:"])
    }

    // MARK: Output

    @Test func untrustedNamesDoNoHarm() throws {
        let box = try FakeBox()
        box.add("40", "PCI-MSIX-0000:00:02.0 1-edge  e\u{1B}[2J|'x'=1;\"\\$(touch \(box.root)/hit)`")
        _ = try box.alert()
        box.pass(60, ["40": (0, 50_000)])
        let plugin = try box.alert("--format", "nagios", "--output", box.root + "/m.prom", "--exec", "/bin/echo x")
        #expect(plugin.status == 1)
        let first = try #require(plugin.text.split(separator: "\n").first)
        #expect(first.split(separator: "|").count == 2, "\(first)")
        #expect(first.hasPrefix("IRQSCOPE WARNING - storm: irq 40") && first.contains("'irq40_rate'=50000;20000;100000;0;"))
        #expect(!plugin.text.contains("\u{1B}") && !plugin.errors.contains("\u{1B}"))
        let metrics = try String(contentsOfFile: box.root + "/m.prom", encoding: .utf8)
        // A storm may move to another CPU and stays the same series.
        #expect(metrics.contains("irqscope_finding_level{verdict=\"storm\"") && metrics.contains(",cpu=\"\",id="))
        #expect(!metrics.contains("\u{1B}"))
        #expect(metrics.contains("'x'=1;\\\"\\\\$(touch"), "\(metrics)")
        #expect(!FileManager.default.fileExists(atPath: box.root + "/hit"))
        if let promtool = program("promtool") {
            #expect(try shell("\(promtool) check metrics <\(box.root)/m.prom").status == 0)
        }
    }

    @Test func jsonHasItsKeys() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (1, 50_000)])
        let data = try box.alert("-J").output
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["schema"] as? String == "irqscope.alert.v1" && object["status"] as? String == "WARNING")
        #expect(object["exit_status"] as? Int == 1 && object["interval_ns"] as? Int == 60_000_000_000)
        let finding = try #require((object["findings"] as? [[String: Any]])?.first)
        #expect(finding["irq"] as? Int == 36 && finding["cpu"] as? Int == 1 && finding["per_s"] as? Double == 50_000)
        #expect(finding["verdict"] as? String == "storm" && finding["usual_per_s"] is NSNull)
    }

    @Test func metricsAreWholeAndReadable() throws {
        let box = try FakeBox()
        let path = box.root + "/irqscope.prom"
        #expect(try box.alert("--output", path).status == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: box.root).filter { $0.contains(".prom") } == ["irqscope.prom"])
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("irqscope_last_run_success 1\n") && text.contains("irqscope_alert_level{verdict=\"storm\"} 0\n"))
        #expect(!text.contains("node_"))
        try FileManager.default.removeItem(atPath: box.proc + "/interrupts")
        #expect(try box.look(["--output", path]).status == 3)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("irqscope_last_run_success 0\n"))
    }

    @Test func journalGetsPriorities() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (0, 150_000)])
        try box.write()
        /// What systemd would read from both outputs.
        func journal(_ options: String) throws -> (status: Int32, text: String) {
            let clock = "\(box.clock.awake),\(box.clock.boot),\(box.clock.wall)"
            let file = box.root + "/journal"
            let result = try shell(
                "exec >\(file) 2>&1; export JOURNAL_STREAM=$(stat -c %d:%i \(file)) IRQSCOPE_TEST_CLOCK=\(clock); "
                    + "\(Places.command.path) alert --proc-root \(box.proc) --state \(box.state) \(options)")
            return (result.status, try String(contentsOfFile: file, encoding: .utf8))
        }
        let storm = try journal("")
        #expect(storm.status == 2 && storm.text.hasPrefix("<2>CRITICAL storm: "), "\(storm.text)")
        box.pass(60)
        try box.write()
        let over = try journal("--exec /nonexistent/hook")
        #expect(over.status == 0 && over.text.hasPrefix("<5>OK storm: "), "\(over.text)")
        #expect(over.text.contains("\n<3>irqscope: --exec /nonexistent/hook: "), "\(over.text)")
        box.pass(60)
        try box.write()
        #expect(try journal("").text.hasPrefix("<5>OK storm: "), "what was not told is told again")
        box.pass(60)
        try box.write()
        #expect(try journal("--always").text.hasPrefix("<6>OK: "))
    }
}
