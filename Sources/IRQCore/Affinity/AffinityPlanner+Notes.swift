/// The sentences of a plan: what would make a better one possible, what it cannot do, who will undo it.
extension AffinityPlanner {
    /// Proposes fewer queues where there are more of them than cores.
    mutating func propose(_ groups: [PlannedGroup], units: Int, _ allowed: CPUSet, isNetwork: Bool) {
        let cores = box.cpus.cores(of: allowed).count
        for group in groups where isNetwork && group.queueCount > cores {
            let lines = box.lines.filter { $0.device == group.title && $0.queue != nil }
            let isCombined = lines.contains { $0.queue?.direction == .both || $0.action.hasPrefix("virtio") }
            let counts = isCombined ? "combined \(cores)" : "rx \(cores) tx \(cores)"
            plan.proposals.append(
                AffinityProposal(
                    command: "ethtool -L \(group.title) \(counts)",
                    reason:
                        "\(group.queueCount) queues for \(cores) cores: some serve two. It sets the card up anew, masks included; plan again then"
                ))
        }
    }

    /// Says how many queues are served by another memory node.
    mutating func tellFarQueues(_ groups: [PlannedGroup], _ chosen: [Int], node: Int?) {
        guard let node, let group = groups.first else { return }
        let far = chosen.count { cpu in box.cpus.node(of: cpu).map { $0 != node } ?? false }
        if far == 0 { return }
        let advice = wishes.goal == .spread ? "; the goal numa keeps them on its own" : ""
        plan.notes.append(
            "\(far) of \(chosen.count) queues of \(group.title) cross to another memory node than its own, \(node)\(advice)"
        )
    }

    mutating func addNotes(_ queues: [Int]) {
        if !box.areRatesKnown {
            plan.notes.append(
                "proc/uptime does not tell over how long the interrupts came: rates are unknown, and lines were weighed by their counts"
            )
        }
        if wishes.goal == .isolate { addIsolationNotes() }
        if queues.contains(where: { box.lines[$0].action.hasPrefix("virtio") && box.lines[$0].queue?.kind == .network })
        {
            plan.notes.append(
                "virtio-net sets its masks and XPS anew at each CPU hotplug and at ethtool -L: that undoes this")
        }
        for index in box.lines.indices
        where wishes.keep.contains(where: { reasons[index]?.hasSuffix("(--keep \($0.name))") == true }) {
            for thread in box.lines[index].threads {
                plan.notes.append(
                    "chrt -f -p 85 \(thread.pid) puts \(thread.name) above other interrupts' threads, which have 50: choose a priority above or below the application by who waits for whom"
                )
            }
        }
        let kept = wishes.keep.filter { wish in
            !reasons.values.contains { $0.hasSuffix("(--keep \(wish.name))") }
        }
        for wish in kept { plan.notes.append("--keep \(wish.name): no line that can be moved has that name") }
        addMovers()
    }

    private mutating func addIsolationNotes() {
        let away = box.cpus.online.subtracting(plan.allowed)
        if away.isEmpty {
            plan.notes.append("no CPU was set aside: name some with --away or --latency-cpus")
            return
        }
        if let option = box.bootDefault {
            let set = CPUSet.parse(list: option, last: box.cpus.possible?.highest ?? box.cpus.online.highest)
            if set != plan.allowed {
                plan.notes.append(
                    "the kernel's command line has irqaffinity=\(option): it should be irqaffinity=\(plan.allowed.list), for lines that are requested at boot"
                )
            }
        }
        let managed = box.lines.filter { line in
            line.isManaged && line.mask.map { !$0.intersection(away).isEmpty } ?? false
        }
        if let first = managed.first, let last = managed.last {
            let names = managed.count == 1 ? first.action : "\(first.action) to \(last.action)"
            plan.notes.append(
                "\(managed.count) managed line\(managed.count == 1 ? " stays" : "s stay") on \(away.list) (\(names)), for I/O of those CPUs. isolcpus=managed_irq,… at boot, fewer queues, or no I/O from there helps; taking CPUs offline does not spread them anew"
            )
        }
        plan.proposals.append(
            AffinityProposal(
                command: "echo \(plan.allowed.mask) >/sys/devices/virtual/workqueue/cpumask",
                reason: "work of the kernel that is bound to no CPU stays off \(away.list)", isFirst: false))
    }

    /// Says what irqbalance needs to know.
    private mutating func addMovers() {
        let away = box.cpus.online.subtracting(plan.allowed)
        let drivers = Set(
            plan.lines.compactMap { line in
                box.lines.first { $0.irq == line.irq }?.driver
            }
        ).sorted()
        let bans =
            (wishes.goal == .isolate && !away.isEmpty ? ["IRQBALANCE_BANNED_CPULIST=\(away.list)"] : [])
            + drivers.map { "--banmod=\($0)" }
        if !bans.isEmpty {
            let state =
                switch box.irqbalance {
                case .absent: "irqbalance does not run; if it shall, it needs"
                case .unknown: "whether irqbalance runs is unknown; if it does, it needs"
                case .runs: "irqbalance runs, and needs"
                }
            plan.notes.append("\(state) \(bans.joined(separator: " and ")), else it moves lines every 10 s")
        }
        for mover in box.otherMovers { plan.notes.append("\(mover) runs, and may write masks, too") }
    }

    // MARK: Refusals

    mutating func addRefusals() {
        if box.hasUnfinishedState {
            plan.refusals.append("an earlier run was stopped amid its writes: irqscope affinity undo first")
        }
        if box.isContainer {
            plan.refusals.append("this is a container: its /proc/irq is the host's, which has other tasks")
        }
        guard case .runs(let words) = box.irqbalance, !plan.lines.isEmpty else { return }
        let options = IrqbalanceOptions(words ?? [])
        let open = plan.lines.filter { line in
            guard let found = box.lines.first(where: { $0.irq == line.irq }) else { return true }
            return !options.ban(found.irq, actions: [found.action], drivers: [found.driver].compactMap { $0 })
        }
        if !open.isEmpty, !options.hasPolicyScript {
            plan.refusals.append(
                "irqbalance runs and would move \(open.count == 1 ? "irq \(open[0].irq)" : "\(open.count) of these lines") again: stop it, or ban them (--banmod, --banirq, a policy script)"
            )
        }
    }
}
