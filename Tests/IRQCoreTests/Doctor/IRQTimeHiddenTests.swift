import TestSupport
import Testing

@testable import IRQCore

@Suite struct IRQTimeHiddenTests {
    @Test func nothingWasCountedForAnHour() throws {
        var box = MemoryBox()
        box.files["boot/config-6.1.0-30-amd64"] = "CONFIG_HZ=250\n# CONFIG_IRQ_TIME_ACCOUNTING is not set\n"
        let found = try box.run(IRQTimeHiddenCheck.self).findings
        #expect(found.map(\.severity) == [.note])
        #expect(found[0].evidence == "this kernel does not account interrupt time (IRQ_TIME_ACCOUNTING is not set)")
    }

    @Test func notSoonAndNotWhereSomeIsCounted() throws {
        var box = MemoryBox()
        box.uptime = 3599
        #expect(try box.run(IRQTimeHiddenCheck.self).findings.isEmpty)
        box.uptime = 3600
        #expect(try box.run(IRQTimeHiddenCheck.self).findings.count == 1)
        box.pastTimes[2][5] = 1
        #expect(try box.run(IRQTimeHiddenCheck.self).findings.isEmpty)
    }

    @Test(arguments: ["proc/stat", "proc/uptime"]) func withoutTheFileItIsUnknown(_ path: String) throws {
        var box = MemoryBox()
        box.remove(path)
        let run = try box.run(IRQTimeHiddenCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.hasPrefix(path) == true)
    }
}
