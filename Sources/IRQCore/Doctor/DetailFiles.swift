/// The files of /proc/irq/N and /sys/kernel/irq/N of any box (kernel/irq/proc.c, Documentation/ABI/testing/sysfs-kernel-irq).
enum DetailFiles {
    /// Adds what they tell of an interrupt to what its row told.
    static func read(_ irq: Int, _ files: any KernelFiles, into details: inout InterruptDetails) {
        let folder = "proc/irq/\(irq)"
        details.affinity = mask(irq, "smp_affinity", files)
        details.effectiveAffinity = mask(irq, "effective_affinity", files)
        details.node = files.read("\(folder)/node").text.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        details.isUserSettable = files.mode("\(folder)/smp_affinity").map { $0 & 0o222 != 0 }
        details.affinityHint = mask(irq, "affinity_hint", files).flatMap { $0.isEmpty ? nil : $0 }
        details.spurious = spurious(irq, files)
        let sys = "sys/kernel/irq/\(irq)"
        if let chip = files.read("\(sys)/chip_name").text, !chip.isEmpty { details.chip = chip }
        if let hwirq = files.read("\(sys)/hwirq").text.flatMap({ UInt64($0) }) { details.hwirq = hwirq }
        if let type = files.read("\(sys)/type").text, type == "edge" || type == "level" { details.trigger = type }
        if case .bytes(let bytes) = files.read("sys/kernel/debug/irq/irqs/\(irq)") {
            details.isSpuriousDisabled = unsafe IRQStateText.isSpuriousDisabled(bytes.span.bytes)
            details.isPerCPU = unsafe IRQStateText.isPerCPU(bytes.span.bytes)
            details.isSpread = String(decoding: bytes, as: UTF8.self).contains("IRQD_AFFINITY_MANAGED")
        }
        details.findDelivery()
    }

    /// A mask of an interrupt; nil if it is not told. A copy may have the list only.
    static func mask(_ irq: Int, _ name: String, _ files: any KernelFiles) -> CPUSet? {
        if let text = files.read("proc/irq/\(irq)/\(name)").text, let mask = CPUSet.parse(mask: text) { return mask }
        return Examination.list(files.read("proc/irq/\(irq)/\(name)_list"))
    }

    /// The counts of unhandled interrupts; nil if they are not told.
    static func spurious(_ irq: Int, _ files: any KernelFiles) -> SpuriousCounts? {
        guard case .bytes(let bytes) = files.read("proc/irq/\(irq)/spurious") else { return nil }
        return unsafe SpuriousCounts(bytes.span.bytes)
    }
}

/// Texts of counters as they were at boot: the same rows, and zeros.
enum ZeroCounts {
    /// A table of /proc/interrupts or /proc/softirqs with all counts 0.
    static func table(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var columns = 0
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if index > 0 { result.append(0x0A) }
            guard index > 0, let colon = line.firstIndex(of: 0x3A) else {
                if index == 0 { columns = line.split(separator: 0x20).count }
                result += line
                continue
            }
            result += line[...colon]
            var rest = line[(colon + 1)...]
            for _ in 0..<columns {
                let digits = rest.drop { $0 == 0x20 || $0 == 0x09 }
                let end = digits.firstIndex { !(0x30...0x39).contains($0) } ?? digits.endIndex
                let isNumber = end > digits.startIndex && (end == digits.endIndex || digits[end] == 0x20)
                guard isNumber else { break }
                result += [0x20, 0x30]
                rest = digits[end...]
            }
            result += rest
        }
        return result
    }

    /// The lines of CPUs of /proc/stat with all times 0, and no interrupts.
    static func stat(_ text: [UInt8]) -> [UInt8] {
        var result = ""
        for line in text.split(separator: 0x0A) {
            let words = line.split(separator: 0x20)
            guard let name = words.first, name.starts(with: "cpu".utf8) || name.elementsEqual("intr".utf8) else {
                continue
            }
            result +=
                String(decoding: name, as: UTF8.self) + String(repeating: " 0", count: min(words.count - 1, 16)) + "\n"
        }
        return Array(result.utf8)
    }
}

/// The events of ACPI as their files count them.
enum FirmwareRates {
    /// The rates of events by name, per second; nil where there are none or one sample is all there is.
    static func read(_ input: ExaminationInput, seconds: Double) -> [String: Double]? {
        guard let earlier = input.earlier, let names = input.files.names("sys/firmware/acpi/interrupts") else {
            return nil
        }
        var rates: [String: Double] = [:]
        for name in names where name.hasPrefix("gpe") && name != "gpe_all" || name.hasPrefix("ff_") {
            let path = "sys/firmware/acpi/interrupts/\(name)"
            guard let now = count(input.files.read(path)), let before = count(earlier.read(path)), now >= before else {
                continue
            }
            rates[name] = Double(now - before) / seconds
        }
        return rates
    }

    private static func count(_ answer: FileAnswer) -> UInt64? {
        answer.text?.split(separator: " ").first.flatMap { UInt64($0) }
    }
}

/// The cpuset partitions of control groups.
enum CgroupPartitions {
    /// More groups than these are not looked at.
    private static let groupLimit = 512

    /// The CPUs of isolated partitions; nil if there are no control groups to see.
    static func isolated(_ files: any KernelFiles) -> CPUSet? {
        let root = "sys/fs/cgroup"
        if let list = Examination.list(files.read("\(root)/cpuset.cpus.isolated")) { return list }
        guard files.names(root) != nil else { return nil }
        var result = CPUSet()
        for (path, state) in all(files) where state == "isolated" {
            if let list = Examination.list(files.read("\(path)/cpuset.cpus.effective")) { result = result.union(list) }
        }
        return result
    }

    /// The groups that have a word about partitions, and the word.
    static func all(_ files: any KernelFiles) -> [(path: String, state: String)] {
        var result: [(String, String)] = []
        var waiting = ["sys/fs/cgroup"]
        var looked = 0
        while let path = waiting.popLast(), looked < groupLimit {
            looked += 1
            if let state = files.read("\(path)/cpuset.cpus.partition").text { result.append((path, state)) }
            // Files of groups have a dot; below a group without cpusets there are none.
            let names = files.names(path) ?? []
            guard path == "sys/fs/cgroup" || names.contains("cpuset.cpus.partition") else { continue }
            for name in names.reversed() where Self.isGroup(name) { waiting.append("\(path)/\(name)") }
        }
        return result.sorted { $0.0 < $1.0 }
    }

    private static func isGroup(_ name: String) -> Bool {
        if name.hasSuffix(".slice") || name.hasSuffix(".scope") || name.hasSuffix(".service") { return true }
        return !name.contains(".")
    }
}
