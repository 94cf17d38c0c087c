@testable import IRQCore
import TestSupport
import Testing

@Suite struct IsoSetsTests {
    private func box(_ options: String, isolated: String = "", nohz: String = "(null)", log: String? = nil) -> MemoryBox {
        var box = MemoryBox()
        box.files["proc/cmdline"] = "ro quiet \(options)"
        box.isolate(isolated)
        box.files["sys/devices/system/cpu/nohz_full"] = nohz
        if let log { box.log?.append("[    0.000000] \(log)") }
        return box
    }

    @Test func rejected() throws {
        let finding = try #require(
            try box(
                "nohz_full=3 isolcpus=2-3", nohz: "3", log: "Housekeeping: nohz_full= must match isolcpus="
            ).run(IsoSetsCheck.self).findings.first)
        #expect(finding.severity == .warn)
        #expect(finding.evidence == "isolcpus=2-3 was rejected: nohz_full= must match isolcpus=")
        #expect(finding.next == ["# at boot: isolcpus=managed_irq,domain,2-3 nohz_full=2-3 rcu_nocbs=2-3 irqaffinity=0-1"])
    }

    @Test(arguments: [
        ("isolcpus=2-3", "", "(null)", "isolcpus=2-3 was not taken: isolated has no CPU"),
        ("isolcpus=2-3", "2", "(null)", "isolcpus=2-3 became 2"),
        ("isolcpus=domain,managed_irq,2-N", "2-3", "(null)", nil),
        ("isolcpus=2-3 nohz_full=2-3 rcu_nocbs=2-3", "2-3", "2-3", nil),
        ("isolcpus=all nohz_full=1-3", "1-3", "(null)", "isolcpus=all became 1-3"),
        ("isolcpus=2-x", "", "(null)", "isolcpus=2-x is no list of CPUs"),
        // The boot CPU keeps time.
        ("isolcpus=1-3 nohz_full=0-3", "1-3", "1-3", nil), ("isolcpus=2-3:1/2", "2", "(null)", nil),
        // With the flag nohz alone nothing is isolated.
        ("isolcpus=nohz,2-3", "", "2-3", nil),
        // CPUs that are not there.
        ("isolcpus=2-9", "2-3", "(null)", nil),
    ])
    func filesAndOptions(_ options: String, _ isolated: String, _ nohz: String, _ words: String?) throws {
        let found = try box(options, isolated: isolated, nohz: nohz).run(IsoSetsCheck.self).findings.filter { $0.severity == .warn }
        if let words {
            #expect(found.count == 1 && found[0].evidence.contains(words))
        } else {
            #expect(found.isEmpty)
        }
    }

    @Test func wordsOfTheLog() throws {
        let flag = try box("isolcpus=foo,2-3", isolated: "2-3", log: "isolcpus: Skipped unknown flag foo")
            .run(IsoSetsCheck.self).findings
        #expect(flag.first?.severity == .warn && flag[0].evidence.contains("Skipped unknown flag foo"))
    }

    @Test func halves() throws {
        let ticking = try #require(try box("isolcpus=2-3", isolated: "2-3").run(IsoSetsCheck.self).findings.first)
        #expect(ticking.severity == .note)
        #expect(ticking.evidence == "isolcpus= has 2-3, nohz_full= has not: the tick goes on there; rcu_nocbs= has not 2-3")
        let shared = try #require(try box("nohz_full=2-3", nohz: "2-3").run(IsoSetsCheck.self).findings.first)
        #expect(shared.severity == .note && shared.evidence.hasPrefix("nohz_full= has 2-3, isolcpus= has not"))
        // A partition stands for isolcpus=.
        var parted = box("nohz_full=2-3", nohz: "2-3")
        parted.files["sys/fs/cgroup/cpuset.cpus.isolated"] = "2-3"
        #expect(try parted.run(IsoSetsCheck.self).findings.isEmpty)
        #expect(try box("").run(IsoSetsCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFilesItIsUnknown() throws {
        for path in ["proc/cmdline", "sys/devices/system/cpu/isolated"] {
            var box = box("isolcpus=2-3", isolated: "2-3")
            box.remove(path)
            let run = try box.run(IsoSetsCheck.self)
            #expect(run.unknown.first?.reason == "\(path) is not there")
        }
    }
}
