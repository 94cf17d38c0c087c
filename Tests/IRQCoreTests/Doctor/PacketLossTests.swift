import TestSupport
import Testing

@testable import IRQCore

/// What is read of softnet_stat.
@Suite struct SoftnetRatesTests {
    @Test func aCountThatBeganAnewTellsNothing() throws {
        var box = MemoryBox()
        let path = "proc/net/softnet_stat"
        box.softnet(0, dropped: 0x300)
        (box.files[path], box.later[path]) = (box.later[path], nil)
        box.softnet(0, processed: 100, dropped: 1)
        let rates = try box.examine().softnetRates()
        #expect(rates.map(\.cpu) == Array(1..<box.cpuCount) && rates.allSatisfy { $0.dropped == 0 })
        for cpu in 1..<box.cpuCount { box.softnet(cpu, dropped: 0x300) }
        (box.files[path], box.later[path]) = (box.later[path], nil)
        for cpu in 0..<box.cpuCount { box.softnet(cpu, dropped: 0) }
        #expect(throws: Unjudged.self) { try box.examine().softnetRates() }
    }
}

@Suite struct RingDropsTests {
    private static let folder = "sys/class/net/eth1/statistics"

    private func box(_ counter: String = "rx_missed_errors", lost: Int) -> MemoryBox {
        var box = MemoryBox.withCard(rates: [100], hasLines: false)
        box.later["\(Self.folder)/\(counter)"] = "\(1000 + lost)"
        return box
    }

    @Test func theRingWasFull() throws {
        let finding = try #require(try box(lost: 500).run(RingDropsCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence == "eth1: 50.0 missed/s")
        #expect(finding.next.first == "ethtool -g eth1" && finding.next.contains("ethtool -S eth1"))
        #expect(try box("rx_fifo_errors", lost: 10).run(RingDropsCheck.self).findings.count == 1)
        #expect(try box("rx_over_errors", lost: 10).run(RingDropsCheck.self).findings.count == 1)
    }

    @Test func theCPUOfTheQueueIsNamed() throws {
        var box = box(lost: 500)
        box.setTimes(0, softirq: 0.9)
        let finding = try #require(try box.run(RingDropsCheck.self).findings.first)
        #expect(finding.evidence.hasSuffix("CPU 0 of its queue 90.0% softirq") && finding.cpus.contains(0))
    }

    @Test func justBelowAndOtherCounts() throws {
        #expect(try box(lost: 9).run(RingDropsCheck.self).findings.isEmpty)
        #expect(try box("rx_dropped", lost: 5000).run(RingDropsCheck.self).findings.isEmpty)
        // Both count the same packets.
        var twice = box(lost: 6)
        twice.later["\(Self.folder)/rx_fifo_errors"] = "1006"
        #expect(try twice.run(RingDropsCheck.self).findings.isEmpty)
    }

    @Test func sinceBootItIsANote() throws {
        var box = box(lost: 7_200_000)
        box.hasTwoSamples = false
        #expect(try box.run(RingDropsCheck.self).findings.first?.severity == .note)
    }

    @Test(arguments: ["sys/class/net", "sys/class/net/eth1/statistics", "sys/class/net/eth1/statistics/rx_missed_errors"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = box(lost: 500)
        box.remove(path)
        let run = try box.run(RingDropsCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("is not there") == true)
    }
}

@Suite struct BacklogDropsTests {
    private func box(_ dropped: UInt64, processed: UInt64 = 820_000) -> MemoryBox {
        var box = MemoryBox.withCard(rates: [8000, 8000], on: [0, 0])
        box.softnet(0, processed: processed, dropped: dropped)
        return box
    }

    @Test func theBacklogIsFull() throws {
        let finding = try #require(try box(6100).run(BacklogDropsCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.subject == "CPU 0")
        #expect(finding.evidence == "CPU 0: 610 dropped/s (0.74% of 82.0k/s)")
        #expect(
            finding.next == [
                "irqscope affinity plan spread --device eth1", "sysctl net.core.netdev_max_backlog=4000",
            ])
        #expect(finding.undo == "sysctl net.core.netdev_max_backlog=1000")
    }

    @Test(arguments: [
        (9, 820_000, nil), (10, 820_000, DoctorSeverity.warn), (9999, 82_000_000, .warn), (10_000, 82_000_000, .crit),
        (999, 100_000, .warn), (1000, 100_000, .crit),
    ])
    func levels(_ dropped: UInt64, _ processed: UInt64, _ severity: DoctorSeverity?) throws {
        #expect(try box(dropped, processed: processed).run(BacklogDropsCheck.self).findings.first?.severity == severity)
    }

    @Test func aValueThatStandsStillIsNone() throws {
        var box = box(5000)
        box.files["proc/net/softnet_stat"] = box.later["proc/net/softnet_stat"]
        #expect(try box.run(BacklogDropsCheck.self).findings.isEmpty)
    }

    @Test func aCounterWraps() throws {
        var box = box(0)
        box.softnet(0, dropped: 0xFFFF_FF00)
        box.files["proc/net/softnet_stat"] = box.later["proc/net/softnet_stat"]
        box.softnet(0, processed: 1_000_000, dropped: 0x1000)
        #expect(try box.run(BacklogDropsCheck.self).findings.first?.evidence.hasPrefix("CPU 0: 435 dropped/s") == true)
    }

    @Test func withoutItsFileItIsUnknown() throws {
        var box = box(6100)
        box.remove("proc/net/softnet_stat")
        let run = try box.run(BacklogDropsCheck.self, SoftnetSqueezeCheck.self)
        #expect(run.findings.isEmpty && run.unknown.map(\.check) == ["backlog-drops", "softnet-squeeze"])
        #expect(run.unknown.allSatisfy { $0.reason == "proc/net/softnet_stat is not there" })
    }
}

@Suite struct SoftnetSqueezeTests {
    private func box(_ squeezed: UInt64, rounds: UInt64 = 320_000) -> MemoryBox {
        var box = MemoryBox.withCard(rates: [100], hasLines: false)
        box.softnet(0, processed: 820_000, squeezed: squeezed)
        box.softirqDelta["NET_RX"]?[0] = rounds
        return box
    }

    @Test func pollingRanOutOfTime() throws {
        let finding = try #require(try box(3200).run(SoftnetSqueezeCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence.hasPrefix("CPU 0: 320 squeezes/s"))
        #expect(finding.next.last == "sysctl net.core.netdev_budget=600 net.core.netdev_budget_usecs=16000")
        #expect(finding.undo == "sysctl net.core.netdev_budget=300 net.core.netdev_budget_usecs=8000")
    }

    @Test func justBelow() throws {
        #expect(try box(999, rounds: 1000).run(SoftnetSqueezeCheck.self).findings.isEmpty)
        #expect(try box(1000, rounds: 1000).run(SoftnetSqueezeCheck.self).findings.count == 1)
        #expect(try box(3199).run(SoftnetSqueezeCheck.self).findings.isEmpty)
    }

    @Test func withoutSoftirqsItIsUnknown() throws {
        var box = box(3200)
        box.remove("proc/softirqs")
        #expect(try box.run(SoftnetSqueezeCheck.self).unknown.first?.reason == "proc/softirqs is not there")
    }
}
