internal import Glibc
public import IRQCore

extension Comparison {
    /// The number of slices of time that the comparison of two recordings needs of each (`ReadOptions.sliceCount`).
    public static let sliceCount = SliceJackknife.sliceCount
    /// The recordings on each side from which on their variation is known.
    public static let leastSetCount = 4
    /// The recordings on each side that are advised.
    public static let advisedSetCount = 7

    /// Compares one recording with another, or several with several.
    ///
    /// - Parameters:
    ///   - first: the reports of the first side, at least one.
    ///   - second: those of the second. With one on each side both must have slices (`sliceCount`).
    ///   - selection: the rows that are wanted. The others tell which kinds a recording has.
    public init(_ first: [Report], _ second: [Report], _ selection: RowSelection = RowSelection()) {
        let kinds = RecordedKinds(first, second)
        // A number may be another one in the next recording: a row is wanted of all if it is wanted of one.
        let groups = RowGroup.all(first + second).filter { group in
            group.rows.contains { $0.map(selection.contains) ?? false }
        }
        let (first, second) = (Self.selected(first, selection), Self.selected(second, selection))
        let method: Method = first.count == 1 && second.count == 1 ? .pair : .sets
        self.init(
            a: first.map(\.source), b: second.map(\.source), method: method, rows: [],
            notes: Self.notes(first, second, method))
        absentKinds = kinds.absent
        let isUncertain = (first + second).contains {
            !$0.isWhole || $0.isShort
        }
        rows = groups.map { group in
            var row = Self.row(group, first, second, kinds)
            row.isUncertain = isUncertain
            let absent = row.a == nil ? kinds.absent.a : row.b == nil ? kinds.absent.b : []
            row.isOfAbsentKind = absent.contains(row.kind)
            return row
        }
        switch method {
        case .pair: for (place, group) in groups.enumerated() { rows[place].testPair(group, first[0], second[0]) }
        case .sets: testSets(groups, first, second)
        }
        if let note = kinds.note(of: rows, isOfCounts: false) { notes.append(note) }
        sort()
    }

    private static func selected(_ reports: [Report], _ selection: RowSelection) -> [Report] {
        reports.map { report in
            var report = report
            report.select(selection)
            return report
        }
    }

    /// Puts what got worse first: rows that got slower, then those that come more often, then other changes, those that are new
    /// or gone, what is the same, and what one side did not record.
    private mutating func sort() {
        func weight(_ row: ComparedRow) -> (Int, Double) {
            guard row.a != nil, row.b != nil else {
                let place = row.isOfAbsentKind ? 6 : row.a == nil ? 3 : 4
                return (place, -Double(row.a?.calls ?? row.b?.calls ?? 0))
            }
            let changes = row.tests.filter { $0.value.verdict == .differs && $0.value.ratio > 0 }
            let times = changes.filter { $0.key.perMille != nil }.values.map { log($0.ratio) }
            let others = changes.filter { $0.key.perMille == nil }.values.map { log($0.ratio) }
            if let worst = times.max(), worst > 0 { return (0, -worst) }
            if let most = others.max(), most > 0 { return (1, -most) }
            if let best = (times + others).min() { return (2, best) }
            return (5, -(row.b?.values[.share] ?? 0))
        }
        rows = rows.map { (weight($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    // MARK: - Rows

    private static func row(
        _ group: RowGroup, _ first: [Report], _ second: [Report], _ kinds: RecordedKinds
    ) -> ComparedRow {
        let known = group.any ?? ReportRow(RowKey(kind: .irq, number: 0, name: ""))
        var row = ComparedRow(
            kind: known.kind, name: known.name, device: known.key.device?.title,
            a: side(Array(group.rows[..<first.count]), first, kinds.has(known.kind, of: .first)),
            b: side(Array(group.rows[first.count...]), second, kinds.has(known.kind, of: .second)))
        // A recording without events of the kind could not have seen the row.
        let seeing = kinds.having(known.kind, first, second)
        let (before, after) = (seconds(seeing.first), seconds(seeing.second))
        let calls = (Double(row.a?.calls ?? 0), Double(row.b?.calls ?? 0))
        if before > 0, !seeing.second.isEmpty { row.a?.expectedCalls = calls.0 * after / before }
        if after > 0, !seeing.first.isEmpty { row.b?.expectedCalls = calls.1 * before / after }
        var (one, other) = (LatencyHistogram(), LatencyHistogram())
        for found in group.rows[..<first.count] { if let found { one.add(found.duration.histogram) } }
        for found in group.rows[first.count...] { if let found { other.add(found.duration.histogram) } }
        row.slowerShare = one.shareBelow(other)
        row.histograms = (one, other)
        return row
    }

    private static func seconds(_ reports: [Report]) -> Double {
        reports.reduce(0) { $0 + Double($1.windowNanoseconds ?? 0) / 1e9 }
    }

    /// - Parameter sees: true for each recording that could have had the row: where it has none it came 0 times.
    private static func side(_ rows: [ReportRow?], _ reports: [Report], _ sees: [Bool]) -> ComparedRow.Side? {
        guard let any = rows.lazy.compactMap(\.self).first else { return nil }
        var values: [ComparedValue: Double] = [:]
        for value in ComparedValue.allCases {
            let found = rows.indices.compactMap { place -> Double? in
                guard let row = rows[place] else { return sees[place] ? value.measureOfNone(reports[place]) : nil }
                return value.measure(row, reports[place])
            }
            values[value] = value == .maximum ? found.max() : median(found)
        }
        let calls = rows.reduce(UInt64(0)) { $0 &+ ($1?.calls ?? 0) }
        var side = ComparedRow.Side(
            number: any.key.shownNumber.flatMap { $0 < 0 ? nil : $0 }, calls: calls, values: values)
        for share in rows.lazy.compactMap(\.self).flatMap(\.cpus) {
            side.cpuCalls[share.cpu, default: 0] &+= share.calls
        }
        return side
    }

    private static func median(_ values: [Double]) -> Double? {
        if values.isEmpty { return nil }
        let (sorted, middle) = (values.sorted(), values.count / 2)
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    // MARK: - Sets

    /// The values that are tested over sets, and the change that matters.
    private static let setThresholds: [(value: ComparedValue, ratio: Double)] = [
        (.p50, 1.05), (.p99, 1.1), (.rate, 1.05), (.share, 1.05),
    ]
    private static let significance = 0.05

    private mutating func testSets(_ groups: [RowGroup], _ first: [Report], _ second: [Report]) {
        var tests: [(row: Int, value: ComparedValue, threshold: Double, a: [Double], b: [Double], rank: RankTest)] = []
        let reports = first + second
        for (place, group) in groups.enumerated() {
            for (value, threshold) in Self.setThresholds {
                let values = zip(group.rows, reports).map { row, report in row.flatMap { value.testable($0, report) } }
                if !RecordingSource.canJudge(value, values.compactMap(\.self), reports) { continue }
                let a = values[..<first.count].compactMap(\.self).map { log($0) }
                let b = values[first.count...].compactMap(\.self).map { log($0) }
                guard a.count == first.count, b.count == second.count else {
                    // Some recording has too few calls for it.
                    if let ratio = rows[place].ratio(value) {
                        rows[place].tests[value] = ComparedRow.Test(ratio: ratio, verdict: .tooFew)
                    }
                    continue
                }
                tests.append((place, value, threshold, a, b, RankTest(a, b)))
            }
        }
        let corrected = Holm.corrected(tests.map(\.rank.p))
        let isTooFew = min(first.count, second.count) < Self.leastSetCount
        for (place, test) in tests.enumerated() {
            guard let shift = RankTest.shift(test.a, test.b) else { continue }
            let p = corrected[place]
            let verdict: ComparedRow.Verdict
            if isTooFew || test.rank.leastP * Double(tests.count) > Self.significance {
                verdict = .tooFew
            } else {
                verdict = p <= Self.significance && abs(shift.median) >= log(test.threshold) ? .differs : .same
            }
            rows[test.row].tests[test.value] = ComparedRow.Test(
                ratio: exp(shift.median), p: p,
                bounds: shift.bounds.map { exp($0.lowerBound)...exp($0.upperBound) }, verdict: verdict)
        }
    }

    // MARK: - Notes

    private static func notes(_ first: [Report], _ second: [Report], _ method: Method) -> [String] {
        var notes: [String] = []
        switch method {
        case .pair:
            notes.append(
                "one recording each: run-to-run variation unknown; record \(advisedSetCount) of each and compare the sets"
            )
            for report in first + second where !report.rows.isEmpty && report.rows.allSatisfy(\.slices.isEmpty) {
                notes.append(
                    "\(report.source.file) is a text from a pipe, which is read once and cannot be cut into slices of "
                        + "time: save it to a file, or no difference can be told from chance")
            }
        case .sets:
            let least = min(first.count, second.count)
            if least < advisedSetCount {
                notes.append(
                    "\(first.count) against \(second.count) recordings: record \(advisedSetCount) of each, so that "
                        + "differences in several rows can be told from chance")
            }
        }
        let reports = first + second
        notes += RecordingSource.differences(reports.map(\.source))
        if Set(reports.map(\.source.tracer)).count > 1 {
            notes.append("for that durations below 20 µs, and shares of a CPU, are shown and not judged")
        }
        if reports.contains(where: { !$0.source.isClockNanoseconds }) {
            notes.append("the clocks count ticks, and how many make a second is unknown: there are no rates")
        }
        for report in reports where !report.isWhole {
            let words = report.ledger.gaps > 0 ? "has lost events" : "could not be read as a whole"
            notes.append("\(report.source.file) \(words): verdicts on it carry a ?")
        }
        for report in reports where report.isShort {
            notes.append("\(report.source.file) has less than a second: verdicts on it carry a ?")
        }
        return notes
    }
}

extension Report {
    /// True if it has less than a second; of ticks that is unknown.
    fileprivate var isShort: Bool { source.isClockNanoseconds && (windowNanoseconds ?? 0) < 1_000_000_000 }
}

extension RecordingSource {
    /// The durations below which it matters what recorded them, in nanoseconds.
    fileprivate static let shortNanoseconds = 20_000.0

    /// False for durations by different tracers that are so short that the difference may be what these cost themselves, and for
    /// the sum of such ones.
    fileprivate static func canJudge(_ value: ComparedValue, _ values: [Double], _ reports: [Report]) -> Bool {
        if value == .rate || Set(reports.map(\.source.tracer)).count < 2 { return true }
        return value.perMille != nil && values.allSatisfy { $0 >= shortNanoseconds }
    }
}

extension ComparedValue {
    /// The value of a row of a report; nil if it has none.
    func measure(_ row: ReportRow, _ report: Report) -> Double? {
        if let perMille { return row.duration.percentile(perMille: perMille).map { Double($0) } }
        guard let window = report.windowNanoseconds, window > 0 else { return nil }
        switch self {
        // How many ticks make a second is unknown.
        case .rate where !report.source.isClockNanoseconds: return nil
        case .rate: return Double(row.calls) * 1e9 / Double(window)
        case .share: return Double(row.duration.totalNanoseconds) / Double(window)
        default: return row.duration.maximumNanoseconds.map { Double($0) }
        }
    }

    /// The value of a row that a report could have had and has not: 0 for how often it came and what it took.
    func measureOfNone(_ report: Report) -> Double? {
        guard let window = report.windowNanoseconds, window > 0 else { return nil }
        switch self {
        case .rate: return report.source.isClockNanoseconds ? 0 : nil
        case .share: return 0
        default: return nil
        }
    }

    /// The value, where the row has enough durations for it: ten beyond a percentile.
    func testable(_ row: ReportRow, _ report: Report) -> Double? {
        if let perMille, row.duration.count * UInt64(1000 - perMille) < 10 * 1000 { return nil }
        return measure(row, report).flatMap { $0 > 0 ? $0 : nil }
    }
}

extension ComparedRow {
    /// The values that are tested over two recordings, and the change that matters.
    private static let pairThresholds: [(value: ComparedValue, ratio: Double)] = [
        (.p50, 1.25), (.p90, 1.5), (.p99, 1.5), (.p999, 3), (.rate, 1.25),
    ]
    /// The standard errors beyond which a difference is not put down to chance.
    private static let significantZ = 3.0
    /// The durations that must lie beyond a percentile.
    private static let leastBeyond: UInt64 = 50
    /// The durations below which the resolution of text counts, in nanoseconds.
    private static let coarseNanoseconds = RecordingSource.shortNanoseconds

    mutating func testPair(_ group: RowGroup, _ first: Report, _ second: Report) {
        guard let one = group.rows[0], let other = group.rows[1] else { return }
        let (before, after) = (SliceJackknife(one.slices), SliceJackknife(other.slices))
        for (value, threshold) in Self.pairThresholds {
            guard let ratio = ratio(value) else { continue }
            let sides = [a, b].compactMap { $0?.values[value] }
            if !RecordingSource.canJudge(value, sides, [first, second]) { continue }
            var test = Test(ratio: ratio, verdict: .tooFew)
            if let error = Self.error(value, before, after, first, second) {
                let z = error.difference / max(error.standard, SliceJackknife.leastError)
                let isLarge = max(ratio, 1 / ratio) >= threshold
                (test.z, test.verdict) = (z, abs(z) > Self.significantZ && isLarge ? .differs : .same)
            }
            tests[value] = test
        }
    }

    /// The difference of the logarithms of a value, and its standard error; nil where there are too few calls.
    private static func error(
        _ value: ComparedValue, _ before: SliceJackknife, _ after: SliceJackknife, _ first: Report, _ second: Report
    ) -> (difference: Double, standard: Double)? {
        guard let perMille = value.perMille else {
            guard let one = before.rateError, let other = after.rateError, let window = first.windowNanoseconds,
                let otherWindow = second.windowNanoseconds, window > 0, otherWindow > 0
            else { return nil }
            let rates = (Double(before.count) / Double(window), Double(after.count) / Double(otherWindow))
            return (log(rates.1 / rates.0), (one * one + other * other).squareRoot())
        }
        guard min(before.count, after.count) * UInt64(1000 - perMille) >= leastBeyond * 1000,
            let one = before.percentile(
                perMille: perMille, quantum: quantum(first, second), below: coarseNanoseconds),
            let other = after.percentile(
                perMille: perMille, quantum: quantum(second, first), below: coarseNanoseconds)
        else { return nil }
        return (other.logarithm - one.logarithm, (one.error * one.error + other.error * other.error).squareRoot())
    }

    /// The resolution that widens the error of a report's durations, in nanoseconds: that of text beside a recording with
    /// nanoseconds.
    private static func quantum(_ report: Report, _ other: Report) -> Double {
        let here = report.source.resolutionNanoseconds ?? 1
        return here > other.source.resolutionNanoseconds ?? 1 ? Double(here) : 0
    }
}
