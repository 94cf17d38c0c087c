/// An interrupt that comes more often than its device can want. The verdict is that of `alert` (`StormCheck`).
enum StormLineCheck: DoctorCheck {
    /// A CPU of which interrupts take this share does little else.
    static let littleElseShare = 0.8

    static let about = CheckText(
        "storm-line", title: "an interrupt comes more often than its device can want",
        meaning: """
            A device that interrupts without an end takes a CPU from everything else. A high rate alone is none: a busy disk or \
            network card interrupts often as well. So the work that should follow is looked for: packets, requests, threads.
            """,
        reads: ["proc/interrupts", "proc/stat", "proc/softirqs", "proc/diskstats", "proc/irq/N/spurious"],
        rule: """
            the storm verdict of irqscope alert: from 20,000 a second on one CPU a warning, from 100,000 critical; from 5,000 a \
            warning where nothing follows; from 1,000 where it takes half of a CPU in hard interrupts.
            """,
        exceptions: """
            a line that work follows at half its rate or more: NET_RX on its CPU, requests of its disk, tasklets, its thread's \
            time; a line that storm-acpi explains
            """,
        trust: "the rate is exact; what handlers take is known as root only, or where the kernel accounts for it",
        origin: "irqscope-alert(1); sonic-net/sonic-buildimage#16277")
    static let hiddenBy = ["storm-acpi"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        for verdict in box.verdicts(.storm) {
            guard let irq = verdict.subject.irq, let line = box.line(irq), let severity = DoctorSeverity(verdict.level)
            else { continue }
            findings.append(finding(verdict, line, severity))
        }
        findings = findings.most("interrupts")
        // Without these nobody can tell whether work follows.
        _ = try box.require("proc/softirqs")
        try box.requireTimes()
    }

    private static func finding(
        _ verdict: AlertFinding, _ line: ExaminedLine, _ severity: DoctorSeverity
    ) -> DoctorFinding {
        let seen = verdict.evidence
        let rate = seen.perSecond ?? line.busiest?.perSecond ?? line.perSecond
        let cpu = verdict.subject.cpu ?? line.busiest?.cpu
        var evidence = "\(line.title): \(Units.rate(rate))/s" + (cpu.map { " on CPU \($0)" } ?? "")
        if let share = seen.handler?.cpuShare {
            evidence += ", handlers \(Units.percent(share)) of it"
        } else if let share = seen.irqTimeShare, share > 0 {
            evidence += ", hard interrupts \(Units.percent(share)) of it"
        }
        if let share = seen.handler?.unhandledShare ?? seen.unhandledShare {
            evidence += ", \(Units.percent(share)) unhandled"
        } else if let now = line.details.spurious, now.unhandled == line.spuriousBefore?.unhandled {
            evidence += ", 0% unhandled"
        }
        if seen.work?.verdict == .nothing { evidence += "; nothing follows it" }
        var next = ["irqscope record --irq \(line.irq) --duration 5s -o - | irqscope report"]
        if line.details.actions?.contains("i801_smbus") == true {
            next.append("# i2c_i801 works without its interrupt: at boot i2c_i801.disable_features=0x10")
        }
        var finding = DoctorFinding(
            severity, "irq \(line.irq)", evidence,
            why: "\(cost(seen, cpu)); \(consequence(seen.work))", next: next)
        (finding.isRate, finding.weight, finding.lines) = (true, rate, [line.irq])
        finding.cpus = CPUSet(cpu.map { [$0] } ?? [])
        return finding
    }

    /// The share that the line takes of its CPU, as far as that was measured.
    private static func cost(_ seen: AlertEvidence, _ cpu: Int?) -> String {
        let place = cpu.map { "CPU \($0)" } ?? "its CPU"
        // Kernels that do not account for interrupts give next to none: that is unknown, not little.
        let least = (seen.perSecond ?? 0) * StormLimits.leastNanoseconds / 1e9
        let share = seen.handler?.cpuShare ?? seen.irqTimeShare.flatMap { $0 > 0 && $0 >= least ? $0 : nil }
        guard let share else { return "what it takes of \(place) is unknown" }
        let who = seen.handler == nil ? "hard interrupts take" : "its handlers take"
        let rest = share >= littleElseShare ? ", which does little else" : ""
        return "\(who) \(Units.percent(share)) of \(place)\(rest)"
    }

    /// The sentence on the work that was seen, or not.
    private static func consequence(_ work: Work?) -> String {
        switch work?.verdict ?? .unknown {
        case .nothing: "nothing follows, so the device, its driver or what is wired to it does not stop"
        case .some: "less than half of that follows: some of it is for nothing, or work that is not counted"
        case .unknown: "what follows is unknown: it may be busy, or not stop"
        case .follows: "work follows, so it is busy"
        }
    }
}
