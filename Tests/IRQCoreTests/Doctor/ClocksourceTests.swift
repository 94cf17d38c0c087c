import TestSupport
import Testing

@testable import IRQCore

@Suite struct ClocksourceTests {
    private static let path = "sys/devices/system/clocksource/clocksource0/current_clocksource"

    @Test func tscIsNotTrusted() throws {
        var box = MemoryBox()
        box.files[Self.path] = "acpi_pm"
        box.log?.append(
            "[  812.7] clocksource: timekeeping watchdog on CPU1: Marking clocksource 'tsc' as unstable because the skew is too large:")
        let finding = try #require(try box.run(ClocksourceCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence == "acpi_pm since 813 s: tsc marked unstable")
        #expect(!finding.next.contains { $0.hasPrefix("echo tsc") } && finding.undo == nil)
    }

    @Test func tscIsNotChosen() throws {
        var box = MemoryBox()
        box.files[Self.path] = "hpet"
        let finding = try #require(try box.run(ClocksourceCheck.self).findings.first)
        #expect(finding.evidence == "hpet: tsc is available and not used")
        #expect(finding.next.first == "echo tsc >/sys/devices/system/clocksource/clocksource0/current_clocksource")
        #expect(finding.undo == "echo hpet >/sys/devices/system/clocksource/clocksource0/current_clocksource")
    }

    @Test(arguments: ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "xen"]) func fastOnes(_ name: String) throws {
        var box = MemoryBox()
        box.files[Self.path] = name
        #expect(try box.run(ClocksourceCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFileItIsUnknown() throws {
        var box = MemoryBox()
        box.remove(Self.path)
        #expect(try box.run(ClocksourceCheck.self).unknown.first?.reason == "\(Self.path) is not there")
    }
}
