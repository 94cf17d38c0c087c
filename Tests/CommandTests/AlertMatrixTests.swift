import Foundation
import TestSupport
import Testing

/// Boxes as they are made, busy, storming or odd, and what `irqscope alert` says about each: false alarms are as bad as
/// misses.
@Suite struct AlertMatrixTests {
    /// A box, and the verdict about it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// Rows of /proc/interrupts: label, what follows the counts, interrupts a second, CPU (-1 for each).
        var lines: [(String, String, Double, Int)] = []
        var softirqs: [(String, Int, Double)] = []
        /// Completed requests a second of each disk; nil without /proc/diskstats.
        var disks: [String: Double]?
        var links: [String: Double] = [:]
        /// Ticks a second of the host, of hard interrupts and of softirqs on CPU 0.
        var (steal, irq, softirq) = (0.0, 0.0, 0.0)
        /// Minutes after the first run.
        var minutes = 1
        var options: [String] = []
        /// Makes files, before a minute (from 0 on).
        var prepare: (@Sendable (FakeBox, Int) throws -> Void)?
        /// The words that all stand in one line each; none for a box at which nothing is to be said.
        var says: [[String]] = []

        var testDescription: String { name }

        init(_ name: String, _ lines: [(String, String, Double, Int)]) { (self.name, self.lines) = (name, lines) }

        func with(_ change: (inout Self) -> Void) -> Self {
            var copy = self
            change(&copy)
            return copy
        }
    }

    static func sys(_ box: FakeBox, _ path: String, _ text: String) throws { try box.write("../sys/" + path, text) }

    static func net(_ name: String, _ tail: String) -> Case {
        Case("busy network card: \(name)", [("60", tail, 30_000, 0)]).with { $0.softirqs = [("NET_RX", 0, 30_000)] }
    }

    static func gpio(_ name: String, _ rate: Double) -> Case {
        Case("nothing follows: \(name), \(Int(rate))/s", [("9", "pinctrl-gpio  12 Edge      \(name)", rate, 0)])
    }

    static func timer(_ name: String, _ tail: String) -> Case {
        Case("timer: \(name), 12k/s on each CPU, two isolated", [("17", tail, 12_000, -1)]).with {
            $0.prepare = { box, _ in try sys(box, "devices/system/cpu/isolated", "2-3\n") }
        }
    }

    static let nvme = (1...4).map { ("\(49 + $0)", "PCI-MSIX-0000:01:00.0   \($0)-edge      nvme0q\($0)", 120_000.0, $0 - 1) }

    static let storms: [Case] = [
        gpio("button", 4_000),
        gpio("button", 5_000).with { $0.says = [["WARNING storm: irq 9 button", "5.00k/s", "nothing follows"]] },
        gpio("button", 30_000).with { $0.says = [["WARNING storm: irq 9"]] },
        gpio("button", 150_000).with { $0.says = [["CRITICAL storm: irq 9"]] },
        gpio("button", 8_000).with { ($0.minutes, $0.says) = (40, [["WARNING storm: irq 9", "for 40 min"]]) },
        Case("since boot: an i2c touchpad", [("51", "intel-gpio   18  ELAN0501:00", 8_000, 1)]).with {
            ($0.minutes, $0.says) = (40, [["WARNING storm: irq 51 ELAN0501:00"]])
        },
        Case("since boot: acpi, gpe03", [("9", "IR-IO-APIC   9-fasteoi   acpi", 8_000, 0)]).with {
            $0.minutes = 40
            $0.prepare = { box, minute in
                try sys(box, "firmware/acpi/interrupts/gpe03", "\(480_000 * (minute + 9))  EN STS enabled      unmasked\n")
                try sys(box, "firmware/acpi/interrupts/gpe17", "      44  EN     enabled      unmasked\n")
                try sys(box, "firmware/acpi/interrupts/gpe_all", "\(480_000 * (minute + 9) + 44)\n")
            }
            $0.says = [["WARNING storm: irq 9 acpi", "gpe03", "8.00k/s", "echo mask >/sys/firmware/acpi/interrupts/gpe03"]]
        },
        Case("acpi, 3,000/s of one event", [("9", "IR-IO-APIC   9-fasteoi   acpi", 3_000, 0)]).with {
            $0.prepare = { box, minute in
                try sys(box, "firmware/acpi/interrupts/gpe6F", "\(180_000 * (minute + 9))     enabled      unmasked\n")
            }
            $0.says = [["WARNING storm: irq 9 acpi", "gpe6F"]]
        },
        Case("beside a busy network card", [("60", "GICv2 256 Level     lan-x", 30_000, 0), ("9", "gpio  12 Edge      button", 8_000, 0)])
            .with { ($0.softirqs, $0.says) = ([("NET_RX", 0, 30_000)], [["WARNING storm: irq 9 button", "nothing follows"]]) },
        Case("network queue that nobody polls", [("60", "PCI-MSIX-0000:3b:00.0   0-edge      eth0-TxRx-0", 150_000, 0)]).with {
            ($0.links, $0.says) = (["eth0": 10], [["CRITICAL storm: irq 60", "nothing follows"]])
        },
        net("eth0, half of its CPU in hard interrupts", "PCI-MSIX-0000:3b:00.0   0-edge      eth0-TxRx-0").with {
            ($0.irq, $0.says) = (60, [["CRITICAL storm: irq 60", "NET_RX follow"]])
        },
        Case("nvme, no request completes", nvme).with {
            ($0.disks, $0.says) = (["nvme0n1": 0], nvme.map { ["CRITICAL storm: irq \($0.0) ", "nothing follows"] })
        },
        net("level below the default", "PCI-MSIX-0000:3b:00.0   0-edge      eth0-TxRx-0").with {
            ($0.options, $0.says) = (["--warn-rate", "2000", "--crit-rate", "8000"], [["CRITICAL storm: irq 60", "NET_RX follow"]])
        },
    ]

    static let busy: [Case] = [
        net("1b100000.ethernet", "GICv2 256 Level     1b100000.ethernet"),
        net("eth0-TxRx-0", "PCI-MSIX-0000:3b:00.0   0-edge      eth0-TxRx-0"),
        net("mlx5_comp0", "IR-PCI-MSI-0000:3b:00.0   1048577-edge      mlx5_comp0@pci:0000:3b:00.0"),
        net("virtio0-input.0", "ITS-MSI 16385 Edge virtio0-input.0"), net("a name that nobody knows", "GIC-0  87 Level     lan-x"),
        net("1b100000.ethernet, since boot", "GICv2 256 Level     1b100000.ethernet").with { $0.minutes = 40 },
        Case("busy network card: threaded NAPI, packets only", [("60", "PCI-MSIX-0000:3b:00.0   0-edge      eth0-TxRx-0", 150_000, 0)]).with
        {
            $0.links = ["eth0": 200_000]
        },
        Case("nvme with four queues, requests complete", nvme).with { $0.disks = ["nvme0n1": 480_000] },
        Case("nvme with four queues, no diskstats", nvme).with { $0.says = nvme.map { ["WARNING storm: irq \($0.0) "] } },
        Case("virtio disk by /sys", [("36", "PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0", 120_000, 1)]).with {
            $0.disks = ["vda": 118_000, "sda": 0]
            $0.prepare = { box, minute in
                if minute > 0 { return }
                for path in [
                    "devices/pci0000:00/0000:00:02.0/virtio1/block/vda/queue/iostats", "devices/pci0000:00/0000:00:02.0/msi_irqs/36",
                ] {
                    try sys(box, path, path.hasSuffix("36") ? "msix\n" : "1\n")
                }
                for (link, target) in [
                    ("bus/pci/devices/0000:00:02.0", "../../../devices/pci0000:00/0000:00:02.0"),
                    ("class/block/vda", "../../devices/pci0000:00/0000:00:02.0/virtio1/block/vda"),
                ] {
                    let url = URL(fileURLWithPath: box.root + "/sys/" + link)
                    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
                }
            }
        },
        Case("USB isochronous, TASKLET", [("20", "IR-PCI-MSI-0000:00:14.0   0-edge      xhci_hcd", 8_000, 1)]).with {
            $0.softirqs = [("TASKLET", 1, 8_000)]
        },
        Case("USB isochronous, HI", [("20", "IR-PCI-MSI-0000:00:14.0   0-edge      xhci_hcd", 8_000, 1)]).with {
            $0.softirqs = [("HI", 1, 8_000)]
        },
        Case("sound", [("33", "IR-PCI-MSI-0000:00:1f.3   0-edge      snd_hda_intel:card0", 8_000, 1)]).with { $0.minutes = 4 },
        Case("GPU, work items", [("41", "IR-PCI-MSI-0000:00:02.0   0-edge      i915", 15_000, 1)]),
        Case("GPU, work items, 120k/s", [("41", "IR-PCI-MSI-0000:00:02.0   0-edge      i915", 120_000, 1)]).with {
            $0.says = [["WARNING storm: irq 41 i915", "unknown"]]
        },
        Case("GPU, its thread runs", [("42", "ITS-MSI 5 Edge      gpu-thing", 25_000, 1)]).with {
            $0.prepare = { box, minute in try box.process(90, "irq/42-gpu-thing", ticks: 1_000 + 300 * minute) }
        },
        Case("polling CAN card", [("44", "GIC-0  45 Level     can0", 8_000, 0)]).with { $0.softirqs = [("NET_RX", 0, 300)] },
        Case("interrupts for a guest", [("70", "PCI-MSIX-0000:3b:00.2   0-edge      vfio-msix[0](0000:3b:00.2)", 150_000, 0)]).with {
            $0.says = [["WARNING storm: irq 70", "unknown"]]
        },
        timer("arm64", "GICv3  30 Level     arch_timer"), timer("Raspberry Pi", "bcm2836-timer   1 Edge      arch_timer"),
        timer("RISC-V", "RISC-V INTC   5 Edge      riscv-timer"), timer("LoongArch", "CPUINTC  11  timer"),
        timer("MIPS", "MIPS   7  timer"),
    ]

    static let others: [Case] = [
        Case("managed interrupt on an isolated CPU", [("50", "PCI-MSIX-0000:01:00.0   6-edge      nvme0q6", 40, 3)]).with {
            $0.prepare = { box, _ in try sys(box, "devices/system/cpu/isolated", "2-3\n") }
            $0.says = [["WARNING placement: irq 50 nvme0q6", "isolcpus=managed_irq,domain,2-3"]]
        },
        Case("steal 30 %", []).with { ($0.steal, $0.says) = (30, [["WARNING steal: CPU 0: the host takes 30."]]) },
        Case("steal 15 %", []).with { $0.steal = 15 },
        Case("85 % softirq", []).with { ($0.softirq, $0.says) = (85, [["WARNING softirq: CPU 0: softirqs take 85."]]) },
        Case("nobody cared, between two runs", [("11", "APLIC-MSI-d000000.aplic   8 Level   -fasteoi   virtio0", 0, 0)]).with {
            $0.prepare = { box, minute in
                try box.spurious(11, count: 0, unhandled: 0, last: minute == 0 ? 0 : 4_294_905)
                if minute == 1, let row = box.rows.firstIndex(where: { $0.label == "11" }) { box.rows[row].counts[0] = 100_008 }
            }
            $0.says = [["CRITICAL unhandled: irq 11 virtio0", "disabled by the kernel"]]
        },
        Case("nobody cared, at boot", [("11", "IO-APIC  16-fasteoi   i801_smbus", 0, 0)]).with {
            $0.prepare = { box, _ in
                try box.spurious(11, count: 0, unhandled: 0, last: 4_905)
                if let row = box.rows.firstIndex(where: { $0.label == "11" }) { box.rows[row].counts[2] = 100_001 }
            }
            $0.says = [["CRITICAL unhandled: irq 11 i801_smbus", "most likely disabled by the kernel"]]
        },
        Case("nobody cared, by the kernel's log", [("16", "IO-APIC  16-fasteoi   i801_smbus, ehci_hcd:usb1", 0, 0)]).with {
            $0.prepare = { box, _ in
                try box.spurious(16, count: 0, unhandled: 0, last: 4_299_234)
                try box.write(
                    "../dmesg",
                    "[ 4299.234101] irq 16: nobody cared (try booting with the \"irqpoll\" option)\n[ 4299.234201] Disabling IRQ #16\n")
                if let row = box.rows.firstIndex(where: { $0.label == "16" }) { box.rows[row].counts[2] = 400_001 }
            }
            $0.says = [["CRITICAL unhandled: irq 16 i801_smbus, ehci_hcd:usb1: disabled by the kernel", "the kernel's log says so"]]
        },
        Case("an idle line that had an odd one", [("16", "IO-APIC  16-fasteoi   i801_smbus", 0, 0)]).with {
            $0.prepare = { box, _ in
                try box.spurious(16, count: 0, unhandled: 0, last: 4_299_234)
                if let row = box.rows.firstIndex(where: { $0.label == "16" }) { box.rows[row].counts[2] = 400_001 }
            }
        },
    ]

    /// An interface that is up, of a platform device.
    private static func addEthernet(_ box: FakeBox) throws {
        try sys(box, "devices/platform/30be0000.ethernet/net/end1/type", "1\n")
        try FileManager.default.createDirectory(atPath: box.root + "/sys/bus/platform/devices", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: box.root + "/sys/bus/platform/devices/30be0000.ethernet",
            withDestinationPath: "../../../devices/platform/30be0000.ethernet")
        try sys(box, "class/net/end1/operstate", "up\n")
    }

    /// As information only: with --always and in JSON.
    @Test func aDeviceThatNeverCameIsTold() throws {
        let box = try FakeBox()
        box.add("45", "GICv2 45 Level     30be0000.ethernet")
        try Self.addEthernet(box)
        _ = try box.alert()
        box.pass(60)
        let said = try box.alert("--always")
        #expect(
            said.status == 0 && said.text.hasPrefix("INFO: irq 45 30be0000.ethernet has not come once since boot, though end1 is up\nOK: "))
        box.pass(60)
        #expect(try box.alert().text.isEmpty)
        box.pass(60, ["45": (0, 10)])
        #expect(try box.alert("--always").text.hasPrefix("OK: "))
    }

    /// A line of the device that has come, behind more lines than can be named in a run.
    @Test func aDeviceIsAliveByAnyOfItsLines() throws {
        let box = try FakeBox(cpus: 2)
        box.add("9000", "GICv2 9000 Level     30be0000.ethernet", start: 7)
        for irq in 100..<8_400 { box.add("\(irq)", "GICv2 \(irq) Level     sensor\(irq)", start: 5) }
        box.add("45", "GICv2 45 Level     30be0000.ethernet")
        try Self.addEthernet(box)
        _ = try box.alert()
        box.pass(60)
        let said = try box.alert("--always")
        #expect(said.status == 0 && said.text.hasPrefix("OK: "), "\(said.text.prefix(300))")
    }

    @Test(arguments: storms + busy + others) func saysWhatIsWrongAndNothingElse(_ made: Case) throws {
        let box = try FakeBox()
        for line in made.lines {
            box.rows.removeAll { $0.label == line.0 }
            box.add(line.0, line.1, start: 7)
        }
        if made.disks != nil { box.disks = made.disks?.mapValues { _ in 1_000 } }
        box.links = made.links.mapValues { _ in 1_000 }
        var text = ""
        for minute in 0...made.minutes {
            if minute > 0 { Self.pass(box, made) }
            try made.prepare?(box, minute)
            let result = try box.alert(made.options)
            #expect(result.errors.isEmpty, "\(result.errors)")
            text = result.text
            if made.minutes > 1, minute > 0 { #expect(text.isEmpty == made.says.isEmpty, "minute \(minute): \(text)") }
        }
        let lines = text.split(separator: "\n")
        for words in made.says {
            #expect(lines.contains { line in words.allSatisfy { line.contains($0) } }, "\(words) is not in: \(text)")
        }
        #expect(lines.count == made.says.count, "\(text)")
        #expect(!text.contains("0% of its interrupts unhandled"))
    }

    private static func pass(_ box: FakeBox, _ made: Case) {
        var rates: [String: (cpu: Int, perSecond: Double)] = [:]
        for line in made.lines where line.3 >= 0 { rates[line.0] = (line.3, line.2) }
        box.pass(60, rates)
        for line in made.lines where line.3 < 0 {
            if let row = box.rows.firstIndex(where: { $0.label == line.0 }) {
                for cpu in box.online { box.rows[row].counts[cpu] += UInt64(line.2 * 60) }
            }
        }
        for softirq in made.softirqs { box.softirqs[softirq.0]?[softirq.1] &+= UInt64(softirq.2 * 60) }
        for (name, rate) in made.disks ?? [:] { box.disks?[name]? += UInt64(rate * 60) }
        for (name, rate) in made.links { box.links[name]? += UInt64(rate * 60) }
        for (share, path) in [
            (made.irq, \FakeBox.ticks[0].irq), (made.softirq, \FakeBox.ticks[0].softirq), (made.steal, \FakeBox.steal[0]),
        ] {
            box[keyPath: path] += UInt64(share * 60)
            box.ticks[0].idle -= min(box.ticks[0].idle, UInt64(share * 59.4))
        }
    }
}
