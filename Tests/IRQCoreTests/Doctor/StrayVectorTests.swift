import TestSupport
import Testing

@testable import IRQCore

@Suite struct StrayVectorTests {
    private func box(_ lines: [String]) -> MemoryBox {
        var box = MemoryBox()
        box.log? += lines
        return box
    }

    @Test(arguments: [
        "__common_interrupt: 3.55 No irq handler for vector", "No irq handler for 3.55", "do_IRQ: 3.55 No irq handler for vector",
    ])
    func vectorsWithoutAnOwner(_ words: String) throws {
        let lines = [100.5, 200, 300, 400].map { "[ \($0)] \(words)" }
        let found = try box(lines).run(StrayVectorCheck.self).findings
        #expect(found.map(\.evidence) == ["vector 55 on CPU 3 fired 4 times without owner"])
        #expect(found[0].severity == .warn && found[0].cpus.list == "3")
    }

    @Test func notAtBootAndNotWhenACPUComesOrGoes() throws {
        let words = "do_IRQ: 3.55 No irq handler for vector"
        #expect(try box(["[ 60.0] \(words)"]).run(StrayVectorCheck.self).findings.isEmpty)
        #expect(try box(["[ 60.1] \(words)"]).run(StrayVectorCheck.self).findings.count == 1)
        let near = ["[ 500.0] smpboot: CPU 3 is now offline", "[ 504.9] \(words)"]
        #expect(try box(near).run(StrayVectorCheck.self).findings.isEmpty)
    }

    @Test func withoutLogOrTimesItIsUnknown() throws {
        var none = MemoryBox()
        none.log = nil
        #expect(try none.run(StrayVectorCheck.self).unknown.first?.reason == "the kernel's log is not there")
        let run = try box(["[Thu Nov 26 06:44:49 2026] do_IRQ: 3.55 No irq handler for vector"]).run(StrayVectorCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("no times") == true)
    }
}
