public import IRQCore

/// A finding in words: what, since when, the evidence, and the next step. Names in it are made harmless.
public struct AlertSentence: Sendable {
    /// The subject, and what is wrong with it.
    public let what: String
    /// The numbers behind it, separated by semicolons; may be empty.
    public let evidence: String
    /// The next step; "" if it is over.
    public let next: String

    /// All on one line.
    public var line: String {
        what + (evidence.isEmpty ? "" : " (\(evidence))") + (next.isEmpty ? "" : ". Next: \(next)")
    }

    /// Puts a finding into words.
    public init(_ finding: AlertFinding, clock: (UInt64) -> String) {
        let subject = Self.name(finding)
        guard finding.level > .ok else {
            what = "\(subject): over, \(Self.ending(finding)) (it was \(finding.previousLevel.name))"
            (evidence, next) = ("", "")
            return
        }
        var what = "\(subject): \(Self.trouble(finding))"
        if finding.key.verdict != .errors, finding.lastedNanoseconds >= 1_000_000_000 {
            what += " for \(Self.time(finding.lastedNanoseconds)), since \(clock(finding.sinceWallNanoseconds))"
        }
        self.what = what
        evidence = Self.evidence(finding)
        next = finding.next
    }

    // MARK: Parts

    /// `irq 36 virtio1-req.0 (vda)`, `CPU 1`, `CPU 3 MCE Machine check exceptions`; a row that counts for the machine has its
    /// label alone.
    static func name(_ finding: AlertFinding) -> String {
        let subject = finding.subject
        guard !subject.label.isEmpty else {
            return subject.cpu.map { "CPU \($0)" } ?? finding.key.verdict.name
        }
        var name = subject.irq.map { "irq \($0)" } ?? SafeText.escaped(subject.label)
        if subject.irq == nil, finding.key.verdict == .errors, let cpu = subject.cpu { name = "CPU \(cpu) " + name }
        if !subject.action.isEmpty { name += " " + SafeText.escaped(subject.action) }
        if !subject.device.isEmpty, subject.device != subject.action {
            name += " (\(SafeText.escaped(subject.device)))"
        }
        return name
    }

    private static func trouble(_ finding: AlertFinding) -> String {
        let evidence = finding.evidence
        let rate = "\(Units.rate(evidence.perSecond))/s"
        let cpu = finding.subject.cpu.map { " on CPU \($0)" } ?? ""
        switch (finding.key.verdict, finding.key.aspect) {
        case (.storm, _):
            return evidence.perSecond == nil ? "still storming, unmeasured this time" : rate + cpu
        case (.unhandled, _):
            if evidence.isDisabled {
                let doubt = evidence.disabledSource == .counters ? "most likely " : ""
                return doubt + "disabled by the kernel, since nobody claimed its interrupts"
            }
            guard let share = evidence.unhandledShare else { return "nobody claims its interrupts" }
            return "\(Units.percent(share)) of its interrupts unhandled, \(rate)"
        case (.softirq, .drops): return "\(rate) packets dropped, the backlog is full"
        case (.softirq, .squeezes): return "the network softirq runs out of its time \(rate)"
        case (.softirq, .softirqShare):
            return "softirqs take \(Units.percent(evidence.softirqTimeShare)) of the CPU, outside of ksoftirqd"
        case (.steal, _):
            let count = evidence.cpuCount ?? 1
            let others = count > 1 ? " (\(count) CPUs lose \(Units.percent(AlertRules.stealShare)) or more)" : ""
            return "the host takes \(Units.percent(evidence.stealShare)) of its time\(others)"
        case (.softirq, _): return "ksoftirqd takes \(Units.percent(evidence.ksoftirqdShare)) of the CPU"
        case (.placement, .outsideMask): return "\(rate) outside of its affinity\(cpu)"
        case (.placement, .isolatedCPU): return "\(rate) on the isolated CPU \(finding.subject.cpu ?? 0)"
        case (.placement, .oneCPUOfDevice):
            return "\(evidence.queueCount ?? 0) queues of one device interrupt the same CPU, \(rate)\(cpu)"
        case (.placement, _): return "\(Units.percent(evidence.cpuShare)) of all interrupts of devices, \(rate)"
        case (.errors, _): return "\(Units.count(evidence.delta ?? 0)) more errors, \(rate)"
        }
    }

    private static func evidence(_ finding: AlertFinding) -> String {
        let evidence = finding.evidence
        var parts: [String] = []
        if finding.key.verdict == .storm {
            if let burst = evidence.burstNanoseconds {
                parts.append("a burst: measured over \(Units().duration(Double(burst)))")
            }
            if let event = evidence.event {
                parts.append("\(event), an event of the firmware, \(Units.rate(evidence.eventPerSecond))/s")
            }
            parts += WorkSentence(evidence.work).parts
            if evidence.isAgainstHistory {
                parts.append("far above its history")
            } else if let level = finding.level == .critical ? finding.crit ?? finding.warn : finding.warn {
                parts.append("level \(Units.rate(level))/s")
            }
        }
        if let usual = evidence.usualPerSecond { parts.append("usually \(Units.rate(usual))/s") }
        if let total = evidence.totalPerSecond, let rate = evidence.perSecond, total > rate * 1.05 {
            parts.append("\(Units.rate(total))/s on all CPUs")
        }
        if let affinity = evidence.affinity, !affinity.isEmpty { parts.append("affinity \(affinity)") }
        if finding.key.verdict == .placement, evidence.isManaged == true {
            parts.append("a managed interrupt: the kernel alone sets its mask")
        }
        if finding.key.verdict != .unhandled, let share = evidence.unhandledShare, share > 0 {
            parts.append("\(Units.percent(share)) unhandled by the kernel's count")
        }
        if evidence.isDisabled {
            switch evidence.disabledSource {
            case .debugfs: parts.append("debugfs says so")
            case .log: parts.append("the kernel's log says so")
            case .counters: break
            }
        }
        if let left = evidence.unhandledLeft {
            let soon = evidence.secondsToLimit.map { ", in about \(Self.time(UInt64(min($0, 1e9) * 1e9)))" } ?? ""
            parts.append("the kernel disables it after \(Units.count(left)) more\(soon)")
        }
        if let share = evidence.cpuShare { parts.append("\(Units.percent(share)) of them there") }
        var times: [String] = []
        if let share = evidence.irqTimeShare, share > 0 { times.append("irq \(Units.percent(share))") }
        if let share = evidence.softirqTimeShare, share > 0, finding.key.aspect != .softirqShare {
            times.append("softirq \(Units.percent(share))")
        }
        if let share = evidence.ksoftirqdShare, share > 0, finding.key.aspect != .ksoftirqd {
            times.append("ksoftirqd \(Units.percent(share))")
        }
        if let cpu = finding.subject.cpu, !times.isEmpty {
            parts.append("CPU \(cpu): " + times.joined(separator: ", "))
        }
        if finding.key.verdict == .softirq, let softirq = evidence.softirq { parts.append("most often \(softirq)") }
        parts += HandlerSentence(evidence).parts
        return parts.joined(separator: "; ")
    }

    private static func ending(_ finding: AlertFinding) -> String {
        switch finding.ending ?? .below {
        case .below: "\(finding.key.verdict.name) ended"
        case .gone: "the interrupt is gone"
        case .reboot: "the machine was booted"
        }
    }

    /// `45 s`, `12 min`, `3.5 h`, `2 d`.
    static func time(_ nanoseconds: UInt64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        if seconds < 99.5 { return "\(Units.fixed(seconds, 0)) s" }
        if seconds < 5_970 { return "\(Units.fixed(seconds / 60, 0)) min" }
        if seconds < 172_000 { return "\(Units.fixed(seconds / 3600, 1)) h" }
        return "\(Units.fixed(seconds / 86_400, 0)) d"
    }
}
