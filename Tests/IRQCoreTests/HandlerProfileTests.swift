import TestSupport
import Testing

@testable import IRQCore

/// What a short trace tells of storming lines: shares of a CPU, and interrupts that nobody claimed.
@Suite struct HandlerProfileTests {
    static let e = PageEvents.builder
    typealias Call = (action: String, ret: Int32)

    /// Interrupts of a line, 1,000 ns apart; each calls all its actions, of which each takes 100 ns.
    static func events(_ interrupts: [[Call]], irq: Int32 = 9, start: UInt64 = 1_000) -> [(UInt64, [UInt8])] {
        var events: [(UInt64, [UInt8])] = []
        for (number, calls) in interrupts.enumerated() {
            var time = start + UInt64(number) * 1_000
            for call in calls {
                events.append((time, e.irqEntry(irq, call.action)))
                events.append((time + 100, e.irqExit(irq, ret: call.ret)))
                time += 110
            }
        }
        return events
    }

    /// A look of 100 µs at IRQ 9, at pages of CPU 0 and then of the others.
    static func look(
        _ actions: [String], _ pages: [(cpu: Int, page: [UInt8])], begin: UInt64 = 0, end: UInt64 = 100_000,
        lost: UInt64 = 0
    ) throws -> HandlerProfile {
        var analysis = HandlerProfileAnalysis([HandlerProfileAnalysis.Line(irq: 9, actions: actions)], begin: begin)
        let formats = PageEvents.formats()
        for (cpu, page) in pages {
            let span = page.span
            let decoder = PageDecoder(layout: LiveDurationsTests.layout)
            analysis.feed(page: span.bytes, cpu: cpu, decoder: decoder, formats: formats)
        }
        let looks = analysis.looks(end: end, lostEvents: lost)
        return try #require(looks[9])
    }

    static func look(_ actions: [String], _ interrupts: [[Call]]) throws -> HandlerProfile {
        try look(actions, [(0, LiveDurationsTests.page(events(interrupts)))])
    }

    @Test func sharesAreOfTheBusiestCPU() throws {
        let quiet = LiveDurationsTests.page(Self.events([[("a", 1)]]))
        let busy = LiveDurationsTests.page(Self.events(Array(repeating: [("a", 1)], count: 20)))
        let look = try Self.look(["a"], [(0, quiet), (3, busy)])
        #expect(look.cpu == 3 && look.cpuShare == 0.02 && look.calls == 21 && look.callsPerSecond == 210_000)
        #expect(look.meanNanoseconds == 100 && look.maximumNanoseconds == 100 && look.p99Nanoseconds == 100)
        #expect(look.unhandledShare == 0 && look.threadShare == 0 && look.lostEvents == 0)
        #expect(look.actions == [HandlerProfile.Action(name: "a", calls: 21, totalNanoseconds: 2_100)])
    }

    @Test func unhandledIsWhatTheOnlyActionRefuses() throws {
        let look = try Self.look(["a"], [[("a", 0)], [("a", 0)], [("a", 1)], [("a", 0)]])
        #expect(look.unhandledShare == 0.75)
    }

    /// On a shared line most actions refuse most interrupts, and nothing is wrong.
    @Test func aSilentNeighbourIsNotUnhandled() throws {
        let look = try Self.look(["a", "b", "c"], Array(repeating: [("a", 0), ("b", 1), ("c", 0)], count: 10))
        #expect(look.unhandledShare == 0 && look.calls == 30)
        #expect(look.actions.map(\.unhandled).sorted() == [0, 10, 10])
    }

    /// Each of two actions claims its own device's interrupts, so that either refuses half of all calls.
    @Test func takingTurnsIsNotUnhandled() throws {
        let turns: [[Call]] = (0..<10).map { $0 % 2 == 0 ? [("a", 1), ("b", 0)] : [("a", 0), ("b", 1)] }
        #expect(try Self.look(["a", "b"], turns).unhandledShare == 0)
        let lost = try Self.look(["a", "b"], turns + Array(repeating: [("a", 0), ("b", 0)], count: 30))
        #expect(lost.unhandledShare == 0.75)
    }

    @Test func wakingAThreadIsAClaim() throws {
        let look = try Self.look(["a", "b"], [[("a", 2), ("b", 0)], [("a", 0), ("b", 0)], [("a", 3), ("b", 0)]])
        #expect(look.unhandledShare == 1.0 / 3 && look.threadShare == 2.0 / 3)
    }

    @Test func equalNamesCannotBeToldApart() throws {
        let look = try Self.look(["a", "a"], Array(repeating: [("a", 0), ("a", 1)], count: 10))
        #expect(look.unhandledShare == nil && look.threadShare == nil && look.calls == 20)
    }

    /// Without its first action's name a line's interrupts have no beginning: nothing is told, rather than something wrong.
    @Test func namesThatNeverComeTellNothing() throws {
        let look = try Self.look(["x", "y"], Array(repeating: [("a", 0), ("b", 1)], count: 10))
        #expect(look.unhandledShare == nil && look.calls == 20)
    }

    /// After a gap the trace goes on in the middle of an interrupt: its rest must not be put together with the next.
    @Test func gapsCutInterrupts() throws {
        let turns: [[Call]] = (0..<10).map { $0 % 2 == 0 ? [("a", 1), ("b", 0)] : [("a", 0), ("b", 1)] }
        let before = LiveDurationsTests.page(Array(Self.events(turns).dropLast(1)))
        let after = LiveDurationsTests.page(Array(Self.events(turns, start: 50_000).dropFirst(2)), missed: true)
        let look = try Self.look(["a", "b"], [(0, before), (0, after)])
        #expect(look.unhandledShare == 0 && look.lostEvents == 7)
        #expect(try Self.look(["a"], [(0, before)], lost: 3).lostEvents == 3)
    }

    @Test func whatBeganBeforeDoesNotCount() throws {
        let page = LiveDurationsTests.page(Self.events(Array(repeating: [("a", 1)], count: 20)))
        let look = try Self.look(["a"], [(0, page)], begin: 11_000)
        #expect(look.calls == 10 && look.nanoseconds == 89_000)
    }

    /// A handler that never returns takes all of its CPU.
    @Test func aHandlerThatStillRunsCounts() throws {
        let page = LiveDurationsTests.page([(50_000, Self.e.irqEntry(9, "a"))])
        let look = try Self.look(["a"], [(0, page)])
        #expect(look.cpuShare == 0.5 && look.maximumNanoseconds == 50_000 && look.calls == 1)
        #expect(look.meanNanoseconds == nil && look.unhandledShare == nil)
    }

    @Test func noCallsAreNoShare() throws {
        let other = LiveDurationsTests.page(Self.events([[("z", 1)]], irq: 8))
        let look = try Self.look(["a"], [(0, other)])
        #expect(look.calls == 0 && look.cpu == nil && look.cpuShare == 0 && look.unhandledShare == nil)
    }

    @Test func damagedPagesAreGaps() throws {
        var page = LiveDurationsTests.page(Self.events(Array(repeating: [("a", 1)], count: 5)))
        page[8] = 0xFF
        page[9] = 0xFF
        #expect(try Self.look(["a"], [(0, page)]).lostEvents == 1)
    }
}
