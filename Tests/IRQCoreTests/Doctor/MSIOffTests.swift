import TestSupport
import Testing

@testable import IRQCore

@Suite struct MSIOffTests {
    private static let folder = "sys/bus/pci/devices/0000:02:00.0"

    /// A space of configuration with a list of capabilities, of which one has this id.
    private func config(_ id: UInt8, byteCount: Int = 256) -> FileAnswer {
        var bytes = [UInt8](repeating: 0, count: 256)
        (bytes[6], bytes[0x34]) = (0x10, 0x40)
        (bytes[0x40], bytes[0x41], bytes[0x50]) = (0x01, 0x50, id)
        return .bytes(Array(bytes.prefix(byteCount)))
    }

    private func box(_ perSecond: Double = 500, driver: String? = "r8169") -> MemoryBox {
        var box = MemoryBox()
        box.line(22, "IO-APIC 22-fasteoi", "enp2s0", on: 1, perSecond: perSecond)
        box.devices[22] = [
            Device(address: "0000:02:00.0", bus: "pci", driver: driver, name: "enp2s0", kind: "net", classCode: 0x020000)
        ]
        box.answers["\(Self.folder)/config"] = config(0x05)
        return box
    }

    @Test func theCapabilityIsNotUsed() throws {
        var box = box()
        box.files["\(Self.folder)/msi_bus"] = "0"
        let finding = try #require(try box.run(MSIOffCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.device == "0000:02:00.0")
        #expect(
            finding.evidence
                == "enp2s0 0000:02:00.0: can send messages, but uses line 22, 500/s; msi_bus is 0")
        #expect(finding.next.prefix(2) == ["modinfo -p r8169 | grep -i msi", "echo 1 >/\(Self.folder)/msi_bus"])
    }

    @Test func notTheseOnes() throws {
        #expect(try box(99).run(MSIOffCheck.self).findings.isEmpty)
        #expect(try box(driver: "i801_smbus").run(MSIOffCheck.self).findings.isEmpty)
        #expect(try box(driver: nil).run(MSIOffCheck.self).findings.isEmpty)
        var able = box()
        able.answers["\(Self.folder)/config"] = config(0x09)
        #expect(try able.run(MSIOffCheck.self).findings.isEmpty)
        var sends = box()
        sends.files["\(Self.folder)/msi_irqs/30"] = "msi"
        #expect(try sends.run(MSIOffCheck.self).findings.isEmpty)
    }

    @Test func theBootOptionSwitchesThemOff() throws {
        var box = box(0)
        box.files["proc/cmdline"] = "ro pci=noaer,nomsi quiet"
        box.devices[22]?.append(Device(address: "0000:03:00.0", bus: "pci", driver: "nvme", name: "nvme0", kind: "nvme"))
        let found = try box.run(MSIOffCheck.self).findings
        #expect(found.map(\.evidence) == ["pci=nomsi: enp2s0 and nvme0 share line 22"] && found[0].severity == .warn)
    }

    @Test func withoutTheSpaceItIsUnknown() throws {
        var box = box()
        box.answers["\(Self.folder)/config"] = .missing
        #expect(try box.run(MSIOffCheck.self).unknown.first?.reason == "\(Self.folder)/config is not there")
        box.answers["\(Self.folder)/config"] = config(0x05, byteCount: 64)
        #expect(try box.run(MSIOffCheck.self).unknown.first?.reason.contains("be root") == true)
        box = MemoryBox()
        box.remove("proc/cmdline")
        #expect(try box.run(MSIOffCheck.self).unknown.first?.reason == "proc/cmdline is not there")
    }

    @Test func aListThatEndsNowhereEnds() {
        var bytes = [UInt8](repeating: 0, count: 256)
        (bytes[6], bytes[0x34], bytes[0x41]) = (0x10, 0x40, 0x40)
        #expect(MSIOffCheck.capability(.bytes(bytes)) == false)
        #expect(MSIOffCheck.capability(.bytes([])) == nil)
    }
}
