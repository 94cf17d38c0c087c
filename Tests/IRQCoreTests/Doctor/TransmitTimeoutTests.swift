import TestSupport
import Testing

@testable import IRQCore

@Suite struct TransmitTimeoutTests {
    private static let queues = "sys/class/net/eth1/queues"

    private func box() -> MemoryBox { MemoryBox.withCard(rates: [100, 100, 100, 0]) }

    @Test func aQueueHung() throws {
        var box = box()
        box.later["\(Self.queues)/tx-3/tx_timeout"] = "1"
        let finding = try #require(try box.run(TransmitTimeoutCheck.self).findings.first)
        #expect(finding.severity == .crit && finding.subject == "eth1")
        #expect(finding.evidence == "eth1 tx-3 timed out; its line 63 had no interrupt for 10.0 s")
        #expect(finding.next.contains("ethtool -S eth1") && finding.lines == [63])
        box.files["\(Self.queues)/tx-3/tx_timeout"] = "1"
        #expect(try box.run(TransmitTimeoutCheck.self).findings.isEmpty)
    }

    @Test(arguments: [
        "NETDEV WATCHDOG: eth1 (igb): transmit queue 2 timed out",
        "NETDEV WATCHDOG: eth1 (igb): transmit queue 2 timed out 5120 ms",
        "igb 0000:3b:00.0 eth1: NETDEV WATCHDOG: CPU: 1: transmit queue 2 timed out 5120 ms",
        "eth1: NETDEV WATCHDOG: CPU: 1: transmit queue 2 timed out 5120 ms",
    ])
    func theKernelSaidSo(_ text: String) throws {
        var box = box()
        box.log = ["[    0.000000] Linux version 6.1", "[ 3601.000000] \(text)"]
        let finding = try #require(try box.run(TransmitTimeoutCheck.self).findings.first)
        #expect(finding.severity == .crit && finding.evidence == "eth1 tx-2 timed out")
        box.log = ["[ 3599.000000] \(text)"]
        #expect(try box.run(TransmitTimeoutCheck.self).findings.isEmpty)
        box.log = ["[ 5000.000000] PM: suspend exit", "[ 5059.000000] \(text)"]
        #expect(try box.run(TransmitTimeoutCheck.self).findings.isEmpty)
        box.log?[1] = "[ 5061.000000] \(text)"
        #expect(try box.run(TransmitTimeoutCheck.self).findings.count == 1)
    }

    @Test(arguments: [
        "NETDEV WATCHDOG:", "NETDEV WATCHDOG: transmit queue 2 timed out", "transmit queue 1 timed out",
        "NETDEV WATCHDOG: eth1 (igb): transmit queue x timed out", "WATCHDOG: a transmit queue 1 timed",
    ])
    func otherTextIsNone(_ text: String) { #expect(TransmitTimeoutCheck.parse(text) == nil) }

    @Test func sinceBootItIsANote() throws {
        var box = box()
        box.hasTwoSamples = false
        box.files["\(Self.queues)/tx-3/tx_timeout"] = "2"
        let finding = try #require(try box.run(TransmitTimeoutCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence == "eth1 tx-3 timed out 2 times since boot")
    }

    @Test(arguments: ["sys/class/net", "sys/class/net/eth1/queues", "sys/class/net/eth1/queues/tx-3/tx_timeout"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = box()
        box.later["\(Self.queues)/tx-3/tx_timeout"] = "1"
        box.remove(path)
        let run = try box.run(TransmitTimeoutCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("is not there") == true)
    }
}
