@testable import IRQCore
import TestSupport
import Testing

@Suite struct OneCPUAllTests {
    /// A board whose controller sends all lines to the first CPU.
    private func box(_ rates: [Double], away: Double = 0) -> MemoryBox {
        var box = MemoryBox()
        box.removeRow("27")
        box.removeRow("28")
        for (index, rate) in rates.enumerated() {
            box.line(40 + index, "GICv3 \(70 + index) Level", ["end1", "ahci", "dw-mmc", "vop"][index], on: 0, perSecond: rate)
        }
        box.line(50, "GICv3 90 Level", "other", on: 2, perSecond: away)
        return box
    }

    @Test func oneCPUTakesAll() throws {
        let run = try box([15_000, 4_000, 2_400, 60]).run(OneCPUAllCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn && finding.subject == "CPU 0")
        #expect(finding.evidence == "CPU 0 takes 100.0% of 21.5k/s: end1, ahci, dw-mmc, vop")
        #expect(finding.next.first == "irqscope affinity plan spread")
    }

    @Test func fastCPUsAreNamed() throws {
        var box = box([15_000, 4_000, 2_400])
        for cpu in 0..<4 { box.files["sys/devices/system/cpu/cpu\(cpu)/cpu_capacity"] = cpu < 2 ? "485" : "1024" }
        #expect(try box.run(OneCPUAllCheck.self).findings.first?.next.last?.contains("CPUs 2-3") == true)
    }

    @Test(arguments: [
        ([6_000, 3_000, 990], 0.0, 0), ([6_000, 3_000, 1_000], 0, 1), ([6_000, 4_000], 0, 0),
        ([6_000, 3_000, 1_000], 1_200, 0), ([6_000, 3_000, 1_000], 1_100, 1), ([20_000, 1, 1], 0, 0),
    ])
    func limits(_ rates: [Double], _ away: Double, _ count: Int) throws {
        #expect(try box(rates, away: away).run(OneCPUAllCheck.self).findings.count == count)
    }

    @Test(arguments: [(0.49, 0), (0.5, 1)])
    func aFullCPUCountsAtAnyRate(_ share: Double, _ count: Int) throws {
        var box = box([600, 300, 100])
        box.setTimes(0, irq: share)
        #expect(try box.run(OneCPUAllCheck.self).findings.count == count)
    }

    @Test func theOnlyCPUForInterruptsIsNone() throws {
        var box = box([15_000, 4_000, 2_400])
        box.isolate("1-3")
        #expect(try box.run(OneCPUAllCheck.self).findings.isEmpty)
    }

    @Test func aDeviceThatIsToldByItselfIsNone() throws {
        var box = box([15, 4, 2])
        box.addCard(places: [0, 0, 0, 0], perSecond: [5_000])
        let run = try box.run(OneCPUDeviceCheck.self, OneCPUAllCheck.self)
        #expect(run.findings.map(\.check) == ["one-cpu-device"])
    }

    @Test func withoutTimesItIsUnknown() throws {
        var box = box([1, 1, 1])
        box.remove("proc/stat")
        #expect(try box.run(OneCPUAllCheck.self).unknown.first?.reason == "proc/stat is not there")
    }
}
