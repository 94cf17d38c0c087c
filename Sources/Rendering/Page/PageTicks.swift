internal import IRQCore

/// A mark on an axis, with its label.
struct PageTick: Equatable {
    /// The place on the axis: 0 is its begin, 1 its end.
    let place: Double
    /// The words beside it.
    let label: String

    /// The marks that have so much room between them.
    static func spaced(_ ticks: [PageTick], by least: Double) -> [PageTick] {
        var kept: [PageTick] = []
        for tick in ticks where tick.place - (kept.last?.place ?? -1) >= least { kept.append(tick) }
        return kept
    }
}

/// The marks of a logarithmic axis of durations, in the steps of `HeatScale`.
struct LatencyAxis {
    /// The first step, and the one behind the last.
    let steps: Range<Int>
    private let units: Units

    /// Creates an axis that shows some steps, at least a few of them, so that one value is not as wide as the picture.
    init(_ first: Int, _ last: Int, units: Units) {
        var (low, high) = (max(first, 0), min(max(last, first), HeatScale.stepCount - 1) + 1)
        while high - low < Self.leastCount, high < HeatScale.stepCount || low > 0 {
            if low > 0 { low -= 1 }
            if high < HeatScale.stepCount, high - low < Self.leastCount { high += 1 }
        }
        steps = low..<high
        self.units = units
    }

    private static let leastCount = 8

    /// The place of a duration: 0 is the begin of the axis, 1 its end.
    func place(_ nanoseconds: UInt64) -> Double {
        let place = (HeatScale.position(nanoseconds) - Double(steps.lowerBound)) / Double(steps.count)
        return min(max(place, 0), 1)
    }

    /// The marks: powers of ten, and 2 and 5 in between where these are few.
    var ticks: [PageTick] {
        let (low, high) = (HeatScale.lowest(UInt8(steps.lowerBound)), highest)
        var found: [(value: UInt64, isPower: Bool)] = []
        var power: UInt64 = 1
        while power <= high {
            for factor in [1, 2, 5] as [UInt64] {
                let (value, overflow) = power.multipliedReportingOverflow(by: factor)
                if !overflow, value >= low, value <= high { found.append((value, factor == 1)) }
            }
            let (next, overflow) = power.multipliedReportingOverflow(by: 10)
            if overflow { break }
            power = next
        }
        if found.filter(\.isPower).count > 2 { found.removeAll { !$0.isPower } }
        return found.map { PageTick(place: place($0.value), label: label($0.value)) }
    }

    private var highest: UInt64 {
        steps.upperBound < HeatScale.stepCount ? HeatScale.lowest(UInt8(steps.upperBound)) : 1 << 40
    }

    /// "10 µs"; ticks of a clock that counts no time have no unit.
    private func label(_ value: UInt64) -> String {
        guard units.isTime else { return Units.rate(Double(value)) }
        var (value, unit) = (value, 0)
        while unit < 3, value >= 1000 {
            value /= 1000
            unit += 1
        }
        return "\(value) " + ["ns", "µs", "ms", "s"][unit]
    }
}

/// The marks of linear axes.
enum LinearAxis {
    /// The steps between marks of time, in nanoseconds: 1, 2 and 5 times powers of ten below a minute, then what clocks have.
    private static let longSteps: [UInt64] = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

    /// The marks from 0 to a time, at most `limit` and one more.
    static func times(_ nanoseconds: UInt64, limit: Int = 8) -> [PageTick] {
        guard nanoseconds > 0 else { return [PageTick(place: 0, label: "0")] }
        let step = timeStep(nanoseconds / UInt64(limit) + 1)
        return stride(from: 0, through: nanoseconds, by: UInt64.Stride(step)).map { time in
            PageTick(place: Double(time) / Double(nanoseconds), label: label(time, step: step))
        }
    }

    /// The marks of a time of which a moment is 0: what lies before it is negative.
    static func times(_ nanoseconds: UInt64, zero: UInt64, limit: Int = 8) -> [PageTick] {
        guard nanoseconds > 0, zero < nanoseconds else { return times(nanoseconds, limit: limit) }
        let step = timeStep(nanoseconds / UInt64(limit) + 1)
        let before = stride(from: step, through: zero, by: UInt64.Stride(step)).reversed().map { time in
            PageTick(place: Double(zero - time) / Double(nanoseconds), label: "−" + label(time, step: step))
        }
        let after = stride(from: 0, through: nanoseconds - zero, by: UInt64.Stride(step)).map { time in
            PageTick(place: Double(zero + time) / Double(nanoseconds), label: label(time, step: step))
        }
        return before + after
    }

    private static func timeStep(_ least: UInt64) -> UInt64 {
        var power: UInt64 = 1
        while power <= 10_000_000_000 {
            for factor in [1, 2, 5] as [UInt64] where power * factor >= least && power * factor < 60_000_000_000 {
                return power * factor
            }
            power *= 10
        }
        for seconds in longSteps where seconds * 1_000_000_000 >= least { return seconds * 1_000_000_000 }
        return (least / 86_400_000_000_000 + 1) * 86_400_000_000_000
    }

    /// "1.5 s", "200 µs", "2 h", "1:30 h".
    private static func label(_ time: UInt64, step: UInt64) -> String {
        if time == 0 { return "0" }
        if step >= 60_000_000_000 {
            let minutes = time / 60_000_000_000
            if minutes < 60 { return "\(minutes) min" }
            return minutes % 60 == 0
                ? "\(minutes / 60) h" : "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60) h"
        }
        let units: [(name: String, nanoseconds: UInt64)] = [
            ("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1000), ("ns", 1),
        ]
        // The largest unit in which a step has one decimal at most.
        let unit = units.first { step * 10 >= $0.nanoseconds } ?? units[3]
        return PageText.number(Double(time) / Double(unit.nanoseconds)) + " " + unit.name
    }

    /// A round number as it stands beside an axis: 20, 0.5, 10k, 2M.
    static func short(_ value: Double) -> String {
        let units: [(name: String, size: Double)] = [("G", 1e9), ("M", 1e6), ("k", 1e3)]
        guard let unit = units.first(where: { value >= $0.size }) else { return PageText.number(value, decimals: 3) }
        return PageText.number(value / unit.size) + unit.name
    }

    /// A round number that is not below a value: 1, 2 or 5 times a power of ten.
    static func roof(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        var power = 1.0
        while power > value { power /= 10 }
        while power * 10 <= value { power *= 10 }
        return power * ([1.0, 2, 5, 10].first { power * $0 >= value * 0.999_999 } ?? 10)
    }
}
