/// Small things of the kernel that disturb a task that is alone on its CPU.
enum IsoNoiseCheck: DoctorCheck {
    /// The share of a CPU from which on a task spins there, and that of a thread of the kernel that is worth a word.
    static let (spinShare, workerShare) = (0.9, 0.001)

    static let about = CheckText(
        "iso-noise", title: "settings that disturb isolated CPUs now and then",
        meaning: """
            Watchdogs, statistics and the management of memory wake up on each CPU every second or minute. For a program that polls \
            without an end these are the pauses that remain.
            """,
        reads: [
            "proc/sys/kernel/watchdog_cpumask", "proc/sys/kernel/nmi_watchdog", "proc/sys/vm/stat_interval",
            "proc/sys/kernel/numa_balancing", "proc/sys/kernel/timer_migration", "sys/kernel/mm/ksm/run",
            "sys/kernel/mm/transparent_hugepage/enabled",
            "sys/devices/system/machinecheck/machinecheck0/check_interval",
            "proc/PID/status", "proc/PID/stat",
        ],
        rule: "CPUs are isolated, a task takes 90 % of one of them, and one of these settings is on",
        exceptions: "no CPU is isolated, or nothing spins there",
        trust: "advice, no proof", origin: "Documentation/admin-guide/kernel-per-CPU-kthreads.rst")

    /// A setting that is off its best value for such a program.
    private struct Setting {
        let words: String
        let next: String
        let undo: String
    }

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isolated = try box.requireIsolated().intersection(box.cpus.online)
        guard !isolated.isEmpty else { return }
        guard let tasks = box.tasks else { throw Unjudged("no process can be seen in proc") }
        if box.isSinceBoot { throw Unjudged("one sample does not tell what spins on isolated CPUs") }
        let spinning = tasks.filter { !$0.isKernel && isolated.contains($0.lastCPU) && ($0.cpuShare ?? 0) >= spinShare }
        guard !spinning.isEmpty else { return }
        let cpus = CPUSet(spinning.map(\.lastCPU))
        let settings = settings(box, cpus)
        var words = settings.map(\.words)
        if !words.isEmpty, let interval = box.number("sys/devices/system/machinecheck/machinecheck0/check_interval"),
            interval > 0
        {
            words.append("machine checks every \(interval) s")
        }
        for task in spinning where task.isRealtime && isUnlocked(task, box) {
            words.append("\(task.name) has no locked memory")
        }
        let workers = tasks.filter {
            $0.isKernel && $0.name.hasPrefix("kworker/") && !$0.name.hasPrefix("kworker/u") && cpus.contains($0.lastCPU)
                && ($0.cpuShare ?? 0) >= workerShare
        }
        words += workers.prefix(2).map { "\($0.name) \(Units.percent($0.cpuShare))" }
        if !words.isEmpty {
            var finding = DoctorFinding(
                .note, cpus.inWords, "on \(cpus.list): \(words.joined(separator: ", "))",
                why: "each of these takes a spinning program off its CPU for a moment, now and then",
                next: settings.map(\.next))
            if spinning.contains(where: { $0.isRealtime }) {
                finding.next.append("# mlockall(MCL_CURRENT | MCL_FUTURE) in the program")
            }
            if !settings.isEmpty { finding.undo = settings.map(\.undo).joined(separator: "; ") }
            finding.cpus = cpus
            findings.append(finding)
        }
        let paths = ["proc/sys/kernel/nmi_watchdog", "proc/sys/vm/stat_interval"]
        if paths.allSatisfy({ box.text($0) == nil }) { _ = try box.require(paths[1]) }
    }

    private static func settings(_ box: Examination, _ cpus: CPUSet) -> [Setting] {
        var result: [Setting] = []
        func add(_ name: String, _ variable: String, _ wanted: Int, _ isOff: (Int) -> Bool) {
            let path = "proc/sys/" + variable.split(separator: ".").joined(separator: "/")
            guard let value = box.number(path), isOff(value) else { return }
            result.append(
                Setting(
                    words: "\(name) \(value)", next: "sysctl \(variable)=\(wanted)", undo: "sysctl \(variable)=\(value)"
                ))
        }
        add("nmi_watchdog", "kernel.nmi_watchdog", 0) { $0 != 0 }
        if box.number("proc/sys/kernel/watchdog") != 0, let mask = box.list("proc/sys/kernel/watchdog_cpumask"),
            !mask.isDisjoint(with: cpus), !mask.subtracting(box.cpus.isolated).isEmpty
        {
            let wanted = mask.subtracting(box.cpus.isolated).list
            result.append(
                Setting(
                    words: "watchdog_cpumask \(mask.list)", next: "sysctl kernel.watchdog_cpumask=\(wanted)",
                    undo: "sysctl kernel.watchdog_cpumask=\(mask.list)"))
        }
        add("stat_interval", "vm.stat_interval", 10) { $0 < 10 }
        add("numa_balancing", "kernel.numa_balancing", 0) { $0 != 0 }
        add("timer_migration", "kernel.timer_migration", 1) { $0 == 0 }
        if box.number("sys/kernel/mm/ksm/run") == 1 {
            result.append(
                Setting(words: "ksm on", next: "echo 0 >/sys/kernel/mm/ksm/run", undo: "echo 1 >/sys/kernel/mm/ksm/run")
            )
        }
        let pages = "sys/kernel/mm/transparent_hugepage/enabled"
        if box.text(pages)?.contains("[always]") == true {
            result.append(Setting(words: "THP always", next: "echo madvise >/\(pages)", undo: "echo always >/\(pages)"))
        }
        return result
    }

    private static func isUnlocked(_ task: ExaminedTask, _ box: Examination) -> Bool {
        guard let status = box.text("\(task.folder)/status") else { return false }
        for line in status.split(separator: "\n") where line.hasPrefix("VmLck:") {
            return Int(line.dropFirst(6).trimmingBlanks.prefix { $0.isNumber }) == 0
        }
        return false
    }
}
