internal import IRQCore

/// Ten kinds of box that are well. Rates are those that such boxes show; each has its rhythm, its noise and its bursts.
public enum HealthyKinds {
    public static var all: [BoxKind] {
        [
            laptop, webServer, nightBatch, storageServer, router, smallVM, database, desktop, hotplugBoard, gpuBox,
        ]
    }

    static func pci(_ address: String, _ driver: String, _ kind: String?, _ name: String? = nil, _ code: UInt32) -> Device {
        Device(address: address, bus: "pci", driver: driver, name: name, kind: kind, interruptKind: .msix, classCode: code)
    }

    /// The queues of a network card.
    static func network(
        _ name: String, _ driver: String, irq: Int, queues: Int, cpus: Int, _ rate: RateModel, netRX: Double = 1, packets: Double = 4,
        slot: Int = 1
    ) -> [ModelLine] {
        (0..<queues).map { queue in
            ModelLine(
                irq + queue, "PCI-MSIX-0000:0\(slot):00.0 \(queue)-edge \(name)-TxRx-\(queue)", rate, on: queue % cpus, group: name,
                following: Following(netRX: netRX, packets: packets),
                device: pci("0000:0\(slot):00.0", driver, "net", name, 0x020000), link: name)
        }
    }

    /// The queues of an NVMe disk.
    static func nvme(_ disk: String, irq: Int, queues: Int, cpus: Int, _ rate: RateModel, slot: Int = 2) -> [ModelLine] {
        (0..<queues).map { queue in
            ModelLine(
                irq + queue, "PCI-MSIX-0000:0\(slot):00.0 \(queue)-edge \(disk.dropLast(2))q\(queue + 1)", rate, on: queue % cpus,
                group: disk, following: Following(requests: 1.1), device: pci("0000:0\(slot):00.0", "nvme", "nvme", disk, 0x010802),
                disk: disk)
        }
    }

    static func acpi(_ rate: RateModel = RateModel(0.01)) -> ModelLine {
        ModelLine(9, "IO-APIC 9-fasteoi acpi", rate)
    }

    static func xhci(irq: Int, on cpu: Int = 0, _ rate: RateModel) -> ModelLine {
        ModelLine(
            irq, "PCI-MSI-0000:00:14.0 0-edge xhci_hcd", rate, on: cpu, following: Following(tasklet: 1),
            device: pci("0000:00:14.0", "xhci_hcd", "usb", nil, 0x0C0330))
    }

    static var laptop: BoxKind {
        let hand = RateModel.Bursts(perDay: 60, minutes: 3, perSecond: 120, hours: 8..<24)
        var lines = [
            ModelLine(1, "IO-APIC 1-edge i8042", RateModel(0.2, night: 0.001, bursts: [hand])),
            acpi(RateModel(0.2, bursts: [.init(perDay: 20, minutes: 1, perSecond: 30)])),
            ModelLine(
                17, "IO-APIC 17-fasteoi i2c_designware.1, i801_smbus", RateModel(0.1, bursts: [hand]), on: 1,
                following: Following(threadNanoseconds: 40_000)),
            xhci(irq: 120, RateModel(1, bursts: [.init(perDay: 30, minutes: 10, perSecond: 500, noise: 1, hours: 8..<24)])),
            ModelLine(
                130, "PCI-MSI-0000:00:02.0 0-edge i915", RateModel(60, night: 5, noise: 0.6), on: 2,
                device: pci("0000:00:02.0", "i915", "drm", nil, 0x030000)),
            ModelLine(
                131, "PCI-MSI-0000:00:1f.3 0-edge snd_hda_intel:card0",
                RateModel(0.1, bursts: [.init(perDay: 8, minutes: 40, perSecond: 190, noise: 0.1)]), on: 3,
                device: pci("0000:00:1f.3", "snd_hda_intel", "sound", nil, 0x040300)),
        ]
        lines += network(
            "wlp3s0", "iwlwifi", irq: 140, queues: 4, cpus: 4,
            RateModel(15, night: 4, noise: 0.8, bursts: [.init(perDay: 25, minutes: 8, perSecond: 1_500, noise: 1)], unevenness: 0.8))
        lines += nvme(
            "nvme0n1", irq: 150, queues: 4, cpus: 4,
            RateModel(8, night: 2, noise: 1, bursts: [.init(perDay: 15, minutes: 2, perSecond: 4_000, noise: 1)]))
        lines[2].unhandledShare = 0.05
        var kind = BoxKind("idle laptop", "4 CPUs, 14 lines; asleep eight times a day; a shared line with threads", cpus: 4, lines: lines)
        (kind.sleepsPerDay, kind.sleepHours, kind.bootsPerYear) = (8, 1.5, 25)
        return kind
    }

    static var webServer: BoxKind {
        let lines =
            network(
                "eth0", "ixgbe", irq: 40, queues: 8, cpus: 8,
                RateModel(5_000, night: 400, noise: 0.25, bursts: [.init(perDay: 6, minutes: 5, perSecond: 9_000)], unevenness: 0.5))
            + nvme(
                "nvme0n1", irq: 60, queues: 8, cpus: 8,
                RateModel(300, night: 60, noise: 0.5, bursts: [.init(perDay: 3, minutes: 4, perSecond: 5_000)]))
            + [acpi()]
        var kind = BoxKind("web server", "8 CPUs, 17 lines; by day 12 times the packets of the night; irqbalance", cpus: 8, lines: lines)
        (kind.userShare, kind.movesPerTurn, kind.bootsPerYear) = (0.35, 0.005, 4)
        (kind.squeezesPerWeek, kind.squeezeCount) = (20, 300)
        return kind
    }

    static var nightBatch: BoxKind {
        let nightly = RateModel.Bursts(perDay: 4, minutes: 45, perSecond: 6_000, noise: 0.4, hours: 1..<6)
        let lines =
            nvme("nvme0n1", irq: 60, queues: 32, cpus: 32, RateModel(3, noise: 0.8, bursts: [nightly], unevenness: 0.6))
            + network(
                "eth0", "mlx5_core", irq: 100, queues: 16, cpus: 32, RateModel(40, noise: 0.5, bursts: [nightly], unevenness: 0.6), slot: 3)
            + [acpi()]
        var kind = BoxKind(
            "batch at night", "32 CPUs, 49 lines; four jobs a night of 45 minutes, 2,000 times the rest", cpus: 32, lines: lines)
        (kind.userShare, kind.bootsPerYear) = (0.2, 6)
        return kind
    }

    static var storageServer: BoxKind {
        let scrub = RateModel.Bursts(perDay: 0.15, minutes: 300, perSecond: 9_000, noise: 0.3)
        var lines = (0..<16).map { queue in
            ModelLine(
                50 + queue, "PCI-MSIX-0000:04:00.0 \(queue)-edge mpt3sas0-msix\(queue)",
                RateModel(2_500, night: 800, noise: 0.5, bursts: [scrub], unevenness: 0.5), on: queue, group: "mpt3sas",
                following: Following(block: 0.3, requests: 1.5), device: pci("0000:04:00.0", "mpt3sas", "host", "host0", 0x010700),
                disk: "sda")
        }
        lines += network(
            "ens1", "ice", irq: 80, queues: 16, cpus: 16,
            RateModel(6_000, night: 1_500, noise: 0.4, bursts: [.init(perDay: 10, minutes: 10, perSecond: 15_000)], unevenness: 0.6))
        lines.append(acpi())
        var kind = BoxKind("storage server", "16 CPUs, 33 lines; scrubs of five hours; irqbalance", cpus: 16, lines: lines)
        (kind.movesPerTurn, kind.bootsPerYear) = (0.005, 3)
        (kind.squeezesPerWeek, kind.squeezeCount) = (40, 500)
        return kind
    }

    static var router: BoxKind {
        let flood = RateModel.Bursts(perDay: 40, minutes: 2, perSecond: 20_000, noise: 0.7)
        let lines =
            network(
                "eth0", "igb", irq: 40, queues: 4, cpus: 4, RateModel(4_000, night: 800, noise: 0.5, bursts: [flood], unevenness: 1),
                slot: 1)
            + network(
                "eth1", "igb", irq: 50, queues: 4, cpus: 4, RateModel(4_000, night: 800, noise: 0.5, bursts: [flood], unevenness: 1),
                slot: 2)
            + [acpi()]
        var kind = BoxKind(
            "router", "4 CPUs, 9 lines; 40 bursts a day of 2 minutes to 20,000 a second a queue and more", cpus: 4, lines: lines)
        (kind.ksoftirqdShare, kind.softirqNanoseconds, kind.bootsPerYear) = (0.5, 4_000, 2)
        (kind.squeezesPerWeek, kind.squeezeCount, kind.dropsPerWeek, kind.dropCount) = (200, 1_000, 0.5, 20)
        return kind
    }

    public static var smallVM: BoxKind {
        var lines: [ModelLine] = [ModelLine(4, "IO-APIC 4-edge ttyS0", RateModel(0.01)), acpi()]
        let rate = RateModel(
            600, night: 60, noise: 0.6, bursts: [.init(perDay: 20, minutes: 4, perSecond: 5_000, noise: 0.6)], unevenness: 0.6)
        for queue in 0..<2 {
            for (place, part) in ["input", "output"].enumerated() {
                lines.append(
                    ModelLine(
                        25 + 2 * queue + place, "PCI-MSIX-0000:00:03.0 \(1 + 2 * queue + place)-edge virtio0-\(part).\(queue)", rate,
                        on: queue, group: "virtio0-\(part)", following: Following(netRX: 1, packets: 2),
                        device: pci("0000:00:03.0", "virtio-pci", "net", "eth0", 0x020000), link: "eth0"))
            }
            lines.append(
                ModelLine(
                    35 + queue, "PCI-MSIX-0000:00:04.0 \(1 + queue)-edge virtio1-req.\(queue)",
                    RateModel(20, noise: 0.8, bursts: [.init(perDay: 10, minutes: 5, perSecond: 4_000, noise: 0.6)]), on: queue,
                    group: "virtio1", following: Following(block: 0.2, requests: 1.2),
                    device: pci("0000:00:04.0", "virtio-pci", "block", "vda", 0x010000), disk: "vda"))
        }
        var kind = BoxKind("small VM", "2 CPUs, 8 lines; irqbalance; the host takes 1 %, and for minutes 6 %", cpus: 2, lines: lines)
        (kind.steal, kind.stealBursts) = (0.01, .init(perDay: 6, minutes: 3, perSecond: 0.06, noise: 0.3))
        (kind.movesPerTurn, kind.bootsPerYear) = (0.01, 12)
        return kind
    }

    static var database: BoxKind {
        let backup = RateModel.Bursts(perDay: 1, minutes: 60, perSecond: 12_000, noise: 0.2, hours: 2..<3)
        let lines =
            nvme(
                "nvme0n1", irq: 60, queues: 16, cpus: 16, RateModel(2_500, night: 300, noise: 0.4, bursts: [backup], unevenness: 0.5),
                slot: 2)
            + nvme(
                "nvme1n1", irq: 80, queues: 16, cpus: 16, RateModel(1_500, night: 200, noise: 0.4, bursts: [backup], unevenness: 0.5),
                slot: 3)
            + network("eth0", "bnxt_en", irq: 100, queues: 8, cpus: 16, RateModel(3_000, night: 300, noise: 0.3, unevenness: 0.4))
            + [acpi()]
        var kind = BoxKind("database", "16 CPUs, 41 lines; a backup each night", cpus: 16, lines: lines)
        (kind.userShare, kind.bootsPerYear) = (0.4, 3)
        return kind
    }

    static var desktop: BoxKind {
        let camera = RateModel.Bursts(perDay: 4, minutes: 30, perSecond: 4_000, noise: 0.5, hours: 9..<20)
        let mouse = RateModel.Bursts(perDay: 80, minutes: 5, perSecond: 700, noise: 0.4, hours: 8..<24)
        var lines = [
            acpi(), xhci(irq: 120, RateModel(2, bursts: [camera, mouse], unevenness: 0.3)),
            ModelLine(
                130, "PCI-MSI-0000:01:00.0 0-edge nvidia",
                RateModel(80, night: 20, noise: 0.8, bursts: [.init(perDay: 3, minutes: 60, perSecond: 1_500, noise: 0.8)]), on: 2,
                device: pci("0000:01:00.0", "nvidia", "drm", nil, 0x030000)),
            ModelLine(131, "PCI-MSI-0000:00:1f.3 0-edge snd_hda_intel:card0", RateModel(50, noise: 0.5), on: 3),
            ModelLine(16, "IO-APIC 16-fasteoi i801_smbus", RateModel(0.01)),
        ]
        lines += network(
            "enp4s0", "r8169", irq: 140, queues: 1, cpus: 8,
            RateModel(150, night: 30, noise: 0.8, bursts: [.init(perDay: 20, minutes: 6, perSecond: 8_000, noise: 0.5)], unevenness: 0.5),
            slot: 4)
        lines += nvme(
            "nvme0n1", irq: 150, queues: 8, cpus: 8,
            RateModel(10, night: 3, noise: 1, bursts: [.init(perDay: 20, minutes: 2, perSecond: 6_000, noise: 0.8)]))
        // Docks that come and go, with a network card and a USB host of their own.
        for week in 0..<52 {
            let life = (week * 10_080 + 1_500)..<(week * 10_080 + 5_800)
            var dock = ModelLine(
                170, "PCI-MSI-0000:3a:00.0 0-edge xhci_hcd", RateModel(5, bursts: [camera]), on: 4, group: "dock \(week)",
                following: Following(tasklet: 1), device: pci("0000:3a:00.0", "xhci_hcd", "usb", nil, 0x0C0330))
            dock.life = life
            if week % 4 == 0 { lines.append(dock) }
        }
        var kind = BoxKind(
            "desktop", "8 CPUs, 14 lines; cameras and mice at USB, a dock that comes and goes; 40 boots", cpus: 8, lines: lines)
        (kind.bootsPerYear, kind.sleepsPerDay, kind.sleepHours) = (40, 1, 9)
        kind.errorsPerMonth = ["SPU": 0.5]
        return kind
    }

    static var hotplugBoard: BoxKind {
        var lines = [
            ModelLine(
                30, "GICv3 95 Level eth0", RateModel(300, noise: 0.6, bursts: [.init(perDay: 15, minutes: 5, perSecond: 5_000)]),
                following: Following(netRX: 1, packets: 2),
                device: Device(address: "ff3c0000.ethernet", bus: "platform", driver: "stmmac", name: "eth0", kind: "net"), link: "eth0"),
            ModelLine(
                31, "GICv3 79 Level mmc0", RateModel(10, noise: 1, bursts: [.init(perDay: 10, minutes: 3, perSecond: 3_000)]), on: 1,
                following: Following(requests: 1), device: Device(address: "mmc0", bus: "platform", driver: "dwmmc", kind: "mmc_host"),
                disk: "mmcblk0"),
            ModelLine(32, "GICv3 21 Level ff130000.i2c", RateModel(5, noise: 0.5), on: 2, following: Following(threadNanoseconds: 20_000)),
            ModelLine(33, "GICv3 55 Level ttyS2", RateModel(0.1)),
        ]
        lines[2].unhandledShare = 0.02
        var kind = BoxKind(
            "board with CPU hotplug", "8 CPUs, 4 lines; a CPU goes for ten minutes 20 times a day; asleep 20 times a day", cpus: 8,
            lines: lines)
        (kind.offlinesPerDay, kind.sleepsPerDay, kind.sleepHours) = (20, 20, 0.3)
        return kind
    }

    static var gpuBox: BoxKind {
        let training = RateModel.Bursts(perDay: 3, minutes: 180, perSecond: 3_000, noise: 0.5)
        var lines = (0..<4).map { card in
            ModelLine(
                40 + card, "PCI-MSI-0000:\(card + 1)1:00.0 0-edge nvidia", RateModel(20, noise: 1, bursts: [training], unevenness: 0.6),
                on: card,
                device: pci("0000:\(card + 1)1:00.0", "nvidia", "drm", nil, 0x030200))
        }
        lines += (0..<4).map { camera in
            ModelLine(
                50 + camera, "PCI-MSI-0000:\(camera + 1)2:00.0 0-edge framegrabber",
                RateModel(1, bursts: [.init(perDay: 2, minutes: 240, perSecond: 1_500, noise: 0.3)]), on: 4 + camera,
                device: pci("0000:\(camera + 1)2:00.0", "menable", "video4linux", nil, 0x048000))
        }
        lines.append(xhci(irq: 120, on: 8, RateModel(2, bursts: [.init(perDay: 3, minutes: 200, perSecond: 6_000, noise: 0.3)])))
        lines += nvme(
            "nvme0n1", irq: 60, queues: 16, cpus: 16,
            RateModel(50, noise: 1, bursts: [.init(perDay: 10, minutes: 20, perSecond: 8_000, noise: 0.5)]))
        lines += network("eth0", "mlx5_core", irq: 100, queues: 8, cpus: 16, RateModel(200, noise: 0.5, bursts: [training]), slot: 5)
        lines.append(acpi())
        var kind = BoxKind(
            "GPU and camera box", "16 CPUs, 34 lines; training and recording for hours, cameras at USB", cpus: 16, lines: lines)
        (kind.userShare, kind.bootsPerYear) = (0.5, 10)
        return kind
    }
}
