import Glibc
import IRQCore
import Testing

@Suite struct AlertRulesTests {
    static func read(_ text: String) throws(RulesFileError) -> AlertRules {
        var rules = AlertRules()
        let bytes = Array(text.utf8)
        try RulesFile.read(bytes.span.bytes, into: &rules) { fnmatch($0, $1, 0) == 0 }
        return rules
    }

    private static func error(_ text: String) -> (line: Int, column: Int)? {
        do {
            _ = try read(text)
            return nil
        } catch { return (error.line, error.column) }
    }

    @Test func allFormsAreRead() throws {
        let rules = try Self.read(
            """
            # a comment
            warn-rate 30k   # another
            crit-rate 1.5M/s
            for 5m
            leave 80%
            baseline off
            ignore placement errors
            irq 36,40-47 warn 50k crit 200k
            action mlx5_comp* device "eth 0" warn 400k
            irq 9 ignore
            maintenance sat-mon 23:00-01:30
            maintenance 2026-12-24 08:00-24:00
            """)
        #expect(rules.rates == .init(warn: 30_000, crit: 1_500_000))
        #expect(rules.forNanoseconds == 300_000_000_000 && rules.leaveShare == 0.8 && !rules.usesBaseline)
        #expect(rules.ignoredVerdicts == [.placement, .errors])
        #expect(rules.resolve(irq: 41, actions: [], devices: []).rates == .init(warn: 50_000, crit: 200_000))
        #expect(!rules.resolve(irq: 39, actions: ["mlx5_comp1"], devices: ["eth1"]).isOwn)
        #expect(rules.resolve(irq: 39, actions: ["mlx5_comp1"], devices: ["eth 0"]).rates.warn == 400_000)
        #expect(rules.resolve(irq: 9, actions: [], devices: []).ignored == Set(Verdict.allCases))
        let night = rules.maintenance[0]
        #expect(night.weekdays == [6, 0, 1])
        #expect(night.contains(.init(minute: 1400, weekday: 6, date: 20_261_121, dateBefore: 20_261_120)))
        #expect(night.contains(.init(minute: 30, weekday: 2, date: 20_261_124, dateBefore: 20_261_123)), "after Monday")
        #expect(!night.contains(.init(minute: 30, weekday: 6, date: 20_261_121, dateBefore: 20_261_120)), "after Friday")
        #expect(rules.maintenance[1].contains(.init(minute: 500, weekday: 4, date: 20_261_224, dateBefore: 20_261_223)))
    }

    @Test(arguments: [
        ("\n\nirq 36 warn 50q", 3, 13), ("  bogus 1", 1, 3), ("irq 36", 1, 7), ("warn-rate", 1, 10),
        ("irq 5-2 warn 1k", 1, 5), ("action \"a b warn 1k", 1, 8), ("irq 1 warn 5k crit 1k", 1, 15),
        ("maintenance 25:00-26:00", 1, 13), ("maintenance funday 01:00-02:00", 1, 13), ("ignore storms", 1, 8),
        ("for 5 6", 1, 7), ("leave 170%", 1, 7), ("irq 1 warn 1k action x", 1, 15), ("baseline maybe", 1, 10),
        ("warn-rate 0", 1, 11), ("irq 1 ignore storm bogus", 1, 20),
    ])
    func errorsNameTheirPlace(text: String, line: Int, column: Int) throws {
        let place = try #require(Self.error(text))
        #expect(place == (line, column))
    }

    /// As fnmatch(3) has it: any text, any character, one of some.
    @Test func patternsAreThoseOfTheShell() throws {
        let rules = try Self.read("action eth?-rx-[0-3] warn 1k\naction *:\\* warn 2k\n")
        func warn(_ action: String) -> Double { rules.resolve(irq: 1, actions: [action], devices: []).rates.warn }
        #expect(warn("eth0-rx-3") == 1_000 && warn("eth0-rx-4") == 20_000 && warn("xeth0-rx-3") == 20_000)
        #expect(warn("a/b:*") == 2_000 && warn("a/b:c") == 20_000)
    }

    @Test func crossedLevelsAreRefused() {
        #expect(Self.error("crit-rate 5k\nwarn-rate 10k") != nil)
        #expect(Self.error("") == nil)
    }

    @Test func unitsAreRead() {
        #expect(Amount.perSecond("20k") == 20_000 && Amount.perSecond("1.5M/s") == 1_500_000 && Amount.perSecond("7") == 7)
        for text in ["", "k", "-5", "1e5", "0", "nan", "5kk", ".", ".k", "5.", "99999999999999"] {
            #expect(Amount.perSecond(text) == nil, "\(text)")
        }
        #expect(Amount.perSecond(".5k") == 500 && Amount.nanoseconds(".5") == 500_000_000)
        #expect(Amount.nanoseconds("500ms") == 500_000_000 && Amount.nanoseconds("2") == 2_000_000_000)
        #expect(Amount.nanoseconds("1h") == 3_600_000_000_000 && Amount.nanoseconds("8000h", limit: RulesFile.longestTime) == nil)
        #expect(Amount.share("70%") == 0.7 && Amount.share("0") == nil && Amount.share("101%") == nil)
    }

    // MARK: Histories

    @Test func baselineIsRobust() {
        var baseline = Baseline()
        for step in 0..<100 { baseline.learn(step % 10 == 9 ? 500_000 : 1_000 + Double(step)) }
        #expect((800...2_500).contains(baseline.usualRate), "\(baseline.usualRate): a tenth of outliers moved it")
        #expect(baseline.highestRate < 400_000 && baseline.highestRate > 7_000)
        var idle = Baseline()
        for _ in 0..<5 { idle.learn(0) }
        #expect(idle.isKnown && idle.usualRate == 0 && idle.highestRate < 10)
        var mean = 0.0
        for _ in 0..<300 {
            baseline.learn(50_000)
            mean = baseline.usualRate
        }
        #expect(mean > 30_000, "what lasts is learnt")
    }
}
