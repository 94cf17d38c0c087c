import Foundation
import TestSupport
import Testing

/// A line of this machine's network card.
private enum MovableLine {
    /// A card's name and one of its lines that may move and is where it may: on CPU 0 and 1.
    static let line: (device: String, irq: Int)? = {
        guard ProcessInfo.processInfo.activeProcessorCount == 2,
            let output = try? irqscope("affinity", "show", "-J").output, let object = try? Oracle.json(output),
            let lines = object["lines"] as? [[String: Any]]
        else { return nil }
        for line in lines where line["settable"] as? Bool == true && line["queue"] is String {
            guard let irq = line["irq"] as? Int, let device = line["device"] as? String, mask(irq) == "0-1",
                FileManager.default.fileExists(atPath: "/sys/class/net/\(device)")
            else { continue }
            return (device, irq)
        }
        return nil
    }()

    static func mask(_ irq: Int) -> String {
        let text = try? String(contentsOfFile: "/proc/irq/\(irq)/smp_affinity_list", encoding: .utf8)
        return (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// The service that writes masks again, under a systemd that is process 1, with lines of this machine's network card.
@Suite(
    .enabled(if: BoxedSystemd.isUsable && MovableLine.line != nil, "needs root, systemd and a card whose lines can be moved"),
    .timeLimit(.minutes(5)))
struct AffinityServiceTests {
    @Test func whatWasAppliedIsWrittenAgain() throws {
        let (device, irq) = try #require(MovableLine.line)
        let file = "/proc/irq/\(irq)/smp_affinity_list"
        let masks = "grep -H . /proc/irq/*/smp_affinity_list"
        let box = try FakeTree()
        let script =
            BoxedSystemd.words(unit: "irqscope-affinity.service") + """
                # Without anything that was applied there is nothing to write.
                look nothing
                # A box of namespaces is a container, where masks are the host's.
                look_forced() {
                    drop_in $unit "[Service]
                    ExecStart=
                    ExecStart=/usr/local/bin/irqscope affinity apply --quiet --force"
                    look $1
                }
                irqscope affinity apply isolate --away 0 --device \(device) --yes --quiet --force
                echo == applied
                cat \(file)
                echo 0-1 >\(file)
                look refused
                cat \(file)
                look_forced again
                cat \(file)
                echo == limits
                drop_in $unit "[Service]
                ExecStart=
                ExecStart=/bin/bash /box/try-limits
                StandardOutput=file:/box/limits"
                systemctl start $unit
                cat /box/limits
                rm -r /etc/systemd/system/$unit.d
                irqscope affinity undo >/dev/null 2>&1
                echo == undone
                cat \(file)
                ls /var/lib/irqscope
                echo == done
                """
        try box.write("try-limits", BoxedSystemd.limits)
        let installation = try Installation(destinationWithPrefix: "/usr/local")
        try LiveMachine.use(isExclusive: true) {
            let before = try shell(masks).text
            defer {
                // Whatever happened in there.
                for row in before.split(separator: "\n") {
                    let words = row.split(separator: ":").map(String.init)
                    guard words.count == 2, (try? String(contentsOfFile: words[0], encoding: .utf8)) != words[1] + "\n" else { continue }
                    try? Data((words[1] + "\n").utf8).write(to: URL(fileURLWithPath: words[0]))
                }
            }
            let parts = try BoxedSystemd.run(script, tree: installation.destination, box: box.root)
            let nothing = try #require(parts["nothing"])
            #expect(nothing.contains("ExecMainStatus=64"), "\(nothing)")
            #expect(nothing.contains { $0.hasSuffix("nothing was applied before: name a goal, spread, numa or isolate") }, "\(nothing)")
            let refused = try #require(parts["refused"])
            #expect(refused.contains { $0.contains("nothing is written: this is a container") } && refused.last == "0-1", "\(refused)")
            #expect(parts["applied"] == ["1"])
            let again = try #require(parts["again"])
            #expect(again.prefix(2) == ["Result=success", "ExecMainStatus=0"] && again.last == "1", "\(again)")
            #expect(parts["undone"] == ["0-1", "affinity.state.lock"])
            #expect(try shell(masks).text == before)
            // What it needs and no more: its state, masks, files of queues.
            let limits = try #require(parts["limits"])
            #expect(!limits.contains("network") && !limits.contains("mount") && !limits.contains("reads instances"), "\(limits)")
            for place in ["/etc", "/usr", "/home", "/var", "/proc/sys/kernel/panic", "/sys/kernel", "/sys/kernel/tracing"] {
                #expect(!limits.contains(place), "\(place)")
            }
            #expect(limits.contains("/proc/irq/default_smp_affinity") && limits.contains("/var/lib/irqscope"), "\(limits)")
            #expect(limits.contains("CapBnd:\t0000000000001000"), "\(limits)")
        }
    }
}
