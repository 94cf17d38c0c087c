import Testing

@testable import IRQCore

/// How a look through tracefs changes the verdict about a storm, and how it does not.
@Suite struct AlertStormTests {
    /// A line with 150,000 interrupts a second on CPU 1.
    static func seen(
        rate: Double = 150_000, irqShare: Double? = nil, look: HandlerProfile? = nil, problem: String? = nil
    ) -> BoxInterval {
        var seen = BoxInterval(
            time: BoxTime(boot: 160_000_000_000, awake: 160_000_000_000, wall: 1_790_000_000_000_000_000),
            start: BoxTime(boot: 100_000_000_000, awake: 100_000_000_000, wall: 1_789_999_940_000_000_000),
            intervalNanoseconds: 60_000_000_000)
        var line = LineObservation(
            row: 0, key: 77, irq: 36, isKnown: true, delta: UInt64(rate * 60), perSecond: rate, busiestCPU: 1,
            busiestPerSecond: rate)
        line.details = InterruptDetails(label: "36", text: "PCI-MSIX-0000:00:02.0 1-edge gadget0", irq: 36)
        line.look = look
        seen.lines = [line]
        var cpu = CPUObservation()
        cpu.irqShare = irqShare
        cpu.softirqsPerSecond = Array(repeating: 0, count: SoftirqNames.all.count)
        seen.cpus[1] = cpu
        seen.lookProblem = problem
        return seen
    }

    static func look(cpuShare: Double, unhandled: Double? = 0, calls: UInt64 = 100_000, lost: UInt64 = 0) -> HandlerProfile {
        var look = HandlerProfile(nanoseconds: 1_000_000_000)
        (look.calls, look.cpu, look.cpuShare, look.unhandledShare, look.lostEvents) = (calls, 1, cpuShare, unhandled, lost)
        return look
    }

    static func judge(_ seen: BoxInterval, _ memory: AlertMemory = AlertMemory()) throws -> AlertFinding {
        try #require(AlertEngine.judge(memory, seen, AlertRules()).findings.first)
    }

    @Test func costIsUnknownWithoutAccountsOrALook() throws {
        let finding = try Self.judge(Self.seen())
        #expect(finding.level == .critical && finding.evidence.handler == nil && finding.evidence.handlerProblem == nil)
    }

    /// Where no request and no packet follows, no program wants them: the device is asked, not programs.
    @Test(arguments: [("1-edge nvme0q1", "iotop"), ("1-edge eth0-TxRx-0", "ethtool")])
    func theNextStepFitsWhatFollows(_ text: String, _ words: String) throws {
        var finding = try Self.judge(Self.seen())
        let details = InterruptDetails(label: "36", text: "PCI-MSIX-0000:00:02.0 \(text)", irq: 36)
        finding.evidence.role = DeviceRole(devices: [], actions: details.actions ?? [])
        for (verdict, isNamed) in [(Work.Verdict.nothing, false), (.some, true), (.unknown, true)] {
            finding.evidence.work?.verdict = verdict
            #expect(finding.next.contains(words) == isNamed, "\(finding.next)")
            #expect(finding.next.contains("check the device and its driver") == !isNamed)
        }
    }

    @Test func aCheapHandlerIsAWarningAtMost() throws {
        let cheap = Self.look(cpuShare: 0.05)
        let finding = try Self.judge(Self.seen(look: cheap))
        #expect(finding.level == .warning && finding.evidence.handler == cheap)
        // 400,000 calls take 20 % by their entries and exits alone.
        #expect(try Self.judge(Self.seen(rate: 400_000, look: Self.look(cpuShare: 0.05, calls: 400_000))).level == .critical)
    }

    @Test func whatWasLostOrNotCalledIsNotCheap() throws {
        #expect(try Self.judge(Self.seen(look: Self.look(cpuShare: 0.05, lost: 1))).level == .critical)
        #expect(try Self.judge(Self.seen(look: Self.look(cpuShare: 0, unhandled: nil, calls: 0))).level == .critical)
    }

    @Test func unhandledTakesTheExcuseAway() throws {
        #expect(try Self.judge(Self.seen(look: Self.look(cpuShare: 0.05, unhandled: 0.5))).level == .critical)
    }

    @Test func aCostlyHandlerIsCritical() throws {
        #expect(try Self.judge(Self.seen(rate: 30_000)).level == .warning)
        #expect(try Self.judge(Self.seen(rate: 30_000, look: Self.look(cpuShare: 0.6))).level == .critical)
        #expect(try Self.judge(Self.seen(rate: 30_000, look: Self.look(cpuShare: 0.6, lost: 9))).level == .critical)
        #expect(try Self.judge(Self.seen(rate: 30_000, irqShare: 0.6)).level == .critical)
    }

    @Test func theKernelsAccountsGoFirst() throws {
        #expect(try Self.judge(Self.seen(irqShare: 0.1)).level == .warning)
        #expect(try Self.judge(Self.seen(irqShare: 0.3, look: Self.look(cpuShare: 0.01))).level == .critical)
        #expect(try Self.judge(Self.seen(irqShare: 0.1, look: Self.look(cpuShare: 0.9))).level == .warning)
        // Next to no time for so many: such a kernel has no accounts.
        #expect(try Self.judge(Self.seen(irqShare: 0.0001, look: Self.look(cpuShare: 0.9))).level == .critical)
    }

    /// A cost that goes to and fro around its limit does not take the level along.
    @Test func costDoesNotFlap() throws {
        var memory = AlertMemory()
        var levels: [AlertLevel] = []
        for share in [0.22, 0.12, 0.19, 0.12, 0.02] {
            let outcome = AlertEngine.judge(memory, Self.seen(look: Self.look(cpuShare: share)), AlertRules())
            memory = outcome.memory
            levels.append(outcome.level)
        }
        #expect(levels == [.critical, .critical, .critical, .critical, .warning])
    }

    @Test func whyThereIsNoLookIsEvidence() throws {
        let finding = try Self.judge(Self.seen(problem: "the kernel is locked down"))
        #expect(finding.level == .critical && finding.evidence.handlerProblem == "the kernel is locked down")
    }

    /// Two judgements of the same memory, as a run with a look makes them, are two of one interval.
    @Test func judgingTwiceIsJudgingOnce() throws {
        var memory = AlertMemory()
        for _ in 0..<4 { memory = AlertEngine.judge(memory, Self.seen(rate: 100), AlertRules()).memory }
        let look = Self.look(cpuShare: 0.3)
        _ = AlertEngine.judge(memory, Self.seen(), AlertRules())
        let once = AlertEngine.judge(memory, Self.seen(look: look), AlertRules())
        #expect(once.memory == AlertEngine.judge(memory, Self.seen(look: look), AlertRules()).memory)
        #expect(once.findings.first?.lastedNanoseconds == 60_000_000_000)
    }
}
