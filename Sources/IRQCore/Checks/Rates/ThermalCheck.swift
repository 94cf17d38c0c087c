/// Processors that slow down for their heat.
enum ThermalCheck: DoctorCheck {
    /// Thermal interrupts of a CPU, per second.
    static let warnPerSecond = 1.0
    private static let system = "sys/devices/system/cpu"

    static let about = CheckText(
        "thermal", title: "a processor slows down for its heat",
        meaning: """
            A processor that becomes too hot, or needs too much power, lowers its clock until it is cooler: all that it does takes \
            longer then, handlers included.
            """,
        reads: [
            "proc/interrupts row TRM", "\(system)/cpuN/thermal_throttle/core_throttle_count",
            "\(system)/cpuN/thermal_throttle/package_throttle_count", "dmesg",
        ],
        rule: "a count moves, or TRM comes once a second or more: a warning. Moved since boot, but not now: a note",
        exceptions: "the count of a package is the same on each of its CPUs: it is told once",
        trust: "the counts are exact; only Intel's processors have them, and guests have none",
        origin: "drivers/thermal/intel/therm_throt.c; softdevteam/krun#349")
    static let sampled = [
        "\(system)/cpu*/thermal_throttle/core_throttle_count",
        "\(system)/cpu*/thermal_throttle/package_throttle_count",
    ]

    /// A core or a package, with its counts.
    private struct Part {
        var name: String
        var cpus = CPUSet()
        var delta: UInt64 = 0
        var total: UInt64 = 0
    }

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        addRow(box, &findings)
        let (packages, cores, isThere) = counts(box)
        add(box, packages, "package", &findings)
        add(box, cores, "core", &findings)
        if isThere { return }
        addLog(box, &findings)
        if !findings.isEmpty { return }
        let first = box.cpus.online.lowest ?? 0
        throw Unjudged(
            "\(system)/cpu\(first)/thermal_throttle is not there: only Intel's processors have it, and no guest")
    }

    private static func addRow(_ box: Examination, _ findings: inout [DoctorFinding]) {
        let hot = box.rows("TRM").flatMap(\.perCPU).filter { box.perSecond($0.delta) >= warnPerSecond }
        guard let most = hot.max(by: { ($0.delta, $1.cpu) < ($1.delta, $0.cpu) }) else { return }
        let cpus = CPUSet(hot.map(\.cpu))
        let rate = box.perSecond(most.delta)
        var finding = finding(
            .warn, cpus.inWords,
            "TRM \(Units.rate(rate))/s on CPU \(most.cpu)" + (cpus.count > 1 ? "; on \(cpus.inWords)" : ""))
        (finding.isRate, finding.weight, finding.cpus) = (true, rate, cpus)
        findings.append(finding)
    }

    private static func counts(_ box: Examination) -> (packages: [Part], cores: [Part], isThere: Bool) {
        var packages: [Int: Part] = [:]
        var cores: [String: Part] = [:]
        var isThere = false
        for cpu in box.cpus.online.cpus {
            let folder = "\(system)/cpu\(cpu)"
            let package = box.number("\(folder)/topology/physical_package_id") ?? 0
            if let total = box.number("\(folder)/thermal_throttle/package_throttle_count"), total >= 0 {
                isThere = true
                let delta = box.delta("\(folder)/thermal_throttle/package_throttle_count") ?? 0
                merge(&packages[package, default: Part(name: "package \(package)")], cpu, delta, UInt64(total))
            }
            if let total = box.number("\(folder)/thermal_throttle/core_throttle_count"), total >= 0 {
                isThere = true
                let siblings = box.cpus.siblings[cpu] ?? CPUSet([cpu])
                let delta = box.delta("\(folder)/thermal_throttle/core_throttle_count") ?? 0
                let name = siblings.count > 1 ? "the core of \(siblings.inWords)" : "the core of CPU \(cpu)"
                merge(&cores[siblings.list, default: Part(name: name)], cpu, delta, UInt64(total))
            }
        }
        return (Array(packages.values), Array(cores.values), isThere)
    }

    private static func merge(_ part: inout Part, _ cpu: Int, _ delta: UInt64, _ total: UInt64) {
        part.cpus = part.cpus.union(CPUSet([cpu]))
        (part.delta, part.total) = (max(part.delta, delta), max(part.total, total))
    }

    private static func add(_ box: Examination, _ parts: [Part], _ kind: String, _ findings: inout [DoctorFinding]) {
        let isNow = !box.isSinceBoot && parts.contains { $0.delta > 0 }
        let hot = parts.filter { (isNow ? $0.delta : $0.total) > 0 }
        func count(_ part: Part) -> UInt64 { isNow ? part.delta : part.total }
        guard let most = hot.max(by: { (count($0), $1.name) < (count($1), $0.name) }) else { return }
        let cpus = hot.reduce(CPUSet()) { $0.union($1.cpus) }
        var evidence = "\(most.name) throttled \(times(count(most))) "
        evidence +=
            isNow ? "in \(Units.fixed(box.seconds, 0)) s" : box.isSinceBoot ? "since boot" : "since boot, not now"
        if hot.count > 1 { evidence += "; \(hot.count - 1) more \(kind)s likewise" }
        var result = finding(isNow ? .warn : .note, most.name, evidence)
        (result.weight, result.cpus) = (Double(count(most)), cpus)
        findings.append(result)
    }

    private static func times(_ count: UInt64) -> String { count == 1 ? "once" : "\(Units.count(count)) times" }

    /// The kernel's words, where there are no counts: `CPU3: Package temperature is above threshold, cpu clock is throttled`.
    private static func addLog(_ box: Examination, _ findings: inout [DoctorFinding]) {
        let lines = (box.log ?? []).filter {
            $0.text.has("temperature") && $0.text.has("above threshold") && $0.text.has("throttled")
        }
        guard let last = lines.last else { return }
        var result = finding(.note, "the log", "\(lines.count) times in the log, last: \(last.text)")
        result.sources = ["dmesg"]
        findings.append(result)
    }

    private static func finding(_ severity: DoctorSeverity, _ subject: String, _ evidence: String) -> DoctorFinding {
        DoctorFinding(
            severity, subject, evidence,
            why: "the clock is lowered while it is too hot or takes too much power: everything takes longer",
            next: ["turbostat --quiet --interval 5 --num_iterations 1", "# cooling, dust, power limits in the BIOS"])
    }
}
