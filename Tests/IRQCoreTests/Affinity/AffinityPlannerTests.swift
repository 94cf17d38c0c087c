import IRQCore
import TestSupport
import Testing

/// The worked boxes of the planner's rules.
struct AffinityPlannerTests {
    private func queuePath(_ queue: Int) -> String { "sys/class/net/eth0/queues/tx-\(queue)/xps_cpus" }

    /// Four queues, eight CPUs, 4-7 for the application.
    private func boxA() -> (AffinityBox, AffinityWishes) {
        var box = AffinityBox(cpuCount: 8)
        for queue in 0..<4 {
            let index = box.add(
                50 + queue, "eth0-TxRx-\(queue)", device: "eth0", address: "0000:01:00.0", mask: CPUSet(0...7),
                on: 4 + queue, perSecond: 1000)
            box.lines[index].driver = "igb"
        }
        box.add(54, "eth0", device: "eth0", address: "0000:01:00.0", mask: CPUSet(0...7), on: 0)
        box.add(60, "xhci_hcd", device: "xhci", mask: CPUSet(0...7), on: 5, perSecond: 20)
        box.add(61, "i801_smbus", mask: CPUSet(0...7), on: 6)
        box.defaultMask = "ff"
        var interface = AffinityBox.Interface("eth0")
        for queue in 0..<4 { (interface.sends[queue], interface.receives[queue]) = ("00", queue == 1 ? "f0" : "00") }
        box.interfaces["0000:01:00.0"] = [interface]
        var wishes = AffinityWishes(.isolate)
        wishes.away = CPUSet(4...7)
        (wishes.steersSending, wishes.steersReceiving) = (true, true)
        return (box, wishes)
    }

    @Test func fourQueuesAndFourCPUsForTheApplication() {
        let (box, wishes) = boxA()
        let plan = AffinityPlanner.plan(box, wishes)
        for queue in 0..<4 { #expect(plan.new("eth0-TxRx-\(queue)") == "\(queue)") }
        #expect(plan.new("eth0") == "0-3")
        for name in ["xhci_hcd", "i801_smbus"] {
            let line = plan.lines.first { $0.identity.actions == name }
            #expect(line?.new.list == "0-3")
            #expect(line?.first.map { (0...3).contains($0) } == true)
            #expect(line?.values.count == 2)
        }
        #expect(plan.value("proc/irq/default_smp_affinity") == "0f")
        #expect((0..<4).map { plan.value(queuePath($0)) } == ["11", "22", "44", "88"])
        #expect(plan.value("sys/class/net/eth0/queues/rx-1/rps_cpus") == "00")
        #expect(plan.value("sys/class/net/eth0/queues/rx-0/rps_cpus") == nil)
        #expect(plan.notes.contains { $0.contains("IRQBALANCE_BANNED_CPULIST=4-7") && $0.contains("--banmod=igb") })
        #expect(plan.refusals.isEmpty)
        #expect(AffinityPlanner.plan(box.applied(plan), wishes).isEmpty)
    }

    /// 64 queues, two nodes of 32 cores with two threads each; the card is on node 1.
    private func boxB() -> AffinityBox {
        var box = AffinityBox(cpuCount: 128)
        let nodes = [CPUSet(Array(0...31) + Array(64...95)), CPUSet(Array(32...63) + Array(96...127))]
        box.cpus.nodeCPUs = [0: nodes[0], 1: nodes[1]]
        box.cpus.nodes = (0..<128).map { nodes[0].contains($0) ? 0 : 1 }
        box.cpus.distances = [0: [10, 21], 1: [21, 10]]
        for cpu in 0..<64 {
            (box.cpus.siblings[cpu], box.cpus.siblings[cpu + 64]) = (CPUSet([cpu, cpu + 64]), CPUSet([cpu, cpu + 64]))
        }
        var interface = AffinityBox.Interface("eth0")
        for queue in 0..<64 {
            box.add(
                100 + queue, "eth0-TxRx-\(queue)", device: "eth0", address: "0000:81:00.0", mask: CPUSet(0...127),
                on: 0, perSecond: 500, node: 1)
            interface.sends[queue] = "00000000,00000000,00000000,00000000"
        }
        box.interfaces["0000:81:00.0"] = [interface]
        return box
    }

    @Test func manyQueuesStayOnTheirNode() {
        let box = boxB()
        let plan = AffinityPlanner.plan(box, AffinityWishes(.numa))
        #expect(plan.proposals.contains { $0.command == "ethtool -L eth0 combined 32" })
        for queue in 0..<32 { #expect(plan.new("eth0-TxRx-\(queue)") == "\(32 + queue)") }
        for queue in 32..<64 { #expect(plan.new("eth0-TxRx-\(queue)") == "\(64 + queue)") }
        #expect(!plan.notes.contains { $0.contains("cross") })
        #expect(AffinityPlanner.plan(box.applied(plan), AffinityWishes(.numa)).isEmpty)
    }

    @Test func halfAsManyQueuesHaveACoreEachAndSendersFollow() {
        var box = boxB()
        box.lines.removeLast(32)
        for queue in 32..<64 { box.interfaces["0000:81:00.0"]?[0].sends[queue] = nil }
        var wishes = AffinityWishes(.numa)
        wishes.steersSending = true
        let plan = AffinityPlanner.plan(box, wishes)
        #expect(plan.proposals.isEmpty)
        #expect(plan.new("eth0-TxRx-0") == "32")
        for queue in 0..<32 {
            let text = plan.value(queuePath(queue))
            #expect(text.flatMap { CPUSet.parse(mask: $0) } == CPUSet([queue, queue + 32, queue + 64, queue + 96]))
        }
        #expect(plan.value(queuePath(0)) == "00000001,00000001,00000001,00000001")
    }

    @Test func spreadTakesCoresBeforeSiblingsAndSaysWhatCrosses() {
        let box = boxB()
        let plan = AffinityPlanner.plan(box, AffinityWishes(.spread))
        #expect(plan.proposals.isEmpty)
        for queue in 0..<32 { #expect(plan.new("eth0-TxRx-\(queue)") == "\(32 + queue)") }
        for queue in 32..<64 { #expect(plan.new("eth0-TxRx-\(queue)") == "\(queue - 32)") }
        #expect(plan.notes.contains { $0.contains("32 of 64 queues") })
        #expect(AffinityPlanner.plan(box.applied(plan), AffinityWishes(.spread)).isEmpty)
    }

    @Test func managedQueuesOfADiskStay() {
        var box = AffinityBox(cpuCount: 8)
        box.cpus.bootIsolated = CPUSet([3, 7])
        box.add(40, "nvme0q0", device: "nvme0", address: "0000:02:00.0", mask: CPUSet(0...7), on: 7)
        for (queue, mask) in [(1, CPUSet(0...2)), (2, CPUSet(3...5)), (3, CPUSet(6...7))] {
            let index = box.add(
                40 + queue, "nvme0q\(queue)", device: "nvme0", address: "0000:02:00.0", mask: mask,
                on: mask.lowest ?? 0, perSecond: 100)
            (box.lines[index].hold, box.lines[index].isManaged) = ("managed", true)
        }
        box.defaultMask = "77"
        let plan = AffinityPlanner.plan(box, AffinityWishes(.isolate))
        #expect(plan.lines.map(\.identity.actions) == ["nvme0q0"])
        #expect(plan.new("nvme0q0") == "0-2,4-6")
        #expect(plan.leftAlone.map(\.reason) == ["managed", "managed", "managed"])
        #expect(plan.notes.contains { $0.contains("2 managed lines stay on 3,7") && $0.contains("managed_irq") })
        // The queues alone: nothing to write.
        box.lines.removeFirst()
        #expect(AffinityPlanner.plan(box, AffinityWishes(.isolate)).isEmpty)
    }

    @Test func aRealTimeBoxKeepsItsFieldBus() {
        var box = AffinityBox(cpuCount: 4)
        box.cpus.bootIsolated = CPUSet([2, 3])
        box.defaultMask = "f"
        for (place, name) in ["ahci", "xhci_hcd", "eth0", "i915"].enumerated() {
            box.add(20 + place, name, device: name, mask: CPUSet(0...3), on: 2, perSecond: 50)
        }
        let kept = box.add(30, "eth1", device: "eth1", mask: CPUSet(0...3), on: 3, perSecond: 4000)
        box.lines[kept].threads = [.init(pid: 812, name: "irq/30-eth1")]
        var wishes = AffinityWishes(.isolate)
        wishes.keep = [.init(name: "eth1", cpu: 3)]
        let plan = AffinityPlanner.plan(box, wishes)
        #expect(plan.lines.filter { $0.irq < 30 }.map(\.first) == [0, 1, 0, 1])
        #expect(plan.lines.filter { $0.irq < 30 }.allSatisfy { $0.new == CPUSet([0, 1]) })
        #expect(plan.new("eth1") == "3")
        #expect(plan.notes.contains { $0.contains("chrt -f -p 85 812") })
        #expect(plan.value("proc/irq/default_smp_affinity") == "3")
        #expect(plan.proposals.contains { $0.command == "echo 3 >/sys/devices/virtual/workqueue/cpumask" })
        #expect(AffinityPlanner.plan(box.applied(plan), wishes).isEmpty)
    }

    @Test func theBusiestOfASmallBoardGetsTheFastCores() {
        var box = AffinityBox(cpuCount: 6)
        for cpu in 0..<6 { box.cpus.capacities[cpu] = cpu < 4 ? 485 : 1024 }
        let rates = [("gpu", 400.0), ("mmc1", 900), ("eth0", 9000), ("i2c", 30), ("xhci", 2500)]
        for (place, (name, rate)) in rates.enumerated() {
            box.add(20 + place, name, device: name, mask: CPUSet(0...5), on: 0, perSecond: rate, chip: "GICv3")
        }
        for (place, name) in ["arch_timer", "arm-pmu"].enumerated() {
            let index = box.add(10 + place, name, mask: CPUSet(0...5), on: 0, perSecond: 100, chip: "GICv3")
            box.lines[index].hold = "each CPU has its own"
        }
        var interface = AffinityBox.Interface("eth0")
        interface.receives[0] = "00"
        box.interfaces["eth0"] = [interface]
        let plan = AffinityPlanner.plan(box, AffinityWishes(.spread))
        #expect(["eth0", "xhci", "mmc1", "gpu", "i2c"].map { plan.new($0) } == ["4", "5", "1", "2", "3"])
        #expect(plan.leftAlone.map(\.action) == ["arch_timer", "arm-pmu"])
        #expect(AffinityPlanner.plan(box.applied(plan), AffinityWishes(.spread)).isEmpty)
    }

    /// Eight queues of virtio-net with two lines each, as its driver sets them.
    private func boxF() -> AffinityBox {
        var box = AffinityBox(cpuCount: 8)
        var interface = AffinityBox.Interface("eth0")
        for queue in 0..<8 {
            for (direction, irq) in [("input", 30), ("output", 31)] {
                box.add(
                    irq + 2 * queue, "virtio0-\(direction).\(queue)", device: "eth0", address: "0000:00:03.0",
                    mask: CPUSet([queue]), on: queue, perSecond: 300)
            }
            interface.sends[queue] = ["01", "02", "04", "08", "10", "20", "40", "80"][queue]
        }
        box.interfaces["0000:00:03.0"] = [interface]
        return box
    }

    @Test func whatTheDriverDidWellStays() {
        var wishes = AffinityWishes(.spread)
        wishes.steersSending = true
        let plan = AffinityPlanner.plan(boxF(), wishes)
        #expect(plan.isEmpty)
        #expect(plan.leftAlone.count == 16)
        #expect(plan.notes.contains { $0.contains("hotplug") })
    }

    @Test func tooManyQueuesForTheCPUsDoubleUp() {
        var wishes = AffinityWishes(.isolate)
        wishes.away = CPUSet(4...7)
        let plan = AffinityPlanner.plan(boxF(), wishes)
        #expect(plan.proposals.contains { $0.command == "ethtool -L eth0 combined 4" })
        for queue in 0..<8 {
            for direction in ["input", "output"] {
                let new = plan.new("virtio0-\(direction).\(queue)")
                #expect(queue < 4 ? new == nil : new == "\(queue % 4)")
            }
        }
    }

    @Test func eightQueuesOnOneCPUGetOneEach() {
        var box = AffinityBox(cpuCount: 8)
        for queue in 0..<8 {
            box.add(
                56 + queue, "ens192-rxtx-\(queue)", device: "ens192", address: "0000:0b:00.0", mask: CPUSet(0...7),
                on: 0, perSecond: 4000)
        }
        box.add(64, "ens192-event-8", device: "ens192", address: "0000:0b:00.0", mask: CPUSet(0...7), on: 0)
        let plan = AffinityPlanner.plan(box, AffinityWishes(.spread))
        #expect((0..<8).map { plan.new("ens192-rxtx-\($0)") } == (0..<8).map { "\($0)" })
        #expect(plan.writes.first == PlannedWrite(path: "proc/irq/56/smp_affinity_list", value: "0"))
        #expect(plan.lines.first?.stays == true)
        #expect(plan.leftAlone.map(\.action) == ["ens192-event-8"])
        #expect(plan.shares.map(\.before) == [32_000, 0, 0, 0, 0, 0, 0, 0])
        #expect(plan.shares.map(\.after) == [4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000])
    }

    @Test func portsOfACardTakeTurns() {
        var box = AffinityBox(cpuCount: 8)
        for port in 0..<2 {
            for queue in 0..<4 {
                box.add(
                    50 + 10 * port + queue, "eth\(port)-TxRx-\(queue)", device: "eth\(port)",
                    address: "0000:3b:00.\(port)", mask: CPUSet(0...7), on: 0, perSecond: 100)
            }
        }
        let plan = AffinityPlanner.plan(box, AffinityWishes(.spread))
        #expect((0..<4).map { plan.new("eth0-TxRx-\($0)") } == ["0", "2", "4", "6"])
        #expect((0..<4).map { plan.new("eth1-TxRx-\($0)") } == ["1", "3", "5", "7"])
    }

    @Test func fewerQueuesThanCPUsLeaveTheFirst() {
        var box = AffinityBox(cpuCount: 8)
        for queue in 0..<4 {
            box.add(
                50 + queue, "eth0-TxRx-\(queue)", device: "eth0", address: "0000:01:00.0", mask: CPUSet(0...7), on: 0,
                perSecond: 100)
        }
        #expect(AffinityPlanner.plan(box, AffinityWishes(.spread)).lines.map(\.new.list) == ["1", "2", "3", "4"])
    }

    @Test func packetsAreSpreadFurtherWhereOneQueueFillsItsCPU() {
        var box = AffinityBox(cpuCount: 8)
        box.add(50, "eth0", device: "eth0", address: "0000:01:00.0", mask: CPUSet([3]), on: 3, perSecond: 20_000)
        box.lines[0].queue = QueueName("eth0-rx-0")
        var interface = AffinityBox.Interface("eth0")
        interface.receives[0] = "00"
        box.interfaces["0000:01:00.0"] = [interface]
        var wishes = AffinityWishes(.spread)
        wishes.steersReceiving = true
        box.interruptShares = [3: 0.69]
        #expect(AffinityPlanner.plan(box, wishes).value("sys/class/net/eth0/queues/rx-0/rps_cpus") == nil)
        box.interruptShares = [3: 0.93]
        #expect(AffinityPlanner.plan(box, wishes).value("sys/class/net/eth0/queues/rx-0/rps_cpus") == "f7")
        box.cpus.bootIsolated = CPUSet([6, 7])
        #expect(AffinityPlanner.plan(box, wishes).value("sys/class/net/eth0/queues/rx-0/rps_cpus") == "37")
    }

    @Test func aNodeWithoutCPUsForInterruptsUsesTheNearest() {
        var box = boxB()
        box.cpus.bootIsolated = box.cpus.nodeCPUs[1]
        let plan = AffinityPlanner.plan(box, AffinityWishes(.numa))
        #expect(plan.new("eth0-TxRx-0") == "0")
        #expect(plan.notes.contains { $0.contains("node 0 is the nearest") })
    }

    @Test func armControllersGetOneCPUForSlowLines() {
        var box = AffinityBox(cpuCount: 4)
        box.cpus.bootIsolated = CPUSet([0])
        box.add(20, "i2c", device: "i2c", mask: CPUSet(0...3), on: 0, chip: "GICv3")
        let plan = AffinityPlanner.plan(box, AffinityWishes(.isolate))
        #expect(plan.lines.map(\.new.count) == [1])
        #expect(plan.lines.first?.first == nil)
    }

    @Test func refusals() {
        var box = AffinityBox(cpuCount: 4)
        for queue in 0..<2 {
            let index = box.add(
                50 + queue, "eth0-TxRx-\(queue)", device: "eth0", address: "0000:01:00.0", mask: CPUSet(0...3), on: 0)
            box.lines[index].driver = "igb"
        }
        func refusals(_ change: (inout AffinityBox) -> Void) -> [String] {
            var box = box
            change(&box)
            return AffinityPlanner.plan(box, AffinityWishes(.spread)).refusals
        }
        #expect(refusals { _ in }.isEmpty)
        #expect(refusals { $0.irqbalance = .runs(["/usr/sbin/irqbalance", "--foreground"]) }.count == 1)
        #expect(refusals { $0.irqbalance = .runs(["irqbalance", "--banmod=igb"]) }.isEmpty)
        #expect(refusals { $0.irqbalance = .runs(["irqbalance", "-m", "eth0"]) }.isEmpty)
        #expect(refusals { $0.irqbalance = .runs(["irqbalance", "--banirq=50"]) }.count == 1)
        #expect(refusals { $0.irqbalance = .runs(["irqbalance", "--banirq=50", "-i", "51"]) }.isEmpty)
        #expect(refusals { $0.irqbalance = .runs(["irqbalance", "--policyscript=/etc/x"]) }.isEmpty)
        #expect(refusals { $0.irqbalance = .runs(nil) }.count == 1)
        #expect(refusals { $0.irqbalance = .unknown }.isEmpty)
        #expect(refusals { $0.isContainer = true }.count == 1)
        #expect(refusals { $0.hasUnfinishedState = true }.count == 1)
    }

    @Test func onlyTheDeviceThatIsAskedFor() {
        let (box, _) = boxA()
        var wishes = AffinityWishes(.isolate)
        (wishes.away, wishes.devices) = (CPUSet(4...7), ["eth0"])
        let plan = AffinityPlanner.plan(box, wishes)
        #expect(Set(plan.lines.map(\.identity.actions)).isSuperset(of: ["eth0", "eth0-TxRx-3"]))
        #expect(plan.new("xhci_hcd") == nil)
        #expect(plan.files.isEmpty)
    }
}
