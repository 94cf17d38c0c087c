@testable import IRQCore
import TestSupport
import Testing

@Suite struct TwoMastersTests {
    private func box(on cpu: Int = 3) -> MemoryBox {
        var box = MemoryBox()
        box.removeRow("27")
        box.isolate("2-3")
        box.files["etc/tuned/active_profile"] = "realtime\n"
        box.line(60, "IR-PCI-MSI 1-edge", "enp3s0", on: cpu, perSecond: 5)
        return box
    }

    @Test func aLineCameLater() throws {
        let run = try box().run(TwoMastersCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .note)
        #expect(finding.evidence == "tuned realtime isolates 2-3; enp3s0 came later and is on 3")
        #expect(finding.next.first == "systemctl restart tuned")
    }

    @Test func theProfilesOwnList() throws {
        var box = box()
        box.isolate("")
        box.files["etc/tuned/active_profile"] = "mine\n"
        #expect(try box.run(TwoMastersCheck.self).findings.isEmpty)
        box.files["etc/tuned/mine/tuned.conf"] = "[main]\ninclude=realtime\n[scheduler]\nisolated_cores=3\n"
        #expect(try box.run(TwoMastersCheck.self).findings.first?.evidence.hasPrefix("tuned mine isolates 3;") == true)
    }

    @Test func othersAreNone() throws {
        #expect(try box(on: 1).run(TwoMastersCheck.self).findings.isEmpty)
        var other = box()
        other.files["etc/tuned/active_profile"] = "throughput-performance"
        #expect(try other.run(TwoMastersCheck.self).findings.isEmpty)
        var managed = box()
        managed.modes["proc/irq/60/smp_affinity"] = 0o444
        #expect(try managed.run(TwoMastersCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFileItIsUnknownUnlessThereIsNoTuned() throws {
        var box = box()
        box.remove("etc/tuned")
        box.files["etc/hostname"] = "x"
        let none = try box.run(TwoMastersCheck.self)
        #expect(none.findings.isEmpty && none.unknown.isEmpty)
        box.remove("etc")
        #expect(try box.run(TwoMastersCheck.self).unknown.first?.reason.contains("etc is not in this copy") == true)
    }
}
