@testable import IRQCore
import TestSupport
import Testing

@Suite struct IsoWorkqueueTests {
    private let path = "sys/devices/virtual/workqueue/cpumask"

    private func box(_ mask: String) -> MemoryBox {
        var box = MemoryBox(cpus: 16)
        box.isolate("8-15")
        box.files[path] = mask
        return box
    }

    @Test func hasIsolatedCPUs() throws {
        let finding = try #require(try box("ffff").run(IsoWorkqueueCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence == "workqueue cpumask ffff has isolated 8-15")
        #expect(finding.next == ["echo ff >/\(path)"] && finding.undo == "echo ffff >/\(path)")
        #expect(try box("01ff").run(IsoWorkqueueCheck.self).findings.count == 1)
    }

    @Test func othersAreNone() throws {
        #expect(try box("00ff").run(IsoWorkqueueCheck.self).findings.isEmpty)
        var none = box("ffff")
        none.isolate("")
        none.remove(path)
        let run = try none.run(IsoWorkqueueCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
    }

    @Test func withoutTheFileItIsUnknown() throws {
        var box = box("ffff")
        box.remove(path)
        #expect(try box.run(IsoWorkqueueCheck.self).unknown.first?.reason == "\(path) is not there")
    }
}
