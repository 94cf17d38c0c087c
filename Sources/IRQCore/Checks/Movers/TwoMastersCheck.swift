/// Lines that came after tuned had kept all others off the CPUs that it sets apart.
enum TwoMastersCheck: DoctorCheck {
    static let about = CheckText(
        "two-masters", title: "tuned sets masks once, and lines came later",
        meaning: """
            A profile of tuned that sets CPUs apart writes the masks of all lines when it starts. A device that is added or set up \
            again after that gets new lines, which may go anywhere.
            """,
        reads: ["etc/tuned/active_profile", "etc/tuned/*-variables.conf", "proc/irq/N/effective_affinity"],
        rule: "the profile sets CPUs apart (isolated_cores), and a line that can be moved is on one of them",
        trust: """
            that the line came later is inferred; tuned's [irq] plugin knows EIO only: on Linux 6.12 each managed line is an error in \
            its log
            """,
        origin: "tuned, plugin_scheduler.py, plugin_irq.py; redhat-performance/tuned#296")
    static let causes = ["default-mask"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard let tuned = try TunedFacts(box) else { return }
        var isolated = tuned.isolated ?? CPUSet()
        if isolated.isEmpty { isolated = try box.requireIsolated() }
        guard !isolated.isEmpty else { return }
        try box.requireMasks()
        let lines = box.lines.filter { line in
            guard line.mobility.isFree, let place = line.effective else { return false }
            return !place.isDisjoint(with: isolated)
        }
        guard !lines.isEmpty else { return }
        let ordered = lines.sorted { ($0.perSecond, $1.irq) > ($1.perSecond, $0.irq) }
        var names: [(name: String, cpus: CPUSet)] = []
        for line in ordered {
            let name = line.parts.links.first ?? line.device?.title ?? line.name
            let there = (line.effective ?? CPUSet()).intersection(isolated)
            if let place = names.firstIndex(where: { $0.name == name }) {
                names[place].cpus = names[place].cpus.union(there)
            } else {
                names.append((name, there))
            }
        }
        let words = names.map { "\($0.name) came later and is on \($0.cpus.list)" }
        var finding = DoctorFinding(
            .note, "tuned", "tuned \(tuned.profile) isolates \(isolated.list); \(NameList.few(words, limit: 3))",
            why: "it writes masks when it starts, and not again when a device appears",
            next: ["systemctl restart tuned", "# and keep lines to come away: see default-mask"])
        finding.lines = Set(lines.map(\.irq))
        for name in names { finding.cpus = finding.cpus.union(name.cpus) }
        findings.append(finding)
    }
}
