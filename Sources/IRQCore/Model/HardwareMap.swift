/// The hardware behind a recording's interrupts, as `record` found it: what raises which interrupt, where it may be
/// delivered, and which CPUs are alike.
public struct HardwareMap: Equatable, Sendable {
    /// An action of an interrupt line; of a line that is shared there are several.
    public struct Line: Equatable, Sendable {
        /// The IRQ number.
        public var irq: Int
        /// The name that its driver gave the handler; nil if nobody handles the line, or the kernel does not tell.
        public var action: String?
        /// The interrupt controller.
        public var chip: String?
        /// The controller's own number of the line.
        public var hwirq: UInt64?
        /// `edge` or `level`.
        public var trigger: String?
        /// The device that raises it; nil if unknown.
        public var device: Device?
        /// The memory node; nil if unknown.
        public var node: Int?
        /// The CPUs it may be delivered to; nil if unknown.
        public var affinity: CPUSet?
        /// The CPUs the controller was told; nil if unknown.
        public var effectiveAffinity: CPUSet?

        /// Creates a line of which nothing else is known.
        public init(irq: Int, action: String?) {
            self.irq = irq
            self.action = action
        }
    }

    /// A memory node and its CPUs.
    public struct Node: Equatable, Sendable {
        /// The kernel's number of it.
        public var number: Int
        /// The CPUs that are near to it.
        public var cpus: CPUSet

        /// Creates a node.
        public init(number: Int, cpus: CPUSet) {
            self.number = number
            self.cpus = cpus
        }
    }

    /// The lines, by number.
    public var lines: [Line] = []
    /// The memory nodes with CPUs, by number; empty where the kernel tells none.
    public var nodes: [Node] = []
    /// The CPUs that the scheduler leaves alone (isolcpus=); nil if unknown.
    public var isolatedCPUs: CPUSet?

    /// More lines than this are left out: reports have no more rows.
    public static let lineLimit = 16_384

    /// Creates a map of nothing.
    public init() {}

    /// True if nothing is known.
    public var isEmpty: Bool { lines.isEmpty && nodes.isEmpty && isolatedCPUs == nil }
}

// MARK: - In a recording

extension HardwareMap {
    /// The columns of the table of lines, in its first row. Readers go by the names: columns may be added.
    private static let columns = [
        "irq", "action", "chip", "hwirq", "trigger", "address", "bus", "name", "driver", "vendor_device", "node",
        "affinity", "effective_affinity", "kind", "class",
    ]

    /// Adds the map to an attachment: rows of cells with tabs between; an empty cell is unknown.
    ///
    ///     lines start 0 233
    ///     irq  action           chip                   hwirq  …  kind  class
    ///     36   virtio0-input.0  PCI-MSIX-0000:00:03.0  1      …  net   20000
    ///     nodes start 0 14
    ///     node  cpus
    ///     0     0-1
    ///     isolated start 0 4
    ///     2-3
    public func add(to attachment: inout SnapshotAttachment) {
        if !lines.isEmpty {
            Self.add("lines", [Self.columns] + lines.prefix(Self.lineLimit).map(\.cells), to: &attachment)
        }
        if !nodes.isEmpty {
            Self.add("nodes", [["node", "cpus"]] + nodes.map { ["\($0.number)", $0.cpus.list] }, to: &attachment)
        }
        if let isolatedCPUs { Self.add("isolated", [[isolatedCPUs.list]], to: &attachment) }
    }

    private static func add(_ name: String, _ rows: [[String]], to attachment: inout SnapshotAttachment) {
        let text = rows.map { $0.map(escaped).joined(separator: "\t") + "\n" }.joined()
        attachment.parts.append(.init(name: name, moment: "start", timeNanoseconds: 0, text: Array(text.utf8)))
    }

    /// Reads the map of an attachment. Its bytes are untrusted: what makes no sense is unknown.
    public init(_ attachment: SnapshotAttachment) {
        var table = Self.rows(attachment, "lines")[...]
        if let names = table.popFirst() {
            let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
            for cells in table.prefix(Self.lineLimit) {
                let line = Line { name in
                    guard let place = places[name], place < cells.count, !cells[place].isEmpty else { return nil }
                    return cells[place]
                }
                if let line { lines.append(line) }
            }
        }
        nodes = Self.rows(attachment, "nodes").dropFirst().prefix(Self.lineLimit).compactMap { cells in
            guard cells.count == 2, let number = Int(cells[0]), number >= 0 else { return nil }
            return CPUSet(list: cells[1]).map { Node(number: number, cpus: $0) }
        }
        isolatedCPUs = Self.rows(attachment, "isolated").first.flatMap { CPUSet(list: $0[0]) }
    }

    /// The rows of a part, at least one cell each; none if it is not there.
    private static func rows(_ attachment: SnapshotAttachment, _ name: String) -> [[String]] {
        guard let part = attachment.part(name, "start") else { return [] }
        return part.text.split(separator: ASCII.newline, omittingEmptySubsequences: false).dropLast().map { row in
            row.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
                unescaped(String(decoding: $0, as: UTF8.self))
            }
        }
    }

    /// Names may hold what parts cells and rows.
    private static func escaped(_ cell: String) -> String {
        if !cell.utf8.contains(where: { [0x09, 0x0A, 0x5C].contains($0) }) { return cell }
        var text = ""
        for scalar in cell.unicodeScalars {
            switch scalar {
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\\": text += "\\\\"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func unescaped(_ cell: String) -> String {
        if !cell.utf8.contains(0x5C) { return cell }
        var text = ""
        var isEscape = false
        for scalar in cell.unicodeScalars {
            if isEscape {
                text.unicodeScalars.append(scalar == "t" ? "\t" : scalar == "n" ? "\n" : scalar)
                isEscape = false
            } else if scalar == "\\" {
                isEscape = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension HardwareMap.Line {
    /// The cells of its row.
    fileprivate var cells: [String] {
        [
            "\(irq)", action ?? "", chip ?? "", hwirq.map { "\($0)" } ?? "", trigger ?? "", device?.address ?? "",
            device?.bus ?? "", device?.name ?? "", device?.driver ?? "", device?.vendorDevice ?? "",
            node.map { "\($0)" } ?? "", affinity?.list ?? "", effectiveAffinity?.list ?? "", device?.kind ?? "",
            device?.classCode.map { String($0, radix: 16) } ?? "",
        ]
    }

    /// Reads a row; nil if it has no number.
    fileprivate init?(_ cell: (String) -> String?) {
        guard let irq = cell("irq").flatMap({ Int($0) }), irq >= 0 else { return nil }
        self.init(irq: irq, action: cell("action"))
        chip = cell("chip")
        hwirq = cell("hwirq").flatMap { UInt64($0) }
        trigger = cell("trigger")
        if let address = cell("address") {
            device = Device(
                address: address, bus: cell("bus") ?? "", driver: cell("driver"), name: cell("name"),
                kind: cell("kind"), vendorDevice: cell("vendor_device"),
                classCode: cell("class").flatMap { UInt32($0, radix: 16) })
        }
        node = cell("node").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        affinity = cell("affinity").flatMap { CPUSet(list: $0) }
        effectiveAffinity = cell("effective_affinity").flatMap { CPUSet(list: $0) }
    }
}

extension CPUSet {
    /// Reads a list such as `0-3,8`; nil if the text is none.
    fileprivate init?(list: String) {
        self.init()
        let bytes = Array(list.utf8)
        let span = bytes.span
        guard unsafe readList(span.bytes) else { return nil }  // plain bytes have no padding
    }
}
