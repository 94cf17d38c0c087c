extension TopState {
    /// The keys by which rows are ordered; each view has some of them.
    public enum SortKey: String, Sendable, CaseIterable {
        /// Interrupts, softirqs or CPUs: the rate, and the order in which the kernel prints them.
        case rate, irq
        case total, name, device
        /// The durations of the last interval; the longest since the start; the share of a CPU.
        case p50, p99, max, peak, cpu
        /// Of softirqs: the 99th percentile of the time from raise to begin.
        case raise99
        /// Of CPUs: softirqs per second.
        case softirqs

        /// The keys of interrupts, in the order in which keys of the keyboard go through them.
        public static let interrupts: [SortKey] = [
            .rate, .irq, .total, .name, .device, .p50, .p99, .max, .peak, .cpu,
        ]
        /// The keys of softirqs.
        public static let ofSoftirqs: [SortKey] = [
            .irq, .rate, .total, .name, .p50, .p99, .max, .peak, .cpu, .raise99,
        ]
        /// The keys of CPUs.
        public static let cpus: [SortKey] = [.irq, .rate, .softirqs, .cpu]
        /// The keys of tasks: how late they were and how often they were woken, the time that they lost, and worked for interrupts.
        public static let tasks: [SortKey] = [.max, .p99, .p50, .rate, .cpu, .total, .name, .irq]
        /// The keys of what one CPU serves.
        public static let served: [SortKey] = [.rate, .irq, .max, .cpu]

        /// The keys that a view has; empty if it has no order.
        static func keys(of view: View) -> [SortKey] {
            switch view {
            case .interrupts: interrupts
            case .softirqs: ofSoftirqs
            case .cpus: cpus
            case .cpu: served
            case .tasks: tasks
            case .detail, .plan, .softirq, .task, .help: []
            }
        }

        /// The word for it at the titles of a view.
        func word(in view: View) -> String {
            switch (view, self) {
            case (.tasks, .irq): "pid"
            case (.tasks, .rate): "woken"
            case (.tasks, .cpu): "lost"
            case (.tasks, .total): "run"
            case (.cpus, .irq): "number"
            case (.cpus, .rate): "irq/s"
            case (.cpus, .softirqs): "softirq/s"
            case (.cpus, .cpu), (.cpu, .cpu): "time"
            case (.softirqs, .irq), (.cpu, .irq): "number"
            default: rawValue
            }
        }
    }

    /// An order of rows.
    public struct SortOrder: Sendable, Equatable {
        /// The key; rows that have the same stay as the kernel prints them.
        public var key: SortKey
        /// True if the order is reversed.
        public var isReversed = false

        /// Creates an order.
        public init(_ key: SortKey, isReversed: Bool = false) { (self.key, self.isReversed) = (key, isReversed) }
    }

    /// The order of a view; of one without order the interrupts'.
    public var order: SortOrder {
        get {
            switch view {
            case .softirqs: softirqOrder
            case .cpus: cpuOrder
            case .tasks: taskOrder
            case .cpu: servedOrder
            case .interrupts, .detail, .plan, .softirq, .task, .help: interruptOrder
            }
        }
        set {
            switch view {
            case .softirqs: softirqOrder = newValue
            case .cpus: cpuOrder = newValue
            case .tasks: taskOrder = newValue
            case .cpu: servedOrder = newValue
            case .interrupts, .detail, .plan, .softirq, .task, .help: interruptOrder = newValue
            }
        }
    }

    /// The order's key of interrupts.
    public var sort: SortKey {
        get { interruptOrder.key }
        set { interruptOrder.key = newValue }
    }
    /// True if the order of interrupts is reversed.
    public var isReversed: Bool {
        get { interruptOrder.isReversed }
        set { interruptOrder.isReversed = newValue }
    }
}
