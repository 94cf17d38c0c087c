import TestSupport
import Testing

@testable import IRQCore

@Suite struct MachineCheckTests {
    @Test func aNewExceptionIsCritical() throws {
        var box = MemoryBox(cpus: 8)
        box.setRow("MCE", delta: [0, 0, 0, 0, 0, 0, 0, 1])
        let finding = try #require(try box.run(MachineCheckCheck.self).findings.first)
        #expect(finding.severity == .crit && finding.evidence == "MCE 1 new on CPU 7: machine check exceptions")
        #expect(finding.next.contains("ras-mc-ctl --summary"))
    }

    @Test(arguments: [("THR", DoctorSeverity.warn), ("DFR", .warn), ("MCP", nil)])
    func others(_ label: String, _ severity: DoctorSeverity?) throws {
        var box = MemoryBox()
        box.setRow(label, delta: [0, 1, 0, 0])
        #expect(try box.run(MachineCheckCheck.self).findings.first?.severity == severity)
    }

    @Test func onesOfThePastAreNotNew() throws {
        var box = MemoryBox()
        box.setRow("MCE", [0, 1, 0, 0])
        #expect(try box.run(MachineCheckCheck.self).findings.isEmpty)
        box.hasTwoSamples = false
        #expect(try box.run(MachineCheckCheck.self).findings.map(\.severity) == [.note])
    }

    @Test(arguments: [
        ("[ 81.2] mce: CPU2 BANK7 CMCI storm detected", "CPU 2"), ("[ 81.2] CPU2 BANK7 CMCI storm detected", "CPU 2"),
        ("[ 81.2] mce: CMCI storm detected: switching to poll mode", "memory"),
    ])
    func stormsOfCorrectedErrors(_ line: String, _ subject: String) throws {
        var box = MemoryBox()
        box.log?.append(line)
        let finding = try #require(try box.run(MachineCheckCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.subject == subject && finding.evidence.contains("CMCI storm detected"))
    }

    @Test func withoutTheRowOrTheLogItIsUnknown() throws {
        var box = MemoryBox()
        box.removeRow("MCE")
        #expect(try box.run(MachineCheckCheck.self).unknown.first?.reason == "proc/interrupts has no row MCE")
        box = MemoryBox()
        box.log = nil
        #expect(try box.run(MachineCheckCheck.self).unknown.first?.reason.contains("log") == true)
    }
}
