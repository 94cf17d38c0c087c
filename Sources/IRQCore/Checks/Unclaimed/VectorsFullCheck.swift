/// CPUs of a PC that have no vectors left.
enum VectorsFullCheck: DoctorCheck {
    /// So few free vectors, and so many lines of one CPU, are the end.
    static let (fewFree, manyLines) = (5, 180)
    private static let path = "sys/kernel/debug/irq/domains/VECTOR"

    static let about = CheckText(
        "vectors-full", title: "a CPU has no interrupt vectors left",
        meaning: """
            A CPU of a PC has about 200 numbers for interrupts. With many cards of many queues they are used up: lines cannot go \
            where their masks say, and CPUs cannot be switched off.
            """,
        reads: ["dmesg", path, "proc/irq/N/effective_affinity"],
        rule: "the log says so; or 5 or fewer are free on a CPU; or 180 lines or more are on one CPU",
        exceptions: "other architectures; lines without a handler hold no vector",
        trust: "vectors that are kept for managed lines are seen in debugfs only",
        origin: "arch/x86/kernel/apic/vector.c, kernel/irq/matrix.c; Irqbalance/irqbalance#303")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.isX86 else { return }
        let table = box.text(path).map { read($0) }
        addTable(box, table ?? [:], &findings)
        addLog(box, &findings)
        if table == nil { addLines(box, &findings) }
        if table != nil { return }
        if box.log == nil { throw Unjudged("neither the kernel's log nor \(path) can be read") }
        let isPlaceKnown = box.lines.contains { $0.effective != nil }
        if !isPlaceKnown { throw Unjudged("neither proc/irq/N/effective_affinity nor \(path) can be read") }
    }

    /// The free vectors of each CPU and all that it has.
    private static func read(_ text: String) -> [Int: (free: Int, all: Int)] {
        var result: [Int: (Int, Int)] = [:]
        var isInTable = false
        for line in text.split(separator: "\n") {
            if line.contains("| CPU |") {
                isInTable = true
                continue
            }
            let words = line.split(separator: " ")
            guard isInTable, words.count >= 5, let cpu = Int(words[0]), let free = Int(words[1]),
                let managed = Int(words[2]), let used = Int(words[3]), let all = Int(words[4])
            else { continue }
            // Those that are kept for managed lines are free for nobody else.
            result[cpu] = (free, free &+ all &+ max(managed &- used, 0))
        }
        return result
    }

    private static func addTable(
        _ box: Examination, _ table: [Int: (free: Int, all: Int)], _ findings: inout [DoctorFinding]
    ) {
        let full = table.filter { $0.value.free <= fewFree && box.cpus.online.contains($0.key) }
        guard let most = full.min(by: { ($0.value.free, $0.key) < ($1.value.free, $1.key) }) else { return }
        let cpus = CPUSet(Array(full.keys))
        let left = "\(most.value.free) of \(most.value.all) vectors left"
        let outside = box.lines.filter { line in
            guard let mask = line.mask, let place = line.effective else { return false }
            return mask.isDisjoint(with: place) && !mask.isDisjoint(with: cpus)
        }
        var evidence = "\(cpus.inWords): \(left)"
        if !outside.isEmpty {
            evidence = "\(outside.count) lines\(owner(outside)) could not go to \(cpus.inWords) (\(left))"
        }
        findings.append(finding(box, cpus.inWords, evidence, outside, cpus))
    }

    private static func addLog(_ box: Examination, _ findings: inout [DoctorFinding]) {
        var broken: [Int] = []
        var words: String?
        for line in box.log ?? [] {
            if line.text.has("Affinity broken due to vector space exhaustion"),
                let irq = line.text.number(after: "irq ")
            {
                if !broken.contains(irq) { broken.append(irq) }
            } else if line.text.has("Interrupt reservation exceeds available resources") {
                words = words ?? line.text
            } else if line.text.has(" vectors, "), line.text.has("Cannot disable CPU") {
                words = line.text
            }
        }
        guard !broken.isEmpty || words != nil, findings.isEmpty else { return }
        var evidence = words ?? ""
        let lines = broken.compactMap { box.line($0) }
        if !broken.isEmpty {
            evidence = "\(broken.count) lines\(owner(lines)) could not go where their masks say, the log says"
        }
        var result = finding(box, broken.first.map { "irq \($0)" } ?? "vectors", evidence, lines, CPUSet())
        result.lines = Set(broken)
        result.sources = ["dmesg"]
        findings.append(result)
    }

    private static func addLines(_ box: Examination, _ findings: inout [DoctorFinding]) {
        var counts: [Int: [ExaminedLine]] = [:]
        for line in box.lines where line.details.actions?.isEmpty == false {
            if let cpu = line.effective?.lowest { counts[cpu, default: []].append(line) }
        }
        let full = counts.filter { $0.value.count >= manyLines }
        guard findings.isEmpty, let most = full.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) else {
            return
        }
        let cpus = CPUSet(Array(full.keys))
        findings.append(
            finding(
                box, cpus.inWords, "\(most.value.count) lines are on CPU \(most.key), which has about 200 vectors", [],
                cpus))
    }

    /// ` of ice` where most lines are of one driver.
    private static func owner(_ lines: [ExaminedLine]) -> String {
        var counts: [String: Int] = [:]
        for driver in lines.compactMap({ $0.device?.driver }) { counts[driver, default: 0] += 1 }
        guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), most.value * 2 > lines.count
        else {
            return ""
        }
        return " of \(most.key)"
    }

    private static func finding(
        _ box: Examination, _ subject: String, _ evidence: String, _ lines: [ExaminedLine], _ cpus: CPUSet
    ) -> DoctorFinding {
        var next: [String] = []
        let group = box.groups.filter { $0.interface != nil }.max { ($0.queueCount, $1.key) < ($1.queueCount, $0.key) }
        if let group, let name = group.interface, group.queueCount > 1 {
            next.append("ethtool -L \(ShellWord.quoted(name)) combined \(group.queueCount / 2)")
        }
        next.append("irqscope affinity plan spread")
        next.append("# fewer queues by a driver's option; until then a write to smp_affinity there fails with ENOSPC")
        var finding = DoctorFinding(
            .warn, subject, evidence, why: "lines stay where they are, whatever their masks say", next: next)
        (finding.weight, finding.lines, finding.cpus) = (Double(lines.count), Set(lines.map(\.irq)), cpus)
        return finding
    }
}
