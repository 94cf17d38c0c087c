/// The masks of a box and what has a say in them, by device and queue: for `affinity show`.
public struct AffinityView: Sendable {
    /// A line.
    public struct Line: Sendable {
        /// The number.
        public var irq: Int
        /// The names of its handlers.
        public var action: String
        /// Its device; nil if unknown.
        public var device: String?
        /// The queue that it serves, with its direction where it has one; nil if it is none.
        public var queue: String?
        /// The mask; nil if unknown.
        public var mask: CPUSet?
        /// The CPUs that its controller has; nil if unknown.
        public var effective: CPUSet?
        /// The CPUs to which it came.
        public var delivered: CPUSet
        /// The CPUs that the driver would like; nil if it has no wish.
        public var hint: CPUSet?
        /// The memory node of its device; nil if it has none or that is unknown.
        public var node: Int?
        /// The reason why nobody can set its mask; nil if somebody can.
        public var hold: String?
        /// True if somebody can set its mask; nil if nothing is known of the mask.
        public var isSettable: Bool? { hold != nil ? false : isMaskKnown ? true : nil }
        /// True if the mask could be read, an empty one too.
        var isMaskKnown: Bool
        /// The CPUs on which its threads may run; nil if it has none or they cannot be seen.
        public var threads: CPUSet?
        /// The rate, per second; nil if unknown.
        public var perSecond: Double?
    }

    /// The steering of an interface's queue.
    public struct Queue: Sendable {
        /// The interface.
        public var interface: String
        /// The queue, such as `rx-0`.
        public var name: String
        /// The CPUs that take its packets in software (RPS), or that send by it (XPS); empty for none in particular.
        public var cpus: CPUSet?
        /// The flows that it keeps with their programs (RFS); nil for a sending one, or if unknown.
        public var flowCount: Int?
    }

    /// The lines, device by device.
    public var lines: [Line] = []
    /// The queues with files of their own.
    public var queues: [Queue] = []
    /// The programs and settings that may change masks.
    public var movers: [String] = []
    /// True if irqbalance runs; nil if that is unknown, as of the other programs then.
    public var runsIrqbalance: Bool?
    /// The mask that new lines get; nil if unknown.
    public var defaultMask: CPUSet?
    /// The CPUs that were set aside.
    public var isolated = CPUSet()
    /// True if rates are means since boot.
    public var isSinceBoot = false

    /// Looks at a box.
    ///
    /// - Parameter devices: the devices that are shown, by name or address; empty for all.
    public init(_ examination: Examination, _ box: AffinityBox, devices: [String]) {
        isSinceBoot = examination.isSinceBoot
        isolated = box.cpus.isolated
        defaultMask = box.defaultMask.flatMap { CPUSet.parse(mask: $0) }
        var threads: [Int: CPUSet] = [:]
        for line in box.lines {
            for thread in line.threads {
                guard let cpus = Self.allowed(thread.pid, examination.files) else { continue }
                threads[line.irq] = (threads[line.irq] ?? CPUSet()).union(cpus)
            }
        }
        for (seen, line) in zip(examination.lines, box.lines) {
            guard devices.isEmpty || devices.contains(where: { box.means($0, line) }) else { continue }
            lines.append(
                Line(
                    irq: line.irq, action: line.action.isEmpty ? seen.name : line.action, device: line.device,
                    queue: Self.queue(line), mask: line.mask, effective: line.effective,
                    delivered: CPUSet(line.perCPU.keys), hint: seen.details.affinityHint, node: line.node,
                    hold: line.hold, isMaskKnown: seen.mask != nil, threads: threads[line.irq],
                    perSecond: box.areRatesKnown ? line.perSecond : nil))
        }
        for interface in box.interfaces.values.flatMap({ $0 }).sorted(by: { $0.name < $1.name })
        where devices.isEmpty || devices.contains(interface.name) {
            add(interface, examination.files)
        }
        movers = Self.movers(examination, box)
        runsIrqbalance = box.irqbalance.isRunning
    }

    private static func queue(_ line: AffinityBox.Line) -> String? {
        guard let queue = line.queue else { return nil }
        let number = queue.number.map { "\($0)" } ?? "?"
        return queue.direction == .both ? number : "\(queue.direction.rawValue) \(number)"
    }

    private mutating func add(_ interface: AffinityBox.Interface, _ files: any KernelFiles) {
        for (number, text) in interface.receives.sorted(by: { $0.key < $1.key }) {
            let flows = files.read("sys/class/net/\(interface.name)/queues/rx-\(number)/rps_flow_cnt").text
            queues.append(
                Queue(
                    interface: interface.name, name: "rx-\(number)", cpus: CPUSet.parse(mask: text),
                    flowCount: flows.flatMap { Int($0) }))
        }
        for (number, text) in interface.sends.sorted(by: { $0.key < $1.key }) {
            queues.append(
                Queue(interface: interface.name, name: "tx-\(number)", cpus: CPUSet.parse(mask: text), flowCount: nil))
        }
    }

    private static func allowed(_ pid: Int, _ files: any KernelFiles) -> CPUSet? {
        files.read("proc/\(pid)/status").text.flatMap(ExaminedTask.allowedCPUs)
    }

    // MARK: Movers

    private static func movers(_ examination: Examination, _ box: AffinityBox) -> [String] {
        let files = examination.files
        var result: [String] = []
        if case .runs(nil) = box.irqbalance { result.append("irqbalance runs: its command line is unknown") }
        if case .runs(let words?) = box.irqbalance {
            let options = words.dropFirst().filter {
                $0.hasPrefix("--ban") || $0.hasPrefix("--policy") || $0.hasPrefix("-")
            }
            let bans = options.isEmpty ? "no line is banned on its command line" : options.joined(separator: " ")
            result.append("irqbalance runs: \(bans)")
        }
        for path in ["etc/default/irqbalance", "etc/sysconfig/irqbalance"] {
            guard let text = files.read(path).text else { continue }
            for line in text.split(separator: "\n") where line.hasPrefix("IRQBALANCE_") && !line.hasSuffix("=") {
                result.append("\(path): \(line)")
            }
        }
        for name in box.otherMovers { result.append("\(name) runs") }
        if let profile = files.read("etc/tuned/active_profile").text, !profile.isEmpty {
            result.append("tuned's profile is \(profile)")
        }
        for folder in ["etc/systemd/network", "etc/udev/rules.d"] {
            for name in (files.names(folder) ?? []).prefix(256) {
                guard let text = files.read("\(folder)/\(name)").text else { continue }
                if text.contains("smp_affinity") || text.contains("IRQAffinity") {
                    result.append("/\(folder)/\(name) names masks")
                }
            }
        }
        if let option = box.bootDefault { result.append("the kernel's command line has irqaffinity=\(option)") }
        return result
    }
}
