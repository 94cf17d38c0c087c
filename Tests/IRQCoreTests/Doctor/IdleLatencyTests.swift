import TestSupport
import Testing

@testable import IRQCore

@Suite struct IdleLatencyTests {
    private static let system = "sys/devices/system/cpu"

    /// A box whose CPUs have three states; CPU 1 serves 500 interrupts a second.
    private func box(_ microseconds: Int = 133, entered: Int = 3000, perSecond: Double = 500) -> MemoryBox {
        var box = MemoryBox()
        box.line(28, "PCI-MSI 409600-edge", "eth0", on: 1, perSecond: perSecond)
        for cpu in 0..<4 {
            for (number, state) in [("POLL", 0), ("C1", 2), ("C6", microseconds)].enumerated() {
                let folder = "\(Self.system)/cpu\(cpu)/cpuidle/state\(number)"
                box.files["\(folder)/name"] = state.0
                box.files["\(folder)/latency"] = "\(state.1)"
                box.files["\(folder)/disable"] = "0"
                box.files["\(folder)/usage"] = "1000"
                box.later["\(folder)/usage"] = "\(1000 + entered)"
            }
            box.files["\(Self.system)/cpu\(cpu)/cpufreq/scaling_governor"] = "schedutil"
        }
        return box
    }

    @Test func aCPUThatServesSleepsDeeply() throws {
        let finding = try #require(try box().run(IdleLatencyCheck.self).findings.first)
        #expect(finding.severity == .note && finding.cpus.list == "1")
        #expect(finding.evidence == "C6 (133 µs) entered 3.00k times in 10 s on CPU 1; governor schedutil")
        #expect(finding.next.first == "echo 1 >/sys/devices/system/cpu/cpu1/cpuidle/state2/disable")
        #expect(finding.undo == "echo 0 >/sys/devices/system/cpu/cpu1/cpuidle/state2/disable")
    }

    @Test(arguments: [(49, 3000, 500.0, false), (50, 3000, 500, true), (133, 0, 500, false), (133, 1, 100, true), (133, 3000, 99, false)])
    func limits(_ microseconds: Int, _ entered: Int, _ perSecond: Double, _ isFound: Bool) throws {
        let box = box(microseconds, entered: entered, perSecond: perSecond)
        #expect(try box.run(IdleLatencyCheck.self).findings.isEmpty == !isFound)
    }

    @Test func aStateThatIsSwitchedOffIsNone() throws {
        var box = box()
        box.files["\(Self.system)/cpu1/cpuidle/state2/disable"] = "1"
        #expect(try box.run(IdleLatencyCheck.self).findings.isEmpty)
    }

    @Test func aWishForLatencyMakesItAWarning() throws {
        var isolated = box(perSecond: 0)
        isolated.files["\(Self.system)/isolated"] = "2-3"
        let found = try isolated.run(IdleLatencyCheck.self).findings
        #expect(found.map(\.severity) == [.warn] && found[0].cpus.list == "2-3")
        #expect(found[0].next.first == "for c in 2 3; do echo 1 >/sys/devices/system/cpu/cpu$c/cpuidle/state2/disable; done")
        var polling = box()
        polling.files["proc/sys/net/core/busy_poll"] = "50"
        #expect(try polling.run(IdleLatencyCheck.self).findings.map(\.severity) == [.warn])
        var realtime = box()
        realtime.files["proc/version"] = "Linux version 6.12.0 #1 SMP PREEMPT_RT Debian"
        #expect(try realtime.run(IdleLatencyCheck.self).findings.map(\.severity) == [.warn])
    }

    @Test func withoutStatesItIsUnknown() throws {
        var box = box()
        for cpu in 0..<4 { box.remove("\(Self.system)/cpu\(cpu)/cpuidle") }
        #expect(try box.run(IdleLatencyCheck.self).unknown.first?.reason == "\(Self.system)/cpu1/cpuidle is not there")
        // Guests have none.
        box.files["proc/cpuinfo"] = "flags : fpu hypervisor lahf_lm"
        #expect(try box.run(IdleLatencyCheck.self).unknown.isEmpty)
    }
}
