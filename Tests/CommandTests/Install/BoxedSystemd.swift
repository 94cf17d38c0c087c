import Foundation
import TestSupport

/// Scripts under a systemd of their own.
enum BoxedSystemd {
    private static let tool = Places.repository.appendingPathComponent("Tests/tools/boxed-systemd").path

    static let isUsable: Bool = {
        guard geteuid() == 0, program("systemctl") != nil, program("journalctl") != nil, program("jq") != nil else { return false }
        return (try? TestSupport.run(tool, ["--probe"]).status) == 0
    }()

    /// Words for scripts about a unit, which is `$unit` in them.
    ///
    /// - `look NAME` begins a part: what a run came to, after what it wrote into the journal, priorities and messages.
    /// - `drop_in UNIT TEXT` puts a drop-in beside a unit.
    static func words(unit: String) -> String {
        """
        export PATH=/usr/local/bin:/usr/bin:/bin
        mkdir -p /etc/default
        unit=\(unit)
        # What is loaded keeps the result of its last run.
        printf '%s\\n' '[Unit]' "After=$unit" >/etc/systemd/system/hold.target
        systemctl start hold.target
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

        """
    }

    /// What a unit can do, as a script that runs in its place: every mount and these places that it can write, these files that
    /// it can read, what it is.
    static let limits = """
        for place in $(awk '{ print $5 }' /proc/self/mountinfo | sort -u) / /etc /usr /root /home /boot /var /var/lib \\
            /run /run/lock /run/systemd/system /dev/shm /dev/mqueue /dev/hugepages /var/lib/irqscope \\
            /var/lib/irqscope-counters /var/lib/prometheus/node-exporter /proc/sys/kernel/panic \\
            /proc/irq/default_smp_affinity /sys/kernel /sys/kernel/tracing /sys/kernel/tracing/tracing_on \\
            /sys/kernel/tracing/instances; do
            [ -w "$place" ] && echo "$place"
        done | sort -u
        for file in /etc/shadow /sys/kernel/tracing/trace; do
            head -c 1 $file >/dev/null 2>&1 && echo "reads $file"
        done
        ls /sys/kernel/tracing/instances >/dev/null 2>&1 && echo "reads instances"
        grep -e CapEff -e CapBnd -e NoNewPrivs -e ^Seccomp: /proc/self/status
        [ $(id -u) = 0 ] && echo root
        (echo >/dev/udp/127.0.0.1/9) 2>/dev/null && echo network
        mount -t tmpfs tmpfs /tmp 2>/dev/null && echo mount
        true
        """
    /// What any unit with limits of ours has of them.
    static let leastLimits = [
        "/tmp", "/var/tmp", "CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
    ]

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
