import Testing

@testable import IRQCore

/// Counts against traces.
@Suite struct CoverageTests {
    /// What a recording of `events` (one list a CPU) covers of what went from `start` to `end`.
    static func coverage(
        _ events: [Steps], _ start: String, _ end: String, softirqs: (String, String)? = nil,
        choices: [String: String] = [:]
    ) throws -> Coverage {
        let result = PairingTests.analyze(events)
        let rows = result.namedRows([:])
        var attachment = SnapshotAttachment()
        func add(_ name: String, _ moment: String, _ time: UInt64, _ text: String) {
            attachment.parts.append(.init(name: name, moment: moment, timeNanoseconds: time, text: Array(text.utf8)))
        }
        add("interrupts", "start", 1_000_000_000, start)
        add("interrupts", "end", 3_000_000_000, end)
        if let softirqs {
            add("softirqs", "start", 1_000_000_000, softirqs.0)
            add("softirqs", "end", 3_000_000_000, softirqs.1)
        }
        for (name, text) in choices { add(name, "choice", 0, text) }
        return try #require(
            Coverage(
                attachment, irqs: rows.filter { $0.kind == .irq }, vectors: rows.filter { $0.kind == .vector },
                softirqs: rows.filter { $0.kind == .softirq }))
    }

    static func lines(_ coverage: Coverage) -> [String] {
        coverage.rows.map { row in
            func text(_ number: UInt64?) -> String { number.map { String($0) } ?? "-" }
            let cpus = row.cpus.map { "\($0.cpu):\(text($0.counted))/\($0.traced)" }.joined(separator: " ")
            return "\(row.label) \(text(row.counted))/\(text(row.traced)) [\(cpus)]" + (row.reason.map { " \($0)" } ?? "")
        }
    }

    static func calls(_ irq: UInt64, _ actions: [String], count: Int, from start: UInt64 = 0) -> Steps {
        var events: Steps = []
        for index in 0..<count {
            for (place, action) in actions.enumerated() {
                let time = start + UInt64(index * 1000 + place * 10)
                events += [(time, .irqEntry(irq, action)), (time + 5, .irqExit(irq, place == 0 ? 1 : 0))]
            }
        }
        return events
    }

    @Test func rowsAreCompared() throws {
        let coverage = try Self.coverage(
            [Self.calls(36, ["vda"], count: 3), Self.calls(36, ["vda"], count: 2)],
            "           CPU0       CPU1\n 36:  10  20  MSI 1-edge vda\n 37: 5 5  MSI 2-edge x\n 38: 1 1 MSI y\nLOC: 7 8 Local timer interrupts\nTLB: 1 1 TLB shootdowns\n",
            "           CPU0       CPU1\n 36:  13  23  MSI 1-edge vda\n 37: 5 5  MSI 2-edge x\n 38: 2 1 MSI y\nLOC: 9 9 Local timer interrupts\nTLB: 1 3 TLB shootdowns\n"
        )
        #expect(
            Self.lines(coverage) == [
                "36 6/5 [0:3/3 1:3/2]", "38 1/- [0:1/0] no handler events: a nested thread handler, or a chained line",
                "LOC 3/- [0:2/0 1:1/0] x86 vectors were not recorded (irq_vectors)",
                "TLB 2/- [1:2/0] the kernel has no event for it",
            ])
        #expect(coverage.counted == 6 && coverage.traced == 5)
    }

    /// Counts cannot be read in the moment in which the trace is switched.
    @Test func tellsHowFarCountsAndTraceLieApart() throws {
        func coverage(_ times: [(String, String, UInt64)]) throws -> UInt64? {
            var attachment = SnapshotAttachment()
            for (name, moment, time) in times {
                let text = name == "interrupts" ? "  CPU0\n 7: 1 x\n" : name == "softirqs" ? "  CPU0\n RCU: 1\n" : ""
                attachment.parts.append(.init(name: name, moment: moment, timeNanoseconds: time, text: Array(text.utf8)))
            }
            let again = try #require(SnapshotAttachment(attachment.bytes))
            return try #require(Coverage(again, irqs: [], vectors: [], softirqs: [])).skewNanoseconds
        }
        let counts: [(String, String, UInt64)] = [("interrupts", "start", 100), ("interrupts", "end", 900)]
        #expect(try coverage(counts) == nil)
        #expect(try coverage(counts + [("switch", "start", 107)]) == nil)
        let switches: [(String, String, UInt64)] = [("switch", "start", 107), ("switch", "end", 890)]
        #expect(try coverage(counts + switches) == 17)
        #expect(try coverage(counts + switches + [("softirqs", "start", 130), ("softirqs", "end", 890)]) == 23)
    }

    @Test func sharedLineCountsItsMostCalledHandler() throws {
        let coverage = try Self.coverage(
            [Self.calls(21, ["a", "b", "c"], count: 4)], "  CPU0\n 21: 0  IO-APIC 21-fasteoi a, b, c\n",
            "  CPU0\n 21: 4  IO-APIC 21-fasteoi a, b, c\n")
        #expect(Self.lines(coverage) == ["21 4/4 [0:4/4]"])
    }

    @Test func vectorsAndSoftirqs() throws {
        let events: Steps = [
            (1, .timer(.vectorEntry)), (2, .timer(.vectorExit)), (3, .softirq(.softirqEntry, 3)),
            (4, .softirq(.softirqExit, 3)),
        ]
        let coverage = try Self.coverage(
            [events], "  CPU0\nLOC: 1 Local timer interrupts\nRES: 0 Rescheduling interrupts\n",
            "  CPU0\nLOC: 2 Local timer interrupts\nRES: 1 Rescheduling interrupts\n",
            softirqs: ("  CPU0\n NET_RX: 1\n BLOCK: 1\n", "  CPU0\n NET_RX: 2\n BLOCK: 3\n"))
        #expect(
            Self.lines(coverage) == [
                "LOC 1/1 [0:1/1]", "RES 1/- [0:1/0] no events of this vector", "NET_RX 1/1 [0:1/1]", "BLOCK 2/- [0:2/0] no events",
            ])
    }

    /// On s390 EXT, I/O and AIO are sums of other rows: they would count twice.
    @Test func sumsAreLeftOut() throws {
        let text = { (count: Int) in
            "           CPU0\nEXT:  \(count)\nI/O:  \(count)\nAIO:  \(count)\nCLK:  \(count)  [EXT] Clock Comparator\nDAS:  \(count)  [I/O] DASD\n"
        }
        let coverage = try Self.coverage([[]], text(1), text(4))
        #expect(coverage.rows.map(\.label) == ["CLK", "DAS"] && coverage.counted == 0)
    }

    @Test func wrapsAndWhatCannotBeTold() throws {
        let coverage = try Self.coverage(
            [Self.calls(5, ["a"], count: 10)], "  CPU0 CPU1\n 5: 4294967290 1 MSI a\n 6: 500 3 MSI b\n",
            "  CPU0 CPU1\n 5: 4 1 MSI a\n 6: 3 3 MSI b\n 7: 1 1 MSI new\n")
        #expect(Self.lines(coverage)[0] == "5 10/10 [0:10/10]")
        // A count that went back, and a row that was not there: unknown, not a number since boot.
        for label in ["6", "7"] {
            let row = try #require(coverage.rows.first { $0.label == label })
            #expect(row.counted == nil && row.traced == nil)
        }
        #expect(coverage.counted == 10)
    }

    // MARK: CPUs and rows that come and go

    /// Its column goes with it: what was traced there has nothing to be held against.
    @Test func cpuThatIsGone() throws {
        let coverage = try Self.coverage(
            [Self.calls(5, ["a"], count: 2), Self.calls(5, ["a"], count: 3)],
            "  CPU0 CPU1\n 5: 1 100 MSI a\n 6: 1 1 MSI b\n", "  CPU0\n 5: 3 MSI a\n 6: 1 MSI b\n")
        #expect(Self.lines(coverage) == ["5 2/2 [0:2/2 1:-/3]"])
        #expect(coverage.counted == 2 && coverage.traced == 2)
        #expect(coverage.uncomparedCPUs == [.init(cpu: 1, traced: 3)])
    }

    /// One that comes has a count since boot, not one of the recording: it was once "6,422 of 0".
    @Test func cpuThatComes() throws {
        let coverage = try Self.coverage(
            [Self.calls(5, ["a"], count: 2), Self.calls(5, ["a"], count: 3)], "  CPU0\n 5: 1 MSI a\n",
            "  CPU0 CPU1\n 5: 3 100 MSI a\n")
        #expect(Self.lines(coverage) == ["5 2/2 [0:2/2 1:-/3]"])
        #expect(coverage.counted == 2 && coverage.traced == 2)
        #expect(coverage.uncomparedCPUs == [.init(cpu: 1, traced: 3)])
    }

    /// The kernel keeps the counts of a CPU that is offline: one that is back at the end is compared.
    @Test func cpuThatWasAwayInBetween() throws {
        let coverage = try Self.coverage(
            [Self.calls(5, ["a"], count: 2), Self.calls(5, ["a"], count: 3)], "  CPU0 CPU1\n 5: 1 100 MSI a\n",
            "  CPU0 CPU1\n 5: 3 103 MSI a\n")
        #expect(Self.lines(coverage) == ["5 5/5 [0:2/2 1:3/3]"] && coverage.uncomparedCPUs == [])
    }

    /// One that was there in between only has events, and a column at neither end.
    @Test func cpuThatWasThereInBetween() throws {
        let text = { (count: Int) in "  CPU0\n 5: \(count) MSI a\n" }
        let coverage = try Self.coverage(
            [Self.calls(5, ["a"], count: 2), Self.calls(5, ["a"], count: 3)], text(1), text(3))
        #expect(Self.lines(coverage) == ["5 2/2 [0:2/2 1:-/3]"])
        #expect(coverage.uncomparedCPUs == [.init(cpu: 1, traced: 3)])
    }

    /// A CPU on which nothing was traced is named too: its counts are as unknown.
    @Test func cpuThatIsGoneWithoutEvents() throws {
        let coverage = try Self.coverage(
            [Self.calls(5, ["a"], count: 2)], "  CPU0 CPU1 CPU3\n 5: 1 1 1 MSI a\n", "  CPU0 CPU2 CPU3\n 5: 3 1 1 MSI a\n")
        #expect(coverage.uncomparedCPUs == [.init(cpu: 1, traced: 0), .init(cpu: 2, traced: 0)])
        // CPUs that --cpu left out are not named.
        let chosen = try Self.coverage(
            [Self.calls(5, ["a"], count: 2)], "  CPU0 CPU1\n 5: 1 1 MSI a\n", "  CPU0\n 5: 3 MSI a\n", choices: ["cpus": "0"])
        #expect(chosen.uncomparedCPUs == [] && Self.lines(chosen) == ["5 2/2 [0:2/2]"])
    }

    /// Rows that came, went, or began anew have events, and no counts to hold against them: they are in neither sum.
    @Test func rowsOfUnknownCountsAreInNoSum() throws {
        let events = [5, 6, 7, 8].flatMap { Self.calls(UInt64($0), ["a\($0)"], count: 2, from: UInt64($0) * 100_000) }
        let coverage = try Self.coverage(
            [events], "  CPU0\n 5: 1 MSI a5\n 6: 900 MSI a6\n 7: 1 MSI other\n 8: 1 MSI a8\n",
            "  CPU0\n 5: 3 MSI a5\n 6: 2 MSI a6\n 7: 2 MSI a7\n")
        #expect(Self.lines(coverage) == ["5 2/2 [0:2/2]", "6 -/2 [0:-/2]", "7 -/2 [0:-/2]", "8 -/2 [0:-/2]"])
        #expect(coverage.counted == 2 && coverage.traced == 2)
    }

    // MARK: Choices

    @Test func onlyWhatWasChosen() throws {
        let coverage = try Self.coverage(
            [Self.calls(5, ["a"], count: 2)], "  CPU0 CPU1\n 5: 1 100 MSI a\n 6: 1 1 MSI b\n 7: 1 1 MSI c\n",
            "  CPU0 CPU1\n 5: 3 900 MSI a\n 6: 2 5 MSI b\n 7: 1 9 MSI c\n", choices: ["cpus": "0", "irqs": "1-5,9-9"])
        #expect(Self.lines(coverage) == ["5 2/2 [0:2/2]", "6 1/- [0:1/0] not chosen with --irq"])
    }

    @Test func damagedCountsAreNone() {
        var attachment = SnapshotAttachment()
        attachment.parts = [
            .init(name: "interrupts", moment: "start", timeNanoseconds: 0, text: [0, 1, 2]),
            .init(name: "interrupts", moment: "end", timeNanoseconds: 0, text: []),
        ]
        #expect(Coverage(attachment, irqs: [], vectors: [], softirqs: []) == nil)
        #expect(Coverage(SnapshotAttachment(), irqs: [], vectors: [], softirqs: []) == nil)
    }
}
