internal import IRQCore

/// A row of `list` or `top` for JSON: both tell what it is and what is behind it in the same members.
struct LiveRow<More> {
    /// The row of the table.
    let counts: CounterRow
    /// The details that are known of it.
    let details: InterruptDetails
    /// The values that only one of the two tells.
    let more: More

    /// The members that both have.
    static var identity: [JSONFields<LiveRow>.Field] {
        [
            .init("label") { $0.details.label }, .init("ordinal") { $0.counts.ordinal },
            .init("irq") { $0.details.irq },
            .init("kind") { $0.counts.kind.name }, .init("text") { $0.details.text },
            .init("is_sum") { $0.counts.isSum },
            .init("chip") { $0.details.chip }, .init("hwirq") { $0.details.hwirq },
            .init("trigger") { $0.details.trigger },
            .init("actions") { $0.details.actions }, .init("delivery") { $0.details.delivery?.rawValue },
            .init("affinity") { $0.details.affinity?.list },
            .init("effective_affinity") { $0.details.effectiveAffinity?.list },
            .init("affinity_hint") { $0.details.affinityHint?.list }, .init("node") { $0.details.node },
            .init("user_settable") { $0.details.isUserSettable },
            .init("spurious", DetailFields.spurious) { $0.details.spurious == nil ? nil : $0.details },
            .init("devices", each: DetailFields.devices) { $0.details.devices },
            .init("threads", each: DetailFields.threads) { $0.details.threads },
        ]
    }
}

/// The fields that tell what is behind an interrupt.
private enum DetailFields {
    static let spurious = JSONFields<InterruptDetails>([
        .init("count") { $0.spurious?.count }, .init("unhandled") { $0.spurious?.unhandled },
        .init("last_unhandled_ms") { $0.spurious?.lastUnhandledMilliseconds },
        .init("unhandled_left") { $0.spurious?.unhandledLeft }, .init("judged_late") { $0.wakesThreads },
    ])

    static let devices = JSONFields<Device>([
        .init("address") { $0.address }, .init("bus") { $0.bus }, .init("driver") { $0.driver },
        .init("name") { $0.name },
        .init("node") { $0.numaNode }, .init("vendor_device") { $0.vendorDevice },
    ])

    static let threads = JSONFields<HandlerThread>([
        .init("pid") { $0.pid }, .init("name") { $0.name }, .init("policy") { $0.policy },
        .init("priority") { $0.priority },
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
