import IRQCore
import TestSupport
import Testing

/// Writing a plan and taking it back, on a kernel that behaves as real ones were measured to.
struct ApplyUndoTests {
    /// Four queues on CPU 0 of four.
    static func kernel(_ chip: SimulatedKernel.Chip = .plain, perSecond: Double = 1000) -> SimulatedKernel {
        let kernel = SimulatedKernel(cpuCount: 4)
        for queue in 0..<4 {
            kernel.lines[50 + queue] = .init(
                irq: 50 + queue, action: "eth0-TxRx-\(queue)", chip: chip, mask: CPUSet(0...3), effective: 0,
                perSecond: perSecond, address: "0000:01:00.0")
        }
        kernel.texts["sys/class/net/eth0/queues/tx-1/xps_cpus"] = "0\n"
        return kernel
    }

    /// Queue i to CPU i.
    static func plan(_ kernel: SimulatedKernel) throws -> AffinityPlan {
        var plan = AffinityPlan(goal: .spread, allowed: CPUSet(0...3))
        for (irq, line) in kernel.lines.sorted(by: { $0.key < $1.key }) {
            plan.lines.append(
                PlannedLine(
                    identity: try #require(LineIdentity.read(irq, address: line.address, kernel)), device: "eth0",
                    mask: line.mask, effective: CPUSet([line.effective]), first: nil, new: CPUSet([irq % 50]),
                    reason: "", movesAtOnce: line.chip != .plain, perSecond: line.perSecond))
        }
        plan.files = [PlannedFile(path: "sys/class/net/eth0/queues/tx-1/xps_cpus", old: "0", value: "2", reason: "")]
        return plan
    }

    private static let second: UInt64 = 1_000_000_000

    private func apply(_ kernel: SimulatedKernel, _ plan: AffinityPlan, _ store: StateBox) -> AffinityOutcome {
        var run = AffinityApply(kernel, store.keeper)
        let fresh = AffinityState(bootID: kernel.bootID, savedSeconds: 1, goal: plan.goal)
        return run.run(plan, previous: store.state, fresh: fresh, undoWaitNanoseconds: Self.second)
    }

    private func undo(_ kernel: SimulatedKernel, _ store: StateBox, devices: [String] = []) throws -> AffinityOutcome {
        var run = AffinityUndo(kernel, store.keeper)
        return run.run(try #require(store.state), devices: devices, waitNanoseconds: 5 * Self.second)
    }

    @Test(arguments: SimulatedKernel.Chip.allCases)
    func allGoesAndComesBack(_ chip: SimulatedKernel.Chip) throws {
        let (kernel, store) = (Self.kernel(chip), StateBox())
        let before = (kernel.masks, kernel.places, kernel.texts)
        let outcome = apply(kernel, try Self.plan(kernel), store)
        #expect(outcome.isDone)
        #expect(store.state?.phase == .applied)
        kernel.wait(Self.second)
        #expect(kernel.places == [50: 0, 51: 1, 52: 2, 53: 3])
        var verify = AffinityVerify(kernel, try #require(store.state))
        #expect(verify.run(waitNanoseconds: 5 * Self.second).allSatisfy { $0.verdict == .delivered })
        #expect(try undo(kernel, store).isDone)
        #expect(store.state == nil)
        #expect(kernel.masks == before.0)
        #expect(kernel.places == before.1)
        #expect(kernel.texts == before.2)
    }

    @Test func theStateIsKeptBeforeTheFirstWrite() throws {
        let (kernel, store) = (Self.kernel(), StateBox())
        store.problem = "no space"
        #expect(apply(kernel, try Self.plan(kernel), store).failure?.contains("no space") == true)
        #expect(kernel.log.isEmpty)
    }

    @Test(arguments: [Int32(1), 5])
    func aManagedLineIsLeftAloneAndTheRestGoesOn(_ error: Int32) throws {
        let (kernel, store) = (Self.kernel(), StateBox())
        kernel.lines[51]?.error = error
        let outcome = apply(kernel, try Self.plan(kernel), store)
        #expect(outcome.isDone)
        #expect(outcome.results.first { $0.irq == 51 }?.verdict == .managed)
        #expect(store.state?.lines.map(\.identity.irq) == [50, 52, 53])
        kernel.wait(Self.second)
        #expect(kernel.places[51] == 0)
        #expect(kernel.places[52] == 2)
    }

    @Test(arguments: [Int32(28), 30, 13, 22])
    func anyOtherErrorEndsTheRunAndUndoesIt(_ error: Int32) throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        let before = (kernel.masks, kernel.places)
        kernel.lines[52]?.error = error
        let outcome = apply(kernel, try Self.plan(kernel), store)
        #expect(outcome.failure?.contains("/proc/irq/52/smp_affinity_list") == true)
        #expect(outcome.undone?.contains { $0.irq == 51 && $0.verdict == .restored } == true)
        #expect(store.state == nil)
        #expect(kernel.masks == before.0)
        #expect(kernel.places == before.1)
    }

    @Test func aNumberThatIsUsedAgainIsNeverWritten() throws {
        let (kernel, store) = (Self.kernel(), StateBox())
        let plan = try Self.plan(kernel)
        kernel.reuse(51, for: "nvme1q3")
        let outcome = apply(kernel, plan, store)
        #expect(outcome.results.first { $0.irq == 51 }?.verdict == .gone)
        #expect(!kernel.log.contains { $0.path.contains("/51/") })
        // The same before undo.
        kernel.reuse(52, for: "snd")
        let writes = kernel.log.count
        let undone = try undo(kernel, store)
        #expect(undone.results.first { $0.irq == 52 }?.verdict == .gone)
        #expect(!kernel.log.dropFirst(writes).contains { $0.path.contains("/52/") })
    }

    @Test func somebodyElsesWriteBeforeOursEndsTheRun() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        kernel.meddling[1] = { $0.lines[52]?.mask = CPUSet([3]) }
        let outcome = apply(kernel, try Self.plan(kernel), store)
        #expect(outcome.failure?.contains("irq 52") == true)
        #expect(kernel.lines[52]?.mask == CPUSet([3]))
        #expect(kernel.lines[51]?.mask == CPUSet(0...3))
        #expect(store.state == nil)
    }

    @Test func somebodyElsesWriteAfterOursStays() throws {
        let (kernel, store) = (Self.kernel(), StateBox())
        _ = apply(kernel, try Self.plan(kernel), store)
        kernel.wait(Self.second)
        _ = kernel.write("proc/irq/51/smp_affinity_list", "2-3")
        kernel.texts["proc/77/comm"] = "irqbalance\n"
        var verify = AffinityVerify(kernel, try #require(store.state))
        let verdict = try #require(verify.run(waitNanoseconds: Self.second).first { $0.irq == 51 })
        #expect(verdict.verdict == .changed)
        #expect(verdict.words.contains("irqbalance"))
        #expect(try undo(kernel, store).results.first { $0.irq == 51 }?.verdict == .foreign)
        #expect(kernel.lines[51]?.mask == CPUSet([2, 3]))
        #expect(store.state == nil)
    }

    @Test func aLineWithoutInterruptsGetsItsMaskBackAndIsSaidToComeElsewhere() throws {
        let (kernel, store) = (Self.kernel(perSecond: 0), StateBox())
        let before = kernel.masks
        _ = apply(kernel, try Self.plan(kernel), store)
        // Nothing came: it never moved, and the old mask alone is right.
        #expect(try undo(kernel, store).results.allSatisfy { [.restored, .untouched].contains($0.verdict) })
        #expect(kernel.masks == before)
        // It moved, and then fell silent.
        _ = apply(kernel, try Self.plan(kernel), store)
        for irq in kernel.lines.keys { kernel.lines[irq]?.perSecond = 100 }
        kernel.wait(Self.second)
        for irq in kernel.lines.keys { kernel.lines[irq]?.perSecond = 0 }
        let outcome = try undo(kernel, store)
        #expect(outcome.results.first { $0.irq == 51 }?.verdict == .elsewhere)
        #expect(kernel.masks == before)
    }

    @Test func oneDeviceOnly() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        kernel.lines[60] = .init(
            irq: 60, action: "xhci_hcd", chip: .remapped, mask: CPUSet(0...3), effective: 0, perSecond: 10)
        var plan = try Self.plan(kernel)
        plan.lines[4].device = "xhci"
        plan.lines[4].new = CPUSet([3])
        _ = apply(kernel, plan, store)
        _ = try undo(kernel, store, devices: ["eth0"])
        #expect(kernel.lines[50]?.mask == CPUSet(0...3))
        #expect(kernel.lines[60]?.mask == CPUSet([3]))
        #expect(kernel.texts["sys/class/net/eth0/queues/tx-1/xps_cpus"] == "0\n")
        #expect(store.state?.lines.map(\.identity.irq) == [60])
        _ = try undo(kernel, store)
        #expect(kernel.lines[60]?.mask == CPUSet(0...3))
        #expect(store.state == nil)
    }

    @Test func anotherBootIsRefusedAndTheStateRemoved() throws {
        let (kernel, store) = (Self.kernel(), StateBox())
        _ = apply(kernel, try Self.plan(kernel), store)
        kernel.texts["proc/sys/kernel/random/boot_id"] = "boot-2\n"
        let writes = kernel.log.count
        #expect(try undo(kernel, store).failure?.contains("another boot") == true)
        #expect(kernel.log.count == writes)
        #expect(store.state == nil)
    }

    @Test func aSecondPlanGoesBackToBeforeTheFirst() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        let before = kernel.masks
        _ = apply(kernel, try Self.plan(kernel), store)
        var second = try Self.plan(kernel)
        for index in second.lines.indices { second.lines[index].new = CPUSet([3 - index]) }
        second.files = []
        #expect(apply(kernel, second, store).isDone)
        #expect(kernel.lines[50]?.mask == CPUSet([3]))
        _ = try undo(kernel, store)
        #expect(kernel.masks == before)
    }

    @Test func aFailedSecondPlanLeavesTheFirst() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        let before = kernel.masks
        _ = apply(kernel, try Self.plan(kernel), store)
        let (first, state) = (kernel.masks, store.state)
        var second = try Self.plan(kernel)
        for index in second.lines.indices { second.lines[index].new = CPUSet([3 - index]) }
        second.files = []
        kernel.lines[53]?.error = 28
        #expect(apply(kernel, second, store).failure != nil)
        #expect(kernel.masks == first)
        #expect(store.state == state)
        kernel.lines[53]?.error = 0
        _ = try undo(kernel, store)
        #expect(kernel.masks == before)
    }

    @Test func anOfflineCPUWidensAMaskWhichIsToldAndStays() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        _ = apply(kernel, try Self.plan(kernel), store)
        kernel.takeOffline(3)
        var verify = AffinityVerify(kernel, try #require(store.state))
        #expect(verify.run(waitNanoseconds: Self.second).first { $0.irq == 53 }?.verdict == .changed)
        #expect(try undo(kernel, store).results.first { $0.irq == 53 }?.verdict == .foreign)
    }

    // MARK: Verify

    @Test func whatDoesNotComeIsWaitingAndPolledQueuesAreNamed() throws {
        let (kernel, store) = (Self.kernel(perSecond: 0), StateBox())
        kernel.lines[53]?.perSecond = 500
        _ = apply(kernel, try Self.plan(kernel), store)
        kernel.packetsPerSecond = [0: 50_000]
        var verify = AffinityVerify(kernel, try #require(store.state))
        let lines = verify.run(waitNanoseconds: 2 * Self.second)
        #expect(lines.map(\.verdict) == [.waiting, .polled, .polled, .delivered])
        #expect(lines[1].words.contains("CPU 0"))
        #expect(lines.allSatisfy { !$0.verdict.isBad })
    }

    /// Receive softirqs on the old CPU that are another line's, or cannot be this device's, say nothing of a queue.
    @Test func softirqsOfOthersAreNoPolling() throws {
        func verdicts(_ change: (SimulatedKernel) -> Void) throws -> [AffinityVerify.Line] {
            let (kernel, store) = (Self.kernel(perSecond: 0), StateBox())
            kernel.packetsPerSecond = [0: 500]
            change(kernel)
            _ = apply(kernel, try Self.plan(kernel), store)
            // Lines that the plan does not know.
            kernel.lines[70] = .init(irq: 70, action: "eth1-TxRx-0", mask: CPUSet([0]), effective: 0)
            change(kernel)
            var verify = AffinityVerify(kernel, try #require(store.state))
            return verify.run(waitNanoseconds: 2 * Self.second)
        }
        #expect(try verdicts { _ in }.map(\.verdict) == [.waiting, .polled, .polled, .polled])
        // The card's own first queue stays on CPU 0 and works.
        let own = try verdicts { $0.lines[50]?.perSecond = 300 }
        #expect(own.map(\.verdict) == [.delivered, .waiting, .waiting, .waiting])
        #expect(own[1].words.contains("may be irq 50 (eth0-TxRx-0)'s"))
        let other = try verdicts { $0.lines[70]?.perSecond = 300 }
        #expect(other.map(\.verdict) == [.waiting, .waiting, .waiting, .waiting])
        #expect(other[1].words.contains("may be irq 70 (eth1-TxRx-0)'s"))
        // Some interrupts do not explain a thousand times as many softirqs.
        let few = try verdicts { kernel in
            kernel.lines[70]?.perSecond = 3
            kernel.packetsPerSecond = [0: 50_000]
        }
        #expect(few.map(\.verdict) == [.waiting, .polled, .polled, .polled])
        // The card has no packets at all: loopback, a bridge, a card without queues.
        let idle = try verdicts { kernel in
            for name in ["rx_packets", "tx_packets"] { kernel.texts["sys/class/net/eth0/statistics/\(name)"] = "7\n" }
        }
        #expect(idle.map(\.verdict) == [.waiting, .waiting, .waiting, .waiting])
        #expect(idle[1].words == "no interrupt came yet" || idle[1].words == "moves with its next interrupt")
    }

    @Test func aThreadThatStaysBehindIsNamed() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        kernel.lines[51]?.thread = CPUSet(0...3)
        kernel.lines[51]?.isThreadLeftBehind = true
        kernel.lines[52]?.thread = CPUSet([0])
        _ = apply(kernel, try Self.plan(kernel), store)
        var verify = AffinityVerify(kernel, try #require(store.state))
        let lines = verify.run(waitNanoseconds: Self.second)
        #expect(lines.map(\.verdict) == [.delivered, .thread, .delivered, .delivered])
    }

    @Test func aControllerThatLiesIsSeenByItsCounts() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        _ = apply(kernel, try Self.plan(kernel), store)
        kernel.lines[51]?.effective = 2
        var verify = AffinityVerify(kernel, try #require(store.state))
        #expect(verify.run(waitNanoseconds: Self.second)[1].verdict == .elsewhere)
    }

    /// The mask and the controller say CPU 1, and some come to CPU 2 all the same.
    @Test func interruptsThatComeElsewhereAreSeen() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        _ = apply(kernel, try Self.plan(kernel), store)
        let port = LatePort(kernel, afterSeconds: 0) { $0.lines[51]?.counts[2, default: 0] += 1 }
        var verify = AffinityVerify(port, try #require(store.state))
        let lines = verify.run(waitNanoseconds: Self.second)
        #expect(lines.map(\.verdict) == [.delivered, .elsewhere, .delivered, .delivered])
        #expect(lines[1].words.contains("on CPU 2"))
    }

    @Test func masksAreLookedAtAgain() throws {
        let (kernel, store) = (Self.kernel(.remapped), StateBox())
        _ = apply(kernel, try Self.plan(kernel), store)
        let port = LatePort(kernel) { $0.lines[50]?.mask = CPUSet([1]) }
        var verify = AffinityVerify(port, try #require(store.state))
        let lines = verify.run(waitNanoseconds: Self.second, againNanoseconds: 25 * Self.second)
        #expect(lines.map(\.verdict) == [.changed, .delivered, .delivered, .delivered])
        #expect(kernel.nowNanoseconds > 25 * Self.second)
    }
}

/// A kernel in which somebody does something again and again, once some time has passed.
private final class LatePort: KernelPort {
    let kernel: SimulatedKernel
    let act: (SimulatedKernel) -> Void
    private let begin: UInt64

    init(_ kernel: SimulatedKernel, afterSeconds: UInt64 = 10, _ act: @escaping (SimulatedKernel) -> Void) {
        (self.kernel, self.act, begin) = (kernel, act, kernel.nowNanoseconds + afterSeconds * 1_000_000_000)
    }

    func read(_ path: String) -> FileAnswer { kernel.read(path) }
    func names(_ path: String) -> [String]? { kernel.names(path) }
    func link(_ path: String) -> String? { nil }
    func mode(_ path: String) -> Int? { nil }
    func write(_ path: String, _ text: String) -> Int32 { kernel.write(path, text) }
    var nowNanoseconds: UInt64 { kernel.nowNanoseconds }
    func wait(_ nanoseconds: UInt64) {
        kernel.wait(nanoseconds)
        if kernel.nowNanoseconds > begin { act(kernel) }
    }
}
