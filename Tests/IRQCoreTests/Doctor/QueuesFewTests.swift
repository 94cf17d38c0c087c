import TestSupport
import Testing

@testable import IRQCore

@Suite struct QueuesFewTests {
    /// A card with one queue on CPU 0, which spends so much in softirqs.
    private func box(_ share: Double, cpus: Int = 8) -> MemoryBox {
        var box = MemoryBox.withCard(cpus: cpus, rates: [20_000], hasLines: false)
        box.setTimes(0, softirq: share)
        return box
    }

    @Test func oneQueueFillsItsCPU() throws {
        let run = try box(0.93).run(QueuesFewCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn && finding.subject == "eth1")
        #expect(finding.evidence == "eth1: 1 queue for 8 CPUs, CPU 0 93.0% softirq")
        #expect(finding.next.first == "ethtool -l eth1" && finding.next[1].contains("ethtool -L eth1 combined 8"))
        #expect(finding.device == "eth1" && finding.cpus.contains(0) && finding.lines == [60])
    }

    @Test(arguments: [(0.69, nil), (0.70, DoctorSeverity.note), (0.79, .note), (0.80, .warn)])
    func levels(_ share: Double, _ severity: DoctorSeverity?) throws {
        #expect(try box(share).run(QueuesFewCheck.self).findings.first?.severity == severity)
    }

    @Test func theDriverTellsTheMaximum() throws {
        var box = box(0.9)
        box.linkFacts["eth1"] = LinkFacts.channels(LinkChannels(combined: 4), now: LinkChannels(combined: 1))
        let finding = try #require(try box.run(QueuesFewCheck.self).findings.first)
        #expect(finding.evidence == "eth1: 1 of 4 queues on, CPU 0 90.0% softirq")
        #expect(finding.next.first == "ethtool -L eth1 combined 4" && finding.undo == "ethtool -L eth1 combined 1")
        box.linkFacts["eth1"] = LinkFacts.channels(LinkChannels(combined: 1), now: LinkChannels(combined: 1))
        #expect(try box.run(QueuesFewCheck.self).findings.isEmpty)
    }

    @Test func asManyQueuesAsCoresAreEnough() throws {
        var box = MemoryBox.withCard(cpus: 4, rates: [5000, 5000, 5000, 5000])
        box.setTimes(0, softirq: 0.95)
        #expect(try box.run(QueuesFewCheck.self).findings.isEmpty)
        // Two threads of a core are one.
        var twins = MemoryBox.withCard(cpus: 4, rates: [5000, 5000])
        twins.setTimes(0, softirq: 0.95)
        #expect(try twins.run(QueuesFewCheck.self).findings.count == 1)
        for cpu in 0..<4 {
            twins.files["sys/devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list"] = cpu < 2 ? "0-1" : "2-3"
        }
        #expect(try twins.run(QueuesFewCheck.self).findings.isEmpty)
    }

    @Test func isolatedCPUsDoNotCount() throws {
        var box = box(0.9, cpus: 4)
        box.files["sys/devices/system/cpu/isolated"] = "1-3"
        #expect(try box.run(QueuesFewCheck.self).findings.isEmpty)
    }

    @Test func oneOfSeveralQueuesHasAll() throws {
        var box = MemoryBox.withCard(cpus: 8, rates: [20_000, 10, 0])
        box.setTimes(0, softirq: 0.9)
        #expect(try box.run(QueuesFewCheck.self).findings.isEmpty)
    }

    @Test func anotherDeviceFillsTheCPU() throws {
        var box = box(0.9)
        box.line(60, "PCI-MSI 524288-edge", "eth1", on: 0, perSecond: 10)
        box.line(70, "PCI-MSI 524300-edge", "other", on: 0, perSecond: 20_000)
        #expect(try box.run(QueuesFewCheck.self).findings.isEmpty)
    }

    @Test(arguments: ["sys/class/net", "sys/class/net/eth1/queues", "proc/stat"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = box(0.93)
        box.remove(path)
        let run = try box.run(QueuesFewCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("\(path) is not there") == true)
    }

    @Test func aBoxWithoutCardsIsSilent() throws {
        var box = MemoryBox()
        box.folders.insert("sys/class/net")
        let run = try box.run(QueuesFewCheck.self, RPSMaskCheck.self, RingDropsCheck.self, NAPIThreadCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
    }
}

extension LinkFacts {
    static func channels(_ maximum: LinkChannels, now: LinkChannels) -> LinkFacts {
        var facts = LinkFacts()
        (facts.maximumChannels, facts.channels) = (maximum, now)
        return facts
    }
}
