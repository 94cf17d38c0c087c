/// A list of bans of irqbalance that is not what its author means.
enum IrqbalanceBansCheck: DoctorCheck {
    /// Slower devices do not matter, per second.
    static let leastPerSecond = 1_000.0

    static let about = CheckText(
        "irqbalance-bans", title: "irqbalance's list of banned CPUs is not what it seems",
        meaning: """
            irqbalance keeps off isolated and nohz_full CPUs by itself. IRQBALANCE_BANNED_CPULIST, or the older \
            IRQBALANCE_BANNED_CPUS, which wins, replaces that list: whoever bans CPU 0 only allows all isolated ones.
            """,
        reads: ["proc/PID/environ", "etc/default/irqbalance", "etc/sysconfig/irqbalance"],
        rule: """
            the list lacks an isolated CPU; or has all CPUs, or all of a memory node whose devices are busy (1,000 a second or more); or cannot \
            be read (`0x…`, `4-N`, more than eight digits without a comma)
            """,
        exceptions: """
            neither is set; an empty list, which is ignored up to irqbalance 1.9.5 and bans nothing since; a node of isolated CPUs \
            only
            """,
        trust:
            "the process's environment is what counts: the file may be newer; on hybrid Intel CPUs irqbalance may ban more",
        origin: "irqbalance, cputree.c; Irqbalance/irqbalance pull 90, #30; cri-o/cri-o#6145")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard let process = try IrqbalanceFacts(box) else { return }
        guard let settings = process.settings else {
            let answer = box.files.read(process.source)
            throw Unjudged(
                "\(process.source) \(answer.problem ?? "could not be read"), and \(IrqbalanceFacts.files[1]) is not there"
            )
        }
        guard let bans = BannedCPUs(settings, last: box.cpus.last) else { return }
        let isolated = box.cpus.isolated.intersection(box.cpus.online)
        let text = "\(bans.name)=\(bans.value)"
        /// A list with the isolated CPUs that leaves some CPU to irqbalance; nil for none at all.
        func better(_ list: CPUSet) -> CPUSet? {
            let wanted = list.union(isolated)
            if !wanted.isEmpty, !box.cpus.online.isSubset(of: wanted) { return wanted }
            return isolated.isEmpty ? nil : isolated
        }
        guard let cpus = bans.cpus else {
            add(
                &findings, "\(text) cannot be read: irqbalance bans other CPUs than it says, or none", process, bans,
                bans.meant.flatMap(better))
            return
        }
        if !box.cpus.online.isEmpty, box.cpus.online.isSubset(of: cpus) {
            add(
                &findings, "\(text) bans all CPUs (\(box.cpus.online.list)): irqbalance moves nothing", process, bans,
                isolated.isEmpty ? nil : isolated)
            return
        }
        for (node, members) in box.cpus.nodeCPUs.sorted(by: { $0.key < $1.key }) where box.cpus.nodeCPUs.count > 1 {
            let there = members.intersection(box.cpus.housekeeping)
            guard !there.isEmpty, members.intersection(box.cpus.online).isSubset(of: cpus) else { continue }
            let lines = box.lines.filter { $0.mobility.isFree && ($0.device?.numaNode ?? $0.details.node) == node }
            guard lines.reduce(0, { $0 + $1.perSecond }) >= leastPerSecond else { continue }
            let names = lines.sorted { $0.perSecond > $1.perSecond }.map { $0.device?.title ?? $0.name }
            let devices = names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            add(
                &findings, "\(text) bans all CPUs of node \(node), where \(NameList.few(devices, limit: 3)) is busy",
                process, bans, better(cpus.subtracting(there)))
            findings[findings.count - 1].lines = Set(lines.map(\.irq))
            findings[findings.count - 1].isRate = true
        }
        let open = isolated.subtracting(cpus)
        if !open.isEmpty {
            add(&findings, "\(text) leaves isolated \(open.list) open", process, bans, better(cpus))
            findings[findings.count - 1].cpus = open
        }
        _ = try box.requireIsolated()
    }

    private static func add(
        _ findings: inout [DoctorFinding], _ evidence: String, _ process: IrqbalanceFacts, _ bans: BannedCPUs,
        _ wanted: CPUSet?
    ) {
        var finding = DoctorFinding(
            .warn, "irqbalance", evidence,
            why: "a list that is set replaces irqbalance's own, which is the isolated and nohz_full CPUs",
            next: [])
        if let wanted {
            let setting = "IRQBALANCE_BANNED_CPULIST=\(wanted.list)"
            // A setting that is commented out there, or made elsewhere, is nothing that could be changed.
            if let file = process.file, process.namesInFile.contains(bans.name) {
                finding.next = [
                    "sed -i 's/^\\(export \\)*\(bans.name)=.*/\(setting)/' /\(file)", "systemctl restart irqbalance",
                ]
            } else {
                finding.next = [
                    "# \(setting), where it is set (systemctl cat irqbalance)", "systemctl restart irqbalance",
                ]
            }
        } else {
            finding.next = [
                "# take \(bans.name) out of \(process.file.map { "/" + $0 } ?? "its unit (systemctl cat irqbalance)")",
                "systemctl restart irqbalance",
            ]
        }
        finding.sources = [process.source]
        findings.append(finding)
    }
}
