/// The usual size of a rate: a robust centre and spread, kept in twelve bytes.
///
/// Rates span many powers of ten, so all is done on x = log₂(1 + rate). Each interval moves the centre and the spread
/// by a share (1/n at first, then 1/32) of what it tells, but an interval far off counts as one two spreads off at the most
/// (Huber's clipping): an hour of a storm cannot drag the centre along as a mean would be, yet a change that lasts is
/// learnt in the end.
public struct Baseline: Equatable, BitwiseCopyable, Sendable {
    /// The centre, as log₂(1 + rate).
    public var centre: Float = 0
    /// The mean distance from it, in the same unit.
    public var spread: Float = 0
    /// The number of intervals it has seen; stops at 65535.
    public var count: UInt16 = 0

    /// So many intervals make a history.
    public static let enoughCount: UInt16 = 3
    /// A rate is out of the ordinary from this distance on: a factor of 8, or five spreads.
    static let (leastDistance, spreads): (Float, Float) = (3, 5)
    private static let longest: Float = 32

    /// Creates one that has seen nothing.
    public init() {}

    /// Creates one from its parts; nonsense becomes nothing.
    public init(centre: Float, spread: Float, count: UInt16) {
        guard centre.isFinite, spread.isFinite, (0...64).contains(centre), (0...64).contains(spread) else { return }
        (self.centre, self.spread, self.count) = (centre, spread, count)
    }

    /// Learns from an interval. A `weight` below 1 learns more slowly.
    public mutating func learn(_ rate: Double, weight: Float = 1) {
        let x = Self.scaled(rate)
        guard count > 0 else {
            (centre, spread, count) = (x, 0, 1)
            return
        }
        if count < .max { count += 1 }
        let gain = weight / min(Float(count), Self.longest)
        let bound = 2 * spread + 0.5
        let distance = x - centre
        centre = max(centre + gain * min(max(distance, -bound), bound), 0)
        spread += gain * (min(distance.magnitude, 2 * bound) - spread)
    }

    /// True if there is a history to compare with.
    public var isKnown: Bool { count >= Self.enoughCount }
    /// The usual rate per second.
    public var usualRate: Double { Self.rate(centre) }
    /// The rate per second above which it is out of the ordinary.
    public var highestRate: Double { Self.rate(centre + max(Self.leastDistance, Self.spreads * spread)) }

    private static func scaled(_ rate: Double) -> Float {
        // log₂ by hand: the module imports nothing. Exponent plus the fraction's secant is within 0.09.
        let value = 1 + max(rate.isFinite ? rate : 0, 0)
        return Float(Double(value.exponent) + value.significand - 1)
    }

    private static func rate(_ x: Float) -> Double {
        let whole = Double(min(max(x, 0), 62)).rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + Double(min(max(x, 0), 62)) - whole) - 1
    }
}
