import TestSupport
import Testing

@testable import IRQCore

@Suite struct LockupTests {
    private func found(_ lines: [String]) throws -> [DoctorFinding] {
        var box = MemoryBox()
        box.log? += lines
        return try box.run(LockupCheck.self).findings
    }

    @Test func aStormMadeACPUStick() throws {
        let found = try found([
            "[ 900.1] watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [swapper/3:0]",
            "[ 900.2] CPU#3 Detect HardIRQ Time exceeds 50%. Most frequent HardIRQs:", "[ 900.3] \t#1: 812000\tirq#41",
            "[ 900.4] \t#2: 12\tirq#28",
        ])
        #expect(found.map(\.evidence) == ["CPU 3 stuck 26 s, irq 41 came 812k times"])
        #expect(found[0].severity == .crit && found[0].cpus.list == "3" && found[0].lines == [41])
        #expect(found[0].next.first == "irqscope record --irq 41 --duration 5s -o - | irqscope report")
    }

    /// The line that is named is the one that causes are looked for at.
    @Test func theMostFrequentLineIsTheOne() throws {
        let found = try found([
            "[ 900.1] watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [swapper/3:0]", "[ 900.2] Most frequent HardIRQs:",
            "[ 900.3] \t#1: 12\tirq#28", "[ 900.4] \t#2: 812000\tirq#41",
        ])
        #expect(found[0].evidence.hasSuffix("irq 41 came 812k times") && found[0].lines == [41])
    }

    @Test(arguments: [
        ("NMI watchdog: Watchdog detected hard LOCKUP on cpu 2", "CPU 2 stuck, interrupts off"),
        ("rcu: INFO: rcu_preempt self-detected stall on CPU", "RCU: a CPU stalled"),
        ("rcu: INFO: rcu_sched detected stalls on CPUs/tasks:", "RCU: CPUs or tasks stalled"),
    ])
    func others(_ line: String, _ words: String) throws {
        #expect(try found(["[ 900.1] \(line)"]).map(\.evidence) == [words])
    }

    @Test func afterSleepItSaysNothing() throws {
        let line = "watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [swapper/3:0]"
        #expect(try found(["[ 900.0] PM: suspend exit", "[ 959.9] \(line)"]).isEmpty)
        #expect(try found(["[ 900.0] PM: suspend exit", "[ 960.1] \(line)"]).count == 1)
    }

    @Test func onlyOfThisBoot() throws {
        let line = "[ 900.0] watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [swapper/3:0]"
        #expect(try found([line, "[    0.000000] Linux version 6.1.0"]).isEmpty)
    }

    @Test func withoutTheLogItIsUnknown() throws {
        var box = MemoryBox()
        box.log = nil
        #expect(try box.run(LockupCheck.self).unknown.first?.reason == "the kernel's log is not there")
    }
}
