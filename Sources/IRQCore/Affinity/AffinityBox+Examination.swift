extension AffinityBox {
    /// The box that was examined.
    public init(_ box: Examination) {
        self.init(cpus: box.cpus)
        areRatesKnown = box.isIntervalKnown
        let threads = Self.threads(box)
        var siblings: [String: [String]] = [:]
        for line in box.lines {
            if let key = line.deviceKey { siblings[key, default: []] += line.details.actions ?? [] }
        }
        for line in box.lines {
            var seen = Line(Self.identity(line, box.files))
            seen.deviceKey = line.deviceKey
            seen.device = line.parts.links.first ?? line.device?.title ?? line.queue?.owner
            seen.driver = line.device?.driver
            seen.queue = line.queue
            let others = line.deviceKey.flatMap { siblings[$0] } ?? []
            seen.isAdmin = (line.details.actions ?? []).contains { QueueName.isAdmin($0, siblings: others) }
            (seen.hold, seen.isManaged) = (Self.hold(line), line.mobility.isManaged)
            (seen.mask, seen.effective) = (line.mask.flatMap { $0.isEmpty ? nil : $0 }, line.effective)
            seen.perSecond = line.perSecond
            for (cpu, rate) in line.perCPU { seen.perCPU[cpu] = rate }
            seen.movesAtOnce = line.movesAtOnce
            seen.node = line.device?.numaNode ?? line.details.node
            seen.threads = threads[line.irq] ?? []
            lines.append(seen)
            if let key = line.deviceKey, interfaces[key] == nil, !line.parts.links.isEmpty {
                interfaces[key] = line.parts.links.map { Self.interface($0, box.files) }
            }
        }
        defaultMask = box.text("proc/irq/default_smp_affinity")
        bootDefault = box.kernel.option("irqaffinity")
        for cpu in box.cpus.online.cpus { interruptShares[cpu] = box.interruptShare(cpu) }
        irqbalance = Self.irqbalance(box)
        otherMovers = AffinityMovers.known.filter { $0 != "irqbalance" && ProcessNames.runs($0, box) }.sorted()
        isContainer = box.isLive && Self.isContainer(box)
    }

    /// The line as it is now, or where a copy lacks the files for that, as its row tells.
    private static func identity(_ line: ExaminedLine, _ files: any KernelFiles) -> LineIdentity {
        let address = line.device.flatMap { $0.bus == "pci" ? $0.address : nil } ?? ""
        if let identity = LineIdentity.read(line.irq, address: address, files), !identity.actions.isEmpty {
            return identity
        }
        return LineIdentity(
            irq: line.irq, chip: line.details.chip ?? "", hwirq: line.details.hwirq.map { "\($0)" } ?? "",
            actions: (line.details.actions ?? []).joined(separator: ","), address: address)
    }

    private static func hold(_ line: ExaminedLine) -> String? {
        switch line.mobility {
        case .free: nil
        case .managed: "managed: the kernel alone spreads it"
        case .probablyManaged: "most likely managed, by its name: the kernel alone spreads it"
        case .fixed: "its controller takes no mask"
        case .perCPU: "each CPU has its own"
        case .chained: "another controller's line, which nobody handles by itself"
        }
    }

    private static func threads(_ box: Examination) -> [Int: [Thread]] {
        var result: [Int: [Thread]] = [:]
        for task in box.tasks ?? [] where task.isKernel && task.name.hasPrefix("irq/") {
            guard let irq = Int(task.name.dropFirst(4).prefix { $0.isASCII && $0.isNumber }) else { continue }
            result[irq, default: []].append(Thread(pid: task.pid, name: task.name))
        }
        return result
    }

    private static func interface(_ name: String, _ files: any KernelFiles) -> Interface {
        var interface = Interface(name)
        let folder = "sys/class/net/\(name)/queues"
        for queue in files.names(folder) ?? [] {
            guard let number = Int(queue.dropFirst(3)), (0..<65_536).contains(number) else { continue }
            if queue.hasPrefix("tx-") {
                interface.sends[number] = mask("\(folder)/\(queue)/xps_cpus", files)
            } else if queue.hasPrefix("rx-") {
                interface.receives[number] = mask("\(folder)/\(queue)/rps_cpus", files)
            }
        }
        return interface
    }

    private static func mask(_ path: String, _ files: any KernelFiles) -> String? {
        files.read(path).text.flatMap { CPUSet.parse(mask: $0) == nil ? nil : $0 }
    }

    private static func words(_ path: String, _ files: any KernelFiles) -> [String] {
        guard case .bytes(let bytes) = files.read(path) else { return [] }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func irqbalance(_ box: Examination) -> Irqbalance {
        do throws(Unjudged) {
            guard let pid = try ProcessNames.pid(of: "irqbalance", box) else { return .absent }
            let words = words("proc/\(pid)/cmdline", box.files)
            return .runs(words.isEmpty ? nil : words)
        } catch { return .unknown }
    }

    /// True if the first process was told so, or the kernel's threads cannot be seen.
    private static func isContainer(_ box: Examination) -> Bool {
        if words("proc/1/environ", box.files).contains(where: { $0.hasPrefix("container=") }) { return true }
        guard box.isRoot, box.tasks?.isEmpty == false else { return false }
        return box.text("proc/2/comm") != "kthreadd"
    }
}
