import TestSupport
import Testing

@testable import IRQCore

@Suite struct StolenTimeTests {
    private func box(_ steal: Double, perSecond: Double) -> MemoryBox {
        var box = MemoryBox()
        box.line(28, "PCI-MSI 409600-edge", "eth0", on: 1, perSecond: perSecond)
        box.setTimes(1, user: 0.3, steal: steal)
        return box
    }

    @Test func theHostTakesACPU() throws {
        let found = try box(0.12, perSecond: 0).run(StolenTimeCheck.self).findings
        #expect(found.map(\.evidence) == ["CPU 1: 12.0% stolen"] && found[0].severity == .warn)
    }

    @Test(arguments: [(0.1, 0.0, true), (0.09, 0, false), (0.05, 100, true), (0.05, 99, false), (0.04, 500, false)])
    func limits(_ steal: Double, _ perSecond: Double, _ isFound: Bool) throws {
        #expect(try box(steal, perSecond: perSecond).run(StolenTimeCheck.self).findings.isEmpty == !isFound)
    }

    @Test func vmwareTellsNothing() throws {
        var box = box(0, perSecond: 500)
        box.log?.append("[    0.0] Hypervisor detected: VMware")
        #expect(try box.run(StolenTimeCheck.self).unknown.first?.reason.contains("stealclock.enable") == true)
        // Here it does.
        box.pastTimes[0][7] = 5
        #expect(try box.run(StolenTimeCheck.self).unknown.isEmpty)
    }

    @Test func withoutTimesItIsUnknown() throws {
        var box = box(0.5, perSecond: 0)
        box.remove("proc/stat")
        #expect(try box.run(StolenTimeCheck.self).unknown.first?.reason == "proc/stat is not there")
    }
}
