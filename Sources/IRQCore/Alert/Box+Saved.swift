extension Box {
    /// Takes the sample that a state kept, before that of now is taken.
    ///
    /// - Returns: false if the counts of interrupts, or those of softirqs, cannot be read: the state is then of no use.
    public func restore(_ state: AlertState) -> Bool {
        func read(_ text: [UInt8], _ sample: inout CounterSample) throws(ProcTextError) {
            (sample.startNanoseconds, sample.endNanoseconds) = (state.time.awake, state.time.awake)
            // The span ends with the call.
            try unsafe sample.parse(text.span.bytes)
            try sample.requireRows()
        }
        do throws(ProcTextError) {
            try takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
                try read(state.interrupts, &sample)
            }
            if !state.softirqs.isEmpty {
                try takeSoftirqs { (sample: inout CounterSample) throws(ProcTextError) in
                    try read(state.softirqs, &sample)
                }
            }
        } catch { return false }
        // Without it the shares of CPUs are unknown this time, no more.
        if !state.stat.isEmpty { try? unsafe takeTimes(state.stat.span.bytes) }
        if let counts = unsafe WorkCounts(state.stat.span.bytes) {
            takeWork(counts)
        } else {
            // By a version that did not keep them, and put stolen time among the user's.
            forgetSteal()
        }
        takeSoftnet(state.softnet)
        softirqThreads = state.threads
        time = state.time
        return true
    }

    /// Hands over the sample taken last, for the next run; the box is of no more use then.
    public func save(into state: inout AlertState) {
        interrupts.forgetPrevious()
        state.time = time
        state.time.awake = interrupts.sample.timeNanoseconds
        state.interrupts = interrupts.sample.table.plainText
        state.softirqs = softirqs.isCurrent ? softirqs.sample.table.plainText : []
        state.stat = cpuTimes.text + work.text
        state.softnet = softnet
        state.threads = softirqThreads
    }

    /// The key that tells a row from all others over time, as `CounterTable.isSame` sees it: label, ordinal, and what
    /// follows the counts with runs of blanks as one.
    func key(_ row: Int) -> UInt64 {
        Self.key(interrupts.sample.table, interrupts.sample.table.row(row))
    }

    private static func key(_ table: borrowing CounterTable, _ counts: CounterRow) -> UInt64 {
        let bytes = table.names
        var hash = StableHash()
        for position in counts.label.start..<counts.label.end { hash.add(UInt64(bytes.text(at: position))) }
        hash.add(0)
        var isAfterBlank = false
        for position in counts.tail.start..<counts.tail.end {
            let byte = bytes.text(at: position)
            let isBlank = ASCII.isBlank(byte)
            if !isBlank { hash.add(UInt64(byte)) } else if !isAfterBlank { hash.add(UInt64(ASCII.blank)) }
            isAfterBlank = isBlank
        }
        hash.add(UInt64(UInt8(truncatingIfNeeded: counts.ordinal)))
        return hash.value
    }
}
