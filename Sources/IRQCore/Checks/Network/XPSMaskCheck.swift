/// Transmit queues that some CPUs have no share in, or that are served far from their senders.
enum XPSMaskCheck: DoctorCheck {
    static let about = CheckText(
        "xps-mask", title: "some CPUs have no transmit queue of their own",
        meaning: """
            With transmit packet steering (XPS) each CPU sends by the queues that have it in their mask. A CPU that is in no mask takes a \
            queue by a hash, and waits for the lock of another CPU's queue. A queue whose senders are on another memory node than its \
            interrupt sends each packet's memory across.
            """,
        reads: [
            "sys/class/net/*/queues/tx-N/xps_cpus", "sys/class/net/*/queues/tx-N/xps_rxqs",
            "proc/irq/N/effective_affinity",
        ],
        rule: """
            some CPUs are in no mask of an interface while others are, or all CPUs of a queue are on another node than the CPU that its \
            interrupt comes to: a note
            """,
        exceptions:
            "all masks are 0 (the hash decides); an interface with one queue; queues that follow receive queues",
        trust: "drivers set these masks too: virtio, mlx5, i40e, ixgbe", origin: "net/core/net-sysfs.c")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.interfaces != nil else { throw Unjudged("sys/class/net is not there") }
        var missing: String?
        var found: [DoctorFinding] = []
        for network in box.networks {
            guard let queues = network.sendQueues, !queues.isEmpty else {
                missing = missing ?? "\(network.folder)/queues is not there"
                continue
            }
            // The kernel has no such file for a single queue.
            guard queues.count > 1 else { continue }
            var masks: [(queue: Int, mask: CPUSet)] = []
            for queue in queues {
                guard let mask = box.mask("\(network.folder)/queues/tx-\(queue)/xps_cpus") else {
                    missing = missing ?? box.problem("\(network.folder)/queues/tx-\(queue)/xps_cpus")
                    continue
                }
                masks.append((queue, mask))
            }
            guard masks.count == queues.count, !followsReceiving(box, network, queues) else { continue }
            if let finding = uncovered(box, network, masks) ?? remote(box, network, masks) { found.append(finding) }
        }
        findings += found.most("interfaces")
        if let missing { throw Unjudged(missing) }
    }

    private static func followsReceiving(_ box: Examination, _ network: ExaminedInterface, _ queues: [Int]) -> Bool {
        queues.contains { queue in
            let mask = box.mask("\(network.folder)/queues/tx-\(queue)/xps_rxqs")
            return mask.map { !$0.isEmpty } ?? false
        }
    }

    private static func uncovered(
        _ box: Examination, _ network: ExaminedInterface, _ masks: [(queue: Int, mask: CPUSet)]
    ) -> DoctorFinding? {
        let all = masks.reduce(CPUSet()) { $0.union($1.mask) }
        let rest = box.cpus.online.subtracting(all)
        guard !all.isEmpty, !rest.isEmpty else { return nil }
        return finding(
            network,
            "\(network.name): \(rest.inWords) \(rest.count == 1 ? "has" : "have") no transmit queue of their own",
            "they take the queue of another CPU, and wait for its lock")
    }

    private static func remote(
        _ box: Examination, _ network: ExaminedInterface, _ masks: [(queue: Int, mask: CPUSet)]
    ) -> DoctorFinding? {
        guard box.cpus.nodeCPUs.count > 1 else { return nil }
        let far = masks.filter { queue, mask in
            guard let cpu = network.line(sending: queue)?.servingCPU, let home = box.cpus.node(of: cpu) else {
                return false
            }
            let nodes = mask.cpus.compactMap { box.cpus.node(of: $0) }
            return !nodes.isEmpty && !nodes.contains(home)
        }
        guard let first = far.first, let line = network.line(sending: first.queue), let cpu = line.servingCPU else {
            return nil
        }
        let more = far.count > 1 ? "; \(far.count - 1) more queues likewise" : ""
        return finding(
            network,
            "\(network.name): tx-\(first.queue) is for \(first.mask.inWords), its interrupt comes to CPU \(cpu) of node"
                + " \(box.cpus.node(of: cpu) ?? -1)\(more)",
            "what is sent is cleaned up on the other node")
    }

    private static func finding(_ network: ExaminedInterface, _ evidence: String, _ why: String) -> DoctorFinding {
        var finding = DoctorFinding(
            .note, network.name, evidence, why: why,
            next: ["irqscope affinity plan spread --device \(ShellWord.quoted(network.name)) --xps"])
        finding.device = network.name
        return finding
    }
}
