internal import Glibc
internal import IRQCore

/// The standard errors of the numbers of one recording, by how much they differ from one slice of its time to the next.
///
/// Calls are no independent draws: what a handler takes depends on the load of the moment, and a formula for independent
/// calls finds differences between recordings of one and the same load. Slices of a twentieth of the time do not have this
/// fault (Künsch 1989 on the jackknife of blocks).
struct SliceJackknife {
    /// The slices of a recording's time.
    static let sliceCount = 20

    /// The least standard error of the logarithm of a percentile: that of a histogram's bucket, 1/64 wide.
    static let leastError = 1 / (64 * 12.0.squareRoot())

    private let slices: [LatencyHistogram]
    private let whole: LatencyHistogram

    init(_ slices: [LatencyHistogram]) {
        self.slices = slices
        whole = slices.reduce(into: LatencyHistogram()) { $0.add($1) }
    }

    /// The logarithm of a percentile, and its standard error; nil without enough durations.
    ///
    /// - Parameters:
    ///   - perMille: 0…999.
    ///   - quantum: the resolution of the durations in nanoseconds, where it is coarser than one: its standard deviation,
    ///     quantum / √12, is added to the error.
    ///   - limit: the value in nanoseconds from which on the resolution does not matter.
    func percentile(
        perMille: Int, quantum: Double = 0, below limit: Double = .infinity
    ) -> (logarithm: Double, error: Double)? {
        guard let value = whole.percentile(perMille: perMille), value > 0 else { return nil }
        var parts: [Double] = []
        for slice in slices {
            var rest = whole
            rest.remove(slice)
            guard let part = rest.percentile(perMille: perMille), part > 0 else { return nil }
            parts.append(log(Double(part)))
        }
        let count = Double(parts.count)
        let mean = parts.reduce(0, +) / count
        let variance = (count - 1) / count * parts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let rounding = Double(value) < limit ? quantum / 12.0.squareRoot() / Double(value) : 0
        return (log(Double(value)), (variance + rounding * rounding).squareRoot())
    }

    /// The standard error of the logarithm of the number of calls; nil without calls.
    ///
    /// That of a Poisson process is 1/√N; it is widened where counts of the slices vary more.
    var rateError: Double? {
        guard whole.count > 0, slices.count > 1 else { return nil }
        let (calls, count) = (Double(whole.count), Double(slices.count))
        let mean = calls / count
        let squares = slices.reduce(0) { $0 + (Double($1.count) - mean) * (Double($1.count) - mean) }
        return (max(1, squares / ((count - 1) * mean)) / calls).squareRoot()
    }

    /// The number of durations.
    var count: UInt64 { whole.count }
}
