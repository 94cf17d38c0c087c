/// Devices that can send messages, and use a wire.
enum MSIOffCheck: DoctorCheck {
    /// The rate of a line that makes it matter, per second.
    static let leastPerSecond = 100.0

    static let about = CheckText(
        "msi-off", title: "a device that can send messages uses a wire",
        meaning: """
            A message (MSI, MSI-X) says which device and queue it is from, goes to one CPU at once and is shared by nobody. A wire \
            has one handler after the other, one queue, and moves late.
            """,
        reads: ["proc/cmdline", "sys/bus/pci/devices/A/config", "sys/bus/pci/devices/A/msi_irqs", "proc/interrupts"],
        rule: """
            pci=nomsi is given; or the function has the capability, a driver and no messages, and its line comes 100 times a \
            second or more
            """,
        exceptions: "drivers that know no messages; functions for management",
        trust: "the capability is certain; only the driver knows why it does not use it",
        origin: "drivers/pci/msi")

    /// Drivers that never ask for messages, whatever their hardware can.
    private static let wiredDrivers: Set<String> = [
        "ehci-pci", "ehci_hcd", "ohci-pci", "ohci_hcd", "uhci_hcd", "i801_smbus", "ata_piix", "ata_generic",
        "pata_acpi",
        "8139cp", "8139too", "e1000", "ne2k-pci", "pcnet32", "sym53c8xx", "snd_intel8x0", "snd_ens1371",
        "firewire_ohci",
        "sdhci-pci", "intel-lpss", "piix4_smbus", "lpc_ich", "yenta_cardbus", "parport_pc", "serial", "via-rhine",
        "pcieport",
    ]
    /// Classes of functions for management, and bridges: IPMI, simple communication (0x0780: the management engine).
    private static func isManagement(_ code: UInt32?) -> Bool {
        guard let code else { return false }
        return code >> 8 == 0x0C07 || code >> 8 == 0x0780 || code >> 16 == 0x06 || code >> 16 == 0x08
    }

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isOff = (box.kernel.commandLine ?? []).contains { word in
            word.hasPrefix("pci=") && word.dropFirst(4).split(separator: ",").contains("nomsi")
        }
        if isOff {
            findings.append(switchedOff(box))
            return
        }
        var hidden: String?
        for line in box.lines where !line.details.isMessage && line.perSecond >= leastPerSecond {
            for device in box.wiredFunctions[line.irq] ?? [] where isSuspect(device) {
                let folder = "sys/bus/pci/devices/\(device.address)"
                if box.files.names("\(folder)/msi_irqs")?.isEmpty == false { continue }
                switch capability(box.files.read("\(folder)/config")) {
                case .some(true): findings.append(wired(box, line, device))
                case .some(false): continue
                case nil: hidden = hidden ?? "\(folder)/config"
                }
            }
        }
        findings = findings.most("devices")
        if box.kernel.commandLine == nil { _ = try box.require("proc/cmdline") }
        if let hidden {
            let problem = box.files.read(hidden).problem ?? "shows its first 64 bytes only: be root"
            throw Unjudged("\(hidden) \(problem)")
        }
    }

    private static func isSuspect(_ device: Device) -> Bool {
        guard device.bus == "pci", device.interruptKind == nil, let driver = device.driver else { return false }
        return !wiredDrivers.contains(driver) && !isManagement(device.classCode)
    }

    /// True if the list of capabilities has messages (ids 05 and 11); nil if that cannot be read.
    static func capability(_ answer: FileAnswer) -> Bool? {
        guard case .bytes(let bytes) = answer, bytes.count >= 64 else { return nil }
        // Bit 4 of the status: there is a list.
        guard bytes[6] & 0x10 != 0 else { return false }
        var place = Int(bytes[0x34] & 0xFC)
        for _ in 0..<48 where place >= 0x40 {
            guard place + 1 < bytes.count else { return nil }
            if bytes[place] == 0x05 || bytes[place] == 0x11 { return true }
            place = Int(bytes[place + 1] & 0xFC)
        }
        return false
    }

    private static func switchedOff(_ box: Examination) -> DoctorFinding {
        let wired = box.lines.filter { !$0.details.isMessage && names(box, $0).count >= 2 && $0.mobility != .perCPU }
        let most = wired.max { ($0.perSecond, $1.irq) < ($1.perSecond, $0.irq) }
        var evidence = "pci=nomsi: no device may send messages"
        if let most {
            let names = names(box, most)
            let list = names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
            evidence = "pci=nomsi: \(list) share line \(most.irq)"
        }
        var finding = DoctorFinding(
            .warn, "pci=nomsi", evidence, why: "all devices use the few wires there are: shared, one queue each",
            next: ["# take pci=nomsi out of the boot options (GRUB_CMDLINE_LINUX in /etc/default/grub)"])
        finding.sources = ["proc/cmdline", "proc/interrupts"]
        finding.lines = Set(wired.map(\.irq))
        return finding
    }

    /// The names of what is on a line: of its devices where they are known, else of its handlers.
    private static func names(_ box: Examination, _ line: ExaminedLine) -> [String] {
        let functions = box.wiredFunctions[line.irq] ?? []
        var names: [String] = []
        for name in functions.isEmpty ? line.details.actions ?? [] : functions.map(\.title) where !names.contains(name)
        {
            names.append(name)
        }
        return names
    }

    private static func wired(_ box: Examination, _ line: ExaminedLine, _ device: Device) -> DoctorFinding {
        let folder = "sys/bus/pci/devices/\(device.address)"
        let driver = device.driver ?? ""
        var next = ["modinfo -p \(ShellWord.quoted(driver)) | grep -i msi"]
        let isForbidden = box.text("\(folder)/msi_bus") == "0"
        if isForbidden { next.append("echo 1 >/\(folder)/msi_bus") }
        next.append("# then load the driver anew: it asks for messages when it starts")
        var evidence =
            "\(device.title) \(device.address): can send messages, but uses line \(line.irq), \(Units.rate(line.perSecond))/s"
        if isForbidden { evidence += "; msi_bus is 0" }
        var finding = DoctorFinding(
            .warn, device.title, evidence, why: "a wire has one queue, and is shared with others", next: next)
        if isForbidden { finding.undo = "echo 0 >/\(folder)/msi_bus" }
        (finding.isRate, finding.weight) = (true, line.perSecond)
        (finding.lines, finding.device) = ([line.irq], device.address)
        finding.sources = ["\(folder)/config", "proc/interrupts"]
        return finding
    }
}
