@testable import IRQCore
import TestSupport
import Testing

@Suite struct IrqbalanceConflictTests {
    /// Two lines that `affinity apply` wrote, and irqbalance with some options.
    private func run(_ words: [String], isRunning: Bool = true, applied: AppliedLines? = Self.applied) throws -> DoctorRun {
        var box = MemoryBox()
        box.addCard("eno2", places: [0, 1], perSecond: [100], driver: "ice")
        box.files["etc/hostname"] = "x"
        if isRunning { box.runIrqbalance(words: ["irqbalance"] + words) }
        var input = ExaminationInput(files: box.sample(isSecond: true), earlier: box.sample(isSecond: false))
        input.applied = applied
        let devices = box.devices
        input.setDevices = { irq, details in details.devices = devices[irq] ?? [] }
        return DoctorRun(try Examination(input), checks: [IrqbalanceConflictCheck.self])
    }

    private static let applied = AppliedLines(lines: [56, 57], time: "11-25 14:02")

    @Test func linesThatWereApplied() throws {
        let run = try run([])
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn)
        #expect(finding.evidence == "irqbalance runs and may move the 2 lines applied on 11-25 14:02")
        #expect(finding.lines == [56, 57])
    }

    @Test(arguments: [
        (["--banmod=ice"], 0), (["--banirq=56", "--banirq", "57"], 0), (["-i56", "-i", "57"], 0), (["-m", "rxtx"], 0),
        (["--banmod=igb"], 2), (["--banirq=56"], 1), (["--banirq=5"], 2), (["--oneshot"], 0),
    ])
    func bans(_ words: [String], _ count: Int) throws {
        let found = try run(words).findings
        #expect((found.first?.lines.count ?? 0) == count)
    }

    @Test func nobodyElseIsNone() throws {
        let quiet = try run([], applied: nil)
        #expect(quiet.findings.isEmpty && quiet.unknown.isEmpty)
        #expect(try run([], isRunning: false).findings.isEmpty)
    }

    @Test func aScriptOfItsOwnIsUnknown() throws {
        let run = try run(["--policyscript=/etc/irq.sh"])
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("--policyscript") == true)
    }

    @Test func withoutProcessesItIsUnknown() throws {
        var box = MemoryBox()
        box.tasks = [:]
        #expect(try box.run(IrqbalanceConflictCheck.self).unknown.first?.reason.contains("no process can be seen") == true)
    }

    @Test func tunedAndFilesOfUdev() throws {
        var box = MemoryBox()
        box.runIrqbalance()
        box.files["etc/tuned/active_profile"] = "realtime"
        box.files["etc/tuned/realtime-variables.conf"] = "# CPUs\nisolated_cores = 2-3\n"
        let finding = try #require(try box.run(IrqbalanceConflictCheck.self).findings.first)
        #expect(finding.evidence == "irqbalance runs and may use CPUs 2-3, which tuned (realtime) sets apart")
        // Isolated at boot it leaves them alone by itself, and by a list as well.
        var isolated = box
        isolated.isolate("2-3")
        #expect(try isolated.run(IrqbalanceConflictCheck.self).findings.isEmpty)
        box.runIrqbalance(environment: ["IRQBALANCE_BANNED_CPULIST=2-3"])
        #expect(try box.run(IrqbalanceConflictCheck.self).findings.isEmpty)
        box.files["etc/tuned/active_profile"] = "virtual-guest"
        box.addCard(places: [0, 1], perSecond: [10])
        box.files["etc/systemd/network/10-nic.link"] = "[Match]\nDriver=ice\n[Link]\nIRQAffinityPolicy=spread\n"
        let links = try box.run(IrqbalanceConflictCheck.self).findings
        #expect(links.first?.evidence == "irqbalance runs and may move the 2 lines that /etc/systemd/network/10-nic.link places")
    }
}
