@testable import IRQCore
import TestSupport
import Testing

@Suite struct IsoTickTests {
    private func box(_ perSecond: Double = 250, busy: Double = 0.99) -> MemoryBox {
        var box = MemoryBox()
        box.files["sys/devices/system/cpu/nohz_full"] = "2-3"
        box.setTimes(3, user: busy)
        box.setRow("LOC", delta: [1000, 1000, 10, UInt64(perSecond * 10)])
        box.task(900, "pmd-c03", isKernel: false, delta: 990, cpu: 3)
        return box
    }

    @Test func theTickGoesOn() throws {
        let run = try box().run(IsoTickCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn)
        #expect(finding.evidence == "CPU 3: 250 timer interrupts/s, pmd-c03 99.0%")
        #expect(finding.next.count == 1 && finding.next[0].contains("tick_stop"))
        var newer = box()
        newer.kernel = "6.12.30"
        let fair = try #require(try newer.run(IsoTickCheck.self).findings.first)
        #expect(fair.next.last == "echo 0 >/sys/kernel/debug/sched/fair_server/cpu3/runtime" && fair.undo != nil)
    }

    @Test(arguments: [(10.0, 0.9, 1), (9.9, 0.99, 0), (250, 0.89, 0)])
    func limits(_ perSecond: Double, _ busy: Double, _ count: Int) throws {
        #expect(try box(perSecond, busy: busy).run(IsoTickCheck.self).findings.count == count)
    }

    @Test func aSharedCPUNeedsItsTick() throws {
        var box = box()
        box.task(901, "other", isKernel: false, delta: 60, cpu: 3)
        #expect(try box.run(IsoTickCheck.self).findings.isEmpty)
        var isolated = self.box()
        isolated.files["sys/devices/system/cpu/nohz_full"] = "(null)"
        isolated.isolate("2-3")
        #expect(try isolated.run(IsoTickCheck.self).findings.isEmpty)
    }

    @Test func armTimersAreLines() throws {
        var box = box()
        box.removeRow("LOC")
        box.line(13, "GICv3 27 Level", "arch_timer")
        box.setRow("13", delta: [1000, 1000, 10, 2500])
        #expect(try box.run(IsoTickCheck.self).findings.first?.evidence.hasPrefix("CPU 3: 250 timer") == true)
    }

    @Test func withoutTheFilesItIsUnknown() throws {
        var times = box()
        times.remove("proc/stat")
        #expect(try times.run(IsoTickCheck.self).unknown.first?.reason == "proc/stat is not there")
        // A kernel without nohz_full= has the other file only.
        var none = box()
        none.remove("sys/devices/system/cpu/nohz_full")
        let run = try none.run(IsoTickCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
        none.remove("sys/devices/system/cpu/isolated")
        #expect(
            try none.run(IsoTickCheck.self).unknown.first?.reason == "sys/devices/system/cpu/nohz_full is not there")
        var timers = box()
        timers.removeRow("LOC")
        #expect(try timers.run(IsoTickCheck.self).unknown.count == 1)
    }
}
