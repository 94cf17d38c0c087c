/// Masks that changed between the samples while irqbalance runs.
enum IrqbalanceMovesCheck: DoctorCheck {
    /// The rate from which on a line's move is felt, per second.
    static let busyPerSecond = 1_000.0
    /// irqbalance looks and moves so often, in seconds.
    static let periodSeconds = 10.0

    static let about = CheckText(
        "irqbalance-moves", title: "irqbalance moves interrupts",
        meaning: """
            irqbalance looks at the load of CPUs every ten seconds and writes other masks. Where masks were set on purpose, or CPUs are \
            to be left alone, that undoes it; a busy queue that moves loses its caches.
            """,
        reads: ["proc/PID/comm", "proc/irq/N/smp_affinity in both samples", "proc/interrupts"],
        rule: """
            irqbalance runs, and the mask of a line of 1,000 a second or more changed, or a mask got an isolated CPU: a warning; \
            slower lines only: a note
            """,
        exceptions: "lines in their first 30 s; irqbalance --oneshot",
        trust: """
            it writes only what it wants to move and reads no mask back, so that a quiet minute proves nothing; that it was \
            irqbalance who wrote is inferred
            """,
        origin: "irqbalance, activate.c; AsahiLinux/linux#483, haproxy/haproxy#1194, firedancer-io/firedancer#2297")
    static let causes = ["irqbalance-bans"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard let process = try IrqbalanceFacts(box), !process.isOneshot else { return }
        if box.isSinceBoot { throw Unjudged("irqbalance runs, and one sample does not tell what it moves") }
        try box.requireMasks()
        let isolated = box.cpus.isolated
        let moved = box.lines.filter { line in
            guard let mask = line.mask, let before = line.maskBefore, mask != before, line.mobility.isFree else {
                return false
            }
            // A line that had never come before the first sample is new.
            return line.isKnown && (line.total > line.delta || line.delta == 0)
        }
        if moved.isEmpty {
            guard box.seconds < periodSeconds * 0.99 else { return }
            throw Unjudged(
                "irqbalance runs and moves lines every 10 s: two samples \(Units.fixed(box.seconds, 1)) s apart prove nothing"
            )
        }
        func isOnto(_ line: ExaminedLine) -> Bool {
            guard let mask = line.mask, let before = line.maskBefore else { return false }
            // A mask that has isolated CPUs alone by now sends it there, also where they were among others before.
            let isNarrowed = !mask.isEmpty && mask.isSubset(of: isolated) && !before.isSubset(of: isolated)
            return isNarrowed || !mask.subtracting(before).isDisjoint(with: isolated)
        }
        let ordered = moved.sorted { ($0.perSecond, $1.irq) > ($1.perSecond, $0.irq) }
        let parts = ordered.map { line in
            "\(line.name) \(line.maskBefore?.list ?? "")\u{2192}\(line.mask?.list ?? "")"
                + (isOnto(line) ? " (isolated)" : "")
        }
        let isWorse = moved.contains { $0.perSecond >= busyPerSecond || isOnto($0) }
        var finding = DoctorFinding(
            isWorse ? .warn : .note, "irqbalance",
            "irqbalance moved \(moved.count) \(moved.count == 1 ? "line" : "lines") in \(Units.fixed(box.seconds, 0)) s: \(NameList.few(parts))",
            why:
                "it goes by the load of CPUs and does not know who set a mask; what is set by hand does not last while it runs",
            next: ["systemctl disable --now irqbalance", process.banAdvice(ordered)])
        finding.undo = "systemctl enable --now irqbalance"
        finding.lines = Set(moved.map(\.irq))
        for line in moved where isOnto(line) {
            finding.cpus = finding.cpus.union(line.mask?.intersection(isolated) ?? CPUSet())
        }
        finding.weight = ordered.first?.perSecond ?? 0
        findings.append(finding)
    }
}
