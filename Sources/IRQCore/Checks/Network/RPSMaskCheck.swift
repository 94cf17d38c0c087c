/// Receive packet steering that is off where it would help, or set so that it does not.
enum RPSMaskCheck: DoctorCheck {
    static let about = CheckText(
        "rps-mask", title: "packet steering (RPS, RFS) does not fit the queues",
        meaning: """
            With receive packet steering the CPU of a queue only takes packets off the card and hands them to other CPUs, those of \
            rps_cpus. That helps a card with one queue; with enough queues it only adds work. Receive flow steering (RFS) chooses \
            the CPU of the program, and needs two settings at once.
            """,
        reads: [
            "sys/class/net/*/queues/rx-N/rps_cpus", "sys/class/net/*/queues/rx-N/rps_flow_cnt",
            "proc/sys/net/core/rps_sock_flow_entries", "proc/stat",
        ],
        rule: """
            one queue whose CPU spends 70 % or more in interrupts and softirqs, and RPS is off; RPS is on with as many queues as \
            cores; it names the queue's own CPU only; or one of the two settings of RFS is 0: a note. RPS sends to another memory \
            node, or queues of one interface differ: a warning
            """,
        exceptions: "RPS that is off is no finding by itself",
        trust: """
            the kernel drops isolated and offline CPUs from a mask in silence, and offline ones do not come back: what is read is not \
            what was written
            """,
        origin: "net/core/net-sysfs.c; armbian/build#351, MichaIng/DietPi#2588")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.interfaces != nil else { throw Unjudged("sys/class/net is not there") }
        var missing: String?
        var found: [DoctorFinding] = []
        var flows: [String] = []
        var isAnyFlowKnown = false
        for network in box.networks {
            guard let queues = network.receiveQueues, !queues.isEmpty else {
                missing = missing ?? "\(network.folder)/queues is not there"
                continue
            }
            var masks: [(queue: Int, mask: CPUSet)] = []
            for queue in queues {
                let folder = "\(network.folder)/queues/rx-\(queue)"
                if let mask = box.mask("\(folder)/rps_cpus") {
                    masks.append((queue, mask))
                } else {
                    missing = missing ?? box.problem("\(folder)/rps_cpus")
                }
                guard let count = box.number("\(folder)/rps_flow_cnt") else { continue }
                isAnyFlowKnown = true
                if count > 0, !flows.contains(network.name) { flows.append(network.name) }
            }
            if !masks.isEmpty { judge(box, network, masks, &found) }
        }
        findings += found.most("interfaces")
        if let finding = flowFinding(box, flows, isAnyFlowKnown) { findings.append(finding) }
        if let missing { throw Unjudged(missing) }
    }

    private typealias Mask = (queue: Int, mask: CPUSet)

    private static func judge(
        _ box: Examination, _ network: ExaminedInterface, _ masks: [Mask], _ found: inout [DoctorFinding]
    ) {
        func add(
            _ severity: DoctorSeverity, _ evidence: String, _ why: String, _ next: [String], cpus: CPUSet = CPUSet()
        ) {
            var finding = DoctorFinding(severity, network.name, "\(network.name): \(evidence)", why: why, next: next)
            finding.device = network.name
            finding.cpus = cpus
            found.append(finding)
        }
        let on = masks.filter { !$0.mask.isEmpty }
        if on.isEmpty {
            guard masks.count == 1, let (cpu, share) = box.busiestQueueCPU(network), share >= QueuesFewCheck.busyShare
            else {
                return
            }
            let wanted = helpers(box, network, without: cpu)
            guard !wanted.isEmpty else { return }
            add(
                .note, "one queue, CPU \(cpu) \(Units.percent(share)) busy, RPS off",
                "\(wanted.inWords) could take the packets further", [command(network, masks[0].queue, wanted)],
                cpus: CPUSet([cpu]))
            found[found.count - 1].undo = command(network, masks[0].queue, CPUSet())
            (found[found.count - 1].isRate, found[found.count - 1].weight) = (true, share)
            return
        }
        if let (odd, common) = oddOnes(masks) {
            let list = odd.prefix(8).map { "rx-\($0.queue) \($0.mask.mask)" }.joined(separator: ", ")
            add(
                .warn, "RPS differs among its queues: \(list), others \(common.mask)",
                "packets of these queues are spread over other CPUs than those of their siblings",
                odd.prefix(8).map { command(network, $0.queue, common) })
        }
        if let node = network.node, box.cpus.nodeCPUs.count > 1 {
            let all = on.reduce(CPUSet()) { $0.union($1.mask) }
            let remote = CPUSet(all.cpus.filter { box.cpus.node(of: $0).map { $0 != node } ?? false })
            if !remote.isEmpty {
                let local = all.subtracting(remote)
                add(
                    .warn, "on node \(node), RPS sends to \(remote.inWords) of another node",
                    "each packet crosses the sockets",
                    local.isEmpty ? [] : on.prefix(8).map { command(network, $0.queue, $0.mask.subtracting(remote)) })
            }
        }
        if let own = on.first(where: { isOwn(network, $0) }), oddOnes(masks) == nil {
            add(
                .note, "RPS of rx-\(own.queue) names CPU \(own.mask.list) only, which its interrupt comes to",
                "each packet is queued once more, and stays where it is", [command(network, own.queue, CPUSet())])
        } else if masks.count > 1, masks.count >= box.cpus.cores(of: box.cpus.housekeeping).count {
            add(
                .note, "RPS is on with \(masks.count) queues for \(box.cpus.housekeeping.count) CPUs",
                "the queues reach all CPUs by themselves: RPS only adds a second step",
                on.prefix(8).map { command(network, $0.queue, CPUSet()) })
        }
    }

    /// The queues that are not set as most others, or reach fewer CPUs than another, and the mask of the others.
    private static func oddOnes(_ masks: [Mask]) -> (odd: [Mask], common: CPUSet)? {
        guard masks.count > 1, let widest = masks.max(by: { $0.mask.count < $1.mask.count })?.mask else { return nil }
        for candidate in masks {
            let odd = masks.filter { $0.mask != candidate.mask }
            if !odd.isEmpty, !candidate.mask.isEmpty, odd.count * 4 <= masks.count { return (odd, candidate.mask) }
        }
        let narrower = masks.filter { $0.mask != widest && $0.mask.subtracting(widest).isEmpty }
        return narrower.isEmpty ? nil : (narrower, widest)
    }

    private static func isOwn(_ network: ExaminedInterface, _ mask: Mask) -> Bool {
        guard mask.mask.count == 1, let line = network.line(receiving: mask.queue), let cpu = line.servingCPU else {
            return false
        }
        return mask.mask.contains(cpu)
    }

    /// One CPU of each core near the device, without that of the queue's own CPU; all others where there is one core.
    private static func helpers(_ box: Examination, _ network: ExaminedInterface, without cpu: Int) -> CPUSet {
        let near = box.localHousekeeping(network.node).subtracting(CPUSet([cpu]))
        let cores = CPUSet(box.cpus.cores(of: near.subtracting(box.cpus.siblings[cpu] ?? CPUSet())))
        return cores.isEmpty ? near : cores
    }

    private static func command(_ network: ExaminedInterface, _ queue: Int, _ mask: CPUSet) -> String {
        let path = "/\(network.folder)/queues/rx-\(queue)/rps_cpus"
        return "echo \(mask.isEmpty ? "0" : mask.mask) >\(ShellWord.quoted(path))"
    }

    private static func flowFinding(_ box: Examination, _ flows: [String], _ isKnown: Bool) -> DoctorFinding? {
        guard let entries = box.number("proc/sys/net/core/rps_sock_flow_entries") else { return nil }
        if !flows.isEmpty, entries == 0 {
            return rfs(
                "rps_flow_cnt is set on \(flows.prefix(5).joined(separator: ", ")), rps_sock_flow_entries is 0",
                ["sysctl net.core.rps_sock_flow_entries=32768"], "sysctl net.core.rps_sock_flow_entries=0")
        }
        guard entries > 0, flows.isEmpty, isKnown else { return nil }
        return rfs(
            "rps_sock_flow_entries is \(entries), but no queue has an rps_flow_cnt",
            ["sysctl net.core.rps_sock_flow_entries=0"], "sysctl net.core.rps_sock_flow_entries=\(entries)")
    }

    private static func rfs(_ text: String, _ next: [String], _ undo: String) -> DoctorFinding {
        var finding = DoctorFinding(
            .note, "RFS", "\(text): RFS does nothing",
            why: "it needs both, the table of flows and the counts of queues",
            next: next)
        finding.undo = undo
        finding.device = "RFS"
        return finding
    }
}
