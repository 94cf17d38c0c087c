import IRQCore
import TestSupport
import Testing

/// Plans beside interrupts that nobody can move.
struct CrowdedCPUTests {
    /// Four queues of a card on CPUs 1-4 of eight, and a disk whose managed queue on CPU 1 comes `disk` times a second.
    private static func box(cpuCount: Int = 8, queues: ClosedRange<Int> = 1...4, disk: Double, card: Double = 2000) -> AffinityBox {
        var box = AffinityBox(cpuCount: cpuCount)
        for cpu in queues {
            box.add(
                49 + cpu, "eth0-TxRx-\(cpu - queues.lowerBound)", device: "eth0", address: "0000:01:00.0",
                mask: CPUSet([cpu]), on: cpu, perSecond: card)
        }
        for cpu in 0..<cpuCount {
            let index = box.add(
                70 + cpu, "nvme0q\(cpu + 1)", device: "nvme0", address: "0000:02:00.0", mask: CPUSet([cpu]), on: cpu,
                perSecond: cpu == 1 ? disk : 20)
            (box.lines[index].hold, box.lines[index].isManaged) = ("managed", true)
        }
        return box
    }

    private static func plan(_ box: AffinityBox, _ goal: AffinityGoal = .spread) -> AffinityPlan {
        AffinityPlanner.plan(box, AffinityWishes(goal))
    }

    @Test(arguments: [AffinityGoal.spread, .numa])
    func aQueueLeavesTheCPUOfABusyManagedLine(_ goal: AffinityGoal) {
        let box = Self.box(disk: 30_000)
        let plan = Self.plan(box, goal)
        #expect(plan.lines.map(\.identity.actions) == ["eth0-TxRx-0"])
        #expect(plan.new("eth0-TxRx-0") == "5")
        #expect(Self.plan(box.applied(plan), goal).isEmpty)
    }

    /// A queue that served as many as the disk would have twice the work beside it.
    @Test func aBusyCardLeavesItToo() {
        #expect(Self.plan(Self.box(disk: 30_000, card: 30_000)).new("eth0-TxRx-0") == "5")
    }

    @Test func littleLoadMovesNothing() {
        for (disk, card) in [(4000.0, 2000.0), (20_000, 100_000), (30_000, 0)] {
            #expect(Self.plan(Self.box(disk: disk, card: card)).isEmpty, "\(disk) beside \(card)")
        }
    }

    /// Counts of an unknown time are no rates: none of them is much.
    @Test func unknownRatesMoveNothing() {
        var box = Self.box(disk: 30_000)
        box.areRatesKnown = false
        #expect(Self.plan(box).isEmpty)
    }

    @Test func aQueueHasACPUOfItsOwnWhateverTheLoad() {
        #expect(Self.plan(Self.box(queues: 0...7, disk: 30_000)).isEmpty)
        // CPU 0 alone is free, and better than the disk's.
        let box = Self.box(cpuCount: 5, disk: 30_000)
        #expect(Self.plan(box).new("eth0-TxRx-0") == "0")
        #expect(Self.plan(box.applied(Self.plan(box))).isEmpty)
    }

    @Test func queuesThatMustMoveGoElsewhere() {
        var box = Self.box(disk: 30_000)
        for index in 0..<4 { (box.lines[index].mask, box.lines[index].effective) = (CPUSet(0...7), CPUSet([1])) }
        #expect((0..<4).map { Self.plan(box).new("eth0-TxRx-\($0)") } == ["2", "3", "4", "5"])
    }

    @Test func singleLinesLeaveItToo() {
        var box = Self.box(queues: 2...3, disk: 30_000)
        box.add(60, "ahci", device: "ahci", mask: CPUSet(0...7), on: 1, perSecond: 900)
        let plan = Self.plan(box)
        #expect(plan.lines.map(\.identity.actions) == ["ahci"])
        #expect(plan.new("ahci") == "4")
        #expect(Self.plan(box.applied(plan)).isEmpty)
    }

    /// The lines of a device that was not asked for stay, too, and so does their load.
    @Test func whatWasNotAskedForIsLoadThatStays() {
        var box = Self.box(disk: 0)
        box.add(60, "ahci", device: "ahci", mask: CPUSet([2]), on: 2, perSecond: 30_000)
        var wishes = AffinityWishes(.spread)
        wishes.devices = ["eth0"]
        let plan = AffinityPlanner.plan(box, wishes)
        #expect(plan.lines.map(\.identity.actions) == ["eth0-TxRx-1"])
        #expect(AffinityPlanner.plan(box.applied(plan), wishes).isEmpty)
        // If it may be moved it is the one that leaves.
        #expect(Self.plan(box).lines.map(\.identity.actions) == ["ahci"])
    }
}
