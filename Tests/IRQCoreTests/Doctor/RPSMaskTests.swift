import TestSupport
import Testing

@testable import IRQCore

@Suite struct RPSMaskTests {
    private static let queues = "sys/class/net/eth1/queues"

    private func oneQueue(_ share: Double, cpus: Int = 6) -> MemoryBox {
        var box = MemoryBox.withCard(cpus: cpus, rates: [20_000], hasLines: false)
        box.setTimes(0, softirq: share)
        return box
    }

    /// A box with so many queues that have these masks.
    private func queues(_ masks: [String], cpus: Int = 16) -> MemoryBox {
        var box = MemoryBox.withCard(cpus: cpus, rates: masks.map { _ in 100 })
        for (queue, mask) in masks.enumerated() { box.files["\(Self.queues)/rx-\(queue)/rps_cpus"] = mask }
        return box
    }

    @Test func oneQueueCouldUseHelp() throws {
        let finding = try #require(try oneQueue(0.91).run(RPSMaskCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence == "eth1: one queue, CPU 0 91.0% busy, RPS off")
        #expect(finding.next == ["echo 3e >/sys/class/net/eth1/queues/rx-0/rps_cpus"])
        #expect(finding.undo == "echo 0 >/sys/class/net/eth1/queues/rx-0/rps_cpus")
        #expect(try oneQueue(0.69).run(RPSMaskCheck.self).findings.isEmpty)
        #expect(try oneQueue(0.91, cpus: 1).run(RPSMaskCheck.self).findings.isEmpty)
    }

    @Test func zeroByItselfIsNothing() throws {
        #expect(try queues(["0", "0"]).run(RPSMaskCheck.self).findings.isEmpty)
    }

    @Test func asManyQueuesAsCores() throws {
        let finding = try #require(try queues(["f", "f", "f", "f"], cpus: 4).run(RPSMaskCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence.contains("RPS is on with 4 queues for 4 CPUs"))
        #expect(try queues(["f", "f", "f"], cpus: 4).run(RPSMaskCheck.self).findings.isEmpty)
    }

    @Test func onlyTheOwnCPU() throws {
        var box = oneQueue(0.1)
        box.files["\(Self.queues)/rx-0/rps_cpus"] = "01"
        let finding = try #require(try box.run(RPSMaskCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence.contains("names CPU 0 only"))
        box.files["\(Self.queues)/rx-0/rps_cpus"] = "03"
        #expect(try box.run(RPSMaskCheck.self).findings.isEmpty)
    }

    @Test(arguments: [["ff", "ff", "ff", "0f"], ["ff", "0"], ["f0", "f0", "f0", "f0", "0f"], ["00ff", "000f"]])
    func queuesDiffer(_ masks: [String]) throws {
        let findings = try queues(masks).run(RPSMaskCheck.self).findings
        #expect(findings.first?.severity == .warn && findings.first?.evidence.contains("RPS differs") == true)
        #expect(findings.first?.next.first?.hasPrefix("echo ") == true)
    }

    /// A mask of its own for each queue is how some people mean it.
    @Test(arguments: [["0f", "f0"], ["fe", "fd", "fb", "f7"], ["ff", "ff"]])
    func queuesHaveMasksOfTheirOwn(_ masks: [String]) throws {
        #expect(try queues(masks).run(RPSMaskCheck.self).findings.isEmpty)
    }

    @Test func anotherNode() throws {
        var box = queues(["00f0"], cpus: 16)
        box.splitNodes()
        box.place("eth1", irqs: 60..<61, node: 1)
        let finding = try #require(try box.run(RPSMaskCheck.self).findings.first)
        #expect(finding.severity == .warn)
        #expect(finding.evidence == "eth1: on node 1, RPS sends to CPUs 4-7 of another node")
        box.place("eth1", irqs: 60..<61, node: 0)
        #expect(try box.run(RPSMaskCheck.self).findings.isEmpty)
    }

    @Test func flowSteeringNeedsBoth() throws {
        var box = oneQueue(0.1)
        box.files["proc/sys/net/core/rps_sock_flow_entries"] = "32768"
        let finding = try #require(try box.run(RPSMaskCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence.hasSuffix("RFS does nothing"))
        box.files["\(Self.queues)/rx-0/rps_flow_cnt"] = "4096"
        #expect(try box.run(RPSMaskCheck.self).findings.isEmpty)
        box.files["proc/sys/net/core/rps_sock_flow_entries"] = "0"
        #expect(try box.run(RPSMaskCheck.self).findings.first?.evidence.contains("rps_flow_cnt is set on eth1") == true)
    }

    @Test(arguments: ["sys/class/net", "sys/class/net/eth1/queues", "sys/class/net/eth1/queues/rx-0/rps_cpus"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = oneQueue(0.9)
        box.remove(path)
        box.files["\(Self.queues)/rx-0/rps_flow_cnt"] = path.hasSuffix("rps_cpus") ? "0" : nil
        let run = try box.run(RPSMaskCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("is not there") == true)
    }
}
