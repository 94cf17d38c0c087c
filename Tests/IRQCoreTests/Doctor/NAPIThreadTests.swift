import TestSupport
import Testing

@testable import IRQCore

@Suite struct NAPIThreadTests {
    /// A card that is polled by a thread on CPUs of a list; 2-3 are isolated.
    private func box(_ cpus: String, threaded: String = "1", isolated: String = "2-3") -> MemoryBox {
        var box = MemoryBox.withCard(rates: [100], hasLines: false)
        box.kernel = "6.1.0"
        box.files["sys/devices/system/cpu/isolated"] = isolated
        box.files["sys/class/net/eth1/threaded"] = threaded
        box.tasks[300] = MemoryBox.Task(name: "napi/eth1-8193", delta: 10)
        box.files["proc/300/status"] = "Name:\tnapi/eth1-8193\nCpus_allowed:\tf\nCpus_allowed_list:\t\(cpus)\n"
        return box
    }

    @Test func theThreadMayRunOnIsolatedCPUs() throws {
        let finding = try #require(try box("0-3").run(NAPIThreadCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence == "napi/eth1-8193 may run on isolated 2-3")
        #expect(finding.next == ["taskset -pc 0-1 300"])
    }

    @Test func silent() throws {
        #expect(try box("0-1").run(NAPIThreadCheck.self).findings.isEmpty)
        #expect(try box("0-3", threaded: "0").run(NAPIThreadCheck.self).findings.isEmpty)
        let run = try box("0-3", isolated: "").run(NAPIThreadCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
    }

    @Test func itRunsBeforeAProgram() throws {
        var box = box("0-3", isolated: "")
        box.tasks[300]?.policy = 1
        box.tasks[300]?.realtimePriority = 50
        box.tasks[400] = MemoryBox.Task(name: "engine", isKernel: false, cpu: 2, realtimePriority: 50, policy: 1)
        let finding = try #require(try box.run(NAPIThreadCheck.self).findings.first)
        #expect(finding.evidence == "napi/eth1-8193 FIFO 50 runs before engine FIFO 50 on CPU 2")
        box.tasks[400]?.realtimePriority = 51
        #expect(try box.run(NAPIThreadCheck.self).findings.isEmpty)
    }

    @Test(arguments: ["sys/class/net", "sys/class/net/eth1/threaded", "sys/devices/system/cpu/isolated"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = box("0-3")
        box.remove(path)
        let run = try box.run(NAPIThreadCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("is not there") == true)
        // Before 5.12 there is no such file.
        box.kernel = "5.10.0"
        #expect(try path.hasSuffix("threaded") == false || box.run(NAPIThreadCheck.self).unknown.isEmpty)
    }
}
