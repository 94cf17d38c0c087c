import TestSupport
import Testing

@testable import IRQCore

/// A healthy box, of which no check of these groups says anything worse than a fact.
@Suite struct HealthyBoxTests {
    @Test func nothingIsWrong() throws {
        let box = try MemoryBox().examine(sampled: DoctorChecks.sampled)
        let run = DoctorRun(box, checks: DoctorChecks.rates + DoctorChecks.unclaimed + DoctorChecks.firmware)
        #expect(run.findings.map(\.check) == ["irqtime-hidden"])
        #expect(run.unknown.map(\.check) == ["thermal", "smi"])
    }

    /// Foreign bytes in any file: no check may end the program, whatever it says.
    @Test func nonsenseInAnyFile() throws {
        let nonsense = ["", "\u{0}\u{1B}[2J", "-1", "99999999999999999999", "1-99999999", "irq : nobody cared", "CPU#", "[<", "a.b"]
        let paths = MemoryBox().sample(isSecond: true).answers.keys.filter { $0 != "proc/interrupts" }
        for (index, path) in paths.sorted().enumerated() {
            var box = MemoryBox()
            box.files[path] = nonsense[index % nonsense.count]
            box.later[path] = nonsense[(index / 3) % nonsense.count]
            box.log?.append(nonsense[index % nonsense.count])
            _ = DoctorRun(try box.examine(sampled: DoctorChecks.sampled))
        }
    }
}
