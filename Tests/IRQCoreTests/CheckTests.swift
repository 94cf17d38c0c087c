import Testing

@testable import IRQCore

/// The list of checks: each way of a verdict is one check's, and each check says what to do next.
@Suite struct CheckTests {
    /// The ways of verdicts that checks find.
    private static var ways: [(verdict: Verdict, aspect: AlertAspect)] {
        var ways: [(verdict: Verdict, aspect: AlertAspect)] = []
        // A loop: closures that take a check crash Swift 6.3.1.
        for check in CheckRun.all {
            guard let verdict = check.verdict else { continue }
            for aspect in check.aspects { ways.append((verdict, aspect)) }
        }
        return ways
    }

    @Test func eachWayOfAVerdictIsOneChecks() {
        #expect(
            Self.ways.map { "\($0.verdict.name) \($0.aspect.name)" }.sorted() == [
                "errors plain", "placement isolated_cpu", "placement one_cpu_of_all", "placement one_cpu_of_device",
                "placement outside_mask", "softirq drops", "softirq ksoftirqd", "softirq softirq_share",
                "softirq squeezes", "steal plain", "storm plain", "unhandled plain",
            ])
        #expect(Set(Self.ways.map(\.verdict)) == Set(Verdict.allCases))
        #expect(Set(Self.ways.map(\.aspect)) == Set(AlertAspect.allCases))
    }

    @Test func eachFindingHasANextStep() {
        for (verdict, aspect) in Self.ways {
            var finding = AlertFinding(
                key: AlertKey(verdict, aspect, id: 1), subject: AlertSubject(), level: .warning, previousLevel: .ok,
                sinceWallNanoseconds: 0, lastedNanoseconds: 0, peak: 0, evidence: AlertEvidence())
            finding.subject.irq = 36
            for role in [DeviceRole.network, .storage, .firmware, .unseen, .other] {
                finding.evidence.role = role
                #expect(finding.next.count > 20 && !finding.next.hasSuffix("."), "\(verdict) \(aspect)")
            }
        }
    }

    @Test func marksAreTheQuickChecks() {
        #expect(RowMarks.all.map { String(Unicode.Scalar($0.letter) ?? "?") }.joined() == "SM1NU")
        #expect(RowMarks.all.reduce(into: RowMarks()) { $0.insert($1.mark) } == RowMarks(rawValue: 31))
        #expect(RowMarks.all.allSatisfy { $0.words.unicodeScalars.first?.value == $0.letter })
    }

    /// The same rule for `top` and `alert`: what is outside of a mask, of a queue that moved in the middle of an interval.
    @Test func deliveriesAreSummedOnce() throws {
        let box = Box()
        for (second, counts) in [(1, "0 0 0"), (2, "5 900 95")] as [(UInt64, String)] {
            try box.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
                let text = Array("CPU0 CPU1 CPU2\n36: \(counts) chip 1-edge dev\n".utf8)
                (sample.startNanoseconds, sample.endNanoseconds) = (second * 1_000_000_000, second * 1_000_000_000)
                try sample.parse(text.span.bytes)
            }
        }
        let served = Deliveries(box.interrupts, row: 0, mask: CPUSet([1]), home: 0, nodes: [0, 0, 1])
        #expect(served.total == 1_000 && served.outside == 100 && served.highest == 900)
        #expect(served.located == 1_000 && served.remote == 95)
        #expect(OutsideMaskCheck.isMarked(served) && !CrowdedCPUCheck.isMarked(served, rate: 100_000))
        #expect(!RemoteNodeCheck.isMarked(served, rate: 1_000))
        let moved = Deliveries(box.interrupts, row: 0, mask: CPUSet([1]), earlier: CPUSet([2]))
        #expect(moved.outside == 5 && !OutsideMaskCheck.isMarked(moved))
    }
}
