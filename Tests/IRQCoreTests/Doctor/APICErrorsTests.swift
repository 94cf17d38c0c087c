import TestSupport
import Testing

@testable import IRQCore

@Suite struct APICErrorsTests {
    @Test(arguments: [("ERR", "ERR +3: errors"), ("MIS", "MIS +3: level interrupts lost by the IO-APIC, repaired")])
    func countsOfTheMachine(_ label: String, _ words: String) throws {
        var box = MemoryBox()
        box.setRow(label, delta: [3])
        let finding = try #require(try box.run(APICErrorsCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.subject == label && finding.evidence.hasPrefix(words))
    }

    @Test func countsOfCPUs() throws {
        var box = MemoryBox()
        box.setRow("SPU", delta: [0, 2, 0, 0])
        let finding = try #require(try box.run(APICErrorsCheck.self).findings.first)
        #expect(finding.evidence == "SPU +2: interrupts that nobody sent, on CPU 1")
        // As newer kernels show it.
        box = MemoryBox()
        box.removeRow("ERR")
        box.setRow("ERR", [0, 0, 0, 0], delta: [0, 0, 1, 0], tail: "PIC/APIC error interrupts")
        #expect(try box.run(APICErrorsCheck.self).findings.first?.evidence.hasSuffix("on CPU 2") == true)
    }

    @Test func thoseOfThePastAreANote() throws {
        var box = MemoryBox()
        box.setRow("ERR", [3])
        let found = try box.run(APICErrorsCheck.self).findings
        #expect(found.map(\.severity) == [.note] && found[0].evidence.hasPrefix("ERR 3 since boot"))
        #expect(try MemoryBox().run(APICErrorsCheck.self).findings.isEmpty)
    }

    @Test func armCountsAnotherThing() throws {
        var box = MemoryBox()
        box.rows = box.rows.filter { Int($0.label) != nil }
        for row in ["1", "9", "27", "28"] { box.removeRow(row) }
        box.line(30, "GICv3  30 Level", "arch_timer")
        box.setRow("Err", [0], delta: [5])
        let run = try box.run(APICErrorsCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
    }

    @Test func withoutTheRowsItIsUnknown() throws {
        var box = MemoryBox()
        for label in ["ERR", "MIS", "SPU", "RTR"] { box.removeRow(label) }
        #expect(try box.run(APICErrorsCheck.self).unknown.count == 1)
        box.kernel = "7.2.0"
        #expect(try box.run(APICErrorsCheck.self).unknown.isEmpty)
    }
}
