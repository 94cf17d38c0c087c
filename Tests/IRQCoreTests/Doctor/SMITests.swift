import TestSupport
import Testing

@testable import IRQCore

@Suite struct SMITests {
    @Test(arguments: [(0, nil), (3, DoctorSeverity.note), (9, .note), (10, .warn)])
    func counts(_ count: Int, _ severity: DoctorSeverity?) throws {
        var box = MemoryBox()
        box.firmwareStops = .counted(UInt64(count))
        let found = try box.run(SMICheck.self).findings
        #expect(found.first?.severity == severity)
        #expect(count != 3 || found[0].evidence == "3 SMIs in 10 s")
    }

    @Test func whatNobodyCountsIsUnknown() throws {
        #expect(try MemoryBox().run(SMICheck.self).unknown.first?.reason.contains("by root") == true)
    }
}
