import TestSupport
import Testing

@testable import IRQCore

@Suite struct StormLineTests {
    /// A box where a line of no known purpose comes so often on CPU 2.
    private func box(_ perSecond: Double) -> MemoryBox {
        var box = MemoryBox()
        box.line(17, "IO-APIC 17-fasteoi", "i801_smbus", on: 2, perSecond: perSecond)
        return box
    }

    @Test func aLineStorms() throws {
        let run = try box(200_000).run(StormLineCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .crit && finding.subject == "irq 17")
        #expect(
            finding.evidence == "irq 17 i801_smbus: 200k/s on CPU 2, 0% unhandled; nothing follows it",
            "\(finding.evidence)")
        #expect(finding.next[0] == "irqscope record --irq 17 --duration 5s -o - | irqscope report")
        #expect(finding.next[1].contains("disable_features=0x10"))
    }

    @Test(arguments: [(4_999.0, nil), (5_000, DoctorSeverity.warn), (99_999, .warn), (100_000, .crit)])
    func levels(_ perSecond: Double, _ severity: DoctorSeverity?) throws {
        #expect(try box(perSecond).run(StormLineCheck.self).findings.first?.severity == severity)
    }

    /// The reason says what was measured, and what was not.
    @Test func theReasonIsMeasured() throws {
        func why(_ box: MemoryBox) throws -> String { try #require(try box.run(StormLineCheck.self).findings.first).why }
        let ending = "nothing follows, so the device, its driver or what is wired to it does not stop"
        #expect(try why(box(200_000)) == "what it takes of CPU 2 is unknown; \(ending)")
        var counted = box(200_000)
        (counted.times[2][3], counted.times[2][5], counted.pastTimes[2][5]) = (400, 500, 1)
        // From a million interrupts on the kernel shows whether it accounts for their time.
        let stat = try #require(counted.sample(isSecond: true).read("proc/stat").text)
        counted.later["proc/stat"] = stat.replacing("intr 1\n", with: "intr 2000000\n")
        let seen = try why(counted)
        #expect(seen == "hard interrupts take 50.0% of CPU 2; \(ending)")
        // Queues of a disk whose requests are not in the copy.
        var disk = MemoryBox()
        disk.line(51, "PCI-MSIX-0000:01:00.0 2-edge", "nvme0q2", on: 1, perSecond: 120_000)
        disk.remove("proc/diskstats")
        #expect(
            try why(disk) == "what it takes of CPU 1 is unknown; what follows is unknown: it may be busy, or not stop")
    }

    @Test func workThatFollowsIsNoStorm() throws {
        var box = MemoryBox()
        box.line(28, "PCI-MSI 409600-edge", "eth0", on: 1, perSecond: 150_000)
        box.softirqDelta["NET_RX"] = [100, 1_500_000, 100, 100]
        #expect(try box.run(StormLineCheck.self).findings.isEmpty)
    }

    @Test func aFloodOfTheFirmwareIsToldOnce() throws {
        var box = box(200_000)
        box.line(9, "IO-APIC 9-fasteoi", "acpi", on: 2, perSecond: 120_000)
        box.later["sys/firmware/acpi/interrupts/gpe03"] = "1200000  EN     enabled      unmasked"
        box.later["sys/firmware/acpi/interrupts/sci"] = "1200000"
        let found = try box.run(StormLineCheck.self, ACPIStormCheck.self).findings
        // Another line on the same CPU is a storm of its own.
        #expect(found.map(\.check).sorted() == ["storm-acpi", "storm-line"])
        #expect(found.first { $0.check == "storm-line" }?.subject == "irq 17")
    }

    @Test func withoutSoftirqsItIsUnknown() throws {
        var box = MemoryBox()
        box.remove("proc/softirqs")
        #expect(try box.run(StormLineCheck.self).unknown.first?.reason == "proc/softirqs is not there")
        box = MemoryBox()
        box.remove("proc/stat")
        #expect(try box.run(StormLineCheck.self).unknown.first?.reason == "proc/stat is not there")
    }
}
