import Foundation
import TestSupport
import Testing

/// A network card whose lines can be moved, and the way to make it raise them.
private struct LiveCard: Sendable {
    var interface: String
    var gateway: String
    var lines: [Int]

    /// The card of the default route.
    static let card: LiveCard? = {
        guard geteuid() == 0, ProcessInfo.processInfo.activeProcessorCount > 1,
            let routes = try? String(contentsOfFile: "/proc/net/route", encoding: .utf8)
        else { return nil }
        for row in routes.split(separator: "\n").dropFirst() {
            let words = row.split(separator: "\t").map { $0.trimmingCharacters(in: .whitespaces) }
            guard words.count > 2, words[1] == "00000000", let address = UInt32(words[2], radix: 16) else { continue }
            let gateway = (0..<4).map { String(address >> (8 * UInt32($0)) & 0xFF) }.joined(separator: ".")
            let words2 = ["affinity", "show", "-J", "--device", words[0]]
            guard let output = try? run(Places.command.path, words2).output, let object = try? Oracle.json(output),
                let lines = object["lines"] as? [[String: Any]]
            else { return nil }
            let free = lines.filter { $0["settable"] as? Bool == true && $0["queue"] is String }
            return LiveCard(interface: words[0], gateway: gateway, lines: free.compactMap { $0["irq"] as? Int })
        }
        return nil
    }()

    static let reason: String = {
        guard geteuid() == 0 else { return "needs root" }
        guard program("python3") != nil, program("unshare") != nil else { return "needs python3 and unshare" }
        return card.map { $0.lines.isEmpty ? "the card's lines cannot be moved" : "" } ?? "no card has the default route"
    }()
}

/// Masks of this machine's network card, moved for real and put back: with a state of its own, and by hand if all else fails.
@Suite(.serialized, .enabled(if: LiveCard.reason.isEmpty, Comment(rawValue: LiveCard.reason)))
struct AffinityLiveTests {
    static func text(_ irq: Int, _ name: String) -> String {
        let text = try? String(contentsOfFile: "/proc/irq/\(irq)/\(name)", encoding: .utf8)
        return text?.trimmingCharacters(in: .newlines) ?? ""
    }

    /// Packets to the gateway's discard port, so that the card has something to say.
    static let sender = """
        import socket, sys, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        end = time.time() + 30
        while time.time() < end:
            s.sendto(b"x" * 64, (sys.argv[1], 9))
            time.sleep(0.005)
        """

    @Test func linesMoveDeliveryFollowsAndUndoRestores() throws {
        let card = try #require(LiveCard.card)
        let names = ["smp_affinity_list", "effective_affinity_list"]
        func state() -> [[String]] { card.lines.map { irq in names.map { Self.text(irq, $0) } } }
        let before = state()
        defer {
            // Whatever happened: the old CPU, a moment, the old mask.
            for (irq, old) in zip(card.lines, before) where Self.text(irq, names[0]) != old[0] {
                for value in [old[1], old[0]] {
                    try? Data((value + "\n").utf8).write(to: URL(fileURLWithPath: "/proc/irq/\(irq)/\(names[0])"))
                    usleep(200_000)
                }
            }
        }
        let traffic = Process()
        traffic.executableURL = URL(fileURLWithPath: program("python3") ?? "")
        traffic.arguments = ["-c", Self.sender, card.gateway]
        try traffic.run()
        defer { traffic.terminate() }
        // The state of others on this machine is not touched.
        let script = #"""
            mkdir -p /var/lib/irqscope && mount -t tmpfs none /var/lib/irqscope || exit 99
            "$0" affinity apply isolate --away 0 --device "$1" --yes --quiet --force; echo "apply $?"
            cat /proc/irq/$2/smp_affinity_list
            "$0" affinity verify --again 1s; echo "verify $?"
            "$0" affinity plan isolate --away 0 --device "$1" -J
            "$0" affinity undo; echo "undo $?"; ls /var/lib/irqscope
            """#
        let words = ["-m", "/bin/sh", "-c", script, Places.command.path, card.interface, "\(card.lines[0])"]
        let result = try run(program("unshare") ?? "", words)
        #expect(result.text.contains("apply 0\n"), "\(result.text) \(result.errors)")
        #expect(result.text.contains("delivered: ") && result.text.contains("verify 0\n"), "\(result.text) \(result.errors)")
        #expect(result.text.contains("\"writes\":[]"), "\(result.text)")
        #expect(result.text.hasSuffix("undo 0\naffinity.state.lock\n"), "\(result.text) \(result.errors)")
        // Lines without any interrupt meanwhile are where they were, too: they never moved.
        #expect(state() == before)
    }
}
