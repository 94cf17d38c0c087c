@testable import IRQCore
import TestSupport
import Testing

@Suite struct IsoSiblingTests {
    private let system = "sys/devices/system/cpu"

    /// Eight CPUs on four cores: n and n + 4.
    private func box(isolated: String = "3") -> MemoryBox {
        var box = MemoryBox(cpus: 8)
        for cpu in 0..<8 { box.files["\(system)/cpu\(cpu)/topology/thread_siblings_list"] = "\(cpu % 4),\(cpu % 4 + 4)" }
        box.files["\(system)/smt/control"] = "on"
        box.isolate(isolated)
        return box
    }

    @Test(arguments: [(3_100.0, DoctorSeverity.warn), (1_000, .warn), (999, .note)])
    func linesOnTheTwin(_ perSecond: Double, _ severity: DoctorSeverity) throws {
        var box = box()
        box.line(60, "IR-PCI-MSI 1-edge", "eno2-TxRx-1", on: 7, perSecond: perSecond)
        let run = try box.run(IsoSiblingCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == severity)
        if perSecond > 3_000 {
            #expect(finding.evidence == "CPU 7, twin of isolated 3, serves eno2-TxRx-1 (3.10k/s)")
            #expect(finding.next == ["# isolate both at boot: isolcpus= with 3,7", "echo off >/sys/devices/system/cpu/smt/control"])
        } else if severity == .note {
            #expect(finding.evidence == "CPU 7, twin of isolated 3, is idle, but not isolated")
        }
    }

    @Test(arguments: [(0.2, DoctorSeverity.warn), (0.19, .note)])
    func workOnTheTwin(_ share: Double, _ severity: DoctorSeverity) throws {
        var box = box()
        box.setTimes(7, user: share)
        #expect(try box.run(IsoSiblingCheck.self).findings.first?.severity == severity)
    }

    @Test func othersAreNone() throws {
        #expect(try box(isolated: "3,7").run(IsoSiblingCheck.self).findings.isEmpty)
        #expect(try box(isolated: "").run(IsoSiblingCheck.self).findings.isEmpty)
        var off = box()
        off.files["\(system)/smt/active"] = "0"
        #expect(try off.run(IsoSiblingCheck.self).findings.isEmpty)
        var gone = box()
        gone.files["\(system)/online"] = "0-6"
        #expect(try gone.run(IsoSiblingCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFilesItIsUnknown() throws {
        var box = box()
        for cpu in 0..<8 { box.remove("\(system)/cpu\(cpu)") }
        let run = try box.run(IsoSiblingCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "\(system)/cpu3/topology/thread_siblings_list is not there")
        var sets = self.box()
        sets.remove("\(system)/isolated")
        #expect(try sets.run(IsoSiblingCheck.self).unknown.first?.reason == "\(system)/isolated is not there")
    }
}
