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
        var isWhole = false
        sample.fillText { text in
            text.removeAll()
            isWhole = unsafe bytes.withUnsafeBytes {
                unsafe SqueezedText.expand(
                    RawSpan(_unsafeBytes: $0), into: &text, limit: ProcTextLimits.fileByteCount)
            }
        }
        sample.startNanoseconds = awake
        sample.endNanoseconds = awake
        guard isWhole else { throw .damaged }
        do { try sample.parse() } catch { throw .damaged }
    }

    /// The sample taken last, for the next run.
    public func save(into state: inout AlertState) {
        state.interrupts.removeAll()
        SqueezedText.squeeze(interrupts.sample.text.bytes, into: &state.interrupts)
        state.softirqs.removeAll()
        if softirqs.samples > 0 { SqueezedText.squeeze(softirqs.sample.text.bytes, into: &state.softirqs) }
        state.stat = statLines
        state.softnet = softnet
    }
}
