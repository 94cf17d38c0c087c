/// A hyperthread of an isolated CPU that works.
enum IsoSiblingCheck: DoctorCheck {
    /// The interrupts per second, and the share of the twin's time, from which on the isolated CPU feels it.
    static let (leastPerSecond, busyShare) = (1_000.0, 0.2)

    static let about = CheckText(
        "iso-sibling", title: "the twin of an isolated CPU works",
        meaning: """
            Two hyperthreads share one core: its units, its caches, and what one of them takes the other has not. An isolated CPU whose \
            twin serves interrupts or runs tasks is slower and less even than one that is alone.
            """,
        reads: ["sys/devices/system/cpu/cpuN/topology/thread_siblings_list", "proc/interrupts", "proc/stat"],
        rule: """
            the twin of an isolated CPU is not isolated and serves 1,000 interrupts of devices a second or more, or is 20 % busy: a \
            warning; it is idle: a note
            """,
        exceptions: "hyperthreading is off", trust: "guests may be told a topology that is not the host's",
        origin: "Documentation/admin-guide/hw-vuln/core-scheduling.rst")
    static let causes = ["irqbalance-moves"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isolated = try box.requireIsolated().intersection(box.cpus.online)
        guard let first = isolated.lowest else { return }
        if box.text("sys/devices/system/cpu/smt/active") == "0" { return }
        guard isolated.cpus.contains(where: { box.cpus.siblings[$0] != nil }) else {
            _ = try box.require("sys/devices/system/cpu/cpu\(first)/topology/thread_siblings_list")
            throw Unjudged("thread_siblings_list of isolated CPUs holds no list")
        }
        var twins: [(twin: Int, of: Int)] = []
        for cpu in isolated.cpus {
            let others = (box.cpus.siblings[cpu] ?? CPUSet()).intersection(box.cpus.online).subtracting(isolated)
            for other in others.cpus where !twins.contains(where: { $0.twin == other }) { twins.append((other, cpu)) }
        }
        guard !twins.isEmpty else { return }
        var busy: [(words: String, weight: Double, twin: Int, lines: Set<Int>)] = []
        var idle: [(twin: Int, of: Int)] = []
        for (twin, cpu) in twins {
            let lines = box.lines(on: twin)
            let sum = lines.reduce(0) { $0 + $1.perSecond }
            let share = box.busyShare(twin)
            let head = "CPU \(twin), twin of isolated \(cpu)"
            if sum >= leastPerSecond, let most = lines.first {
                let names = "\(head), serves \(most.line.name) (\(Units.rate(most.perSecond))/s)"
                busy.append((names, sum, twin, Set(lines.filter { $0.perSecond >= sum / 10 }.map(\.line.irq))))
            } else if let share, share >= busyShare {
                busy.append(("\(head), is \(Units.percent(share)) busy", share * 1000, twin, []))
            } else {
                idle.append((twin, cpu))
            }
        }
        if !busy.isEmpty {
            busy.sort { ($0.weight, $1.twin) > ($1.weight, $0.twin) }
            let words = busy.prefix(4).map(\.words)
            let rest = busy.count > 4 ? "; \(busy.count - 4) more likewise" : ""
            let twins = CPUSet(busy.map(\.twin))
            var finding = finding(.warn, twins, words.joined(separator: "; ") + rest, isolated, box)
            (finding.isRate, finding.weight) = (true, busy[0].weight)
            finding.lines = busy.reduce(into: Set<Int>()) { $0.formUnion($1.lines) }
            findings.append(finding)
        }
        if !idle.isEmpty {
            let (twins, cpus) = (CPUSet(idle.map(\.twin)), CPUSet(idle.map(\.of)))
            let verb = twins.count == 1 ? "is idle, but not isolated" : "are idle, but not isolated"
            let evidence = "\(twins.inWords), \(twins.count == 1 ? "twin" : "twins") of isolated \(cpus.list), \(verb)"
            findings.append(finding(.note, twins, evidence, isolated, box))
        }
        try box.requireTimes()
    }

    private static func finding(
        _ severity: DoctorSeverity, _ twins: CPUSet, _ evidence: String, _ isolated: CPUSet, _ box: Examination
    ) -> DoctorFinding {
        var finding = DoctorFinding(
            severity, twins.inWords, evidence, why: "both share the units and caches of one core",
            next: [])
        let both = isolated.union(twins)
        // Somebody must do the ordinary work.
        if !box.cpus.online.isSubset(of: both) {
            finding.next = ["# isolate both at boot: isolcpus= with \(both.list)"]
        }
        if box.text("sys/devices/system/cpu/smt/control") == "on"
            || box.text("sys/devices/system/cpu/smt/active") == "1"
        {
            finding.next.append("echo off >/sys/devices/system/cpu/smt/control")
            finding.undo = "echo on >/sys/devices/system/cpu/smt/control"
        }
        finding.cpus = twins
        return finding
    }
}
