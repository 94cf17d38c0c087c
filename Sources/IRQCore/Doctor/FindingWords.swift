extension CPUSet {
    /// `CPU 3`, `CPUs 1-7`, for sentences.
    var inWords: String { count == 1 ? "CPU \(list)" : "CPUs \(list)" }
}

extension [DoctorFinding] {
    /// The gravest and busiest of findings of one kind, and a word about the number of the others.
    ///
    /// - Parameters:
    ///   - noun: the others, in the plural: `CPUs`.
    ///   - limit: the number that is told in full.
    func most(_ noun: String, limit: Int = 5) -> [DoctorFinding] {
        guard count > limit else { return self }
        var result = Array(sorted { ($0.severity, $0.weight) > ($1.severity, $1.weight) }.prefix(limit))
        result[limit - 1].evidence += "; \(count - limit) more \(noun) likewise"
        return result
    }
}

extension Examination {
    /// The shares of interrupts of a CPU in words: `93.0% softirq`, `12.0% irq, 70.0% softirq`, `ksoftirqd 92.0%`.
    func interruptWords(_ cpu: Int) -> String {
        guard let shares = shares(cpu) else { return "unknown" }
        let thread = seen.cpus[cpu]?.ksoftirqdShare ?? 0
        if thread > shares.irq + shares.softirq { return "ksoftirqd \(Units.percent(thread))" }
        let softirq = "\(Units.percent(shares.softirq)) softirq"
        return shares.irq >= 0.005 ? "\(Units.percent(shares.irq)) irq, \(softirq)" : softirq
    }

    /// Makes sure that the times of CPUs are known.
    ///
    /// - Throws: the reason why they are not.
    func requireTimes() throws(Unjudged) {
        if cpus.online.cpus.contains(where: { shares($0) != nil }) { return }
        _ = try require("proc/stat")
        throw Unjudged("the times of proc/stat cannot be compared")
    }

    /// The CPUs that were set aside, which may be none.
    ///
    /// - Throws: the reason why that cannot be told.
    func requireIsolated() throws(Unjudged) -> CPUSet {
        if cpus.isolated.isEmpty, cpus.bootIsolated == nil { _ = try require("sys/devices/system/cpu/isolated") }
        return cpus.isolated
    }

    /// The interrupts of devices that a CPU served, the busiest first, and the rate of each there.
    func lines(on cpu: Int) -> [(line: ExaminedLine, perSecond: Double)] {
        var result: [(ExaminedLine, Double)] = []
        for line in lines where line.mobility != .perCPU {
            if let rate = line.perCPU.first(where: { $0.cpu == cpu })?.perSecond, rate > 0 {
                result.append((line, rate))
            }
        }
        return result.sorted { ($1.1, $0.0.irq) < ($0.1, $1.0.irq) }
    }

    /// The device whose several queues a CPU serves, as `affinity plan` takes its name, if it makes most of the interrupts there.
    func crowdingDevice(on cpu: Int) -> String? {
        let all = lines(on: cpu)
        let sum = all.reduce(0) { $0 + $1.perSecond }
        for group in groups where group.queueCount >= 2 {
            let own = group.queues.reduce(0) { $0 + $1.perSecond(on: CPUSet([cpu])) }
            if sum > 0, own >= sum / 2 { return group.title }
        }
        return nil
    }

    /// The command that spreads what crowds a CPU.
    func spreadCommand(for cpu: Int) -> String {
        let device = crowdingDevice(on: cpu).map { " --device \(ShellWord.quoted($0))" } ?? ""
        return "irqscope affinity plan spread\(device)"
    }

    /// The reason why the share of a CPU that a task took is unknown.
    func shareIsUnknown(of task: ExaminedTask) -> Unjudged {
        Unjudged(
            isSinceBoot
                ? "one sample does not tell how much of a CPU tasks take"
                : "\(task.name) (\(task.pid), \(task.policyText)) was not there in both samples")
    }

    /// The CPUs that a task may run on; nil if its status cannot be read.
    func allowedCPUs(of task: ExaminedTask) -> CPUSet? {
        text("\(task.folder)/status").flatMap(ExaminedTask.allowedCPUs)
    }
}

extension ExaminedTask {
    /// The CPUs that a status file allows; nil if it does not tell.
    static func allowedCPUs(status: String) -> CPUSet? {
        for line in status.split(separator: "\n") where line.hasPrefix("Cpus_allowed_list:") {
            return CPUSet.parse(list: line.dropFirst(18).trimmingBlanks, last: nil)
        }
        return nil
    }
}
