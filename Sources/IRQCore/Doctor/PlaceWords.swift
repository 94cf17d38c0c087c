extension Examination {
    /// Makes sure that masks of interrupts are known.
    ///
    /// - Throws: the reason why they are not.
    func requireMasks() throws(Unjudged) {
        let told = lines.filter { $0.mobility != .perCPU }
        guard let first = told.first, !told.contains(where: { $0.mask != nil }) else { return }
        _ = try require("proc/irq/\(first.irq)/smp_affinity")
        throw Unjudged("proc/irq/\(first.irq)/smp_affinity holds no mask")
    }

    /// True if two memory nodes are so far from each other that it is felt; nil where the firmware does not tell.
    ///
    /// Nodes on one package have 11 or 12, other packages 20 and more.
    func isFar(_ from: Int, _ to: Int) -> Bool? {
        if from == to { return false }
        return cpus.distance(from, to).map { $0 > 12 }
    }

    /// The commands that plan, do and undo a goal of `affinity`; where no CPU is left for interrupts, words that say so.
    public func affinityCommands(_ goal: String, device: String?) -> (next: [String], undo: String?) {
        guard !cpus.housekeeping.isEmpty else { return ([noCPUIsLeft], nil) }
        var words = goal
        if let device { words += " --device \(ShellWord.quoted(device))" }
        // CPUs that only this command line names are not known to the next one.
        if !cpus.named.isEmpty { words += " --latency-cpus \(cpus.named.list)" }
        return (["irqscope affinity plan \(words)", "irqscope affinity apply \(words)"], "irqscope affinity undo")
    }

    /// The next step where all CPUs were set aside: `affinity plan` would refuse.
    var noCPUIsLeft: String {
        "# no CPU of \(cpus.online.list) is left for interrupts: set fewer aside"
            + (cpus.named.isEmpty ? "" : " with --latency-cpus")
    }

    /// The commands that keep interrupts off a CPU, too.
    func isolateCommands(with cpu: Int) -> [String] {
        let wanted = cpus.named.union(CPUSet([cpu]))
        guard !cpus.housekeeping.subtracting(wanted).isEmpty else {
            return ["# no CPU beside \(cpu) is left for interrupts: they cannot be kept away from the task"]
        }
        return ["irqscope affinity plan isolate --latency-cpus \(wanted.list)"]
    }

    /// The command that gives a line a mask.
    func maskCommand(_ line: ExaminedLine, _ mask: CPUSet) -> String {
        "echo \(mask.list) >/proc/irq/\(line.irq)/smp_affinity_list"
    }
}

extension ExaminedLine {
    /// The CPU on which it is: the controller's word where that is one CPU, else the one that served nearly all; nil if
    /// neither tells.
    var place: Int? {
        if let effective, effective.count == 1 { return effective.lowest }
        guard let busiest, busiest.perSecond >= perSecond * 0.9 else { return nil }
        return busiest.cpu
    }

    /// The CPUs that served some of it.
    var servedOn: CPUSet { CPUSet(perCPU.map(\.cpu)) }
}

/// Lists of names in sentences.
enum NameList {
    /// The names with a comma between them, and the number of those beyond a limit: `a, b and 3 more`.
    static func few(_ names: [String], limit: Int = 5) -> String {
        guard names.count > limit else { return names.joined(separator: ", ") }
        return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more"
    }

    /// The names, of which those with numbers in a row stand together: `nvme0q1-q16, virtio2-request (4)`.
    static func ranges(_ names: [String], limit: Int = 5) -> String {
        var parts: [(stem: String, first: Int?, last: Int?, count: Int)] = []
        for name in names {
            let (stem, number) = split(name)
            if let place = parts.lastIndex(where: { $0.stem == stem }) {
                if number == nil || parts[place].last.map({ $0 + 1 }) == number {
                    (parts[place].last, parts[place].count) = (number, parts[place].count + 1)
                    continue
                }
                if parts[place].last == number {
                    parts[place].count += 1
                    continue
                }
            }
            parts.append((stem, number, number, 1))
        }
        let words = parts.map { part in
            guard let first = part.first, let last = part.last else {
                return part.count > 1 ? "\(part.stem) (\(part.count))" : part.stem
            }
            guard first != last else { return "\(part.stem)\(first)" }
            let letter = part.stem.last.map { $0.isLetter ? String($0) : "" } ?? ""
            return "\(part.stem)\(first)-\(letter)\(last)"
        }
        return few(words, limit: limit)
    }

    /// The name without the number at its end, and that number.
    private static func split(_ name: String) -> (stem: String, number: Int?) {
        let digits = name.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        guard digits > 0, digits <= 6, digits < name.utf8.count else { return (name, nil) }
        return (String(decoding: name.utf8.dropLast(digits), as: UTF8.self), Int(name.suffix(digits)))
    }
}
