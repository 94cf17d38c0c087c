import Foundation
import TestSupport
import Testing

/// The service as it is installed, run by a systemd that is process 1 (Tests/tools/boxed-systemd): what the unit allows is
/// enough, and no more than that.
@Suite(.enabled(if: BoxedSystemd.isUsable, "needs root, systemd, overlayfs and cgroup2"), .timeLimit(.minutes(10)))
struct ServiceTests {
    @Test func serviceRunsAndMayDoLittle() throws {
        let box = try FakeBox()
        // What the box is to see in turn, and the options that say where it is.
        var moments: [String] = []
        func moment(_ name: String, _ options: String) throws {
            try box.write()
            try FileManager.default.copyItem(atPath: box.proc, toPath: box.root + "/" + name)
            let clock = "\(box.clock.boot),\(box.clock.awake),\(box.clock.wall)"
            try Data("OPTIONS=\"--proc-root /box/\(name) \(options)\"\nIRQSCOPE_TEST_CLOCK=\(clock)\n".utf8)
                .write(to: URL(fileURLWithPath: box.root + "/options-" + name))
            moments.append(name)
        }
        try moment("calm", "")
        box.pass(60, ["36": (0, 150_000)])
        try moment("storm", "--output /var/lib/prometheus/node-exporter/irqscope.prom")
        box.pass(60)
        try moment("over", "--exec '/bin/echo x'")
        let script = """
            export PATH=/usr/local/bin:/usr/bin:/bin
            mkdir -p /etc/default
            unit=irqscope-alert.service
            # What is loaded keeps the result of its last run.
            printf '%s\\n' '[Unit]' "After=$unit" >/etc/systemd/system/hold.target
            systemctl start hold.target
            # What a run came to, after what it wrote into the journal: priorities and messages.
            look() {
                echo "== $1"
                systemctl start $unit 2>/dev/null
                systemctl show $unit -p Result -p ExecMainStatus
                journalctl --sync
                journalctl -q --no-pager -u $unit -o json --cursor-file=/tmp/cursor | jq -r '.PRIORITY + " " + .MESSAGE'
            }
            drop_in() {
                mkdir -p /etc/systemd/system/$1.d
                printf '%s\\n' "$2" >/etc/systemd/system/$1.d/test.conf
                systemctl daemon-reload
            }
            # Without /etc/default/irqscope-alert, on the real /proc; nothing to write metrics to.
            look real
            stat -c '%a %n' /var/lib/irqscope/alert.state
            rm /var/lib/irqscope/*
            mkdir -p /var/lib/prometheus/node-exporter
            for moment in \(moments.joined(separator: " ")); do
                cp /box/options-$moment /etc/default/irqscope-alert
                look $moment
            done
            stat -c '%a %n' /var/lib/prometheus/node-exporter/*
            echo OPTIONS=--bogus >/etc/default/irqscope-alert
            look wrong
            rm /etc/default/irqscope-alert
            echo == timer
            drop_in irqscope-alert.timer "[Timer]
            OnCalendar=
            OnCalendar=*:*:*"
            rm /var/lib/irqscope/*
            systemctl enable -q --now irqscope-alert.timer
            for attempt in $(seq 100); do [ -e /var/lib/irqscope/alert.state ] && break; sleep 0.1; done
            systemctl is-active irqscope-alert.timer
            ls /var/lib/irqscope/alert.state
            systemctl disable -q --now irqscope-alert.timer
            find /etc/systemd/system -name irqscope-alert.timer
            echo == trace
            drop_in $unit "[Service]
            ExecStart=
            ExecStart=/usr/local/bin/irqscope top -b -n 1 -d 0.3 --json
            StandardOutput=file:/box/top.json"
            systemctl start $unit
            jq -c '.tracing | [.on, .reason]' /box/top.json
            echo == limits
            drop_in $unit "[Service]
            ExecStart=
            ExecStart=/bin/bash /box/try-limits
            StandardOutput=file:/box/limits"
            systemctl start $unit
            cat /box/limits
            echo == done
            """
        let limits = """
            for place in / /etc /usr /root /home /boot /var /var/lib /var/lib/irqscope /var/lib/prometheus/node-exporter \\
                /proc/sys/kernel/panic /proc/irq/default_smp_affinity /sys/kernel /sys/kernel/tracing \\
                /sys/kernel/tracing/tracing_on /sys/kernel/tracing/instances; do
                [ -w $place ] && echo $place
            done
            grep -e CapEff -e CapBnd -e NoNewPrivs -e ^Seccomp: /proc/self/status
            (echo >/dev/udp/127.0.0.1/9) 2>/dev/null && echo network
            mount -t tmpfs tmpfs /var/lib/irqscope 2>/dev/null && echo mount
            true
            """
        try Data(limits.utf8).write(to: URL(fileURLWithPath: box.root + "/try-limits"))
        let installation = try Installation(destinationWithPrefix: "/usr/local")
        let parts = try BoxedSystemd.run(script, tree: installation.destination, box: box.root)

        #expect(parts["real"] == ["Result=success", "ExecMainStatus=0", "600 /var/lib/irqscope/alert.state"])
        #expect(parts["calm"] == ["Result=success", "ExecMainStatus=0"], "silent while all is well")
        let storm = try #require(parts["storm"])
        #expect(storm.prefix(2) == ["Result=success", "ExecMainStatus=2"] && storm.count == 3)
        #expect(storm.last?.hasPrefix("2 CRITICAL storm: irq 36 gadget0 ") == true, "\(storm)")
        let over = try #require(parts["over"])
        try #require(over.count == 5, "\(over)")
        #expect(over.prefix(2) == ["Result=success", "ExecMainStatus=0"])
        #expect(over[2].hasPrefix("5 OK storm: irq 36 gadget0 "), "\(over)")
        #expect(over[3].hasPrefix("5 x OK storm 36 irq 36 gadget0"), "what --exec prints: \(over)")
        #expect(over[4] == "644 /var/lib/prometheus/node-exporter/irqscope.prom")
        let wrong = try #require(parts["wrong"])
        #expect(wrong.prefix(2) == ["Result=exit-code", "ExecMainStatus=3"], "UNKNOWN fails the unit: \(wrong)")
        #expect(wrong.contains { $0.hasPrefix("5 irqscope: ") && $0.contains("--bogus") }, "\(wrong)")
        #expect(parts["timer"] == ["active", "/var/lib/irqscope/alert.state"])
        if Tracefs.isUsable { #expect(parts["trace"] == ["[true,null]"]) }
        var allowed = [
            "/var/lib/irqscope", "/var/lib/prometheus/node-exporter", "CapBnd:\t0000000000000000",
            "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
        ]
        if Tracefs.isUsable { allowed.append("/sys/kernel/tracing/instances") }
        #expect(parts["limits"]?.sorted() == allowed.sorted())
    }
}

/// Scripts under a systemd of their own.
enum BoxedSystemd {
    private static let tool = Places.repository.appendingPathComponent("Tests/tools/boxed-systemd").path

    static let isUsable: Bool = {
        guard geteuid() == 0, program("systemctl") != nil, program("journalctl") != nil, program("jq") != nil else { return false }
        return (try? TestSupport.run(tool, ["--probe"]).status) == 0
    }()

    /// Runs a script that prints `== name` before each part of its output, and `== done` at its end.
    ///
    /// - Parameters:
    ///   - tree: files that are put over the machine's; its usr/local/bin/irqscope becomes the command as it was built.
    ///   - box: a folder, /box in there.
    /// - Returns: the lines of each part.
    static func run(_ script: String, tree: String, box: String) throws -> [String: [String]] {
        try addCommand(to: tree)
        let file = box + "/script"
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        let result = try TestSupport.run(tool, [tree, file, box])
        let output = (try? String(contentsOfFile: box + "/out", encoding: .utf8)) ?? ""
        let console = (try? String(contentsOfFile: box + "/console", encoding: .utf8)) ?? ""
        var parts: [String: [String]] = [:]
        var name = ""
        for line in output.split(separator: "\n") {
            if line.hasPrefix("== ") { name = String(line.dropFirst(3)) } else { parts[name, default: []].append(String(line)) }
        }
        guard name == "done" else { throw Installation.Failure(words: "\(output)\n\(console)\n\(result.errors)") }
        return parts
    }

    /// Puts the command there with the libraries that it has from the toolchain: the service sees no home directory, and
    /// another file system may not be in the box.
    private static func addCommand(to tree: String) throws {
        let folder = tree + "/usr/local/lib/irqscope-test"
        let copied = try shell(
            """
            mkdir -p \(folder) && cp \(Places.command.path) \(folder)/
            cp $(ldd \(Places.command.path) | awk '$3 ~ "^/" && $3 !~ "^/(usr/)?lib/" { print $3 }') \(folder)/
            """)
        guard copied.status == 0 else { throw Installation.Failure(words: copied.errors) }
        let script = """
            #!/bin/sh
            export LD_LIBRARY_PATH=/usr/local/lib/irqscope-test
            exec /usr/local/lib/irqscope-test/irqscope "$@"

            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: tree + "/usr/local/bin/irqscope"))
    }
}
