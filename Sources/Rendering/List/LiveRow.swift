public import IRQCore

/// A row of `list` or `top`: both tell what it is and what is behind it in the same columns.
struct LiveRow<More> {
    /// The row of the table.
    let counts: CounterRow
    /// The details that are known of it; of a softirq the name only.
    let details: InterruptDetails
    /// The values that only one of the two tells.
    let more: More

    init(_ counts: CounterRow, _ details: InterruptDetails, _ more: More) {
        (self.counts, self.details, self.more) = (counts, details, more)
    }

    /// A row of softirqs.
    init(_ counts: CounterRow, softirq name: String, _ more: More) {
        self.init(counts, InterruptDetails(label: name, text: name, irq: nil), more)
    }

    /// The columns that tell it from others.
    static var identity: [Column<LiveRow>] {
        [
            .init("label", "IRQ") { .text($0.details.label) }, .init("ordinal") { .number(Int($0.counts.ordinal)) },
        ]
    }

    /// The columns on what is behind it.
    ///
    /// - Parameter outputs: those that have the short ones; JSON has all of them.
    static func facts(in outputs: Column<LiveRow>.Outputs = .data) -> [Column<LiveRow>] {
        [
            .init(screen: TopColumn.kind.heading(3)) { .text($0.details.delivery?.words) },
            .init("chip", in: outputs) { .text($0.details.chip) },
            .init("hwirq", in: outputs) { .count($0.details.hwirq) },
            .init("trigger", .left("trigger", dispensability: 5), in: outputs) { .text($0.details.trigger) },
            .init("affinity", TopColumn.affinity.heading(), in: outputs, shown: { .text(list($0.details.affinity)) }) {
                .text($0.details.affinity?.list)
            },
            .init(
                "effective_affinity", TopColumn.effective.heading(2), in: outputs,
                shown: { .text(list($0.details.effectiveAffinity)) }
            ) { .text($0.details.effectiveAffinity?.list) },
            .init("node", TopColumn.node.heading(4), in: outputs) { .number($0.details.node) },
            .init(screen: TopColumn.device.heading(1)) { .text(device($0.details)) },
            .init("name", .left("name"), in: .csv) { .text($0.details.name) },
            .init("irq", in: .json) { .number($0.details.irq) },
            .init("kind", in: .json) { .text($0.counts.kind.name) },
            .init("text", in: .json) { .text($0.details.text) },
            .init("is_sum", in: .json) { .flag($0.counts.isSum) },
            .init("actions", in: .json) { .texts($0.details.actions) },
            .init("delivery", in: .json) { .text($0.details.delivery?.rawValue) },
            .init("affinity_hint", in: .json) { .text($0.details.affinityHint?.list) },
            .init("user_settable", in: .json) { .flag($0.details.isUserSettable) },
            .init("spurious", DetailColumns.spurious) { $0.details.spurious == nil ? nil : $0.details },
            .init("devices", each: DetailColumns.devices) { $0.details.devices },
            .init("threads", each: DetailColumns.threads) { $0.details.threads },
        ]
    }

    /// A mask as a list of CPUs; nil where it is unknown or empty.
    private static func list(_ set: CPUSet?) -> String? { set.flatMap { $0.isEmpty ? nil : $0.list } }

    /// The first device, and how many more there are.
    private static func device(_ details: InterruptDetails) -> String? {
        guard let device = details.devices.first else { return nil }
        let names = [device.name, device.address].compactMap { $0 }
        let others = details.devices.count > 1 ? " +\(details.devices.count - 1)" : ""
        return names.joined(separator: " ") + others
    }
}

/// The columns of what is behind an interrupt.
private enum DetailColumns {
    static let spurious = Columns<InterruptDetails>([
        .init("count") { .count($0.spurious?.count) }, .init("unhandled") { .count($0.spurious?.unhandled) },
        .init("last_unhandled_ms") { .count($0.spurious?.lastUnhandledMilliseconds) },
        .init("unhandled_left") { .count($0.spurious?.unhandledLeft) },
        .init("judged_late") { .flag($0.wakesThreads) },
    ])

    static let devices = Columns<Device>([
        .init("address") { .text($0.address) }, .init("bus") { .text($0.bus) }, .init("driver") { .text($0.driver) },
        .init("name") { .text($0.name) }, .init("node") { .number($0.numaNode) },
        .init("vendor_device") { .text($0.vendorDevice) },
    ])

    static let threads = Columns<HandlerThread>([
        .init("pid") { .number($0.pid) }, .init("name") { .text($0.name) }, .init("policy") { .text($0.policy) },
        .init("priority") { .number($0.priority) },
    ])
}

extension CountKind {
    /// The word of the contract.
    var name: String {
        switch self {
        case .perCPU: "per_cpu"
        case .global: "global"
        case .text: "text"
        }
    }
}

extension Delivery {
    /// The words for people.
    public var words: String {
        switch self {
        case .msiX: "MSI-X"
        case .msi: "MSI"
        case .wired: "wired"
        case .ipi: "IPI"
        case .perCPU: "per-CPU"
        case .sgi: "SGI"
        case .ppi: "PPI"
        case .spi: "SPI"
        case .lpi: "LPI"
        case .eventChannel: "event channel"
        case .synthetic: "synthetic"
        }
    }
}
