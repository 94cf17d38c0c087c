/// Devices that share a wire.
enum INTxSharedCheck: DoctorCheck {
    /// The rate of a shared line, per second, from which on it is a warning.
    static let warnPerSecond = 1_000.0

    static let about = CheckText(
        "intx-shared", title: "several devices share one wire",
        meaning: """
            A wired line has no sender: each interrupt calls the handlers of all devices on it, and each reads its device to see \
            whether it was meant. One that misbehaves takes the others with it.
            """,
        reads: ["proc/interrupts", "sys/bus/pci/devices/A/irq", "sys/bus/pci/devices/A/msi_irqs", "dmesg"],
        rule: """
            two or more functions with drivers on one level line: a note; a warning where it comes 1,000 times a second or more, \
            or where interrupts are unhandled
            """,
        exceptions: "one device with several handlers; old ports on edges",
        trust: "functions without a driver may raise it too, and are not seen", origin: "drivers/pci/irq.c")

    /// Handlers of a device beside another one of its own: services of a port, the DMA engine of Intel's serial buses.
    private static let portServices = ["PCIe PME", "PCIe BW notif", "aerdrv", "pciehp", "pcie-dpc", "PCIe port", "PME"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isTold = !box.devices.isEmpty || box.files.names("sys/bus/pci/devices") != nil
        var isByName = false
        for line in box.lines where isWiredLevel(line) {
            let names = users(box, line, isTold: isTold)
            guard names.count >= 2 else { continue }
            if !isTold { isByName = true }
            findings.append(finding(box, line, names))
        }
        addMismatches(box, &findings)
        findings = findings.most("lines")
        if isByName {
            throw Unjudged("sys/bus/pci/devices is not there: that these are different devices is told by names only")
        }
    }

    private static func isWiredLevel(_ line: ExaminedLine) -> Bool {
        let details = line.details
        guard details.actions?.isEmpty == false, !details.isMessage, line.mobility != .perCPU else { return false }
        if details.trigger == "edge" || details.flow == "edge" { return false }
        return details.flow == "fasteoi" || details.flow == "level" || details.trigger == "level"
    }

    private static func users(_ box: Examination, _ line: ExaminedLine, isTold: Bool) -> [String] {
        if isTold, line.details.chip?.contains("IO-APIC") == true || box.wiredFunctions[line.irq] != nil {
            // One handler is called by one device, whatever else is wired there.
            guard (line.details.actions?.count ?? 0) > 1 else { return [] }
            return (box.wiredFunctions[line.irq] ?? []).map {
                "\($0.driver ?? "") \($0.address.hasPrefix("0000:") ? String($0.address.dropFirst(5)) : $0.address)"
            }
        }
        // Where drivers of one chip share its line as they like, as on boards of Arm, names tell nothing.
        guard let chip = line.details.chip, chip.contains("IO-APIC") || chip == "XT-PIC" else { return [] }
        let all = line.details.actions ?? []
        if all.contains(where: { $0.hasPrefix("idma64") }), all.count == 2 { return [] }
        var names: [String] = []
        var hasPort = false
        for action in all where !names.contains(action) {
            let isService = portServices.contains { action.hasPrefix($0) }
            if !isService || !hasPort { names.append(action) }
            hasPort = hasPort || isService
        }
        return names
    }

    private static func finding(_ box: Examination, _ line: ExaminedLine, _ names: [String]) -> DoctorFinding {
        let isUnhandled = box.verdicts(.unhandled).contains { $0.subject.irq == line.irq && !$0.evidence.isDisabled }
        let isFast = line.perSecond >= warnPerSecond
        let count = names.count == 2 ? "both" : "all \(names.count <= 9 ? Self.words[names.count] : "\(names.count)")"
        var evidence = "irq \(line.irq): \(names.prefix(8).joined(separator: ", "))"
        if names.count > 8 { evidence += " and \(names.count - 8) more" }
        evidence += "; each interrupt calls \(count)"
        if isFast { evidence += ", \(Units.rate(line.perSecond))/s" }
        if isUnhandled { evidence += "; some are claimed by none" }
        var next = ["irqscope list --irq \(line.irq)"]
        for driver in Set((box.wiredFunctions[line.irq] ?? []).compactMap(\.driver)).sorted().prefix(3) {
            next.append("modinfo -p \(ShellWord.quoted(driver)) | grep -i msi")
        }
        next.append("# messages instead of the wire where a device can (msi-off), or another slot")
        var finding = DoctorFinding(
            isFast || isUnhandled ? .warn : .note, "irq \(line.irq)", evidence,
            why: "each handler reads its device to see whether it was meant, and one bad device stops all", next: next)
        (finding.isRate, finding.weight, finding.lines) = (isFast && !isUnhandled, line.perSecond, [line.irq])
        return finding
    }

    private static let words = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

    /// `genirq: Flags mismatch irq 17. 00000080 (a) vs. 00000000 (b)`: the second got no interrupt at all.
    private static func addMismatches(_ box: Examination, _ findings: inout [DoctorFinding]) {
        var told: Set<Int> = []
        for line in box.log ?? [] where line.text.has("Flags mismatch irq ") {
            guard let irq = line.text.number(after: "Flags mismatch irq "), told.insert(irq).inserted else { continue }
            var finding = DoctorFinding(
                .warn, "irq \(irq)", "irq \(irq): a second driver got no interrupt: \(line.text)",
                why: "both must want to share the line, and in the same way", next: ["irqscope list --irq \(irq)"])
            (finding.lines, finding.sources) = ([irq], ["dmesg"])
            findings.append(finding)
        }
    }
}
