internal import IRQCore

/// The keys that tell a row apart and what is behind it, the same in `list` and `top`.
struct RowIdentity: Encodable {
    let label: String
    let ordinal: Int
    let irq: Nullable<Int>
    let kind: String
    let text: String
    let isSum: Bool
    let chip: Nullable<String>
    let hwirq: Nullable<UInt64>
    let trigger: Nullable<String>
    let actions: Nullable<[String]>
    let delivery: Nullable<String>
    let affinity: Nullable<String>
    let effectiveAffinity: Nullable<String>
    let affinityHint: Nullable<String>
    let node: Nullable<Int>
    let userSettable: Nullable<Bool>
    let spurious: Nullable<Spurious>
    let devices: [DeviceKeys]
    let threads: Nullable<[ThreadKeys]>

    struct Spurious: Encodable {
        let count: UInt64
        let unhandled: UInt64
        let lastUnhandledMs: UInt64
        let unhandledLeft: UInt64
        let judgedLate: Nullable<Bool>
    }

    struct DeviceKeys: Encodable {
        let address: String
        let bus: String
        let driver: Nullable<String>
        let name: Nullable<String>
        let node: Nullable<Int>
        let vendorDevice: Nullable<String>
    }

    struct ThreadKeys: Encodable {
        let pid: Int
        let name: String
        let policy: String
        let priority: Int
    }

    init(_ row: CounterRow, _ details: InterruptDetails) {
        label = details.label
        ordinal = Int(row.ordinal)
        irq = Nullable(details.irq)
        kind = Self.kind(row.kind)
        text = details.text
        isSum = row.isSum
        chip = Nullable(details.chip)
        hwirq = Nullable(details.hwirq)
        trigger = Nullable(details.trigger)
        actions = Nullable(details.actions)
        delivery = Nullable(details.delivery?.rawValue)
        affinity = Nullable(details.affinity?.list)
        effectiveAffinity = Nullable(details.effectiveAffinity?.list)
        affinityHint = Nullable(details.affinityHint?.list)
        node = Nullable(details.node)
        userSettable = Nullable(details.isUserSettable)
        spurious = Nullable(
            details.spurious.map {
                Spurious(
                    count: $0.count, unhandled: $0.unhandled, lastUnhandledMs: $0.lastUnhandledMilliseconds,
                    unhandledLeft: $0.unhandledLeft, judgedLate: Nullable(details.wakesThreads))
            })
        devices = details.devices.map {
            DeviceKeys(
                address: $0.address, bus: $0.bus, driver: Nullable($0.driver), name: Nullable($0.name),
                node: Nullable($0.numaNode), vendorDevice: Nullable($0.vendorDevice))
        }
        threads = Nullable(
            details.threads.map { threads in
                threads.map { ThreadKeys(pid: $0.pid, name: $0.name, policy: $0.policy, priority: $0.priority) }
            })
    }

    static func kind(_ kind: CountKind) -> String {
        switch kind {
        case .perCPU: "per_cpu"
        case .global: "global"
        case .text: "text"
        }
    }
}
