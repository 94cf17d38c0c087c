/// Reads the files of an examination into values.
struct ExaminationBuilder {
    let input: ExaminationInput
    let box = Box(keepsHistory: false)
    let kernel: KernelFacts
    var isSinceBoot = false
    var intervalNanoseconds: UInt64 = 1
    var isIntervalKnown = false
    var uptimeSeconds: Double?
    /// The problems with rows of /proc/interrupts, and whether lines are missing for them.
    var tableProblems: [String] = []
    var missesLines = false
    /// False if one of the tables does not name the CPUs: then nobody knows where interrupts came.
    var namesCPUs = true
    var cpus = CPUMap()
    var tasks: [ExaminedTask]?
    private var threadSight = ThreadSight.hidden
    var log: [LogLine]?
    var seen = BoxInterval(time: BoxTime(), start: BoxTime(), intervalNanoseconds: nil)
    var verdicts: [AlertFinding] = []
    var lines: [ExaminedLine] = []
    var rows: [ExaminedRow] = []
    /// The looks at handlers, by interrupt.
    private(set) var looks: [Int: HandlerProfile] = [:]
    private var memory = AlertMemory()
    private var (start, end) = (BoxTime(), BoxTime())

    init(_ input: ExaminationInput) throws(ExaminationError) {
        self.input = input
        kernel = KernelFacts(release: input.kernel) { input.files.read($0).text }
        let uptime = Self.uptime(input.files)
        uptimeSeconds = uptime.map { Double($0) / 1e9 }
        isSinceBoot = input.earlier == nil
        let before = input.earlier.flatMap { Self.uptime($0) }
        let measured =
            input.intervalNanoseconds
            ?? (isSinceBoot ? uptime : before.flatMap { old in uptime.map { $0 > old ? $0 - old : 0 } })
        isIntervalKnown = measured.map { $0 > 0 } ?? false
        // What is compared with each other needs some time, and nobody is told of it.
        intervalNanoseconds = measured.flatMap { $0 > 0 ? $0 : nil } ?? 1_000_000_000
        // Any two times that far apart will do.
        let now = max(uptime ?? 0, intervalNanoseconds)
        (start, end) = (Self.time(now - intervalNanoseconds), Self.time(now))
        box.isolated = CPUSet()
        readCPUs()
        var reader = TaskReader(input)
        tasks = reader.read(intervalNanoseconds: isSinceBoot || !isIntervalKnown ? nil : intervalNanoseconds)
        threadSight = reader.sight
        log = Self.log(input.files)
        try readSample(input.earlier ?? input.files, at: start, isZero: isSinceBoot)
        box.isolated = cpus.isolated
        box.softirqThreads = softirqThreads(shared: false)
        remember()
        try readSample(input.files, at: end, isZero: false)
        box.softirqThreads = softirqThreads(shared: true)
        if !namesCPUs { tableProblems.append("\(Examination.unnamedCPUs): where interrupts came is unknown") }
    }

    private static func time(_ nanoseconds: UInt64) -> BoxTime {
        BoxTime(boot: nanoseconds, awake: nanoseconds, wall: nanoseconds)
    }

    private static func uptime(_ files: any KernelFiles) -> UInt64? {
        guard let word = files.read("proc/uptime").text?.split(separator: " ").first, let seconds = Double(word),
            seconds > 0, seconds < 1e10
        else { return nil }
        return UInt64(seconds * 1e9)
    }

    private static func log(_ files: any KernelFiles) -> [LogLine]? {
        for path in ["dmesg", "sos_commands/kernel/dmesg", "sos_commands/kernel/dmesg_-T"] {
            if let text = files.read(path).text { return LogLine.lines(text) }
        }
        return nil
    }

    // MARK: CPUs

    private mutating func readCPUs() {
        let files = input.files
        let system = "sys/devices/system/cpu"
        func list(_ path: String) -> CPUSet? { Examination.list(files.read(path)) }
        cpus.online = list("\(system)/online") ?? CPUSet()
        cpus.possible = list("\(system)/possible")
        cpus.bootIsolated = list("\(system)/isolated")
        cpus.nohzFull = list("\(system)/nohz_full")
        cpus.partitions = CgroupPartitions.isolated(files)
        cpus.named = input.latencyCPUs
        for name in files.names("sys/devices/system/node") ?? [] where name.hasPrefix("node") {
            guard let node = Int(name.dropFirst(4)), (0..<1024).contains(node) else { continue }
            if let text = files.read("sys/devices/system/node/\(name)/distance").text {
                cpus.distances[node] = text.split(separator: " ").compactMap { Int($0) }
            }
            guard let members = list("sys/devices/system/node/\(name)/cpulist"), !members.isEmpty else { continue }
            cpus.nodeCPUs[node] = members
            for cpu in members.cpus {
                while cpus.nodes.count <= cpu { cpus.nodes.append(-1) }
                cpus.nodes[cpu] = Int16(node)
            }
        }
        for cpu in cpus.online.cpus {
            let folder = "\(system)/cpu\(cpu)"
            if cpus.siblings[cpu] == nil,
                let siblings = list("\(folder)/topology/thread_siblings_list")
                    ?? list("\(folder)/topology/core_cpus_list")
            {
                // All of a core say the same.
                for sibling in siblings.cpus where sibling == cpu || cpus.online.contains(sibling) {
                    cpus.siblings[sibling] = siblings
                }
            }
        }
        guard let first = cpus.online.lowest, files.read("\(system)/cpu\(first)/cpu_capacity").text != nil else {
            return
        }
        for cpu in cpus.online.cpus {
            cpus.capacities[cpu] = files.read("\(system)/cpu\(cpu)/cpu_capacity").text.flatMap { Int($0) }
        }
        if Set(cpus.capacities.values).count < 2 { cpus.capacities = [:] }
    }

    // MARK: Samples

    private mutating func readSample(
        _ files: any KernelFiles, at time: BoxTime, isZero: Bool
    ) throws(ExaminationError) {
        let path = "proc/interrupts"
        let answer = files.read(path)
        guard case .bytes(let bytes) = answer else { throw .unreadable(path: path, answer) }
        do throws(ProcTextError) {
            try take(isZero ? ZeroCounts.table(bytes) : bytes, at: time)
        } catch {
            throw .text(path: path, error)
        }
        if !isZero { noteTable(isLast: time == end) }
        if cpus.online.isEmpty { cpus.online = CPUSet(box.cpus) }
        if case .bytes(let bytes) = files.read("proc/softirqs") {
            let text = isZero ? ZeroCounts.table(bytes) : bytes
            try? box.takeSoftirqs { (sample: inout CounterSample) throws(ProcTextError) in
                (sample.startNanoseconds, sample.endNanoseconds) = (time.awake, time.awake)
                try unsafe sample.parse(text.span.bytes)
            }
        }
        if case .bytes(let bytes) = files.read("proc/stat") {
            let text = isZero ? ZeroCounts.stat(bytes) : bytes
            try? unsafe box.takeTimes(text.span.bytes)
        } else {
            box.skipTimes()
        }
        box.takeSoftnet(isZero ? [] : softnet(files))
        box.takeWork(isZero ? WorkCounts() : work(files))
        box.time = time
    }

    private func take(_ text: [UInt8], at time: BoxTime) throws(ProcTextError) {
        try box.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (time.awake, time.awake)
            try unsafe sample.parse(text.span.bytes)
            try sample.requireRows()
        }
    }

    /// Notes what is wrong with the rows of a sample. With one sample it is read twice.
    private mutating func noteTable(isLast: Bool) {
        if !box.interrupts.sample.table.namesCPUs { namesCPUs = false }
        if box.interrupts.sample.table.missesLines { missesLines = true }
        guard let problem = box.interrupts.sample.table.rowProblem else { return }
        let place = isSinceBoot ? "" : isLast ? " of the last sample" : " of the first sample"
        tableProblems.append("proc/interrupts\(place), \(problem)")
    }

    private func softnet(_ files: any KernelFiles) -> [SoftnetCounts] {
        guard case .bytes(let bytes) = files.read("proc/net/softnet_stat") else { return [] }
        return unsafe SoftnetStat.read(bytes.span.bytes, cpus: cpus.online.cpus) ?? []
    }

    private func work(_ files: any KernelFiles) -> WorkCounts {
        var counts = WorkCounts()
        if case .bytes(let bytes) = files.read("proc/diskstats") {
            counts.disks = unsafe DiskStats.read(bytes.span.bytes)
        }
        guard let names = files.names("sys/class/net") else { return counts }
        var links: [NamedCount] = []
        for name in names.prefix(4096) where name != "lo" && links.count < 256 {
            let folder = "sys/class/net/\(name)"
            if files.link(folder)?.contains("/virtual/") == true { continue }
            guard let received = files.read("\(folder)/statistics/rx_packets").text.flatMap({ UInt64($0) }),
                let sent = files.read("\(folder)/statistics/tx_packets").text.flatMap({ UInt64($0) })
            else { continue }
            links.append(NamedCount(name: name, count: received &+ sent))
        }
        counts.links = links
        return counts
    }

    private func softirqThreads(shared: Bool) -> [SoftirqThread] {
        (tasks ?? []).compactMap { task in
            guard task.isKernel, task.name.hasPrefix("ksoftirqd/"), let cpu = Int(task.name.dropFirst(10)) else {
                return nil
            }
            var thread = SoftirqThread(
                cpu: cpu, pid: Int32(truncatingIfNeeded: task.pid),
                cpuNanoseconds: task.cpuTicks &* (1_000_000_000 / max(input.ticksPerSecond, 1)))
            thread.share = shared ? task.cpuShare : nil
            return thread
        }
    }

    // MARK: Verdicts

    /// Lets the checks of `alert` see the first sample: they compare masks and counts with it.
    private mutating func remember() {
        guard !isSinceBoot else { return }
        var first = BoxInterval(box, start: start)
        let (details, _) = lookUp(first, input.earlier ?? input.files, named: false)
        first.add(details, named: [], box, memory)
        memory = AlertEngine.judge(memory, first, AlertRules()).memory
    }

    /// Builds the lines and asks the checks of `alert`.
    mutating func judge() {
        seen = BoxInterval(box, start: start)
        let (details, parts) = lookUp(seen, input.files, named: true)
        seen.add(details, named: Set(details.keys), parts: parts, box, memory)
        followThreads()
        seen.eventRates = FirmwareRates.read(input, seconds: Double(intervalNanoseconds) / 1e9)
        let disabled = log.map { lines in
            Set(
                lines.compactMap { line in
                    line.text.hasPrefix("Disabling IRQ #") ? Int(line.text.dropFirst(15).trimmingBlanks) : nil
                })
        }
        for index in seen.lines.indices {
            guard let irq = seen.lines[index].irq, let found = seen.lines[index].details else { continue }
            if disabled?.contains(irq) == true, found.spurious?.isBegunAnew == true {
                seen.lines[index].isLoggedAsDisabled = true
            }
        }
        verdicts = AlertEngine.judge(memory, seen, AlertRules()).findings
        if look() { verdicts = AlertEngine.judge(memory, seen, AlertRules()).findings }
        buildLines(details, parts)
    }

    /// No more lines are looked at: the worst go first.
    private static let lookedLineLimit = 16
    /// The share of a CPU in interrupts from which on its lines are looked at, and the rate that makes one of them worth it.
    private static let (lookedShare, lookedPerSecond) = (0.5, 1_000.0)

    /// Looks at the handlers of what is suspected: lines that storm, and the fast ones of CPUs that do little but interrupts.
    ///
    /// - Returns: false if there was nothing to look at, or nobody may.
    private mutating func look() -> Bool {
        guard let ask = input.look else { return false }
        let storms = Set(verdicts.filter { $0.key.verdict == .storm && $0.level > .ok }.compactMap(\.subject.irq))
        let suspects = seen.lines.filter { line in
            guard let irq = line.irq, line.isKnown, line.details != nil else { return false }
            if storms.contains(irq) { return true }
            guard line.busiestPerSecond >= Self.lookedPerSecond, let cpu = line.busiestCPU, let found = seen.cpus[cpu]
            else {
                return false
            }
            let share = max((found.irqShare ?? 0) + (found.softirqShare ?? 0), found.ksoftirqdShare ?? 0)
            return share >= Self.lookedShare
        }
        let order = suspects.sorted { left, right in
            let (first, second) = (storms.contains(left.irq ?? -1), storms.contains(right.irq ?? -1))
            return first != second ? first : left.busiestPerSecond > right.busiestPerSecond
        }
        let lines = order.prefix(Self.lookedLineLimit).compactMap { line in
            line.irq.map { HandlerProfileAnalysis.Line(irq: $0, actions: line.details?.actions ?? []) }
        }
        if lines.isEmpty { return false }
        switch ask(lines) {
        case .success(let found):
            looks = found
            seen.add(found)
        case .failure(let problem): seen.lookProblem = problem.reason
        }
        return true
    }

    private func lookUp(
        _ seen: BoxInterval, _ files: any KernelFiles, named: Bool
    ) -> ([Int: InterruptDetails], [Int: LineParts]) {
        var result: [Int: InterruptDetails] = [:]
        var parts: [Int: LineParts] = [:]
        let isModeTold = kernel.isMaskModeTold
        for line in seen.lines {
            var found = box.text(line.row)
            guard let irq = line.irq else {
                if line.delta > 0 { result[line.row] = found }
                continue
            }
            DetailFiles.read(irq, files, into: &found)
            found.isModeTold = isModeTold
            if named {
                input.setDevices(irq, &found)
                if !found.devices.isEmpty { parts[line.row] = input.parts(found.devices) }
            }
            box.refineDelivery(of: line.row, in: &found)
            result[line.row] = found
        }
        return (result, parts)
    }

    /// Puts in what threads of handlers took: where all handlers run in threads that says nothing.
    private mutating func followThreads() {
        let isForced = kernel.areHandlersThreaded
        var shares: [Int: Double] = [:]
        for task in tasks ?? [] where task.isKernel && task.name.hasPrefix("irq/") {
            guard let irq = Int(task.name.dropFirst(4).prefix { $0.isNumber }) else { continue }
            shares[irq, default: 0] += task.cpuShare ?? 0
        }
        for index in seen.lines.indices {
            guard let irq = seen.lines[index].irq else { continue }
            let share = shares[irq]
            let wakes = threadSight.wakesThreads(hasThread: share != nil, isForced: isForced)
            if seen.lines[index].details != nil { seen.lines[index].details?.wakesThreads = wakes }
            seen.lines[index].threads =
                switch (wakes, share) {
                case (false, _): .none
                case (true, let share?) where !isForced: .nanosecondsPerSecond(share * 1e9)
                default: isForced ? .forced : .unknown
                }
        }
    }
}
