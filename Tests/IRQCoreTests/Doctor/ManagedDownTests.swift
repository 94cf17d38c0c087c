@testable import IRQCore
import TestSupport
import Testing

@Suite struct ManagedDownTests {
    private let system = "sys/devices/system/cpu"

    /// Eight CPUs, of which 6 and 7 are offline, and the queue that is theirs.
    private func box(mask: String = "c0", online: String = "0-5") -> MemoryBox {
        var box = MemoryBox(cpus: 8)
        box.files["\(system)/online"] = online
        box.line(43, "PCI-MSIX-0000:01:00.0 3-edge", "nvme0q3", on: 6, mask: mask)
        box.modes["proc/irq/43/smp_affinity"] = 0o444
        return box
    }

    @Test func theQueueIsOff() throws {
        let run = try box().run(ManagedDownCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .note)
        #expect(finding.evidence == "nvme0q3: mask 6-7 is offline, its queue too")
        #expect(finding.next == ["echo 1 >/sys/devices/system/cpu/cpu6/online"])
        #expect(finding.undo == "echo 0 >/sys/devices/system/cpu/cpu6/online")
    }

    @Test func requestsHang() throws {
        var logged = box()
        logged.log?.append("[ 900.000000] nvme nvme0: I/O 12 QID 3 timeout, aborting")
        let finding = try #require(try logged.run(ManagedDownCheck.self).findings.first)
        #expect(finding.severity == .crit && finding.evidence.contains("I/O 12 QID 3 timeout"))
        // Another queue's request.
        var other = box()
        other.log?.append("[ 900.000000] nvme nvme0: I/O 12 QID 13 timeout, aborting")
        #expect(try other.run(ManagedDownCheck.self).findings.first?.severity == .note)
        var waiting = box()
        waiting.task(500, "jbd2/nvme0n1p2-")
        waiting.tasks[500]?.state = "D"
        #expect(try waiting.run(ManagedDownCheck.self).findings.first?.severity == .crit)
    }

    @Test func byDesignItIsNone() throws {
        #expect(try box(mask: "e0").run(ManagedDownCheck.self).findings.isEmpty)
        var threads = box()
        threads.files["\(system)/smt/control"] = "off"
        #expect(try threads.run(ManagedDownCheck.self).findings.isEmpty)
        var never = box()
        never.files["\(system)/present"] = "0-5"
        #expect(try never.run(ManagedDownCheck.self).findings.isEmpty)
        var free = box()
        free.line(43, "PCI-MSI 3-edge", "eth9", on: 6, mask: "c0")
        #expect(try free.run(ManagedDownCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFileItIsUnknown() throws {
        var box = box()
        box.remove("\(system)/online")
        let run = try box.run(ManagedDownCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "\(system)/online is not there")
    }
}
