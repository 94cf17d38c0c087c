@testable import IRQCore
import TestSupport
import Testing

/// Rates need a time: copies without /proc/uptime have none.
@Suite struct IntervalTests {
    @Test func withoutUptimeRatesAreUnknown() throws {
        var box = MemoryBox(cpus: 8)
        box.addCard(places: Array(repeating: 0, count: 8), perSecond: [4_000])
        #expect(try box.run(OneCPUDeviceCheck.self).findings.count == 1)
        for hasTwoSamples in [true, false] {
            box.hasTwoSamples = hasTwoSamples
            box.remove("proc/uptime")
            let run = try box.run(OneCPUDeviceCheck.self)
            #expect(run.findings.isEmpty && run.unknown.first?.reason.hasPrefix("proc/uptime does not tell") == true)
        }
        // What goes by no rate is judged as ever.
        var masks = MemoryBox()
        masks.line(31, "PCI-MSI 327680-edge", "xhci_hcd", on: 0, mask: "8")
        masks.remove("proc/uptime")
        #expect(try masks.run(MovePendingCheck.self).findings.count == 1)
    }
}
