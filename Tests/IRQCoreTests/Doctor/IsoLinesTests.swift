@testable import IRQCore
import TestSupport
import Testing

@Suite struct IsoLinesTests {
    /// Eight CPUs, 4-7 isolated, and a card with queues on four of them.
    private func box(_ perSecond: Double = 210, places: [Int] = [1, 5, 6, 7], masks: [String?] = []) -> MemoryBox {
        var box = MemoryBox(cpus: 8)
        box.isolate("4-7")
        box.addCard("eno1", irq: 70, places: places, perSecond: [perSecond], masks: masks)
        return box
    }

    @Test func queuesOnIsolatedCPUs() throws {
        let run = try box().run(IsoLinesCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn && finding.subject == "eno1")
        #expect(finding.evidence == "eno1-rxtx-1: 210/s on isolated CPU 5; 3 lines of eno1 630/s on CPUs 5-7")
        #expect(finding.next.first == "irqscope affinity plan isolate --device eno1")
    }

    @Test(arguments: [(1.0, DoctorSeverity.warn), (0.9, .note), (0, .note)])
    func levels(_ perSecond: Double, _ severity: DoctorSeverity) throws {
        let found = try box(perSecond, places: [5]).run(IsoLinesCheck.self).findings
        #expect(found.map(\.severity) == [severity])
        if perSecond == 0 {
            #expect(found[0].evidence == "irq 70 eno1-rxtx-0: silent now, but may come to isolated CPU 5")
        }
    }

    /// Whoever comes to other CPUs is not silent.
    @Test func linesThatComeElsewhere() throws {
        var box = box(0, places: [5])
        box.line(62, "ARMCTRL-level 66", "mmc0", on: 0, perSecond: 1000)
        box.files["proc/irq/62/effective_affinity"] = "ff"
        box.files["proc/irq/62/effective_affinity_list"] = "0-7"
        let found = try box.run(IsoLinesCheck.self).findings
        #expect(
            found.map(\.evidence) == [
                "irq 62 mmc0: comes to other CPUs now; irq 70 eno1-rxtx-0: silent now, but may come to isolated CPUs 4-7"
            ])
        box.hasTwoSamples = false
        box.remove("proc/uptime")
        #expect(try box.run(IsoLinesCheck.self).findings.contains { $0.evidence.contains("silent") } == false)
    }

    @Test func whereNoCPUIsLeftNothingIsProposed() throws {
        let found = try box().run(IsoLinesCheck.self, latencyCPUs: CPUSet(0..<8)).findings
        #expect(!found.isEmpty && found.allSatisfy { $0.undo == nil })
        let next = Set(found.flatMap(\.next))
        #expect(next == ["# no CPU of 0-7 is left for interrupts: set fewer aside with --latency-cpus"])
    }

    @Test func CPUsThatTheUserNames() throws {
        var box = box(places: [1])
        box.isolate("")
        #expect(try box.run(IsoLinesCheck.self).findings.isEmpty)
        let named = try #require(try box.run(IsoLinesCheck.self, latencyCPUs: CPUSet([1])).findings.first { $0.subject == "eno1" })
        #expect(named.next.first == "irqscope affinity plan isolate --device eno1 --latency-cpus 1")
    }

    @Test func aLineBesideItsTaskIsANote() throws {
        var box = box(places: [5], masks: ["20"])
        box.task(900, "engine", isKernel: false, delta: 990, cpu: 5, policy: 1, realtimePriority: 80)
        box.files["proc/900/status"] = "Name:\tengine\nCpus_allowed_list:\t5\n"
        let found = try box.run(IsoLinesCheck.self).findings
        #expect(found.map(\.severity) == [.note])
        #expect(found[0].evidence == "eno1-rxtx-0: 210/s on isolated CPU 5, where engine is pinned")
        // The driver spread the card's queues, and one of them met the task.
        box.addCard("eno1", irq: 70, places: [5, 6], perSecond: [210], masks: ["20", "40"])
        #expect(try box.run(IsoLinesCheck.self).findings.first?.severity == .warn)
        // A task that may run elsewhere too.
        var loose = self.box(places: [5], masks: ["20"])
        loose.task(900, "engine", isKernel: false, delta: 990, cpu: 5, policy: 1, realtimePriority: 80)
        loose.files["proc/900/status"] = "Name:\tengine\nCpus_allowed_list:\t4-7\n"
        #expect(try loose.run(IsoLinesCheck.self).findings.first?.severity == .warn)
    }

    @Test func othersAreNone() throws {
        var managed = box(places: [5])
        managed.modes["proc/irq/70/smp_affinity"] = 0o444
        #expect(try managed.run(IsoLinesCheck.self).findings.isEmpty)
        var passed = box(places: [])
        passed.line(80, "IR-PCI-MSI 1-edge", "vfio-msix[0](0000:3b:02.0)", on: 5, perSecond: 900)
        #expect(try passed.run(IsoLinesCheck.self).findings.isEmpty)
        var none = box()
        none.isolate("")
        #expect(try none.run(IsoLinesCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFileItIsUnknown() throws {
        var box = box()
        box.remove("sys/devices/system/cpu/isolated")
        let run = try box.run(IsoLinesCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "sys/devices/system/cpu/isolated is not there")
    }

    @Test func irqbalanceIsTheCause() throws {
        var box = box()
        box.runIrqbalance(environment: ["IRQBALANCE_BANNED_CPULIST=0"])
        let run = try box.run(IrqbalanceBansCheck.self, IsoLinesCheck.self)
        #expect(run.findings.map(\.check) == ["irqbalance-bans", "iso-lines"])
        #expect(run.findings.last?.cause == "irqbalance-bans")
    }
}
