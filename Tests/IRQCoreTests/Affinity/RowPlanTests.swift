import TestSupport
import Testing

@testable import IRQCore

/// The plan for one row: its device's name, its goal, its rates.
@Suite struct RowPlanTests {
    @Test func devicesOfOneNameGoByTheirAddress() {
        var box = AffinityBox(cpuCount: 4)
        box.add(30, "card-q0", device: "card", address: "0000:01:00.0", mask: CPUSet([0]), on: 0)
        box.add(31, "card-q0", device: "card", address: "0000:02:00.0", mask: CPUSet([0]), on: 0)
        box.add(32, "eth0-rx-0", device: "eth0", address: "0000:03:00.0", mask: CPUSet([0]), on: 0)
        box.add(33, "eth0-rx-1", device: "eth0", address: "0000:03:00.0", mask: CPUSet([0]), on: 0)
        box.add(9, "acpi", mask: CPUSet([0]), on: 0)
        box.add(10, "", mask: CPUSet([0]), on: 0)
        let names = box.lines.map { box.planName(of: $0) }
        #expect(names == ["0000:01:00.0", "0000:02:00.0", "eth0", "eth0", "acpi", nil])
        for (line, name) in zip(box.lines, names) {
            guard let name else { continue }
            var wishes = AffinityWishes(.spread)
            wishes.devices = [name]
            let plan = AffinityPlanner.plan(box, wishes)
            let asked = box.lines.filter { $0.deviceKey == line.deviceKey && !$0.action.isEmpty }.map(\.irq)
            let left = plan.leftAlone.filter { $0.reason != AffinityPlanner.unasked }.map(\.irq)
            #expect((plan.lines.map(\.irq) + left).sorted() == asked.sorted(), "\(name)")
        }
    }

    /// What cannot move says why only where its device was asked for.
    @Test func othersAreNotAskedFor() throws {
        var box = AffinityBox(cpuCount: 4)
        box.add(30, "eth0-rx-0", device: "eth0", mask: CPUSet([0]), on: 0)
        box.add(36, "disk-q0", device: "disk", mask: CPUSet([0]), on: 0)
        box.lines[1].hold = "managed: the kernel alone spreads it"
        var wishes = AffinityWishes(.spread)
        wishes.devices = ["eth0"]
        func reason(_ wishes: AffinityWishes) -> String? {
            AffinityPlanner.plan(box, wishes).leftAlone.first { $0.irq == 36 }?.reason
        }
        #expect(reason(wishes) == AffinityPlanner.unasked)
        wishes.devices = ["disk"]
        #expect(reason(wishes) == box.lines[1].hold)
    }

    @Test func theGoalFollowsWhatIsWrong() {
        var box = AffinityBox(cpuCount: 4)
        box.add(30, "eth0-rx-0", device: "eth0", mask: CPUSet([0, 3]), on: 3)
        #expect(box.goal(of: box.lines[0], marks: [.oneOfMany]) == .spread)
        #expect(box.goal(of: box.lines[0], marks: [.oneOfMany, .remoteNode]) == .numa)
        box.cpus.named = CPUSet([3])
        #expect(box.goal(of: box.lines[0], marks: []) == .isolate)
        #expect(box.goal(of: box.lines[0], marks: .remoteNode) == .numa)
        // Where the controller does not tell, the rate does, from the limit of `alert` on.
        box.lines[0].effective = nil
        box.lines[0].perCPU = [0: 500, 3: 9.9]
        #expect(box.goal(of: box.lines[0], marks: []) == .spread)
        box.lines[0].perCPU[3] = 10
        #expect(box.goal(of: box.lines[0], marks: []) == .isolate)
    }

    @Test(arguments: [nil, CPUSet([0])])
    func ratesAreThoseOfTheInterval(cpus: CPUSet?) throws {
        let live = Box(cpus: cpus)
        for time in 1...2 as ClosedRange<UInt64> {
            let text = "  CPU0 CPU1\n30: \(time * 50) \(7000 + time * 100) PCI-MSI 1-edge eth0-rx-0\nLOC: 9 9 timer\n"
            try live.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
                (sample.startNanoseconds, sample.endNanoseconds) = (time * 500_000_000, time * 500_000_000)
                try sample.read(Array(text.utf8))
            }
        }
        var box = AffinityBox(cpuCount: 2)
        box.add(30, "eth0-rx-0", device: "eth0", mask: CPUSet([0, 1]), on: 1, perSecond: 7)
        box.add(31, "eth0-rx-1", device: "eth0", mask: CPUSet([0, 1]), on: 1, perSecond: 8)
        box.takeRates(of: live)
        // Some CPUs alone do not tell a line's rate.
        let isWhole = cpus == nil
        #expect(box.lines.map(\.perSecond) == (isWhole ? [300, 0] : [7, 8]))
        #expect(box.lines[0].perCPU == (isWhole ? [0: 100, 1: 200] : [1: 7]))
    }
}
