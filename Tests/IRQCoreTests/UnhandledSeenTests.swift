import TestSupport
import Testing

@testable import IRQCore

/// What the kernel's counts of unhandled interrupts are taken for: where handlers go on in threads, and where a count begins
/// anew.
@Suite struct UnhandledSeenTests {
    /// What a run saw of a line.
    struct Step {
        var seconds = 60.0
        var delta: UInt64
        var spurious: SpuriousCounts

        init(_ seconds: Double, _ delta: UInt64, _ count: UInt64, _ unhandled: UInt64, last: UInt64) {
            (self.seconds, self.delta) = (seconds, delta)
            spurious = SpuriousCounts(count: count, unhandled: unhandled, lastUnhandledMilliseconds: last)
        }
    }

    /// The findings about the line, run by run; the first has nothing to compare with.
    static func judge(
        _ steps: [Step], wakesThreads: Bool?, text: String = "PCI-MSIX-0000:00:04.0   1-edge      gadget0", look: HandlerProfile? = nil
    ) -> [AlertFinding?] {
        var memory = AlertMemory()
        var now: UInt64 = 1_000_000_000_000
        return steps.map { step in
            let start = BoxTime(boot: now, awake: now, wall: now)
            now += UInt64(step.seconds * 1e9)
            let isFirst = memory.rows.isEmpty
            var seen = BoxInterval(
                time: BoxTime(boot: now, awake: now, wall: now), start: start,
                intervalNanoseconds: isFirst ? nil : UInt64(step.seconds * 1e9))
            let rate = Double(step.delta) / step.seconds
            var line = LineObservation(
                row: 0, key: 77, irq: 36, isKnown: !isFirst, delta: step.delta, perSecond: rate, busiestCPU: 1,
                busiestPerSecond: rate)
            line.details = InterruptDetails(label: "36", text: text, irq: 36)
            line.details?.spurious = step.spurious
            line.details?.wakesThreads = wakesThreads
            line.look = look
            seen.lines = [line]
            var rules = AlertRules()
            (rules.rates.warn, rules.rates.crit) = (1e9, 1e9)
            let outcome = AlertEngine.judge(memory, seen, rules)
            memory = outcome.memory
            AlertEngine.acknowledge(outcome.findings, in: &memory)
            return outcome.findings.first { $0.key.verdict == .unhandled }
        }
    }

    static func levels(_ findings: [AlertFinding?]) -> [AlertLevel] { findings.map { $0?.level ?? .ok } }

    // MARK: Threads

    /// A receive queue, once a second, on a PREEMPT_RT kernel (6.12) under load: nothing was unhandled.
    static let realQueue = [
        Step(1.172, 96, 4818, 23, last: 4_294_758_264), Step(0.977, 81, 4897, 50, last: 4_294_758_916),
        Step(1.004, 76, 4975, 11, last: 4_294_760_228), Step(0.996, 91, 5064, 49, last: 4_294_761_212),
        Step(1.001, 82, 5146, 9, last: 4_294_762_208), Step(0.996, 87, 5233, 50, last: 4_294_763_204),
        Step(1.010, 81, 5316, 9, last: 4_294_764_236), Step(0.999, 89, 5406, 44, last: 4_294_765_264),
    ]

    @Test func interruptsThatComeBeforeAThreadIsThroughAreNotUnhandled() {
        for wakesThreads in [true, nil] {
            #expect(Self.levels(Self.judge(Self.realQueue, wakesThreads: wakesThreads)).allSatisfy { $0 == .ok })
        }
        // Without threads the same counts would mean what they say.
        #expect(Self.levels(Self.judge(Self.realQueue, wakesThreads: false)).contains(.warning))
    }

    /// What it was told for: two runs three seconds apart, "25.7% of its interrupts unhandled".
    @Test func aQuarterOfAThreadedLineIsNoFinding() {
        let steps = [Step(3, 190, 60, 10, last: 1000), Step(3, 189, 240, 58, last: 4000)]
        #expect(Self.levels(Self.judge(steps, wakesThreads: true)) == [.ok, .ok])
        #expect(Self.levels(Self.judge(steps, wakesThreads: false)) == [.ok, .warning])
    }

    /// A line whose threads claim nothing will be disabled like any other.
    @Test(arguments: [true, nil]) func whatNoThreadClaimsIsUnhandled(wakesThreads: Bool?) throws {
        let steps = [
            Step(60, 100, 0, 0, last: 0), Step(60, 54_000, 54_000, 54_000, last: 60_000),
            // The kernel judges, and the line stands still.
            Step(60, 46_000, 0, 0, last: 119_000), Step(60, 0, 0, 0, last: 119_000),
        ]
        let findings = Self.judge(steps, wakesThreads: wakesThreads)
        #expect(Self.levels(findings) == [.ok, .critical, .critical, .critical])
        #expect(findings[1]?.evidence.unhandledShare == 1)
        #expect(findings[2]?.evidence.isDisabled == true && findings[3]?.evidence.isDisabled == true)
    }

    /// A thread that had to wait at the end of a minute: next to all that were judged, and few of those that came.
    @Test func aThreadThatHadToWaitIsNoFinding() {
        let steps = [Step(60, 60_000, 0, 0, last: 0), Step(60, 60_000, 800, 800, last: 60_000)]
        #expect(Self.levels(Self.judge(steps, wakesThreads: true)) == [.ok, .ok])
    }

    /// Where threads are hidden, a look through tracefs tells whether the line wakes one.
    @Test func aLookTellsOfThreads() {
        let steps = [Step(60, 6_000, 0, 0, last: 0), Step(60, 6_000, 6_000, 2_000, last: 60_000)]
        for (threadShare, level) in [(1.0, AlertLevel.ok), (0, .warning)] {
            var look = HandlerProfile(nanoseconds: 1_000_000_000)
            (look.calls, look.threadShare, look.unhandledShare) = (100, threadShare, 0)
            #expect(Self.levels(Self.judge(steps, wakesThreads: nil, look: look)) == [.ok, level])
        }
    }

    // MARK: The kernel's limit

    /// The kernel disables a line only if more than 99,900 of 100,000 are unhandled: what was claimed already counts.
    @Test(
        arguments: [
            // Some of the interval are claimed; too many were before; 10.5 %; all are unhandled, and were.
            (Step(60, 1_000, 1_000, 900, last: 1), Step(60, 60_000, 61_000, 59_900, last: 60_000), nil, AlertLevel.warning),
            (Step(60, 1_100, 1_100, 900, last: 1), Step(30, 30_000, 31_100, 30_900, last: 60_000), nil, .critical),
            (Step(60, 1_000, 0, 0, last: 1), Step(60, 60_000, 60_000, 6_300, last: 60_000), nil, .warning),
            (Step(60, 1_000, 1_000, 901, last: 1), Step(60, 60_000, 61_000, 60_901, last: 60_000), 38_999, .critical),
        ] as [(Step, Step, UInt64?, AlertLevel)])
    func theLimitIsToldOnlyWhereItCanBeReached(before: Step, now: Step, left: UInt64?, level: AlertLevel) throws {
        let found = try #require(Self.judge([before, now], wakesThreads: false).last ?? nil)
        #expect(found.level == level)
        #expect(found.evidence.unhandledLeft == left)
        #expect((found.evidence.secondsToLimit != nil) == (left != nil))
    }

    // MARK: Counts that begin anew

    /// A disk's queue, 3,000 a second, on which one in a minute is nobody's because its work was found by polling: once
    /// "0.01% of its interrupts unhandled", critical, and when it had nothing to do any more "most likely disabled".
    @Test func aBusyLineWithAnOddOneIsNotDisabled() {
        let steps = [
            Step(60, 180_000, 500, 1, last: 1_000), Step(60, 180_000, 20_000, 2, last: 1_030_000),
            Step(60, 180_000, 0, 0, last: 1_090_000), Step(60, 0, 0, 0, last: 1_090_000),
        ]
        for text in ["PCI-MSIX-0000:00:04.0   1-edge      nvme0q1", "PCI-MSIX-0000:00:04.0 1-edge gadget0"] {
            let levels = Self.levels(Self.judge(Array(repeating: steps[1], count: 4) + steps, wakesThreads: false, text: text))
            #expect(levels.allSatisfy { $0 == .ok }, "\(text)")
        }
    }

    /// A slow line that made about as many as the kernel judges, and stands still from then on.
    @Test func aStormBetweenTwoRunsHasDisabledTheLine() {
        let storm = [Step(60, 600, 0, 0, last: 0), Step(60, 100_600, 0, 0, last: 61_000)]
        let still = Step(60, 0, 0, 0, last: 61_000)
        let calm = Step(60, 600, 0, 0, last: 0)
        let found = Self.judge([calm, calm, calm] + storm + [still, still], wakesThreads: false)
        #expect(Self.levels(found) == [.ok, .ok, .ok, .ok, .ok, .critical, .critical] && found[5]?.evidence.isDisabled == true)
        // It goes on: it was not disabled.
        let on = Self.judge(storm + [Step(60, 600, 0, 0, last: 61_000), still], wakesThreads: false)
        #expect(Self.levels(on).allSatisfy { $0 == .ok })
        // Too many for that; a disk; threads, or nobody knows.
        let many = Self.judge([storm[0], Step(60, 500_000, 0, 0, last: 61_000), still], wakesThreads: false)
        let disk = Self.judge(storm + [still], wakesThreads: false, text: "PCI-MSIX-0000:00:04.0   1-edge      nvme0q1")
        let threads = Self.judge(storm + [still], wakesThreads: true) + Self.judge(storm + [still], wakesThreads: nil)
        #expect(Self.levels(many + disk + threads).allSatisfy { $0 == .ok }, "\([many, disk, threads].map { Self.levels($0) })")
    }

    @Test func extremeNumbersDoNotTrap() {
        let most = UInt64.max
        for wakesThreads in [true, false, nil] {
            let steps = [
                Step(60, most, most, most, last: most), Step(60, most, 0, 0, last: 0), Step(60, 0, most, 0, last: 1),
                Step(60, 1, 0, most, last: 2), Step(60, most, 0, 0, last: 3), Step(60, 0, 0, 0, last: 3),
            ]
            #expect(Self.judge(steps, wakesThreads: wakesThreads).count == steps.count)
        }
    }
}

/// The mark U.
@Suite struct UnhandledMarkTests {
    @Test func countsOfThreadedLinesAreBelievedIfNextToAllWereUnhandled() {
        var details = InterruptDetails(label: "36", text: "PCI-MSI 1-edge a", irq: 36)
        details.newlyUnhandled = 40
        details.newlyJudged = 90
        for (wakesThreads, has) in [(true, false), (nil, false), (false, true)] as [(Bool?, Bool)] {
            details.wakesThreads = wakesThreads
            #expect(details.hasUnhandled == has, "\(String(describing: wakesThreads))")
        }
        details.wakesThreads = true
        for (unhandled, judged, has) in [(49, 49, false), (50, 50, true), (1000, 1001, true), (1000, 1002, false)] {
            (details.newlyUnhandled, details.newlyJudged) = (UInt64(unhandled), UInt64(judged))
            #expect(details.hasUnhandled == has, "\(unhandled) of \(judged)")
        }
    }

    /// Where the kernel's threads are hidden, a trace that sees one woken makes the count an upper bound.
    @Test func aTraceTellsOfThreads() throws {
        for (result, isWoken) in [(1, false), (2, true), (3, true)] as [(Int32, Bool)] {
            let live = Box()
            let text = "  CPU0\n 5: 1 MSI a\n"
            try live.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
                let bytes = Array(text.utf8)
                let span = bytes.span
                try sample.parse(span.bytes)
            }
            live.learn(0) { _ in true }
            live.marks = [[]]
            let e = LiveDurationsTests.e
            let page = LiveDurationsTests.page([(100, e.irqEntry(5, "a")), (200, e.irqExit(5, ret: result))])
            let formats = PageEvents.formats()
            live.changeTracing { tracing in
                let span = page.span
                tracing.feed(
                    page: span.bytes, cpu: 0, decoder: PageDecoder(layout: LiveDurationsTests.layout), formats: formats)
                tracing.endInterval(nanoseconds: 1000)
            }
            live.mark(0)
            #expect(live.details(0).wakesThreads == (isWoken ? true : nil))
        }
    }
}
