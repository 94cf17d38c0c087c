public import IRQCore

extension RowOrder {
    /// The limits that are asked for beside the person's choice.
    public struct Limits: Sendable {
        /// Only these numbers.
        public var irqs: [ClosedRange<Int64>]?
        /// True by slot for rows that may be shown, kept by whoever matches a regular expression.
        public var isWanted: [Bool]?

        /// The names of the softirqs that may be shown; nil shows all.
        public var wantedSoftirqs: Set<String>?

        /// Creates limits that let all through.
        public init() {}
    }

    /// Orders the interrupts.
    public mutating func arrange(_ live: Box, _ state: TopState, _ limits: Limits = Limits()) {
        removeAll()
        for row in 0..<live.interrupts.sample.table.rowCount where Self.isShown(live, row, state, limits) {
            append(row, live, state.interruptOrder.key)
        }
        sort(isReversed: state.interruptOrder.isReversed)
    }

    private static func isShown(_ live: Box, _ row: Int, _ state: TopState, _ limits: Limits) -> Bool {
        let interval = live.interrupts.interval(row)
        if state.hidesIdle, interval.isKnown, interval.delta == 0 { return false }
        if let irqs = limits.irqs {
            let irq = live.interrupts.sample.table.row(row).irq
            var isListed = false
            for range in irqs where irq >= 0 && range.contains(Int64(irq)) { isListed = true }
            if !isListed { return false }
        }
        let slot = Int(interval.slot)
        if let isWanted = limits.isWanted, slot < isWanted.count, !isWanted[slot] { return false }
        return state.filter.isEmpty || live.details(row).contains(state.filter)
    }

    /// Orders the softirqs.
    mutating func arrangeSoftirqs(_ live: Box, _ state: TopState, _ limits: Limits) {
        removeAll()
        for row in 0..<live.softirqs.sample.table.rowCount {
            let interval = live.softirqs.interval(row)
            if state.hidesIdle, interval.isKnown, interval.delta == 0 { continue }
            if limits.wantedSoftirqs != nil || !state.softirqFilter.isEmpty {
                let name = live.softirqs.sample.label(live.softirqs.sample.table.row(row))
                if limits.wantedSoftirqs?.contains(name) == false { continue }
                if !state.softirqFilter.isEmpty, !Self.occurs(state.softirqFilter, name) { continue }
            }
            appendSoftirq(row, live, state.softirqOrder.key)
        }
        sort(isReversed: state.softirqOrder.isReversed)
    }

    private mutating func appendSoftirq(_ row: Int, _ live: Box, _ key: TopState.SortKey) {
        let counts = live.softirqs.sample.table.row(row)
        switch key {
        case .rate, .softirqs:
            let interval = live.softirqs.interval(row)
            append(row, amount: interval.isKnown ? interval.delta : nil)
        case .irq: append(row, key: UInt64(row))
        case .total: append(row, amount: live.softirqs.sample.table.total(counts))
        case .name, .device: append(row, name: live.softirqs.sample.label(counts))
        case .p50, .p99, .max, .peak, .cpu: append(row, amount: Self.amount(live, live.softirqPlace(row), key))
        case .raise99: append(row, amount: Self.amount(live, live.raisePlace(row), key))
        }
    }

    /// Orders the CPUs, as columns of the table of interrupts.
    mutating func arrangeCPUs(_ live: Box, _ state: TopState) {
        removeAll()
        for column in 0..<live.interrupts.sample.table.cpuCount {
            let total = live.interrupts.columnTotal(column)
            if state.hidesIdle, total == 0 { continue }
            let cpu = live.interrupts.sample.table.cpu(column)
            switch state.cpuOrder.key {
            case .rate: append(column, amount: total)
            case .softirqs: append(column, amount: live.softirqTotal(cpu: cpu))
            case .cpu: append(column, amount: Self.busyPartsPerMillion(live, cpu))
            default: append(column, key: UInt64(column))
            }
        }
        sort(isReversed: state.cpuOrder.isReversed)
    }

    /// Orders the tasks that interrupts woke or took time from.
    mutating func arrangeTasks(_ live: Box, _ state: TopState) {
        removeAll()
        for (place, task) in live.tracing.deep.tasks.enumerated() {
            if !state.taskFilter.isEmpty, !Self.contains(task, state.taskFilter) { continue }
            switch state.taskOrder.key {
            case .rate: append(place, amount: task.wakes.calls)
            case .p50: append(place, amount: task.wakes.p50Nanoseconds)
            case .p99: append(place, amount: task.wakes.p99Nanoseconds)
            case .cpu: append(place, amount: task.lostNanoseconds)
            case .total: append(place, amount: task.service == nil ? nil : task.runs.totalNanoseconds)
            case .name: append(place, name: task.name.isEmpty ? nil : task.name)
            case .irq: append(place, key: UInt64(bitPattern: task.pid))
            default: append(place, amount: task.wakes.longestNanoseconds)
            }
        }
        sort(isReversed: state.taskOrder.isReversed)
    }

    /// True if a task's number, its name or what wakes it has a text.
    private static func contains(_ task: LiveTask, _ text: String) -> Bool {
        occurs(text, String(task.pid)) || occurs(text, task.name)
            || occurs(text, task.cause.map(DeepColumns.words) ?? "")
    }

    /// The share of a CPU's time in interrupts of both kinds.
    private static func busyPartsPerMillion(_ live: Box, _ cpu: Int) -> UInt64? {
        let (hard, soft) = (live.irqShare(cpu: cpu), live.cpuTimes.shares(cpu: cpu)?.softirq)
        guard hard != nil || soft != nil else { return nil }
        return UInt64(((hard ?? 0) + (soft ?? 0)) * 1_000_000)
    }

    /// Orders the interrupts, or the softirqs, that came to the CPU of a column.
    ///
    /// - Parameter place: finds the row's place in the trace.
    mutating func arrangeServed(
        _ live: Box, _ intervals: borrowing CounterIntervals, column: Int, _ order: TopState.SortOrder,
        place: (Int) -> SpanPlace?
    ) {
        removeAll()
        guard column >= 0 else { return }
        let cpu = intervals.sample.table.cpu(column)
        for row in 0..<intervals.sample.table.rowCount {
            guard intervals.sample.table.row(row).kind == .perCPU, let delta = intervals.delta(row, column), delta > 0
            else { continue }
            let spans = place(row).flatMap { live.tracing.durations.interval($0, cpu: cpu) }
            switch order.key {
            case .cpu: append(row, amount: spans?.totalNanoseconds)
            case .max: append(row, amount: spans?.longestNanoseconds)
            case .irq: append(row, key: UInt64(row))
            default: append(row, amount: delta)
            }
        }
        sort(isReversed: order.isReversed)
    }

    /// True if a text occurs in another one, whatever the case of ASCII letters. Allocates nothing.
    fileprivate static func occurs(_ wanted: String, _ text: String) -> Bool {
        let (needle, hay) = (wanted.utf8, text.utf8)
        if needle.count > hay.count { return false }
        var start = hay.startIndex
        while start < hay.endIndex {
            var (left, right) = (needle.startIndex, start)
            while left < needle.endIndex, right < hay.endIndex, lower(needle[left]) == lower(hay[right]) {
                left = needle.index(after: left)
                right = hay.index(after: right)
            }
            if left == needle.endIndex { return true }
            start = hay.index(after: start)
        }
        return needle.isEmpty
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension InterruptDetails {
    /// True if a text occurs in what is known by name, whatever the case of its letters. Allocates nothing.
    func contains(_ wanted: String) -> Bool {
        if RowOrder.occurs(wanted, label) || RowOrder.occurs(wanted, text) { return true }
        if let chip, RowOrder.occurs(wanted, chip) { return true }
        for action in actions ?? [] where RowOrder.occurs(wanted, action) { return true }
        for device in devices {
            if RowOrder.occurs(wanted, device.address) { return true }
            if let name = device.name, RowOrder.occurs(wanted, name) { return true }
            if let driver = device.driver, RowOrder.occurs(wanted, driver) { return true }
        }
        return false
    }
}
