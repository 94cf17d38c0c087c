internal import IRQCore

/// A row of `list` or `top` for JSON: both tell what it is and what is behind it in the same members.
protocol InterruptRow: SendableMetatype {
    /// The row of the table.
    var counts: CounterRow { get }
    /// What is known of it.
    var details: InterruptDetails { get }
}

/// The members that rows of `list` and `top` share.
enum RowIdentity {
    static func fields<Row: InterruptRow>(_: Row.Type) -> [JSONFields<Row>.Field] {
        [
            .init("label", \.details.label), .init("ordinal", \.counts.ordinal), .init("irq", \.details.irq),
            .init("kind", \.counts.kind.name), .init("text", \.details.text), .init("is_sum", \.counts.isSum),
            .init("chip", \.details.chip), .init("hwirq", \.details.hwirq), .init("trigger", \.details.trigger),
            .init("actions", \.details.actions), .init("delivery", \.details.delivery?.rawValue),
            .init("affinity", \.details.affinity?.list),
            .init("effective_affinity", \.details.effectiveAffinity?.list),
            .init("affinity_hint", \.details.affinityHint?.list), .init("node", \.details.node),
            .init("user_settable", \.details.isUserSettable),
            .init("spurious", spurious) { $0.details.spurious == nil ? nil : $0.details },
            .init("devices", each: devices, \.details.devices), .init("threads", each: threads, \.details.threads),
        ]
    }

    private static let spurious = JSONFields<InterruptDetails>([
        .init("count", \.spurious?.count), .init("unhandled", \.spurious?.unhandled),
        .init("last_unhandled_ms", \.spurious?.lastUnhandledMilliseconds),
        .init("unhandled_left", \.spurious?.unhandledLeft), .init("judged_late", \.wakesThreads),
    ])

    private static let devices = JSONFields<Device>([
        .init("address", \.address), .init("bus", \.bus), .init("driver", \.driver), .init("name", \.name),
        .init("node", \.numaNode), .init("vendor_device", \.vendorDevice),
    ])

    private static let threads = JSONFields<HandlerThread>([
        .init("pid", \.pid), .init("name", \.name), .init("policy", \.policy), .init("priority", \.priority),
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
