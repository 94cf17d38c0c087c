/// A firmware event that floods the line of ACPI.
enum ACPIStormCheck: DoctorCheck {
    /// Events per second.
    static let (warnPerSecond, critPerSecond) = (100.0, 1_000.0)
    /// The share of all interrupts of ACPI that nobody claims, from which on the line is somebody else's.
    static let strangerShare = 0.5
    private static let folder = "sys/firmware/acpi/interrupts"

    static let about = CheckText(
        "storm-acpi", title: "one firmware event floods the interrupt of ACPI",
        meaning: """
            The firmware raises a general purpose event (GPE) again and again, and the kernel runs the firmware's own \
            program for each: a worker called kacpid takes most of a CPU. All such events arrive as one interrupt; the files \
            tell which one it is.
            """,
        reads: ["\(folder)/gpeXX", "\(folder)/ff_*", "\(folder)/sci", "\(folder)/sci_not"],
        rule: """
            the event that moved most: critical from 1,000 a second, a warning from 100. Where half of the interrupts of \
            ACPI are claimed by none (sci_not), the line is shared with another device.
            """,
        exceptions: "STS on an invalid ff_pmtimer is usual; a number that went back was zeroed by root, or wrapped.",
        trust: "which event it is is exact; what it stands for only the firmware knows (DSDT, _Lxx or _Exx)",
        origin: "drivers/acpi/sysfs.c; home-assistant/operating-system#3514, Dasharo/dasharo-issues#28")
    static let sampled = ["\(folder)/*"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard let names = box.files.names(folder) else {
            // A box without ACPI has none.
            if box.isLive { return }
            throw Unjudged("\(folder) is not there: no ACPI, or not in this copy")
        }
        var rates: [(name: String, perSecond: Double)] = []
        for name in names where name.hasPrefix("gpe") && name != "gpe_all" || name.hasPrefix("ff_") {
            if let delta = box.delta("\(folder)/\(name)", first: true) { rates.append((name, box.perSecond(delta))) }
        }
        let line = box.lines.first { $0.details.actions?.contains("acpi") == true }
        let total = box.delta("\(folder)/sci", first: true).map { box.perSecond($0) }
        if let most = rates.max(by: { $0.perSecond < $1.perSecond }), most.perSecond >= warnPerSecond {
            findings.append(flood(box, most, of: total ?? line?.perSecond, line))
        }
        guard let total, let strange = box.delta("\(folder)/sci_not", first: true).map({ box.perSecond($0) }),
            strange >= warnPerSecond, strange >= total * strangerShare
        else { return }
        var finding = DoctorFinding(
            strange >= critPerSecond ? .crit : .warn, line?.title ?? "sci",
            "\(line.map { "irq \($0.irq)" } ?? "sci"): \(Units.rate(strange))/s not claimed by ACPI (sci_not), of"
                + " \(Units.rate(total))/s",
            why: "the line is shared with another device, whose interrupts these are",
            next: line.map { ["irqscope record --irq \($0.irq) --duration 5s -o - | irqscope report"] } ?? [])
        (finding.isRate, finding.weight) = (true, strange)
        finding.lines = Set(line.map { [$0.irq] } ?? [])
        findings.append(finding)
    }

    private static func flood(
        _ box: Examination, _ event: (name: String, perSecond: Double), of total: Double?, _ line: ExaminedLine?
    ) -> DoctorFinding {
        var evidence = "\(event.name): \(Units.rate(event.perSecond))/s"
        if let total, total > 0 {
            let share = event.perSecond / total
            evidence += share > 0.95 ? ", all of acpi's \(Units.rate(total))/s" : ", \(Units.percent(share)) of acpi's"
        }
        if let line { evidence += " (irq \(line.irq)" + (line.busiest.map { ", CPU \($0.cpu)" } ?? "") + ")" }
        let workers = (box.tasks ?? []).filter {
            $0.isKernel && $0.name.contains("kacpid") && ($0.cpuShare ?? 0) >= 0.1
        }
        if let worker = workers.max(by: { ($0.cpuShare ?? 0) < ($1.cpuShare ?? 0) }) {
            evidence += "; \(worker.name) \(Units.percent(worker.cpuShare)) of a CPU"
        }
        var next = [
            "# a newer BIOS; at boot: acpi_mask_gpe=0x\(event.name.dropFirst(3).lowercased()) keeps it masked"
        ]
        if event.name.hasPrefix("gpe") {
            next.insert("echo mask >/\(folder)/\(event.name)", at: 0)
        } else {
            next = ["cat /\(folder)/\(event.name)", "# a newer BIOS"]
        }
        var finding = DoctorFinding(
            event.perSecond >= critPerSecond ? .crit : .warn, event.name, evidence,
            why:
                "the firmware raises this event without an end; masking it stops the flood, and what it told of with it",
            next: next)
        if event.name.hasPrefix("gpe") { finding.undo = "echo unmask >/\(folder)/\(event.name)" }
        (finding.isRate, finding.weight) = (true, event.perSecond)
        finding.lines = Set(line.map { [$0.irq] } ?? [])
        if let cpu = line?.busiest?.cpu { finding.cpus = CPUSet([cpu]) }
        return finding
    }
}
