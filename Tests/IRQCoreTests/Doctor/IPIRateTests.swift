import TestSupport
import Testing

@testable import IRQCore

@Suite struct IPIRateTests {
    /// A box whose CPU 3 is isolated.
    private func box(_ label: String, _ perSecond: UInt64) -> MemoryBox {
        var box = MemoryBox()
        box.files["sys/devices/system/cpu/isolated"] = "3"
        box.setRow(label, delta: [0, 0, 0, perSecond * 10])
        return box
    }

    @Test func pagesAreForgottenOnAnIsolatedCPU() throws {
        var box = box("TLB", 90)
        box.files["proc/sys/kernel/numa_balancing"] = "1"
        let finding = try #require(try box.run(IPIRateCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence == "TLB shootdowns 90.0/s on isolated CPU 3")
        #expect(finding.next[0] == "irqscope record --events ipi,csd --cpu 3 --duration 5s -o - | irqscope report")
        #expect(finding.next[1] == "sysctl -w kernel.numa_balancing=0")
    }

    @Test(arguments: [("TLB", 9, false), ("TLB", 10, true), ("CAL", 99, false), ("CAL", 100, true), ("RES", 5000, false)])
    func levelsOnIsolatedCPUs(_ label: String, _ perSecond: UInt64, _ isFound: Bool) throws {
        #expect(try box(label, perSecond).run(IPIRateCheck.self).findings.isEmpty == !isFound)
    }

    @Test func manyCallsAreANote() throws {
        var box = MemoryBox()
        box.setRow("CAL", delta: [500_001, 0, 0, 0])
        let finding = try #require(try box.run(IPIRateCheck.self).findings.first)
        #expect(finding.severity == .note && finding.subject == "CPU 0")
        #expect(finding.evidence.hasPrefix("50.0k/s calls to CPU 0: wake-ups 20.0/s, functions 50.0k/s"))
        box.setRow("CAL", delta: [500_000, 0, 0, 0])
        #expect(try box.run(IPIRateCheck.self).findings.isEmpty)
    }

    @Test func flushesThatAreCallsCountOnce() throws {
        var box = MemoryBox()
        box.setRow("CAL", delta: [300_000, 0, 0, 0])
        box.setRow("TLB", delta: [300_000, 0, 0, 0])
        #expect(try box.run(IPIRateCheck.self).findings.isEmpty)
        box.kernel = "4.4.0"
        #expect(try box.run(IPIRateCheck.self).findings.count == 1)
    }

    @Test func toWakeAnIdleCPUIsNoHarm() throws {
        var box = MemoryBox()
        box.setRow("RES", delta: [600_000, 0, 0, 0])
        #expect(try box.run(IPIRateCheck.self).findings.isEmpty)
        box.setTimes(0, user: 0.6)
        #expect(try box.run(IPIRateCheck.self).findings.count == 1)
    }

    @Test func armNamesItsCallsByWords() throws {
        var box = MemoryBox()
        for label in ["RES", "CAL", "TLB"] { box.removeRow(label) }
        box.files["sys/devices/system/cpu/isolated"] = "3"
        box.setRow("IPI1", delta: [0, 0, 0, 2000], tail: "Function call interrupts")
        #expect(try box.run(IPIRateCheck.self).findings.first?.evidence == "function calls 200/s on isolated CPU 3")
    }

    @Test func withoutRowsItIsUnknown() throws {
        var box = MemoryBox()
        for label in ["RES", "CAL", "TLB"] { box.removeRow(label) }
        #expect(try box.run(IPIRateCheck.self).unknown.count == 1)
        box = MemoryBox()
        box.remove("sys/devices/system/cpu/isolated")
        #expect(try box.run(IPIRateCheck.self).unknown.first?.reason == "sys/devices/system/cpu/isolated is not there")
    }
}
