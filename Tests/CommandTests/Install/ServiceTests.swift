import Foundation
import TestSupport
import Testing

/// The service as it is installed, run by a systemd that is process 1 (Tests/tools/boxed-systemd): what the unit allows is
/// enough, and no more than that.
@Suite(.enabled(if: BoxedSystemd.isUsable, "needs root, systemd, overlayfs and cgroup2"), .timeLimit(.minutes(10)))
struct ServiceTests {
    /// What a box is to see in turn, with the options that say where it is: /box/options-NAME, for /etc/default.
    struct Moments {
        let box: FakeBox
        var names: [String] = []

        init(_ box: FakeBox) { self.box = box }

        mutating func add(_ name: String, _ options: String) throws {
            try box.write()
            try FileManager.default.copyItem(atPath: box.proc, toPath: box.root + "/" + name)
            let clock = "\(box.clock.awake),\(box.clock.boot),\(box.clock.wall)"
            try Data("OPTIONS=\"--proc-root /box/\(name) \(options)\"\nIRQSCOPE_TEST_CLOCK=\(clock)\n".utf8)
                .write(to: URL(fileURLWithPath: box.root + "/options-" + name))
            names.append(name)
        }
    }

    @Test func serviceRunsAndMayDoLittle() throws {
        let box = try FakeBox()
        var moments = Moments(box)
        try moments.add("calm", "")
        box.pass(60, ["36": (0, 150_000)])
        try moments.add("storm", "--output /var/lib/prometheus/node-exporter/irqscope.prom")
        box.pass(60)
        try moments.add("over", "--exec '/bin/echo x'")
        let script =
            BoxedSystemd.words(unit: "irqscope-alert.service") + """
                # Without /etc/default/irqscope-alert, on the real /proc; nothing to write metrics to.
                look real
                stat -c '%a %n' /var/lib/irqscope/alert.state
                rm /var/lib/irqscope/*
                mkdir -p /var/lib/prometheus/node-exporter
                for moment in \(moments.names.joined(separator: " ")); do
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
                # It may still run: a start would wait for that instead of beginning the new one.
                systemctl stop $unit
                systemctl reset-failed $unit 2>/dev/null
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
        try Data(BoxedSystemd.limits.utf8).write(to: URL(fileURLWithPath: box.root + "/try-limits"))
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
        // It is root, which reads what root owns: the other service is for those who do not want that.
        var allowed =
            BoxedSystemd.leastLimits + ["/dev/pts", "/var/lib/irqscope", "/var/lib/prometheus/node-exporter", "reads /etc/shadow", "root"]
        if Tracefs.isUsable { allowed += ["/sys/kernel/tracing/instances", "reads /sys/kernel/tracing/trace", "reads instances"] }
        #expect(parts["limits"]?.sorted() == allowed.sorted())
    }

    /// The service that reads counters only: it finds what they tell, and is nobody.
    @Test func countersServiceNeedsNoRoot() throws {
        let box = try FakeBox()
        var moments = Moments(box)
        try moments.add("calm", "")
        box.pass(60, ["36": (0, 150_000)])
        try moments.add("storm", "")
        box.pass(60)
        try moments.add("over", "--exec '/bin/echo x'")
        let script =
            BoxedSystemd.words(unit: "irqscope-alert-counters.service") + """
                look real
                find /var/lib/private -name alert.state -printf '%m %P\\n'
                [ $(stat -c %u /var/lib/irqscope-counters/alert.state) -gt 1000 ] && echo another user
                rm /var/lib/irqscope-counters/*
                for moment in \(moments.names.joined(separator: " ")); do
                    cp /box/options-$moment /etc/default/irqscope-alert-counters
                    look $moment
                done
                rm /etc/default/irqscope-alert-counters
                echo == timer
                drop_in irqscope-alert-counters.timer "[Timer]
                OnCalendar=
                OnCalendar=*:*:*"
                rm /var/lib/irqscope-counters/*
                systemctl start irqscope-alert.timer
                systemctl enable -q --now irqscope-alert-counters.timer
                for attempt in $(seq 100); do [ -e /var/lib/irqscope-counters/alert.state ] && break; sleep 0.1; done
                systemctl is-active irqscope-alert-counters.timer irqscope-alert.timer
                ls /var/lib/irqscope-counters/alert.state
                systemctl disable -q --now irqscope-alert-counters.timer
                # It may still run: a start would wait for that instead of beginning the new one.
                systemctl stop $unit
                systemctl reset-failed $unit 2>/dev/null
                # Metrics, as the example of options has it.
                echo == metrics
                mkdir -p /var/lib/prometheus/node-exporter
                /usr/sbin/useradd -r prometheus 2>/dev/null
                chown prometheus /var/lib/prometheus/node-exporter
                sed -n '/^# .*irqscope-alert-counters.service`:/,$ s/^#   //p' \
                    /usr/local/share/doc/irqscope/examples/default/irqscope-alert >/box/drop-in
                drop_in $unit "$(cat /box/drop-in)"
                echo 'OPTIONS="--output /var/lib/prometheus/node-exporter/irqscope.prom"' >/etc/default/irqscope-alert-counters
                systemctl start $unit
                systemctl show $unit -p Result
                stat -c '%a %U %n' /var/lib/prometheus/node-exporter/*
                echo == limits
                drop_in $unit "[Service]
                ExecStart=
                ExecStart=/bin/bash /box/try-limits
                StandardOutput=file:/box/limits"
                systemctl start $unit
                cat /box/limits
                echo == done
                """
        try Data(BoxedSystemd.limits.utf8).write(to: URL(fileURLWithPath: box.root + "/try-limits"))
        let installation = try Installation(destinationWithPrefix: "/usr/local")
        let parts = try BoxedSystemd.run(script, tree: installation.destination, box: box.root)

        #expect(parts["real"] == ["Result=success", "ExecMainStatus=0", "600 irqscope-counters/alert.state", "another user"])
        #expect(parts["calm"] == ["Result=success", "ExecMainStatus=0"], "silent while all is well")
        let storm = try #require(parts["storm"])
        #expect(storm.prefix(2) == ["Result=success", "ExecMainStatus=2"] && storm.count == 3)
        #expect(storm.last?.hasPrefix("2 CRITICAL storm: irq 36 gadget0 ") == true, "the state lasts from run to run: \(storm)")
        let over = try #require(parts["over"])
        try #require(over.count == 4, "\(over)")
        #expect(over[2].hasPrefix("5 OK storm: irq 36 gadget0 ") && over[3].hasPrefix("5 x OK storm 36 irq 36 gadget0"), "\(over)")
        #expect(parts["timer"] == ["active", "inactive", "/var/lib/irqscope-counters/alert.state"], "one of the two timers")
        #expect(parts["metrics"] == ["Result=success", "644 prometheus /var/lib/prometheus/node-exporter/irqscope.prom"])
        // Its state by both names.
        let allowed = BoxedSystemd.leastLimits + ["/var/lib/irqscope-counters", "/var/lib/private/irqscope-counters"]
        #expect(parts["limits"]?.sorted() == allowed.sorted())
    }

    /// The service that samples: what it is allowed is enough, from run to run.
    @Test(.enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) func sampleServiceAddsUpAndMayDoLittle() throws {
        let folder = try TestFolder()
        let script =
            BoxedSystemd.words(unit: "irqscope-sample.service") + """
                # Without node_exporter there is no place for the metrics, which is said.
                look nowhere
                mkdir -p /var/lib/prometheus/node-exporter
                look first
                look second
                grep -e '^irqscope_samples_total' -e '^irqscope_sampled_seconds_total' \
                    /var/lib/prometheus/node-exporter/irqscope-sample.prom
                grep -c '^irqscope_softirq_duration_seconds_count{softirq="TIMER"}' \
                    /var/lib/prometheus/node-exporter/irqscope-sample.prom
                stat -c '%a %n' /var/lib/irqscope/sample.state /var/lib/prometheus/node-exporter/*
                echo 'OPTIONS=--bogus' >/etc/default/irqscope-sample
                look wrong
                rm /etc/default/irqscope-sample
                echo == timer
                drop_in irqscope-sample.timer "[Timer]
                OnCalendar=
                OnCalendar=*:*:*
                RandomizedDelaySec=0"
                rm /var/lib/irqscope/*
                systemctl enable -q --now irqscope-sample.timer
                for attempt in $(seq 100); do [ -e /var/lib/irqscope/sample.state ] && break; sleep 0.1; done
                systemctl is-active irqscope-sample.timer
                systemctl disable -q --now irqscope-sample.timer
                ls /var/lib/irqscope/sample.state
                find /etc/systemd/system -name irqscope-sample.timer
                # It may still trace, and it was started each second.
                systemctl stop $unit
                systemctl reset-failed $unit 2>/dev/null
                echo == limits
                drop_in $unit "[Service]
                ExecStart=
                ExecStart=/bin/bash /box/try-limits
                StandardOutput=file:/box/limits"
                systemctl start $unit
                cat /box/limits
                echo == done
                """
        try Data(BoxedSystemd.limits.utf8).write(to: URL(fileURLWithPath: folder.file("try-limits")))
        let installation = try Installation(destinationWithPrefix: "/usr/local")
        let parts = try BoxedSystemd.run(script, tree: installation.destination, box: folder.path)

        let nowhere = try #require(parts["nowhere"])
        #expect(nowhere.prefix(2) == ["Result=exit-code", "ExecMainStatus=1"], "\(nowhere)")
        #expect(nowhere.contains { $0.hasPrefix("5 irqscope: /var/lib/prometheus/node-exporter/") }, "\(nowhere)")
        #expect(parts["first"] == ["Result=success", "ExecMainStatus=0"], "silent while all is well")
        #expect(
            parts["second"] == [
                "Result=success", "ExecMainStatus=0", "irqscope_sampled_seconds_total 2", "irqscope_samples_total 2", "1",
                "600 /var/lib/irqscope/sample.state", "644 /var/lib/prometheus/node-exporter/irqscope-sample.prom",
            ])
        #expect(parts["wrong"]?.prefix(2) == ["Result=exit-code", "ExecMainStatus=64"])
        #expect(parts["timer"] == ["active", "/var/lib/irqscope/sample.state"])
        let allowed =
            BoxedSystemd.leastLimits + [
                "/dev/pts", "/var/lib/irqscope", "/var/lib/prometheus/node-exporter", "reads /etc/shadow", "root",
                "/sys/kernel/tracing/instances", "reads /sys/kernel/tracing/trace", "reads instances",
            ]
        #expect(parts["limits"]?.sorted() == allowed.sorted())
    }
}
