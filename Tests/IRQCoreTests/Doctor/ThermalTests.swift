import TestSupport
import Testing

@testable import IRQCore

@Suite struct ThermalTests {
    /// A box of Intel's with one package of two cores, throttled so often before.
    private func box(_ past: Int = 0) -> MemoryBox {
        var box = MemoryBox()
        for cpu in 0..<4 {
            let folder = "sys/devices/system/cpu/cpu\(cpu)"
            box.files["\(folder)/topology/physical_package_id"] = "0"
            box.files["\(folder)/topology/thread_siblings_list"] = cpu % 2 == 0 ? "0,2" : "1,3"
            box.files["\(folder)/thermal_throttle/package_throttle_count"] = "\(past)"
            box.files["\(folder)/thermal_throttle/core_throttle_count"] = "0"
        }
        return box
    }

    @Test func aPackageIsToldOnce() throws {
        var box = box(7)
        for cpu in 0..<4 { box.later["sys/devices/system/cpu/cpu\(cpu)/thermal_throttle/package_throttle_count"] = "12" }
        let found = try box.run(ThermalCheck.self).findings
        #expect(found.count == 1 && found[0].severity == .warn)
        #expect(found[0].evidence == "package 0 throttled 5 times in 10 s" && found[0].cpus.list == "0-3")
    }

    @Test func aCoreIsToldByItsCPUs() throws {
        var box = box()
        for cpu in [1, 3] { box.later["sys/devices/system/cpu/cpu\(cpu)/thermal_throttle/core_throttle_count"] = "1" }
        #expect(try box.run(ThermalCheck.self).findings.map(\.evidence) == ["the core of CPUs 1,3 throttled once in 10 s"])
    }

    @Test func whatIsOverIsANote() throws {
        let run = try box(7).run(ThermalCheck.self)
        #expect(run.findings.map(\.evidence) == ["package 0 throttled 7 times since boot, not now"])
        #expect(run.findings[0].severity == .note && run.unknown.isEmpty)
        #expect(try box(0).run(ThermalCheck.self).findings.isEmpty)
        var one = box(7)
        one.hasTwoSamples = false
        #expect(try one.run(ThermalCheck.self).findings.map(\.severity) == [.note])
    }

    @Test(arguments: [(9, false), (10, true)]) func thermalInterrupts(_ delta: UInt64, _ isFound: Bool) throws {
        var box = box()
        box.setRow("TRM", delta: [0, delta, 0, 0])
        #expect(try box.run(ThermalCheck.self).findings.isEmpty == !isFound)
    }

    @Test func withoutCountsItIsUnknown() throws {
        let run = try MemoryBox().run(ThermalCheck.self)
        #expect(run.findings.isEmpty)
        #expect(run.unknown.first?.reason.contains("cpu0/thermal_throttle is not there") == true)
    }

    @Test func theLogTellsWhereCountsDoNot() throws {
        var box = MemoryBox()
        box.log?.append("[  99.5] CPU3: Package temperature is above threshold, cpu clock is throttled (total events = 4)")
        #expect(try box.run(ThermalCheck.self).findings.map(\.severity) == [.note])
    }
}
