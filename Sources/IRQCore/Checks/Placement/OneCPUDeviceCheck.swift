/// Several queues of a device that all come to one CPU, while others could take some.
enum OneCPUDeviceCheck: DoctorCheck {
    /// The share of all queues that makes it "the" CPU, and the rate of a warning: those of `alert`.
    static let (share, warnPerSecond) = (CrowdedCPUCheck.warnShare, CrowdedCPUCheck.warnPerSecond)
    /// Slower devices do not crowd a CPU.
    static let leastPerSecond = CrowdedCPUCheck.leastPerSecond
    /// The share of a CPU in interrupts and softirqs from which on it is a warning whatever the rate.
    static let fullShare = 0.5

    static let about = CheckText(
        "one-cpu-device", title: "all queues of a device come to one CPU",
        meaning: """
            A device has several queues so that several CPUs can work for it, each with an interrupt of its own. An interrupt is \
            served by one CPU of its mask, not by all in turn: with wide masks the controller may choose the same CPU for \
            each, which then does all the work while others idle.
            """,
        reads: ["proc/interrupts", "proc/irq/N/smp_affinity", "proc/stat"],
        rule: """
            two queues or more came, from 1,000 interrupts a second on in all, 90 % of them on one CPU, and two CPUs could serve \
            them: a note; a warning from 10,000 a second on, or where that CPU spends half of its time in interrupts
            """,
        exceptions: """
            one queue; one CPU left for interrupts on the device's node; queues that the kernel places (see blk-queues); one CPU that \
            `irqscope affinity apply` chose
            """,
        trust: "exact",
        origin: "arch/x86/kernel/apic/vector.c, kernel/irq/matrix.c; coreos/bugs#2135, armbian/build#2117")
    static let causes = ["irqbalance-bans"]

    /// Queues of a device on one CPU.
    struct Crowd {
        let group: QueueGroup
        let lines: [ExaminedLine]
        let cpu: Int
        let share: Double
        let perSecond: Double
        /// Nil if the CPU's times are unknown.
        let isFull: Bool?

        var severity: DoctorSeverity { perSecond >= warnPerSecond || isFull == true ? .warn : .note }
    }

    /// All such devices.
    static func crowds(_ box: Examination) -> [Crowd] {
        box.groups.compactMap { group in
            let lines = group.queues.filter { $0.delta > 0 && $0.isKnown && $0.mobility.isFree }
            let sum = lines.reduce(0) { $0 + $1.perSecond }
            guard lines.count >= 2, queueCount(lines) >= 2, sum >= leastPerSecond else { return nil }
            var active = group
            active.queues = lines
            guard let most = active.busiest, most.perSecond >= sum * share else { return nil }
            let chosen = CPUSet([most.cpu])
            if let applied = box.applied, lines.allSatisfy({ applied.lines.contains($0.irq) && $0.mask == chosen }) {
                return nil
            }
            var allowed = box.cpus.housekeeping
            if let node = group.node, let own = box.cpus.nodeCPUs[node] { allowed = allowed.intersection(own) }
            guard allowed.count >= 2 else { return nil }
            return Crowd(
                group: group, lines: lines, cpu: most.cpu, share: most.perSecond / sum, perSecond: sum,
                isFull: box.interruptShare(most.cpu).map { $0 >= fullShare })
        }
    }

    /// The number of different queues: virtio and others have two lines for one.
    private static func queueCount(_ lines: [ExaminedLine]) -> Int {
        let numbers = lines.compactMap { $0.queue?.number }
        return Set(numbers).count + lines.count - numbers.count
    }

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        var found: [DoctorFinding] = []
        for crowd in crowds(box) {
            let (group, cpu) = (crowd.group, crowd.cpu)
            var evidence =
                "\(group.title): \(queueCount(group.queues)) queues, \(Units.rate(crowd.perSecond))/s, \(Units.percent(crowd.share)) on CPU \(cpu)"
            let masks = Set(crowd.lines.map { $0.mask?.list ?? "" })
            if masks.count == 1, let mask = masks.first, !mask.isEmpty { evidence += ", each mask \(mask)" }
            let commands = box.affinityCommands("spread", device: group.title)
            var finding = DoctorFinding(
                crowd.severity, group.title, evidence, why: why(crowd, box), next: commands.next)
            (finding.undo, finding.isRate, finding.weight) = (commands.undo, true, crowd.perSecond)
            (finding.lines, finding.cpus) = (Set(crowd.lines.map(\.irq)), CPUSet([cpu]))
            finding.device = group.title
            found.append(finding)
        }
        findings += found.most("devices")
        try box.requireTimes()
    }

    private static func why(_ crowd: Crowd, _ box: Examination) -> String {
        var text = "an interrupt is served by one CPU of its mask, not by all"
        guard let full = box.interruptShare(crowd.cpu), full >= fullShare else { return text }
        text += ": CPU \(crowd.cpu) is full (\(box.interruptWords(crowd.cpu)))"
        let idle = CPUSet(box.cpus.housekeeping.cpus.filter { box.interruptShare($0).map { $0 < 0.2 } ?? false })
        return idle.isEmpty ? text : text + ", \(idle.inWords) \(idle.count == 1 ? "is" : "are") not"
    }
}
