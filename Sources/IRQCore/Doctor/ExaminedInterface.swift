/// A network interface of a device as `doctor` sees it: its queues, and the interrupts that serve them.
struct ExaminedInterface: Sendable {
    /// The name. Untrusted text.
    let name: String
    /// The numbers of its receive queues, ascending; nil where they cannot be seen.
    var receiveQueues: [Int]?
    /// The numbers of its transmit queues, ascending; nil where they cannot be seen.
    var sendQueues: [Int]?
    /// The interrupts of its queues, or the one of a device that has no more.
    var lines: [ExaminedLine] = []
    /// The interrupt of each queue by its number, where the kernel tells; empty where it does not.
    var receiveLines: [Int: Int] = [:]
    /// The same of transmit queues.
    var sendLines: [Int: Int] = [:]
    /// True if other interfaces have the same lines, so that their counts do not tell whose packets came.
    var sharesLines = false
    /// The memory node of the device; nil if it has none or that is unknown.
    var node: Int?

    /// The folder of its files.
    var folder: String { "sys/class/net/\(name)" }
    /// The lines by which packets come in.
    var receiving: [ExaminedLine] { lines.filter { $0.queue?.direction != .send } }
    /// The rate of the lines by which packets come in, per second.
    var receivingPerSecond: Double { receiving.reduce(0) { $0 + $1.perSecond } }

    /// The line of a receive queue; nil if that cannot be told.
    func line(receiving queue: Int) -> ExaminedLine? { told(receiveLines[queue]) ?? line(queue, except: .send) }
    /// The line of a transmit queue; nil if that cannot be told.
    func line(sending queue: Int) -> ExaminedLine? { told(sendLines[queue]) ?? line(queue, except: .receive) }

    private func told(_ irq: Int?) -> ExaminedLine? { irq.flatMap { irq in lines.first { $0.irq == irq } } }

    private func line(_ queue: Int, except direction: QueueName.Direction) -> ExaminedLine? {
        let possible = lines.filter { $0.queue?.direction != direction }
        if let found = possible.first(where: { $0.queue?.number == queue }) { return found }
        return possible.count == 1 && possible[0].queue?.number == nil ? possible[0] : nil
    }

    /// The CPUs that serve its receive queues, and the rate of its lines on each, the busiest first. A line that did not come is
    /// where its controller has it.
    var receivingCPUs: [(cpu: Int, perSecond: Double)] {
        var rates: [Int: Double] = [:]
        for line in receiving {
            for (cpu, rate) in line.perCPU { rates[cpu, default: 0] += rate }
            if line.perCPU.isEmpty, let cpu = line.effective?.lowest { rates[cpu, default: 0] += 0 }
        }
        return rates.map { ($0.key, $0.value) }.sorted { ($1.perSecond, $0.cpu) < ($0.perSecond, $1.cpu) }
    }
}

extension ExaminedLine {
    /// The CPU that serves it: the one that served most, or the one that its controller has; nil if unknown.
    var servingCPU: Int? { busiest?.cpu ?? effective?.lowest }
}

extension Examination {
    /// The reason why a file does not tell a value: it is not there, or holds no such thing.
    func problem(_ path: String) -> String {
        "\(path) \(files.read(path).problem ?? "does not hold what is expected, or not in both samples")"
    }

    /// Finds the network interfaces of devices. Without sys/class/net they are those that the names of lines tell of.
    func findNetworks() -> [ExaminedInterface] {
        let names = interfaces ?? groups.filter { $0.queues.first?.queue?.kind == .network }.map(\.title)
        return names.map { name in
            var found = ExaminedInterface(name: name)
            let queues = files.names("\(found.folder)/queues")
            found.receiveQueues = queues.map { Self.numbers($0, "rx-") }
            found.sendQueues = queues.map { Self.numbers($0, "tx-") }
            found.lines = lines.filter { $0.queue != nil && Self.serves($0, name) }
            if found.lines.isEmpty, let title = interfaces == nil ? group(name) : nil { found.lines = title.queues }
            let facts = interfaces == nil ? LinkFacts() : link(name)
            (found.receiveLines, found.sendLines) = (facts.receiveLines ?? [:], facts.sendLines ?? [:])
            if found.lines.isEmpty {
                // The kernel's word, where names do not tell.
                let told = Set(found.receiveLines.values).union(found.sendLines.values).sorted()
                found.lines = told.compactMap { line($0) }
            }
            if found.lines.isEmpty { found.lines = plainLines(of: name) }
            found.sharesLines = found.lines.contains { $0.parts.links.count > 1 && $0.queue?.owner != name }
            found.node = found.lines.lazy.compactMap { $0.device?.numaNode }.first ?? group(name)?.node
            if let node = found.node, node < 0 { found.node = nil }
            return found
        }
    }

    private static func serves(_ line: ExaminedLine, _ name: String) -> Bool {
        if line.queue?.owner == name { return true }
        guard line.parts.links.contains(name), line.queue?.kind == .network else { return false }
        return line.parts.links.count == 1 || !line.parts.links.contains(line.queue?.owner ?? "")
    }

    /// The lines of a device whose lines are not called after queues.
    private func plainLines(of name: String) -> [ExaminedLine] {
        lines.filter { line in
            let actions = line.details.actions ?? []
            guard line.mobility != .perCPU, actions.contains(name) || line.parts.links.contains(name) else {
                return false
            }
            return actions.contains { !QueueName.isAdmin($0) }
        }
    }

    private static func numbers(_ names: [String], _ prefix: String) -> [Int] {
        names.compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }.sorted()
    }
}
