@testable import IRQCore
import TestSupport
import Testing

@Suite struct IsoPartitionTests {
    private let root = "sys/fs/cgroup"

    private func box(_ state: String, cpus: String = "1") -> MemoryBox {
        var box = MemoryBox()
        box.files["\(root)/rt/cpuset.cpus.partition"] = state
        box.files["\(root)/rt/cpuset.cpus"] = cpus
        return box
    }

    @Test func invalid() throws {
        let run = try box("isolated invalid (Cpu list in cpuset.cpus not exclusive)\n").run(IsoPartitionCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn && finding.subject == "rt")
        #expect(finding.evidence == "rt: isolated invalid (Cpu list in cpuset.cpus not exclusive): CPUs 1 are not isolated")
        #expect(
            finding.next == [
                "# another group beside it has some of its CPUs: take them out of that one's cpuset.cpus",
                "cat /sys/fs/cgroup/rt/cpuset.cpus.partition",
            ])
        let conflict = try box("root invalid (partition config conflicts with housekeeping setup)").run(IsoPartitionCheck.self)
        #expect(conflict.findings.first?.evidence.contains("housekeeping setup") == true)
    }

    @Test(arguments: ["member", "isolated", "root"])
    func valid(_ state: String) throws {
        #expect(try box(state).run(IsoPartitionCheck.self).findings.isEmpty)
    }

    @Test func withoutControlGroupsItIsUnknown() throws {
        var box = box("isolated invalid (x)")
        box.remove(root)
        #expect(try box.run(IsoPartitionCheck.self).unknown.first?.reason == "sys/fs/cgroup is not there")
    }
}
