@testable import IRQCore
import TestSupport
import Testing

@Suite struct ACPIStormTests {
    private static let folder = "sys/firmware/acpi/interrupts"

    /// A box where gpe03 comes so often.
    private func box(_ perSecond: Double, unclaimed: Double = 0) -> MemoryBox {
        var box = MemoryBox()
        let sum = UInt64((perSecond + unclaimed) * box.seconds)
        box.line(9, "IO-APIC 9-fasteoi", "acpi", perSecond: perSecond + unclaimed)
        box.later["\(Self.folder)/gpe03"] = "\(UInt64(perSecond * box.seconds))  EN     enabled      unmasked"
        box.later["\(Self.folder)/sci"] = "\(sum)"
        box.later["\(Self.folder)/sci_not"] = "\(UInt64(unclaimed * box.seconds))"
        return box
    }

    @Test func oneEventFloodsTheLine() throws {
        var box = box(3030)
        box.task(8, "kworker/0:0+kacpid", delta: 780)
        let run = try box.run(ACPIStormCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .crit && finding.subject == "gpe03")
        #expect(
            finding.evidence
                == "gpe03: 3.03k/s, all of acpi's 3.03k/s (irq 9, CPU 0); kworker/0:0+kacpid 78.0% of a CPU")
        #expect(finding.next.first == "echo mask >/sys/firmware/acpi/interrupts/gpe03")
        #expect(finding.undo == "echo unmask >/sys/firmware/acpi/interrupts/gpe03")
    }

    @Test(arguments: [(99.0, nil), (100, DoctorSeverity.warn), (999, .warn), (1000, .crit)])
    func levels(_ perSecond: Double, _ severity: DoctorSeverity?) throws {
        #expect(try box(perSecond).run(ACPIStormCheck.self).findings.first?.severity == severity)
    }

    @Test func halfOfTheLineIsNotClaimed() throws {
        let found = try box(90, unclaimed: 150).run(ACPIStormCheck.self).findings
        #expect(found.count == 1 && found[0].evidence == "irq 9: 150/s not claimed by ACPI (sci_not), of 240/s")
        #expect(try box(99, unclaimed: 98).run(ACPIStormCheck.self).findings.isEmpty)
    }

    @Test func aNumberThatWentBackIsNone() throws {
        var box = box(3000)
        box.files["\(Self.folder)/gpe03"] = "  900000  EN     enabled      unmasked"
        #expect(try box.run(ACPIStormCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFilesItIsUnknown() throws {
        var box = box(3000)
        box.remove(Self.folder)
        let run = try box.run(ACPIStormCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("is not there") == true)
    }

    @Test func aMeanSinceBootIsANote() throws {
        var box = box(3000 * 720)
        box.hasTwoSamples = false
        let finding = try #require(try box.run(ACPIStormCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence.hasSuffix("(mean since boot)"))
    }
}
