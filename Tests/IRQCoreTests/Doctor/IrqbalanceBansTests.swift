@testable import IRQCore
import TestSupport
import Testing

@Suite struct IrqbalanceBansTests {
    private func box(_ setting: String?, isolated: String = "2-3") -> MemoryBox {
        var box = MemoryBox()
        box.isolate(isolated)
        box.runIrqbalance(environment: setting.map { [$0] } ?? [])
        return box
    }

    @Test func isolatedCPUsAreOpen() throws {
        var box = box("IRQBALANCE_BANNED_CPULIST=0")
        box.files["etc/default/irqbalance"] = "IRQBALANCE_BANNED_CPULIST=0\n"
        let run = try box.run(IrqbalanceBansCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn)
        #expect(finding.evidence == "IRQBALANCE_BANNED_CPULIST=0 leaves isolated 2-3 open")
        #expect(
            finding.next == [
                "sed -i 's/^\\(export \\)*IRQBALANCE_BANNED_CPULIST=.*/IRQBALANCE_BANNED_CPULIST=0,2-3/' /etc/default/irqbalance",
                "systemctl restart irqbalance",
            ])
        #expect(finding.cpus == CPUSet([2, 3]))
    }

    @Test(arguments: [
        (nil, nil), ("IRQBALANCE_BANNED_CPULIST=", nil), ("IRQBALANCE_BANNED_CPULIST=2-3", nil),
        ("IRQBALANCE_BANNED_CPUS=c", nil), ("IRQBALANCE_BANNED_CPUS=0000000c", nil), ("IRQBALANCE_BANNED_CPUS=0,c", nil),
        ("IRQBALANCE_BANNED_CPUS=8", "leaves isolated 2 open"), ("IRQBALANCE_BANNED_CPULIST=0-3", "bans all CPUs"),
        ("IRQBALANCE_BANNED_CPULIST=2-N", "cannot be read"), ("IRQBALANCE_BANNED_CPUS=0xc", "cannot be read"),
        ("IRQBALANCE_BANNED_CPUS=00000000000c", "cannot be read"),
    ])
    func lists(_ setting: String?, _ words: String?) throws {
        let found = try box(setting).run(IrqbalanceBansCheck.self).findings
        if let words {
            #expect(found.count == 1 && found[0].evidence.contains(words))
        } else {
            #expect(found.isEmpty)
        }
    }

    /// A file that does not set it, as where a unit's Environment= does, is not told to be changed.
    @Test(arguments: ["# IRQBALANCE_BANNED_CPULIST=\n", "IRQBALANCE_ARGS=\n"])
    func aSettingMadeElsewhereIsNotLookedForInTheFile(_ text: String) throws {
        var box = box("IRQBALANCE_BANNED_CPULIST=0")
        box.files["etc/default/irqbalance"] = text
        let next = try #require(try box.run(IrqbalanceBansCheck.self).findings.first).next
        #expect(next.first == "# IRQBALANCE_BANNED_CPULIST=0,2-3, where it is set (systemctl cat irqbalance)")
    }

    @Test func theAdviceNeverBansAll() throws {
        let some = try box("IRQBALANCE_BANNED_CPULIST=0-1").run(IrqbalanceBansCheck.self).findings
        #expect(some.first?.next.first?.hasPrefix("# IRQBALANCE_BANNED_CPULIST=2-3,") == true)
        let all = try box("IRQBALANCE_BANNED_CPULIST=0-3", isolated: "").run(IrqbalanceBansCheck.self).findings
        #expect(all.first?.next.first?.hasPrefix("# take IRQBALANCE_BANNED_CPULIST out of its unit") == true)
    }

    @Test func theOlderOneWins() throws {
        var box = box(nil)
        box.runIrqbalance(environment: ["IRQBALANCE_BANNED_CPULIST=2-3", "IRQBALANCE_BANNED_CPUS=1"])
        #expect(try box.run(IrqbalanceBansCheck.self).findings.first?.evidence == "IRQBALANCE_BANNED_CPUS=1 leaves isolated 2-3 open")
    }

    @Test func withoutIsolatedCPUsAListIsAList() throws {
        #expect(try box("IRQBALANCE_BANNED_CPULIST=0", isolated: "").run(IrqbalanceBansCheck.self).findings.isEmpty)
    }

    @Test(arguments: [(1_000.0, 1), (990, 0)])
    func aNodeWithBusyDevices(_ perSecond: Double, _ count: Int) throws {
        var box = MemoryBox.twoNodes()
        box.addCard("enp65s0f0", places: [0], perSecond: [perSecond], node: 1)
        box.runIrqbalance(environment: ["IRQBALANCE_BANNED_CPULIST=4-7"])
        let found = try box.run(IrqbalanceBansCheck.self).findings
        #expect(found.count == count)
        if count > 0 { #expect(found[0].evidence.contains("bans all CPUs of node 1, where enp65s0f0 is busy")) }
    }

    @Test func withoutItsEnvironmentTheFileTells() throws {
        var box = box(nil)
        box.remove("proc/700/environ")
        box.files["etc/sysconfig/irqbalance"] = "# x\nexport IRQBALANCE_BANNED_CPULIST=\"0\"\n"
        let run = try box.run(IrqbalanceBansCheck.self)
        #expect(run.findings.first?.evidence == "IRQBALANCE_BANNED_CPULIST=0 leaves isolated 2-3 open")
        #expect(run.findings.first?.sources == ["etc/sysconfig/irqbalance"])
        box.remove("etc")
        let blind = try box.run(IrqbalanceBansCheck.self)
        #expect(blind.findings.isEmpty && blind.unknown.first?.reason.hasPrefix("proc/700/environ is not there") == true)
    }

    @Test func withoutItNothingIsSaid() throws {
        var box = box("IRQBALANCE_BANNED_CPULIST=0")
        box.tasks[700] = nil
        let run = try box.run(IrqbalanceBansCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
        box.tasks = [:]
        #expect(try box.run(IrqbalanceBansCheck.self).unknown.count == 1)
    }
}
