public import IRQCore

/// A box in memory that a test makes worse: a healthy PC with four CPUs, a disk and a network card, in two samples 10 s apart.
public struct MemoryBox {
    /// A row of /proc/interrupts.
    public struct Row {
        public var label: String
        /// The counts of the CPUs in the first sample; one number for a row that counts for the machine.
        public var counts: [UInt64]
        /// The numbers that come between the samples.
        public var delta: [UInt64]
        public var tail: String
    }

    /// A process, as its stat file has it. Times are in ticks, 100 a second.
    public struct Task {
        public var name: String
        public var isKernel = true
        public var state = "S"
        public var ticks: UInt64 = 100
        /// The ticks between the samples.
        public var delta: UInt64 = 0
        public var cpu = 0
        public var realtimePriority = 0
        public var policy = 0

        /// Creates a process that sleeps.
        public init(
            name: String, isKernel: Bool = true, ticks: UInt64 = 100, delta: UInt64 = 0, cpu: Int = 0,
            realtimePriority: Int = 0, policy: Int = 0
        ) {
            (self.name, self.isKernel, self.ticks, self.delta) = (name, isKernel, ticks, delta)
            (self.cpu, self.realtimePriority, self.policy) = (cpu, realtimePriority, policy)
        }
    }

    public let cpuCount: Int
    public var seconds = 10.0
    public var uptime = 7200.0
    public var kernel = "6.1.0-30-amd64"
    /// False for a box of which there is one sample only.
    public var hasTwoSamples = true
    public var isLive = false
    public var isRoot = false
    /// The count of the firmware's interrupts; nil where nobody counted.
    public var firmwareStops: FirmwareStops?
    public var rows: [Row] = []
    public var softirqs: [String: [UInt64]] = [:]
    /// The softirqs between the samples.
    public var softirqDelta: [String: [UInt64]] = [:]
    /// The ten times of each CPU between the samples, in ticks: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
    public var times: [[UInt64]]
    /// The same before the first sample.
    public var pastTimes: [[UInt64]]
    public var tasks: [Int: Task] = [:]
    /// All other files, in both samples.
    public var files: [String: String] = [:]
    /// Files that cannot be read, and the answers to those who try.
    public var answers: [String: FileAnswer] = [:]
    /// The texts of symbolic links.
    public var links: [String: String] = [:]
    /// The permission bits of files.
    public var modes: [String: Int] = [:]
    /// Directories that may be empty.
    public var folders: Set<String> = []
    /// The files that are different in the second sample.
    public var later: [String: String] = [:]
    /// The kernel's log; nil where it cannot be read.
    public var log: [String]? = ["[    0.000000] Linux version 6.1.0-30-amd64"]
    /// The devices behind interrupts.
    public var devices: [Int: [Device]] = [:]
    /// The disks and interfaces of devices, by the address of the device.
    public var parts: [String: LineParts] = [:]

    /// The things that drivers tell of interfaces.
    public var linkFacts: [String: LinkFacts] = [:]

    public static let softirqNames = [
        "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU",
    ]

    /// A healthy box.
    public init(cpus cpuCount: Int = 4) {
        self.cpuCount = cpuCount
        times = Array(repeating: [50, 0, 50, 900, 0, 0, 0, 0, 0, 0], count: cpuCount)
        pastTimes = Array(repeating: [57_600, 0, 21_600, 619_200, 7200, 0, 14_400, 0, 0, 0], count: cpuCount)
        for name in Self.softirqNames {
            softirqs[name] = Array(repeating: 100_000, count: cpuCount)
            softirqDelta[name] = Array(repeating: 100, count: cpuCount)
        }
        let zeros = Array(repeating: UInt64(0), count: cpuCount)
        line(1, "IO-APIC 1-edge", "i8042")
        line(9, "IO-APIC 9-fasteoi", "acpi")
        line(27, "PCI-MSI 512000-edge", "ahci[0000:00:1f.2]", on: 3 % cpuCount, perSecond: 20)
        line(28, "PCI-MSI 409600-edge", "eth0", on: 1 % cpuCount, perSecond: 30)
        for (label, tail) in [
            ("NMI", "Non-maskable interrupts"), ("LOC", "Local timer interrupts"), ("SPU", "Spurious interrupts"),
            ("PMI", "Performance monitoring interrupts"), ("IWI", "IRQ work interrupts"),
            ("RTR", "APIC ICR read retries"), ("RES", "Rescheduling interrupts"), ("CAL", "Function call interrupts"),
            ("TLB", "TLB shootdowns"), ("TRM", "Thermal event interrupts"), ("THR", "Threshold APIC interrupts"),
            ("DFR", "Deferred Error APIC interrupts"), ("MCE", "Machine check exceptions"),
            ("MCP", "Machine check polls"),
        ] {
            rows.append(Row(label: label, counts: zeros, delta: zeros, tail: tail))
        }
        rows.append(Row(label: "ERR", counts: [0], delta: [0], tail: ""))
        rows.append(Row(label: "MIS", counts: [0], delta: [0], tail: ""))
        setRow("LOC", delta: Array(repeating: 1000, count: cpuCount))
        setRow("RES", delta: Array(repeating: 200, count: cpuCount))
        tasks[1] = Task(name: "systemd", isKernel: false)
        tasks[2] = Task(name: "kthreadd")
        for cpu in 0..<cpuCount { tasks[20 + cpu] = Task(name: "ksoftirqd/\(cpu)", cpu: cpu) }
        addFiles()
    }

    private mutating func addFiles() {
        let all = cpuCount == 1 ? "0" : "0-\(cpuCount - 1)"
        let system = "sys/devices/system/cpu"
        for name in ["online", "possible", "present"] { files["\(system)/\(name)"] = all }
        files["\(system)/isolated"] = ""
        files["\(system)/nohz_full"] = "  (null)"
        files["sys/fs/cgroup/cpuset.cpus.isolated"] = ""
        files["sys/devices/system/node/node0/cpulist"] = all
        files["sys/devices/system/node/node0/distance"] = "10"
        files["proc/cmdline"] = "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet"
        files["proc/version"] = "Linux version 6.1.0-30-amd64 (x) (gcc) #1 SMP PREEMPT_DYNAMIC Debian 6.1.124-1"
        files["proc/irq/default_smp_affinity"] = CPUSet(Array(0..<cpuCount)).mask
        files["proc/net/softnet_stat"] = (0..<cpuCount).map {
            "0000ffff 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
                + ("0000000" + String($0, radix: 16)).suffix(8)
        }.joined(separator: "\n")
        for name in ["gpe03", "gpe_all", "sci", "sci_not", "error"] {
            files["sys/firmware/acpi/interrupts/\(name)"] = name == "gpe03" ? "       0  EN     enabled      unmasked" : "       0"
        }
        files["sys/devices/system/clocksource/clocksource0/current_clocksource"] = "tsc"
        files["sys/devices/system/clocksource/clocksource0/available_clocksource"] = "tsc hpet acpi_pm"
    }

    // MARK: Changes

    /// Adds a process.
    public mutating func task(
        _ pid: Int, _ name: String, isKernel: Bool = true, delta: UInt64 = 0, cpu: Int = 0, policy: Int = 0,
        realtimePriority: Int = 0
    ) {
        tasks[pid] = Task(
            name: name, isKernel: isKernel, delta: delta, cpu: cpu, realtimePriority: realtimePriority, policy: policy)
    }

    /// Adds an interrupt, or gives it another row. `chip` has the chip and the number at it, as the table shows them.
    public mutating func line(
        _ irq: Int, _ chip: String, _ actions: String, on cpu: Int = 0, perSecond: Double = 0, past: UInt64 = 1000,
        mask: String? = nil
    ) {
        var counts = Array(repeating: UInt64(0), count: cpuCount)
        var delta = counts
        (counts[cpu], delta[cpu]) = (past, UInt64(perSecond * seconds))
        let row = Row(label: "\(irq)", counts: counts, delta: delta, tail: "\(chip)      \(actions)")
        if let index = rows.firstIndex(where: { $0.label == row.label }) {
            rows[index] = row
        } else {
            rows.insert(row, at: rows.firstIndex { (Int($0.label) ?? .max) > irq } ?? rows.count)
        }
        let folder = "proc/irq/\(irq)"
        files["\(folder)/smp_affinity"] = mask ?? CPUSet(Array(0..<cpuCount)).mask
        files["\(folder)/effective_affinity"] = CPUSet([cpu]).mask
        files["\(folder)/affinity_hint"] = "0"
        files["\(folder)/node"] = "0"
        files["\(folder)/spurious"] = "count 0\nunhandled 0\nlast_unhandled 0 ms"
        modes["\(folder)/smp_affinity"] = 0o644
    }

    /// Removes an interrupt or another row.
    public mutating func removeRow(_ label: String) { rows.removeAll { $0.label == label } }

    /// Changes the counts of a row; it is added where there is none.
    public mutating func setRow(_ label: String, _ counts: [UInt64]? = nil, delta: [UInt64]? = nil, tail: String? = nil) {
        if !rows.contains(where: { $0.label == label }) {
            let zeros = Array(repeating: UInt64(0), count: counts?.count ?? delta?.count ?? cpuCount)
            rows.append(Row(label: label, counts: zeros, delta: zeros, tail: ""))
        }
        guard let index = rows.firstIndex(where: { $0.label == label }) else { return }
        if let counts { rows[index].counts = counts }
        if let delta { rows[index].delta = delta }
        if let tail { rows[index].tail = tail }
    }

    /// Gives a CPU its shares of time between the samples; the rest is idle.
    public mutating func setTimes(
        _ cpu: Int, user: Double = 0, system: Double = 0, irq: Double = 0, softirq: Double = 0, steal: Double = 0
    ) {
        let all = seconds * 100
        func ticks(_ share: Double) -> UInt64 { UInt64((share * all).rounded()) }
        let used = [ticks(user), 0, ticks(system), 0, 0, ticks(irq), ticks(softirq), ticks(steal), 0, 0]
        times[cpu] = used
        times[cpu][3] = UInt64(all) - min(used.reduce(0, +), UInt64(all))
    }

    /// Removes a file or directory, of both samples.
    public mutating func remove(_ path: String) {
        removed.insert(path)
    }
    private var removed: Set<String> = []

    // MARK: The box

    /// Examines the box; of the first sample only those files can be read that the patterns name.
    public func examine(latencyCPUs: CPUSet = CPUSet(), sampled: [String] = []) throws -> Examination {
        let second = sample(isSecond: true)
        var input = ExaminationInput(files: second)
        if hasTwoSamples {
            let first = sample(isSecond: false)
            first.patterns = ExaminationFiles.always + ["proc/*/stat", "proc/*/task/*/stat"] + sampled
            input.earlier = first
        }
        (input.kernel, input.latencyCPUs, input.isLive, input.isRoot) = (kernel, latencyCPUs, isLive, isRoot)
        if let firmwareStops { input.firmwareStops = firmwareStops }
        var all: [Device] = []
        for irq in devices.keys.sorted() {
            for device in devices[irq] ?? [] where !all.contains(device) { all.append(device) }
        }
        input.devices = all
        input.setDevices = { [devices] irq, details in details.devices = devices[irq] ?? [] }
        input.parts = { [parts] devices in devices.lazy.compactMap { parts[$0.address] }.first ?? LineParts() }
        input.linkFacts = { [linkFacts] name in linkFacts[name] ?? LinkFacts() }
        return try Examination(input)
    }

    /// Runs checks over the box.
    public func run(_ checks: any DoctorCheck.Type..., latencyCPUs: CPUSet = CPUSet()) throws -> DoctorRun {
        let box = try examine(latencyCPUs: latencyCPUs, sampled: checks.flatMap { $0.sampled })
        return DoctorRun(box, checks: checks)
    }

    /// The files of a sample.
    public func sample(isSecond: Bool) -> MemoryFiles {
        let result = MemoryFiles(files)
        for (path, answer) in answers { result.answers[path] = answer }
        (result.links, result.modes, result.folders) = (links, modes, folders)
        let time = isSecond ? uptime : uptime - seconds
        result["proc/uptime"] = "\(time) \(time * Double(cpuCount))"
        result["proc/interrupts"] = table(rows, isSecond: isSecond, width: 11)
        let pools = Self.softirqNames.map { name in
            Row(
                label: name, counts: softirqs[name] ?? [],
                delta: softirqDelta[name] ?? Array(repeating: 0, count: cpuCount), tail: "")
        }
        result["proc/softirqs"] = table(pools, isSecond: isSecond, width: 11)
        result["proc/stat"] = stat(isSecond: isSecond)
        for (pid, task) in tasks { result["proc/\(pid)/stat"] = stat(pid, task, isSecond: isSecond) }
        if isSecond {
            for (path, text) in later { result[path] = text }
            result["dmesg"] = log.map { $0.joined(separator: "\n") + "\n" }
        }
        for path in removed { result.remove(path) }
        return result
    }

    private func table(_ rows: [Row], isSecond: Bool, width: Int) -> String {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.utf8.count)) + text
        }
        var text = right("", 12) + (0..<cpuCount).map { right("CPU\($0)", width) }.joined() + "\n"
        for row in rows {
            let counts = row.counts.indices.map { index in
                row.counts[index] &+ (isSecond && row.delta.indices.contains(index) ? row.delta[index] : 0)
            }
            let tail = row.tail.isEmpty ? "" : "   " + row.tail
            text += right(row.label, 12) + ":" + counts.map { right("\($0)", width) }.joined() + tail + "\n"
        }
        return text
    }

    private func stat(isSecond: Bool) -> String {
        let all = (0..<cpuCount).map { cpu in
            (0..<10).map { pastTimes[cpu][$0] + (isSecond ? times[cpu][$0] : 0) }
        }
        let sum = (0..<10).map { field in all.reduce(0) { $0 + $1[field] } }
        func line(_ name: String, _ times: [UInt64]) -> String {
            name + " " + times.map { "\($0)" }.joined(separator: " ") + "\n"
        }
        var text = line("cpu ", sum)
        for (cpu, times) in all.enumerated() { text += line("cpu\(cpu)", times) }
        return text + "intr 1\nctxt 1000\nbtime 1763971200\nprocesses 4321\n"
    }

    private func stat(_ pid: Int, _ task: Task, isSecond: Bool) -> String {
        var fields = Array(repeating: "0", count: 50)
        (fields[0], fields[1]) = (task.state, task.isKernel && pid != 2 ? "2" : "0")
        fields[6] = task.isKernel ? "2097152" : "0"
        fields[11] = "\(task.ticks + (isSecond ? task.delta : 0))"
        (fields[17], fields[19]) = ("1", "10")
        (fields[36], fields[37], fields[38]) = ("\(task.cpu)", "\(task.realtimePriority)", "\(task.policy)")
        return "\(pid) (\(task.name)) " + fields.joined(separator: " ") + "\n"
    }
}
