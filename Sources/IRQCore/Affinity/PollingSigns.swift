/// The counts that tell whether a queue without interrupts is polled: receive softirqs, the interrupts that cause them, packets.
struct PollingSigns {
    /// NET_RX by CPU.
    fileprivate let softirqs: LineCounts
    /// The interrupts of all lines of network devices.
    fileprivate let lines: LineCounts
    /// The names of those lines' handlers, by number.
    fileprivate let names: [String: String]
    /// The packets of the devices, by name; those that no interface of that name counts are left out.
    fileprivate let packets: [String: UInt64]

    /// Reads them.
    init(_ port: any KernelPort, _ state: AffinityState) {
        softirqs = LineCounts(Self.bytes("proc/softirqs", port), labels: ["NET_RX"])
        let table = Self.bytes("proc/interrupts", port)
        names = Self.networkLines(table, Set(port.names("sys/class/net") ?? []))
        lines = LineCounts(table, labels: Set(names.keys))
        var packets: [String: UInt64] = [:]
        for device in Set(state.lines.map(\.device)) where !device.isEmpty && !device.contains("/") {
            let counts = ["rx_packets", "tx_packets"].map { name in
                port.read("sys/class/net/\(device)/statistics/\(name)").text.flatMap { UInt64($0) }
            }
            // Polling also takes back the memory of what was sent.
            if let received = counts[0], let sent = counts[1] { packets[device] = received &+ sent }
        }
        self.packets = packets
    }

    private static func bytes(_ path: String, _ port: any KernelPort) -> [UInt8] {
        guard case .bytes(let bytes) = port.read(path) else { return [] }
        return bytes
    }

    /// The numbers of the lines whose handler is a queue of a network device or has the name of an interface.
    private static func networkLines(_ table: [UInt8], _ interfaces: Set<String>) -> [String: String] {
        var result: [String: String] = [:]
        for line in table.split(separator: 0x0A).dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let label = line[..<colon].drop { $0 == 0x20 }
            guard let digit = label.first, (0x30...0x39).contains(digit) else { continue }
            let words = line[(colon + 1)...].split { $0 == 0x20 || $0 == UInt8(ascii: ",") }
            let name = words.lazy.reversed().map { String(decoding: $0, as: UTF8.self) }.first {
                interfaces.contains($0) || QueueName($0)?.kind == .network
            }
            if let name { result[String(decoding: label, as: UTF8.self)] = name }
        }
        return result
    }
}

/// What two looks at such counts tell.
struct Polling {
    /// An answer for a line that no interrupt came for.
    enum Answer: Equatable {
        /// Nothing is polled there that could be its queue.
        case not
        /// Something is, and interrupts of another line on that CPU explain it; its name.
        case maybe(String)
        /// Something is, and no interrupt explains it.
        case likely
    }

    /// Fewer receive softirqs a second are no sign of anything.
    private static let softirqsPerSecond = 10.0
    /// An interrupt is followed by a few softirqs, and by so many at most: more have another cause.
    private static let softirqsPerInterrupt: UInt64 = 100

    private let first: PollingSigns
    private let last: PollingSigns
    private let softirqs: [Int: UInt64]
    private let seconds: Double

    init(from first: PollingSigns, to last: PollingSigns, seconds: Double) {
        (self.first, self.last, self.seconds) = (first, last, seconds)
        softirqs = last.softirqs.growth("NET_RX", since: first.softirqs)
    }

    /// Judges a line whose interrupts came to a CPU before.
    func judge(_ line: AffinityState.Line, on cpu: Int) -> Answer {
        guard QueueName(line.identity.actions)?.kind == .network, let count = softirqs[cpu],
            Double(count) / seconds >= Self.softirqsPerSecond
        else { return .not }
        // A device without packets is not polled.
        if let before = first.packets[line.device], let now = last.packets[line.device], now == before { return .not }
        var others: (label: String, count: UInt64)?
        for label in last.names.keys.sorted() where label != "\(line.identity.irq)" {
            guard let grown = last.lines.growth(label, since: first.lines)[cpu] else { continue }
            if grown > others?.count ?? 0 { others = (label, grown) }
        }
        guard let others, count / Self.softirqsPerInterrupt <= others.count else { return .likely }
        return .maybe("irq \(others.label) (\(last.names[others.label] ?? ""))")
    }
}
