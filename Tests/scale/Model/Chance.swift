import Foundation
public import TestSupport

/// Draws of a run that can be repeated.
public struct Chance {
    public var generator: SeededGenerator
    private var spare: Double?

    public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Evenly in 0..<1.
    public mutating func unit() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

    /// Evenly below a limit.
    public mutating func below(_ limit: Int) -> Int { Int(unit() * Double(limit)) }

    /// True so often.
    public mutating func happens(_ probability: Double) -> Bool { probability > 0 && unit() < probability }

    /// Normal, of mean 0 and deviation 1.
    public mutating func normal() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        let radius = (-2 * log(1 - unit())).squareRoot()
        let angle = 2 * Double.pi * unit()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }

    /// Exponential, of a mean.
    public mutating func exponential(_ mean: Double) -> Double { -mean * log(1 - unit()) }

    /// Poisson, of a mean; nearly so where that is large.
    public mutating func poisson(_ mean: Double) -> UInt64 {
        guard mean > 0 else { return 0 }
        if mean > 30 { return UInt64(max(0, (mean + mean.squareRoot() * normal()).rounded())) }
        let least = exp(-mean)
        var (count, product): (UInt64, Double) = (0, unit())
        while product > least {
            count += 1
            product *= unit()
        }
        return count
    }
}
