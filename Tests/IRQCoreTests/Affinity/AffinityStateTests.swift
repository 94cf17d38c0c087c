import IRQCore
import TestSupport
import Testing

/// The state file of affinity: what is written is read again, and nothing else is believed.
struct AffinityStateTests {
    static func sample() -> AffinityState {
        var state = AffinityState(bootID: "3f1c-22", savedSeconds: 1_764_137_000, goal: .isolate)
        state.options = ["--away", "4-7", "", "-", "a b\n%"]
        state.phase = .applied
        state.lines = [
            .init(
                identity: LineIdentity(
                    irq: 57, chip: "PCI-MSI", hwirq: "5767169", actions: "ens192-rxtx-1", address: "0000:0b:00.0"),
                device: "ens192", oldMask: CPUSet(0...7), oldEffective: CPUSet([0]), first: 1, new: CPUSet([1]),
                movesAtOnce: false),
            .init(
                identity: LineIdentity(irq: 9, chip: "IR-IO-APIC", actions: "acpi, \u{1B}[31m x"), device: "",
                oldMask: CPUSet([0, 2, 300]), oldEffective: nil, first: nil, new: CPUSet(0...3), movesAtOnce: true),
        ]
        state.files = [
            .init(path: "proc/irq/default_smp_affinity", old: "ff", new: "0f"),
            .init(path: "sys/class/net/eth0/queues/tx-3/xps_cpus", old: "00000000,00000008", new: "00000000,00000088"),
        ]
        return state
    }

    @Test func aStateIsReadAsItWasWritten() throws {
        let state = Self.sample()
        #expect(try AffinityStateFile.decode(AffinityStateFile.encode(state)) == state)
    }

    /// What `apply` wrote on a box of very many lines, `undo` reads.
    @Test func aStateOfManyLinesIsReadAsItWasWritten() throws {
        var state = Self.sample()
        let line = state.lines[0]
        state.lines = (0..<70_000).map { irq in
            var own = line
            own.identity = LineIdentity(irq: irq, chip: "PCI-MSI", actions: "a")
            return own
        }
        let bytes = AffinityStateFile.encode(state)
        #expect(try AffinityStateFile.decode(bytes).lines.count == 70_000)
    }

    @Test func whoeverReadsItSeesWhatToWriteBack() throws {
        let text = String(decoding: AffinityStateFile.encode(Self.sample()), as: UTF8.self)
        #expect(text.hasPrefix("irqscope affinity 1\nboot 3f1c-22 saved 1764137000 goal isolate phase applied\n"))
        #expect(text.contains("\nline 57 old 0-7 on 0 first 1 new 1 moves next chip PCI-MSI hwirq 5767169 action ens192-rxtx-1"))
        #expect(!text.contains("\u{1B}"))
        #expect(text.hasSuffix("\nend 4\n"))
    }

    @Test func anyPrefixAndAnyChangedByteIsRefusedOrAnotherState() throws {
        let bytes = AffinityStateFile.encode(Self.sample())
        for count in 0..<bytes.count {
            #expect(throws: AffinityStateFile.Failure.self) { try AffinityStateFile.decode(Array(bytes[..<count])) }
        }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<4000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // No crash; what is read can be written.
            if let state = try? AffinityStateFile.decode(changed) {
                #expect(state.files.allSatisfy { $0.path.hasPrefix("sys/class/net/") || $0.path.hasPrefix("proc/irq/") })
                #expect(try AffinityStateFile.decode(AffinityStateFile.encode(state)) == state)
            }
        }
    }

    @Test(arguments: [
        "file etc/passwd old 0 new 1", "file sys/class/net/../queues/tx-0/xps_cpus old 0 new 1",
        "file sys/class/net/a%2Fb/x/queues/tx-0/xps_cpus old 0 new 1", "file sys/class/net//queues/tx-0/xps_cpus old 0 new 1",
        "file sys/class/net/eth0/queues/tx-0/rps_cpus old 0 new 1", "file proc/irq/default_smp_affinity old zz new 1",
        "file proc/irq/57/smp_affinity old 1 new 1", "line 57 old 0 on 0 first - new 1 moves next",
        "line -1 old 0 on 0 first - new 1 moves next chip - hwirq - action - at - of -",
        "line 57 old - on 0 first - new 1 moves next chip - hwirq - action - at - of -",
        "line 57 old 0-99999999 on 0 first - new 1 moves next chip - hwirq - action - at - of -",
        "line 57 old 0 on 0 first 99999999999999999999 new 1 moves next chip - hwirq - action - at - of -",
        "line 57 old 0 on 0 first - new 1 moves next chip - hwirq - action - at ../x of -", "other 1",
    ])
    func foreignLinesAreRefused(_ line: String) {
        let text = "irqscope affinity 1\nboot b saved 1 goal spread phase applied\n\(line)\nend 1\n"
        #expect(throws: AffinityStateFile.Failure.self) { try AffinityStateFile.decode(Array(text.utf8)) }
    }

    @Test func anotherVersionIsTold() {
        #expect(throws: AffinityStateFile.Failure.version("2")) {
            try AffinityStateFile.decode(Array("irqscope affinity 2\nx\ny\n".utf8))
        }
    }
}
