/// The difference between the clocks of CPUs, as far as events that follow each other bound it.
///
/// What one CPU starts and another one takes up (a wake-up and its switch-in, a call and its execution) cannot end before
/// it begins: with the smallest time seen from A to B, the clock of B is ahead of that of A by no more. Both directions
/// together bound the skew of the pair. An end that has an earlier time than its beginning shows a skew for certain.
struct ClockSkew: ~Copyable {
    /// More pairs of CPUs than this are not looked at.
    static let pairLimit = 1 << 14
    /// Ends before their beginnings that could have another reason count if there are as many as this, and so many
    /// percent.
    private static let doubtfulCount: UInt64 = 3
    private static let doubtfulPercent: UInt64 = 5

    // Not private: see SpanTable.Row.
    struct Direction: BitwiseCopyable {
        let from: Int32
        let to: Int32
        var minimum = UInt64.max
        var count: UInt64 = 0
        var certain: UInt64 = 0
        var doubtful: UInt64 = 0
        /// The largest time by which an end was before its beginning.
        var before: UInt64 = 0
    }

    /// The findings about the clocks of all CPUs.
    struct Finding: Sendable, Equatable {
        /// The bound, that of the worst pair; nil if no pair was seen in both directions.
        var boundNanoseconds: UInt64?
        /// The pairs that were seen in both directions.
        var pairCount = 0
        /// The time by which the clock of a CPU was behind that of another at least; nil if none was for certain.
        var provenNanoseconds: UInt64?
    }

    private var directions = GrowableBuffer<Direction>(capacity: 16)
    private var placeByPair = IntegerMap<Int32>(filler: -1)

    private static func key(_ from: Int32, _ to: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: from)) << 32 | UInt64(UInt32(bitPattern: to))
    }

    private mutating func place(_ from: Int32, _ to: Int32) -> Int {
        if let known = placeByPair.value(for: Self.key(from, to)) { return Int(known) }
        guard directions.count < Self.pairLimit else { return -1 }
        directions.reserve(1)
        directions.append(Direction(from: from, to: to))
        placeByPair.reserve(1)
        placeByPair.set(Int32(truncatingIfNeeded: directions.count &- 1), for: Self.key(from, to))
        return directions.count &- 1
    }

    /// Takes a time from one CPU to another.
    mutating func observe(_ nanoseconds: UInt64, from: Int32, to: Int32) {
        let place = self.place(from, to)
        guard place >= 0 else { return }
        directions[place].count &+= 1
        if nanoseconds < directions[place].minimum { directions[place].minimum = nanoseconds }
    }

    /// Takes an end that was before its beginning.
    ///
    /// - Parameter isCertain: false if there is another explanation.
    mutating func observe(before nanoseconds: UInt64, from: Int32, to: Int32, isCertain: Bool) {
        let place = self.place(from, to)
        guard place >= 0 else { return }
        if isCertain { directions[place].certain &+= 1 } else { directions[place].doubtful &+= 1 }
        if nanoseconds > directions[place].before { directions[place].before = nanoseconds }
    }

    borrowing func finding() -> Finding {
        var finding = Finding()
        for place in 0..<directions.count {
            let one = directions[place]
            let isProven =
                one.certain > 0
                || one.doubtful >= Self.doubtfulCount && one.doubtful &* 100 >= one.count &* Self.doubtfulPercent
            if isProven { finding.provenNanoseconds = max(finding.provenNanoseconds ?? 0, one.before) }
            guard one.from < one.to, one.count > 0, let back = placeByPair.value(for: Self.key(one.to, one.from)),
                directions[Int(back)].count > 0
            else { continue }
            finding.pairCount += 1
            let (sum, overflow) = one.minimum.addingReportingOverflow(directions[Int(back)].minimum)
            finding.boundNanoseconds = max(finding.boundNanoseconds ?? 0, overflow ? .max : sum)
        }
        return finding
    }
}
