import TestSupport
import Testing

@testable import IRQCore

@Suite struct KsoftirqdBusyTests {
    private func box(_ ticks: UInt64) -> MemoryBox {
        var box = MemoryBox()
        box.tasks[20]?.delta = ticks
        box.softirqDelta["NET_RX"]?[0] = 320_000
        return box
    }

    @Test func deferredWorkPilesUp() throws {
        let finding = try #require(try box(920).run(KsoftirqdCheck.self).findings.first)
        #expect(finding.severity == .crit && finding.evidence == "ksoftirqd/0 92.0% of CPU 0, NET_RX 32.0k/s")
    }

    @Test(arguments: [(499, nil), (500, DoctorSeverity.warn), (899, .warn), (900, .crit)])
    func levels(_ ticks: Int, _ severity: DoctorSeverity?) throws {
        #expect(try box(UInt64(ticks)).run(KsoftirqdCheck.self).findings.first?.severity == severity)
    }

    @Test func withThreadsOfHandlersItIsANote() throws {
        var box = box(899)
        box.files["proc/cmdline"] = "quiet threadirqs"
        #expect(try box.run(KsoftirqdCheck.self).findings.first?.severity == .note)
        box.tasks[20]?.delta = 900
        #expect(try box.run(KsoftirqdCheck.self).findings.first?.severity == .crit)
    }

    @Test func manyCPUsAreFiveFindings() throws {
        var box = MemoryBox(cpus: 8)
        for cpu in 0..<8 { box.tasks[20 + cpu]?.delta = 900 + UInt64(cpu) }
        let findings = try box.run(KsoftirqdCheck.self).findings
        #expect(findings.map(\.subject) == ["CPU 7", "CPU 6", "CPU 5", "CPU 4", "CPU 3"])
        #expect(findings.last?.evidence.hasSuffix("; 3 more CPUs likewise") == true)
    }

    @Test func withoutProcessesItIsUnknown() throws {
        var box = box(920)
        for pid in box.tasks.keys where box.tasks[pid]?.name.hasPrefix("ksoftirqd") == true { box.tasks[pid] = nil }
        #expect(try box.run(KsoftirqdCheck.self).unknown.first?.reason == "no ksoftirqd can be seen in proc")
    }
}

@Suite struct IRQCPUFullTests {
    private func box(_ softirq: Double, others: Double = 0.2) -> MemoryBox {
        var box = MemoryBox()
        box.setTimes(0, softirq: softirq)
        for cpu in 1..<4 { box.setTimes(cpu, softirq: others) }
        return box
    }

    @Test func oneCPUIsFull() throws {
        var box = box(0.93, others: 0)
        box.line(56, "PCI-MSI 1-edge", "eth1-TxRx-0", on: 0, perSecond: 4000)
        box.line(57, "PCI-MSI 2-edge", "eth1-TxRx-1", on: 0, perSecond: 4100)
        let finding = try #require(try box.run(IRQCPUFullCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.subject == "CPU 0")
        #expect(finding.evidence == "CPU 0: 93.0% softirq; CPUs 1-3: 0%")
        #expect(finding.why == "its busiest: irq 57 eth1-TxRx-1 4.10k/s, irq 56 eth1-TxRx-0 4.00k/s")
        #expect(finding.next.first == "irqscope affinity plan spread --device eth1")
    }

    @Test func twoCPUsAreOneFinding() throws {
        var box = box(0.81, others: 0.1)
        box.setTimes(2, irq: 0.5, softirq: 0.45)
        let findings = try box.run(IRQCPUFullCheck.self).findings
        #expect(findings.count == 1)
        #expect(findings.first?.evidence == "CPU 2: 50.0% irq, 45.0% softirq, CPU 0: 81.0% softirq; CPUs 1,3: 10%")
    }

    @Test func silent() throws {
        #expect(try box(0.799).run(IRQCPUFullCheck.self).findings.isEmpty)
        #expect(try box(0.8).run(IRQCPUFullCheck.self).findings.count == 1)
        #expect(try box(0.95, others: 0.21).run(IRQCPUFullCheck.self).findings.isEmpty)
        // The others are isolated.
        var isolated = box(0.95, others: 0)
        isolated.files["sys/devices/system/cpu/isolated"] = "1-3"
        #expect(try isolated.run(IRQCPUFullCheck.self).findings.isEmpty)
    }

    @Test func withoutItsFileItIsUnknown() throws {
        var box = box(0.93)
        box.remove("proc/stat")
        let run = try box.run(IRQCPUFullCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "proc/stat is not there")
    }
}
