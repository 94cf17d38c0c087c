/// Somebody else places lines that irqbalance may move.
enum IrqbalanceConflictCheck: DoctorCheck {
    static let about = CheckText(
        "irqbalance-conflict", title: "irqbalance and somebody else set the same masks",
        meaning: """
            irqbalance runs beside a program that places interrupts: whichever writes last wins, and irqbalance writes again \
            and again. Lines that were placed on purpose must be banned there, or it must not run.
            """,
        reads: [
            "proc/PID/comm", "proc/PID/cmdline", "the state of `irqscope affinity apply`", "etc/tuned/active_profile",
            "etc/systemd/network/*.link", "proc/irq/default_smp_affinity",
        ],
        rule: """
            irqbalance runs, and lines that `irqscope affinity apply` wrote are not among those that it was told to leave alone; or a \
            profile of tuned sets CPUs apart which it does not ban; or a .link file has IRQAffinityPolicy=; or cri-o narrowed the \
            mask for new lines
            """,
        exceptions: "all those lines or CPUs are banned",
        trust: "it may move them; whether it has is what irqbalance-moves tells",
        origin: "irqbalance.c; seapath/ansible#984, cri-o/cri-o#6145")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard let process = try IrqbalanceFacts(box), !process.isOneshot else { return }
        if process.hasPolicyScript {
            throw Unjudged(
                "irqbalance asks a script (--policyscript) which lines to leave alone: it may be told of all")
        }
        if let applied = box.applied {
            let lines = box.lines.filter {
                applied.lines.contains($0.irq) && !process.isBanned($0) && $0.mobility.isFree
            }
            if !lines.isEmpty {
                let time = applied.time.isEmpty ? "" : " on \(applied.time)"
                var finding = finding(
                    "irqbalance runs and may move the \(count(lines)) applied\(time)", process, lines)
                finding.lines = Set(lines.map(\.irq))
                findings.append(finding)
            }
        }
        let banned = process.settings.flatMap { BannedCPUs($0, last: box.cpus.last)?.cpus }
        if let file = linkFile(box) {
            let lines = box.lines.filter { $0.queue?.kind == .network && $0.mobility.isFree && !process.isBanned($0) }
            if !lines.isEmpty {
                findings.append(
                    finding("irqbalance runs and may move the \(count(lines)) that \(file) places", process, lines))
            }
        }
        if ProcessNames.runs("crio", box), let mask = box.mask("proc/irq/default_smp_affinity") {
            let kept = box.cpus.online.subtracting(mask).subtracting(banned ?? box.cpus.isolated)
            if !kept.isEmpty {
                var finding = finding(
                    "irqbalance runs and may use \(kept.inWords), which cri-o keeps interrupts off", process, [])
                finding.cpus = kept
                findings.append(finding)
            }
        }
        if let tuned = try TunedFacts(box), let isolated = tuned.isolated {
            // What the kernel calls isolated it leaves alone by itself, unless a list of bans replaces that.
            let kept = isolated.intersection(box.cpus.online).subtracting(banned ?? box.cpus.isolated)
            if !kept.isEmpty {
                var finding = finding(
                    "irqbalance runs and may use \(kept.inWords), which tuned (\(tuned.profile)) sets apart", process,
                    [])
                finding.cpus = kept
                findings.append(finding)
            }
        }
    }

    private static func count(_ lines: [ExaminedLine]) -> String {
        lines.count == 1 ? "1 line" : "\(lines.count) lines"
    }

    private static func finding(_ evidence: String, _ process: IrqbalanceFacts, _ lines: [ExaminedLine])
        -> DoctorFinding
    {
        var next = ["systemctl disable --now irqbalance"]
        if !lines.isEmpty { next.append(process.banAdvice(lines)) }
        var finding = DoctorFinding(
            .warn, "irqbalance", evidence, why: "it writes masks every ten seconds, and does not know what others set",
            next: next)
        finding.undo = "systemctl enable --now irqbalance"
        return finding
    }

    /// A file that tells systemd-udevd to place lines.
    private static func linkFile(_ box: Examination) -> String? {
        let folder = "etc/systemd/network"
        let name = (box.files.names(folder) ?? []).first { name in
            guard name.hasSuffix(".link"), let text = box.text("\(folder)/\(name)") else { return false }
            return text.split(separator: "\n").contains { $0.trimmingBlanks.hasPrefix("IRQAffinityPolicy=") }
        }
        return name.map { "/\(folder)/\($0)" }
    }
}
