import TestSupport
import Testing

@testable import IRQCore

@Suite struct ToolsHiddenTests {
    @Test func checksAreUnknownForWhatACopyLacks() throws {
        var box = MemoryBox()
        box.log = nil
        let run = try box.run(ToolsHiddenCheck.self, LockupCheck.self, SlowKernelCheck.self)
        #expect(run.findings.map(\.severity) == [.note] && run.unknown.count == 2)
        #expect(run.findings[0].evidence == "2 checks unknown: no dmesg in this copy (lockup, slow-kernel)")
    }

    @Test func withoutTasks() throws {
        var box = MemoryBox()
        for pid in box.tasks.keys { box.remove("proc/\(pid)") }
        // The reason of the other one is about processors.
        let run = try box.run(ToolsHiddenCheck.self, KsoftirqdCheck.self, ThermalCheck.self)
        #expect(run.findings.map(\.evidence) == ["1 check unknown: no /proc/PID in this copy (ksoftirqd-busy)"])
    }

    @Test func whatNobodyMissesIsNotTold() throws {
        var box = MemoryBox()
        box.log = nil
        #expect(try box.run(ToolsHiddenCheck.self).findings.isEmpty)
        #expect(try MemoryBox().run(ToolsHiddenCheck.self, LockupCheck.self).findings.isEmpty)
    }

    @Test func whoIsNotRootIsToldHow() throws {
        var box = MemoryBox()
        (box.isLive, box.log) = (true, nil)
        box.folders.insert("sys/kernel/tracing")
        let finding = try #require(try box.run(ToolsHiddenCheck.self, LockupCheck.self).findings.first)
        #expect(finding.evidence.contains("the kernel's log may not be read") && finding.next == ["sudo irqscope doctor"])
    }
}
