import TestSupport
import Testing

@testable import IRQCore

@Suite struct UnhandledRisingTests {
    private static let path = "proc/irq/16/spurious"

    /// A line where nearly nothing is claimed, before and after.
    private func box(_ before: Int, _ after: Int, of perSecond: Double = 1000) -> MemoryBox {
        var box = MemoryBox()
        box.line(16, "IO-APIC 16-fasteoi", "i801_smbus, ehci_hcd:usb1", on: 2, perSecond: perSecond)
        box.files[Self.path] = "count \(before + 10)\nunhandled \(before)\nlast_unhandled 5000 ms"
        box.later[Self.path] = "count \(after + 10)\nunhandled \(after)\nlast_unhandled \(after == before ? 5000 : 15000) ms"
        return box
    }

    @Test func theLimitIsNear() throws {
        let finding = try #require(try box(50_990, 60_990).run(UnhandledRisingCheck.self).findings.first)
        #expect(finding.severity == .crit && finding.subject == "irq 16" && finding.lines == [16])
        #expect(
            finding.evidence
                == "irq 16 i801_smbus, ehci_hcd:usb1: 61.0k unhandled of 61.0k, 1.00k/s, 39 s to the kernel's limit",
            "\(finding.evidence)")
    }

    @Test func aValueThatStandsStillIsNone() throws {
        #expect(try box(60_990, 60_990).run(UnhandledRisingCheck.self).findings.isEmpty)
    }

    @Test(arguments: [(3_000, nil), (11_000, DoctorSeverity.warn), (51_000, .crit)])
    func levels(_ after: Int, _ severity: DoctorSeverity?) throws {
        // Slow enough that the limit is far.
        var box = box(after - 50, after, of: 5)
        box.seconds = 10
        #expect(try box.run(UnhandledRisingCheck.self).findings.first?.severity == severity)
    }

    @Test func withoutTheFileItIsUnknown() throws {
        var box = box(0, 0)
        box.remove(Self.path)
        #expect(try box.run(UnhandledRisingCheck.self).unknown.first?.reason == "proc/irq/16/spurious is not there")
    }

    @Test func oneSampleTellsNothing() throws {
        var box = box(60_990, 60_990)
        box.hasTwoSamples = false
        let run = try box.run(UnhandledRisingCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("irq 16") == true)
    }
}
