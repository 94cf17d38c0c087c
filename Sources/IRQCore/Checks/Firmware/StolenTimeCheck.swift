/// A host that takes the CPUs away from its guest.
enum StolenTimeCheck: DoctorCheck {
    /// The share of a CPU that serves lines, and of any; and the rate that makes it serve.
    static let (servingShare, anyShare, servingPerSecond) = (0.05, 0.10, 100.0)

    static let about = CheckText(
        "steal", title: "the host takes the CPU away",
        meaning: """
            A guest's CPU runs only when the host lets it. While it waits, interrupts wait as well, and every handler seems to take \
            longer than it does.
            """,
        reads: ["proc/stat field 8", "dmesg", "sys/class/dmi/id/sys_vendor"],
        rule: """
            5 % of a CPU whose lines come 100 times a second or more, or 10 % of any (irqscope alert, which must not cry, begins \
            at 20 %)
            """,
        exceptions: "VMware tells nothing unless stealclock.enable is set: unknown",
        trust: "the host's word", origin: "coreos/bugs#1391, openshift/installer#6215")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        try box.requireTimes()
        var hit: [(cpu: Int, share: Double)] = []
        for cpu in box.cpus.online.cpus {
            guard let share = box.shares(cpu)?.steal, share >= servingShare else { continue }
            let rate = box.lines(on: cpu).reduce(0) { $0 + $1.perSecond }
            if share >= anyShare || rate >= servingPerSecond { hit.append((cpu, share)) }
        }
        if let most = hit.max(by: { ($0.share, $1.cpu) < ($1.share, $0.cpu) }) {
            let cpus = CPUSet(hit.map(\.cpu))
            var evidence = "CPU \(most.cpu): \(Units.percent(most.share)) stolen"
            if cpus.count > 1 { evidence += "; \(Units.percent(servingShare)) and more on \(cpus.inWords)" }
            var finding = DoctorFinding(
                .warn, cpus.inWords, evidence,
                why: "the guest waits for its host: all other times here are longer than they would be",
                next: ["# on the host: too many guests, or a limit for this one (cpu quota, credits)"])
            (finding.isRate, finding.weight, finding.cpus) = (true, most.share, cpus)
            findings.append(finding)
            return
        }
        if isVMware(box), !isEverCounted(box) {
            throw Unjudged("VMware does not tell what it takes, unless stealclock.enable is set for the guest")
        }
    }

    private static func isVMware(_ box: Examination) -> Bool {
        box.text("sys/class/dmi/id/sys_vendor")?.hasPrefix("VMware") == true
            || box.logLines(with: "Hypervisor detected: VMware")?.isEmpty == false
    }

    private static func isEverCounted(_ box: Examination) -> Bool {
        ProcStatTimes(box.text("proc/stat") ?? "").cpus.contains { $0.times.count > 7 && $0.times[7] > 0 }
    }
}

/// The times of CPUs since boot, as /proc/stat has them.
struct ProcStatTimes {
    /// The numbers of each CPU: user, nice, system, idle, iowait, irq, softirq, steal and more, in ticks.
    private(set) var cpus: [(cpu: Int, times: [UInt64])] = []

    /// Reads the lines of CPUs.
    init(_ text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
            let words = line.split(separator: " ")
            guard let name = words.first, let cpu = Int(name.dropFirst(3)) else { continue }
            cpus.append((cpu, words.dropFirst().map { UInt64($0) ?? 0 }))
        }
    }
}
