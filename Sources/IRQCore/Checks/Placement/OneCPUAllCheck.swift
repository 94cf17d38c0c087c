/// One CPU that serves the interrupts of all devices.
enum OneCPUAllCheck: DoctorCheck {
    static let about = CheckText(
        "one-cpu-all", title: "one CPU serves all devices",
        meaning: """
            Many controllers send each line to the first CPU of its mask, or to the one that was chosen at boot: then the interrupts \
            of all devices are served one after another by the same CPU, and all wait for the slowest handler.
            """,
        reads: ["proc/interrupts", "proc/stat", "sys/devices/system/cpu/cpuN/cpu_capacity"],
        rule: """
            90 % of all interrupts of devices come to one CPU, of three lines or more, from 10,000 a second on or where that CPU \
            spends half of its time in interrupts
            """,
        exceptions: """
            one-cpu-device says it; interrupts may go to that CPU only; all lines but the busiest come less than 100 times a second and \
            the CPU has time
            """,
        trust: "exact", origin: "drivers/irqchip/irq-gic-v3.c; armbian/build#351, MichaIng/DietPi#2588")
    static let causes = ["irqbalance-bans"]
    static let hiddenBy = ["storm-acpi", "storm-line"]
    /// All lines but the busiest come so often per second at least, or spreading them would change nothing.
    static let leastOthersPerSecond = 100.0

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let lines = box.lines.filter {
            $0.isKnown && $0.delta > 0 && $0.mobility != .perCPU && $0.mobility != .chained
        }
        var rates: [Int: Double] = [:]
        for line in lines { for (cpu, rate) in line.perCPU { rates[cpu, default: 0] += rate } }
        let sum = lines.reduce(0) { $0 + $1.perSecond }
        guard sum > 0, let most = rates.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            most.value >= sum * OneCPUDeviceCheck.share
        else { return try box.requireTimes() }
        let here = lines.filter { $0.mobility.isFree && $0.perSecond(on: CPUSet([most.key])) > 0 }
        let others = box.cpus.housekeeping.subtracting(CPUSet([most.key]))
        let isFull = box.interruptShare(most.key).map { $0 >= OneCPUDeviceCheck.fullShare }
        let rest = most.value - (here.compactMap { $0.busiest?.perSecond }.max() ?? 0)
        guard here.count >= 3, !others.isEmpty, rest >= leastOthersPerSecond || isFull == true,
            sum >= OneCPUDeviceCheck.warnPerSecond || isFull == true,
            !isToldByDevice(box, cpu: most.key, sum)
        else { return try box.requireTimes() }
        let names = here.sorted { ($0.perSecond, $1.irq) > ($1.perSecond, $0.irq) }.map { $0.device?.title ?? $0.name }
        var evidence = "CPU \(most.key) takes \(Units.percent(most.value / sum)) of \(Units.rate(sum))/s: "
        evidence += NameList.few(names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } })
        if let full = box.interruptShare(most.key), full >= OneCPUDeviceCheck.fullShare {
            evidence += "; \(box.interruptWords(most.key))"
        }
        let commands = box.affinityCommands("spread", device: nil)
        var finding = DoctorFinding(
            .warn, "CPU \(most.key)", evidence,
            why: "each line goes to one CPU of its mask, and all got the same one: \(others.inWords) could take some",
            next: commands.next)
        if let fast = fastest(box, others) {
            finding.next.append("# the plan puts the busiest on the fastest: \(fast.inWords)")
        }
        (finding.undo, finding.isRate, finding.weight) = (commands.undo, true, sum)
        (finding.lines, finding.cpus) = (Set(here.map(\.irq)), CPUSet([most.key]))
        findings.append(finding)
        try box.requireTimes()
    }

    private static func fastest(_ box: Examination, _ cpus: CPUSet) -> CPUSet? {
        guard let best = box.cpus.capacities.values.max() else { return nil }
        let found = CPUSet(cpus.cpus.filter { box.cpus.capacities[$0] == best })
        return found.isEmpty ? nil : found
    }

    /// True if one device's queues are what crowds the CPU, which `one-cpu-device` says.
    private static func isToldByDevice(_ box: Examination, cpu: Int, _ sum: Double) -> Bool {
        OneCPUDeviceCheck.crowds(box).contains {
            $0.cpu == cpu && ($0.severity >= .warn || $0.perSecond >= sum / 2)
        }
    }
}
