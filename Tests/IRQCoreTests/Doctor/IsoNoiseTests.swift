@testable import IRQCore
import TestSupport
import Testing

@Suite struct IsoNoiseTests {
    private func box(_ share: UInt64 = 99) -> MemoryBox {
        var box = MemoryBox()
        box.isolate("2-3")
        box.task(900, "engine", isKernel: false, delta: share * 10, cpu: 3)
        box.files["proc/sys/kernel/nmi_watchdog"] = "1"
        box.files["proc/sys/vm/stat_interval"] = "1"
        box.files["proc/sys/kernel/timer_migration"] = "1"
        box.files["sys/kernel/mm/transparent_hugepage/enabled"] = "[always] madvise never"
        return box
    }

    @Test func settingsAreOff() throws {
        let run = try box().run(IsoNoiseCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .note)
        #expect(finding.evidence == "on 3: nmi_watchdog 1, stat_interval 1, THP always")
        #expect(finding.next.prefix(2) == ["sysctl kernel.nmi_watchdog=0", "sysctl vm.stat_interval=10"])
        #expect(finding.undo?.hasPrefix("sysctl kernel.nmi_watchdog=1; ") == true)
    }

    @Test func aRealTimeTaskWithoutLockedMemory() throws {
        var box = box()
        box.task(900, "engine", isKernel: false, delta: 990, cpu: 3, policy: 1, realtimePriority: 80)
        box.files["proc/900/status"] = "Name:\tengine\nVmLck:\t       0 kB\n"
        let finding = try #require(try box.run(IsoNoiseCheck.self).findings.first)
        #expect(finding.evidence.hasSuffix("engine has no locked memory") && finding.next.last?.contains("mlockall") == true)
    }

    @Test func othersAreNone() throws {
        #expect(try box(89).run(IsoNoiseCheck.self).findings.isEmpty)
        var none = box()
        none.isolate("")
        #expect(try none.run(IsoNoiseCheck.self).findings.isEmpty)
        var quiet = box()
        quiet.files["proc/sys/kernel/nmi_watchdog"] = "0"
        quiet.files["proc/sys/vm/stat_interval"] = "10"
        quiet.files["sys/kernel/mm/transparent_hugepage/enabled"] = "always [madvise] never"
        // The poll of machine checks alone is no news.
        quiet.files["sys/devices/system/machinecheck/machinecheck0/check_interval"] = "300"
        #expect(try quiet.run(IsoNoiseCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFilesItIsUnknown() throws {
        var box = box()
        box.remove("proc/sys")
        #expect(try box.run(IsoNoiseCheck.self).unknown.first?.reason == "proc/sys/vm/stat_interval is not there")
        var blind = self.box()
        blind.tasks = [:]
        #expect(try blind.run(IsoNoiseCheck.self).unknown.count == 1)
        var one = self.box()
        one.hasTwoSamples = false
        #expect(try one.run(IsoNoiseCheck.self).unknown.count == 1)
    }
}
