extension AlertSamples {
    /// Takes the sample that a state kept, before that of now is taken.
    ///
    /// - Returns: false if the counts of interrupts cannot be read: the state is then of no use.
    public mutating func restore(_ state: borrowing AlertState) -> Bool {
        do throws(AlertStateError) {
            let interrupts = state.interrupts
            let awake = state.time.awake
            try takeInterrupts { (sample: inout CounterSample) throws(AlertStateError) in
                try Self.restore(&sample, interrupts, awake)
            }
        } catch { return false }
        do throws(AlertStateError) {
            let softirqs = state.softirqs
            let awake = state.time.awake
            if !softirqs.isEmpty {
                try takeSoftirqs { (sample: inout CounterSample) throws(AlertStateError) in
                    try Self.restore(&sample, softirqs, awake)
                }
            }
        } catch { return false }
        if !state.stat.isEmpty {
            let lines = state.stat
            // Without it the shares of CPUs are unknown this time, no more.
            unsafe lines.withUnsafeBytes { bytes in
                let span = unsafe RawSpan(_unsafeBytes: bytes)
                try? takeTimes(span)
            }
        }
        takeSoftnet(state.softnet)
        return true
    }

    private static func restore(_ sample: inout CounterSample, _ bytes: [UInt8], _ awake: UInt64)
        throws(AlertStateError)
    {
        sample.startNanoseconds = awake
        sample.endNanoseconds = awake
        do {
            // The span ends with the call.
            try unsafe sample.parse(bytes.span.bytes)
        } catch { throw .damaged }
    }

    /// Hands over the sample taken last, for the next run; nothing is left of it here.
    public mutating func save(into state: inout AlertState) {
        interrupts.forgetPrevious()
        state.interrupts = interrupts.sample.table.plainText
        state.softirqs = softirqs.samples > 0 ? softirqs.sample.table.plainText : []
        state.stat = statLines
        state.softnet = softnet
        self = AlertSamples()
    }
}
