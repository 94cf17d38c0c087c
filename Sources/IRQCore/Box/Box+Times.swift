/// The times that a live trace and the kernel's own account tell, row by row and CPU by CPU.
extension Box {
    /// The place of a row's spans in the live trace; nil without a trace, or if the row had no events.
    public func handlerPlace(_ row: Int) -> SpanPlace? {
        guard tracing.hasInterval else { return nil }
        let counts = interrupts.sample.table.row(row)
        return counts.irq >= 0
            ? tracing.durations.place(irq: Int(counts.irq)) : tracing.place(label: interrupts.sample.label(counts))
    }

    /// The spans traced of a row in the last interval; nil without a trace, or if the row has no events.
    public func handler(_ row: Int) -> SpanInterval? { handlerPlace(row).map { tracing.durations.interval($0) } }

    /// The place of a softirq's spans in the live trace; nil without a trace, or if it had no events.
    public func softirqPlace(_ row: Int) -> SpanPlace? {
        guard tracing.hasInterval else { return nil }
        return softirqVector(row).flatMap { tracing.durations.place(softirq: $0) }
    }

    /// The place of the times from raise to begin of a softirq; nil without a trace, or if it had no events.
    public func raisePlace(_ row: Int) -> SpanPlace? {
        guard tracing.hasInterval else { return nil }
        return softirqVector(row).flatMap { tracing.durations.place(raiseLatency: $0) }
    }

    /// The softirqs of a CPU in the last interval; nil if unknown.
    public func softirqTotal(cpu: Int) -> UInt64? { softirqColumn(cpu: cpu).flatMap { softirqs.columnTotal($0) } }

    /// The column of a CPU in the table of softirqs; nil if it has none.
    public func softirqColumn(cpu: Int) -> Int? { softirqs.sample.table.column(cpu: cpu) }

    /// The ones who may tell the time that CPUs spend in hard interrupts.
    public enum IRQTimeSource: Sendable {
        /// The kernel's account.
        case kernel
        /// The trace, which sees handlers, of a kernel that keeps no account.
        case trace
        /// Nobody.
        case nobody
    }

    /// The one who tells the time in hard interrupts.
    public var irqTimeSource: IRQTimeSource {
        cpuTimes.accountsIRQTime != false ? .kernel : tracing.isOn ? .trace : .nobody
    }

    /// The share of a CPU's time in hard interrupts; nil if nobody tells.
    public func irqShare(cpu: Int) -> Double? {
        switch irqTimeSource {
        case .kernel: cpuTimes.shares(cpu: cpu)?.irq
        case .trace: tracing.shares(cpu: cpu)?.irq
        case .nobody: nil
        }
    }

    /// The mean of that over all CPUs.
    public var meanIRQShare: Double? {
        if irqTimeSource == .kernel { return cpuTimes.meanShares?.irq }
        let count = interrupts.sample.table.cpuCount
        var sum = 0.0
        for column in 0..<count {
            guard let share = irqShare(cpu: interrupts.sample.table.cpu(column)) else { return nil }
            sum += share
        }
        return count > 0 ? sum / Double(count) : nil
    }

    /// The way in which the times of a row can be had.
    public enum Timing: Sendable {
        /// Its events are traced, as far as it has any.
        case traced
        /// It has events that were not asked for: those of `irq_vectors`.
        case vectorsUntraced
        /// The kernel has no events for it.
        case eventless
    }

    /// The way in which the times of a row can be had.
    public func timing(_ row: Int) -> Timing {
        let counts = interrupts.sample.table.row(row)
        if counts.irq >= 0 { return .traced }
        let label = interrupts.sample.label(counts)
        guard LiveTracing.hasVector(label) else { return .eventless }
        return tracing.tracesVector(label) ? .traced : .vectorsUntraced
    }

    /// The number of the softirq of a row; nil for a name that is not known. Allocates nothing.
    public func softirqVector(_ row: Int) -> Int? {
        let label = softirqs.sample.table.row(row).label
        for (vector, name) in SoftirqNames.all.enumerated() where name.utf8.count == label.byteCount {
            var position = label.start
            var isSame = true
            for byte in name.utf8 {
                if softirqs.sample.table.names.text(at: position) != byte { isSame = false }
                position += 1
            }
            if isSame { return vector }
        }
        return nil
    }
}

extension CounterTable {
    /// The column of a CPU; nil if it has none. CPUs ascend: the place is nearly always the number.
    public func column(cpu: Int) -> Int? {
        if cpu >= 0, cpu < cpuCount, self.cpu(cpu) == cpu { return cpu }
        for column in 0..<cpuCount where self.cpu(column) == cpu { return column }
        return nil
    }
}
