import TestSupport

@testable import IRQCore
@testable import Rendering

/// A report with a course over time that never was, for pages.
enum MadeTimeline {
    static let columnCount = 200
    static let columnNanoseconds: UInt64 = 50_000_000

    static func source(cpuCount: Int) -> RecordingSource {
        RecordingSource(
            file: "made.dat", format: "trace.dat", version: 7, clock: "mono", isClockNanoseconds: true, cpuCount: cpuCount,
            machine: "Linux made 6.12 x86_64", buffers: [""])
    }

    /// Rows of each kind with latencies that wander, a burst, a gap and slow moments, all with the given names.
    static func report(names: [String] = ["eth0-TxRx-0", "nvme0q1"], cpuCount: Int = 4, seed: UInt64 = 7) -> Report {
        var random = SeededGenerator(seed: seed)
        var report = Report(
            source: source(cpuCount: cpuCount), buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil,
            notes: [])
        report.startNanoseconds = 5_000_000_000
        report.endNanoseconds = 5_000_000_000 + UInt64(columnCount) * columnNanoseconds - 20_000_000
        var timeline = Timeline(
            startNanoseconds: 5_000_000_000, columnNanoseconds: columnNanoseconds, columnCount: columnCount)
        var keys: [(RowKey, Measure)] = []
        for (place, name) in names.enumerated() {
            keys.append((RowKey(kind: .irq, number: Int64(30 + place), name: name), .duration))
        }
        keys.append((RowKey(kind: .softirq, number: 3, name: "NET_RX"), .duration))
        keys.append((RowKey(kind: .softirq, number: 3, name: "NET_RX"), .raiseLatency))
        keys.append((RowKey(kind: .work, number: 4096, name: names[0]), .queueLatency))
        for (place, (key, measure)) in keys.enumerated() {
            timeline.heatMaps.append(heatMap(.row(key, measure), 1_500 << UInt64(place), &random))
            add(key, measure, timeline.heatMaps[place], to: &report)
        }
        timeline.heatMaps.append(heatMap(.wake(name: names[0], pid: 383), 20_000, &random))
        timeline.gaps = [
            TimelineGap(cpu: 1, startNanoseconds: 8_000_000_000, endNanoseconds: 8_600_000_000),
            TimelineGap(cpu: 1, startNanoseconds: 13_003_000_000, endNanoseconds: 13_003_500_000),
        ]
        timeline.lanes = (0..<min(cpuCount, 20)).map { lane($0, &random) }
        timeline.moments = [moment(keys[0].0), wait(keys[3].0, names[0])]
        report.storms = [
            Storm(
                row: keys[0].0, cpu: 2, startNanoseconds: 11_000_000_000, endNanoseconds: 12_500_000_000, count: 60_000,
                peakPerSecond: 48_000, selfNanoseconds: 300_000_000)
        ]
        report.timeline = timeline
        return report
    }

    private static func heatMap(
        _ subject: HeatMap.Subject, _ median: UInt64, _ random: inout SeededGenerator
    ) -> HeatMap {
        var map = HeatMap(subject: subject)
        for column in 0..<columnCount where !(60..<72).contains(column) {
            var counts: [UInt8: UInt64] = [:]
            let isBurst = (120..<150).contains(column)
            for _ in 0..<(isBurst ? 400 : 60) {
                var value = median / 2 + UInt64.random(in: 0...median, using: &random)
                while UInt64.random(in: 0..<(isBurst ? 3 : 5), using: &random) == 0 { value *= 2 }
                counts[HeatScale.step(value), default: 0] += 1
            }
            for (step, count) in counts.sorted(by: { $0.key < $1.key }) {
                map.cells.append(.init(column: UInt16(column), step: step, count: count))
            }
        }
        return map
    }

    private static func add(_ key: RowKey, _ measure: Measure, _ map: HeatMap, to report: inout Report) {
        var summary = DurationSummary()
        for cell in map.cells {
            let value = HeatScale.lowest(cell.step)
            summary.add(
                count: cell.count, total: cell.count * value, squares: UInt128(value) * UInt128(value) * UInt128(cell.count),
                range: value...value)
            summary.addHistogram { histogram in
                for _ in 0..<cell.count { histogram.record(value) }
            }
        }
        if let place = report.rows.firstIndex(where: { $0.key == key }) {
            report.rows[place][measure] = summary
            return
        }
        var row = ReportRow(key)
        row[measure] = summary
        row.calls = summary.count
        row.add(
            CPUShare(
                cpu: 0, calls: summary.count, count: summary.count, totalNanoseconds: summary.totalNanoseconds,
                selfNanoseconds: summary.totalNanoseconds, maximumNanoseconds: summary.maximumNanoseconds))
        report.rows.append(row)
    }

    private static func lane(_ cpu: Int, _ random: inout SeededGenerator) -> CPULane {
        var parts = [[UInt64]](repeating: [UInt64](repeating: 0, count: columnCount), count: CPULane.Part.allCases.count)
        for column in 0..<columnCount where !(cpu == 1 && (60..<72).contains(column)) {
            let burst: UInt64 = (120..<150).contains(column) && cpu == 2 ? 8 : 1
            for part in parts.indices {
                parts[part][column] = burst * UInt64.random(in: 200_000...900_000, using: &random)
            }
        }
        return CPULane(cpus: [cpu], nanoseconds: parts)
    }

    private static func moment(_ row: RowKey) -> SlowMoment {
        let start: UInt64 = 11_200_000_000
        var moment = SlowMoment(
            subject: .row(row, .duration), cpu: 2, startNanoseconds: start, durationNanoseconds: 900_000,
            selfNanoseconds: 700_000, window: (start - 900_000)..<(start + 1_800_000))
        (moment.pid, moment.task) = (383, row.name)
        let softirq = RowKey(kind: .softirq, number: 3, name: "NET_RX")
        let timer = RowKey(kind: .vector, number: 0, name: "local_timer")
        moment.spans = [
            .init(subject: .row(timer, .duration), startNanoseconds: start - 600_000, durationNanoseconds: 12_000, depth: 0),
            .init(subject: .row(row, .duration), startNanoseconds: start, durationNanoseconds: 900_000, depth: 0),
            .init(subject: .row(timer, .duration), startNanoseconds: start + 300_000, durationNanoseconds: 200_000, depth: 1),
            .init(subject: .row(softirq, .duration), startNanoseconds: start + 910_000, durationNanoseconds: 420_000, depth: 0),
            .init(subject: .row(timer, .duration), startNanoseconds: start + 1_000_000, durationNanoseconds: 9_000, depth: 1),
        ]
        return moment
    }

    private static func wait(_ row: RowKey, _ task: String) -> SlowMoment {
        let start: UInt64 = 13_000_000_000
        var moment = SlowMoment(
            subject: .row(row, .raiseLatency), cpu: 1, startNanoseconds: start, durationNanoseconds: 2_000_000,
            selfNanoseconds: 2_000_000, window: (start - 2_000_000)..<(start + 4_000_000))
        (moment.pid, moment.task) = (12, task)
        moment.spans = [
            .init(
                subject: .row(RowKey(kind: .irq, number: 31, name: task), .duration), startNanoseconds: start - 40_000,
                durationNanoseconds: 1_900_000, depth: 0),
            .init(subject: .row(row, .duration), startNanoseconds: start + 2_000_000, durationNanoseconds: 150_000, depth: 0),
        ]
        return moment
    }
}
