/// A transmit queue that stood still although it had packets.
enum TransmitTimeoutCheck: DoctorCheck {
    /// The age of a message that still counts, in seconds; and how soon after a resume it does not.
    static let (recentSeconds, resumeSeconds) = (3_600.0, 60.0)

    static let about = CheckText(
        "tx-timeout", title: "a transmit queue hung",
        meaning: """
            A card tells by an interrupt which packets it has sent. Where none comes for five seconds or so, the kernel takes the queue for \
            hung and lets the driver reset the card, which loses packets and the link for a while.
            """,
        reads: ["sys/class/net/*/queues/tx-N/tx_timeout", "dmesg: NETDEV WATCHDOG"],
        rule:
            "tx_timeout moves, or the kernel's message is of the last hour: critical; with one sample a count is a note",
        exceptions: "a message right after a resume", trust: "it may be the hardware", origin: "net/sched/sch_generic.c"
    )
    static let sampled = ["sys/class/net/*/queues/tx-*/tx_timeout"]
    static let causes = ["lockup", "irq-disabled", "managed-down", "irqbalance-moves", "irq-thread-prio"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        var hung: [Hang] = []
        for message in messages(box) where !hung.contains(where: { $0 == message }) { hung.append(message) }
        var missing: String?
        for network in box.networks {
            guard let queues = network.sendQueues, !queues.isEmpty else {
                missing = missing ?? "\(network.folder)/queues is not there"
                continue
            }
            for queue in queues {
                let path = "\(network.folder)/queues/tx-\(queue)/tx_timeout"
                guard let delta = box.delta(path) else {
                    missing = missing ?? box.problem(path)
                    continue
                }
                let hang = Hang(interface: network.name, queue: queue)
                guard delta > 0, !hung.contains(hang) else { continue }
                hung.append(Hang(interface: network.name, queue: queue, isOld: box.isSinceBoot, count: delta))
            }
        }
        var found: [DoctorFinding] = []
        for hang in hung { found.append(finding(box, hang)) }
        findings += found.most("queues")
        if box.interfaces == nil { throw Unjudged("sys/class/net is not there") }
        if let missing { throw Unjudged(missing) }
    }

    /// A queue that hung; the same by interface and queue.
    private struct Hang: Equatable {
        let interface: String
        let queue: Int
        var isOld = false
        var count: UInt64 = 0
        var message: String?
        static func == (left: Self, right: Self) -> Bool {
            left.interface == right.interface && left.queue == right.queue
        }
    }

    private static func messages(_ box: Examination) -> [Hang] {
        var result: [Hang] = []
        var resumed: Double?
        for line in box.log ?? [] {
            if line.text.hasPrefix("PM: suspend exit") || line.text.hasPrefix("PM: hibernation exit") {
                resumed = line.seconds
            }
            guard let (interface, queue) = parse(line.text) else { continue }
            if let seconds = line.seconds {
                if let now = box.uptimeSeconds, now - seconds > recentSeconds { continue }
                if let resumed, seconds >= resumed, seconds - resumed <= resumeSeconds { continue }
            }
            var hang = Hang(interface: interface, queue: queue, message: line.text)
            // A log with dates instead of times: it is of this boot, and that is all.
            hang.isOld = line.seconds == nil
            result.removeAll { $0 == hang }
            result.append(hang)
        }
        return result
    }

    /// `NETDEV WATCHDOG: eth0 (igb): transmit queue 3 timed out`, or since 6.9
    /// `igb 0000:01:00.0 eth0: NETDEV WATCHDOG: CPU: 2: transmit queue 3 timed out 5120 ms`.
    static func parse(_ text: String) -> (interface: String, queue: Int)? {
        let words = text.split(separator: " ")
        guard let mark = words.firstIndex(of: "WATCHDOG:"), mark > 0, words[mark - 1] == "NETDEV",
            let place = words.lastIndex(of: "transmit"), place + 4 < words.count, words[place + 1] == "queue",
            let queue = Int(words[place + 2]), words[place + 3] == "timed", words[place + 4] == "out"
        else { return nil }
        if mark + 1 < place, words[mark + 1] != "CPU:" { return (String(words[mark + 1]), queue) }
        guard mark >= 2, words[mark - 2].hasSuffix(":") else { return nil }
        return (String(words[mark - 2].dropLast()), queue)
    }

    private static func finding(_ box: Examination, _ hang: Hang) -> DoctorFinding {
        let line = box.networks.first { $0.name == hang.interface }?.line(sending: hang.queue)
        var evidence = "\(hang.interface) tx-\(hang.queue) timed out"
        if hang.count > 1 { evidence += " \(hang.count) times" }
        if hang.isOld { evidence += " since boot" }
        if let line, line.isKnown, line.delta == 0, !box.isSinceBoot {
            evidence += "; its line \(line.irq) had no interrupt for \(Units.threeDigits(box.seconds)) s"
        }
        var next: [String] = []
        if let line {
            next.append("grep . /proc/irq/\(line.irq)/smp_affinity_list /proc/irq/\(line.irq)/effective_affinity_list")
        }
        next.append("ethtool -S \(ShellWord.quoted(hang.interface))")
        next.append("# is the line masked, its CPU stuck (lockup), or was its mask moved meanwhile?")
        var finding = DoctorFinding(
            hang.isOld ? .note : .crit, hang.interface, evidence,
            why: "no interrupt told that packets were sent: the driver resets the card", next: next)
        finding.device = hang.interface
        finding.lines = Set(line.map { [$0.irq] } ?? [])
        if let cpu = line?.servingCPU { finding.cpus = CPUSet([cpu]) }
        finding.weight = Double(hang.count)
        return finding
    }
}
