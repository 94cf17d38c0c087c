import TestSupport
import Testing

@testable import IRQCore

@Suite struct NMIRateTests {
    private func box(_ all: UInt64, counted: UInt64) -> MemoryBox {
        var box = MemoryBox()
        box.setRow("NMI", delta: [0, 0, 0, all])
        box.setRow("PMI", delta: [0, 0, 0, counted])
        return box
    }

    @Test func noCounterExplainsThem() throws {
        var box = box(2400, counted: 0)
        box.log?.append("[  812.5] Uhhuh. NMI received for unknown reason 3d on CPU 3.")
        let finding = try #require(try box.run(NMIRateCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.subject == "CPU 3")
        #expect(finding.evidence == "NMI 240/s on CPU 3, none from counters; the log has 1 of unknown reason")
    }

    @Test(arguments: [(600, 0, DoctorSeverity.warn), (10, 0, .warn), (9, 0, nil), (9999, 9999, nil), (10_000, 10_000, .note)])
    func levels(_ all: UInt64, _ counted: UInt64, _ severity: DoctorSeverity?) throws {
        #expect(try box(all, counted: counted).run(NMIRateCheck.self).findings.first?.severity == severity)
    }

    @Test func theWatchdogOfALatencyBoxCanBeSwitchedOff() throws {
        var box = box(600, counted: 1)
        box.files["sys/devices/system/cpu/isolated"] = "3"
        box.files["proc/sys/kernel/nmi_watchdog"] = "1"
        let finding = try #require(try box.run(NMIRateCheck.self).findings.first)
        #expect(finding.next.contains("sysctl -w kernel.nmi_watchdog=0"))
        #expect(finding.undo == "sysctl -w kernel.nmi_watchdog=1")
    }

    @Test func withoutTheRowsItIsUnknown() throws {
        for label in ["NMI", "PMI"] {
            var box = box(600, counted: 0)
            box.removeRow(label)
            let run = try box.run(NMIRateCheck.self)
            #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("has no row \(label)") == true)
        }
    }
}
