import TestSupport
import Testing

@testable import IRQCore

@Suite struct IRQDisabledTests {
    /// A box where the kernel said that nobody cared.
    private func box(handlers: Int = 2, perSecond: Double = 0) -> MemoryBox {
        var box = MemoryBox()
        box.line(16, "IO-APIC 16-fasteoi", "i801_smbus, snd_hda_intel:card0", on: 2, perSecond: perSecond, past: 400_001)
        box.files["proc/irq/16/spurious"] = "count 0\nunhandled 0\nlast_unhandled 4294000 ms"
        box.log? += [
            "[ 4299.234101] irq 16: nobody cared (try booting with the \"irqpoll\" option)",
            "[ 4299.234120] Call Trace:", "[ 4299.234190] handlers:",
        ]
        for index in 0..<handlers { box.log?.append("[ 4299.23419\(index)] [<00000000a1b2c3d4>] isr\(index) [x]") }
        box.log?.append("[ 4299.234240] Disabling IRQ #16")
        return box
    }

    @Test func theLogSaysSo() throws {
        var box = box()
        box.devices[16] = [
            Device(address: "0000:00:1f.3", bus: "pci", driver: "i801_smbus"),
            Device(address: "0000:00:1b.0", bus: "pci", driver: "snd_hda_intel", name: "card0", kind: "sound"),
            Device(address: "0000:00:1f.2", bus: "pci", driver: "ahci", classCode: 0x010601),
        ]
        let finding = try #require(try box.run(IRQDisabledCheck.self).findings.first)
        #expect(finding.severity == .crit && finding.subject == "irq 16")
        #expect(
            finding.evidence
                == "irq 16 (i801_smbus, snd_hda_intel:card0) off since 4299 s after boot; it is polled ten times a second")
        #expect(!finding.next.contains { $0.contains("ahci") })
    }

    /// The line is off: it says nothing of a device that leaves it until another driver requests it anew.
    @Test func aBindSwitchesTheLineOn() throws {
        var box = box()
        let usb = Device(address: "0000:00:1a.0", bus: "pci", driver: "ehci-pci", classCode: 0x0c0320)
        let sound = Device(address: "0000:00:1b.0", bus: "pci", driver: "snd_hda_intel", name: "card0", kind: "sound")
        let smbus = Device(address: "0000:00:1f.3", bus: "pci", driver: "i801_smbus")
        func steps(_ devices: [Device]) throws -> (commands: [String], notes: String, undo: String?) {
            box.devices[16] = devices
            let finding = try #require(try box.run(IRQDisabledCheck.self).findings.first)
            let commands = finding.next.filter { !$0.hasPrefix("#") }
            return (commands, finding.next.filter { $0.hasPrefix("#") }.joined(separator: "\n"), finding.undo)
        }
        let drivers = "/sys/bus/pci/drivers"
        let three = try steps([usb, sound, smbus])
        #expect(
            three.commands == [
                "echo 0000:00:1b.0 >\(drivers)/snd_hda_intel/unbind", "echo 0000:00:1f.3 >\(drivers)/i801_smbus/unbind",
                "echo 0000:00:1f.3 >\(drivers)/i801_smbus/bind",
            ])
        #expect(three.undo == "echo 0000:00:1b.0 >\(drivers)/snd_hda_intel/bind")
        #expect(three.notes.contains("# next: 0000:00:1a.0 (ehci-pci, USB: keyboard and disks go away)"))
        let two = try steps([usb, sound])
        #expect(two.commands.last == "echo 0000:00:1a.0 >\(drivers)/ehci-pci/bind" && two.notes.contains("a USB controller"))
        let one = try steps([smbus])
        #expect(one.commands.count == 2 && one.commands.last?.hasSuffix("/i801_smbus/bind") == true && one.undo == nil)
        #expect(try steps([]).commands.isEmpty)
    }

    @Test func withoutTheLogItIsMostLikelySo() throws {
        // The counters were at their end, and began anew.
        var box = box(perSecond: 5_000)
        box.log = nil
        box.files["proc/irq/16/spurious"] = "count 60000\nunhandled 59990\nlast_unhandled 4294000 ms"
        box.later["proc/irq/16/spurious"] = "count 0\nunhandled 0\nlast_unhandled 4299000 ms"
        let run = try box.run(IRQDisabledCheck.self)
        #expect(run.findings.first?.evidence.contains("most likely off") == true)
        #expect(run.findings.first?.trust.hasPrefix("most likely") == true && run.unknown.count == 1)
    }

    @Test func aLineThatRunsIsOn() throws {
        #expect(try box(perSecond: 11).run(IRQDisabledCheck.self).findings.isEmpty)
        #expect(try box(perSecond: 10).run(IRQDisabledCheck.self).findings.count == 1)
    }

    /// The 100,000 that led to it came between the samples, which is no rate of now.
    @Test func whatTheLogTellsOfTheIntervalHasNoRate() throws {
        var box = box(perSecond: 10_000)
        (box.uptime, box.seconds) = (4305, 10)
        let finding = try #require(try box.run(IRQDisabledCheck.self).findings.first)
        #expect(finding.evidence.contains("off since 4299 s after boot") && finding.trust.hasPrefix("certain"))
        // It said so 1 s before the first sample: a driver has switched the line on since.
        box.uptime = 4310.3
        #expect(try box.run(IRQDisabledCheck.self).findings.isEmpty)
    }

    /// The log and the counters both say so, and nothing tells when the log did.
    @Test func theLogIsNotDeniedWhereTheCountersSaySoToo() throws {
        var box = box(perSecond: 5_000)
        box.files["proc/irq/16/spurious"] = "count 60000\nunhandled 59990\nlast_unhandled 4294000 ms"
        box.later["proc/irq/16/spurious"] = "count 0\nunhandled 0\nlast_unhandled 4299000 ms"
        let old = try #require(try box.run(IRQDisabledCheck.self).findings.first)
        #expect(old.evidence.contains("most likely off"))
        #expect(old.trust == "most likely: the log says so of an earlier time, and now only the way the counters moved")
        box.log = box.log?.map { $0.split(separator: "] ", maxSplits: 1).last.map(String.init) ?? $0 }
        let finding = try #require(try box.run(IRQDisabledCheck.self).findings.first)
        #expect(!finding.evidence.contains("most likely") && finding.trust.hasPrefix("certain"))
    }

    @Test func aLineThatWasRegisteredAnewIsOn() throws {
        #expect(try box(handlers: 3).run(IRQDisabledCheck.self).findings.isEmpty)
        var counting = box()
        counting.files["proc/irq/16/spurious"] = "count 12\nunhandled 1\nlast_unhandled 5000000 ms"
        #expect(try counting.run(IRQDisabledCheck.self).findings.isEmpty)
    }

    @Test func debugfsKnowsBetter() throws {
        var box = box()
        box.files["sys/kernel/debug/irq/irqs/16"] =
            "handler:  handle_fasteoi_irq\ndevice:   (null)\nstatus:   0x00000100\nistate:   0x00000000\n"
        #expect(try box.run(IRQDisabledCheck.self).findings.isEmpty)
    }

    @Test func withoutTheLogItIsUnknown() throws {
        var box = MemoryBox()
        box.log = nil
        let run = try box.run(IRQDisabledCheck.self)
        #expect(run.findings.isEmpty && run.unknown.count == 1)
    }
}
