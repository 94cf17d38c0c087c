public import IRQCore

/// The sentences about what a flight recording was written for.
public enum FlightSentence {
    /// An interrupt that came fast.
    public static func fast(_ label: String, _ name: String, perSecond rate: Double, cpu: Int) -> String {
        "IRQ \(label) (\(name)) came \(Units.rate(rate)) times a second on CPU \(cpu)"
    }

    /// A handler that was slow.
    public static func slow(_ span: SlowestSpan) -> String {
        let time = Units().duration(span.durationNanoseconds)
        return "IRQ \(span.row.number) (\(span.row.name)) took \(time) on CPU \(span.cpu)"
    }

    /// The difference between what triggered and the longest handler of the recording; nil if they are the same.
    public static func difference(triggered: SlowestSpan, longest: SlowestSpan?) -> String? {
        guard let longest else {
            return "the handler that triggered is not in the recording, nor any other: choose a longer --flight"
        }
        let isSame = longest.row == triggered.row && longest.cpu == triggered.cpu
        if isSame, longest.startNanoseconds == triggered.startNanoseconds { return nil }
        if longest.durationNanoseconds < triggered.durationNanoseconds {
            return "the handler that triggered is not in the recording, whose longest is this: \(slow(longest)); "
                + "choose a longer --flight or a larger --buffer-size"
        }
        let order = longest.startNanoseconds < triggered.startNanoseconds ? "before" : "after"
        return "the longest handler of the recording came \(order) it: \(slow(longest))"
    }
}
