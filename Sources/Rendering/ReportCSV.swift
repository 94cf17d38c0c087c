public import IRQCore

/// A report as comma-separated values (RFC 4180): one line a row, times in nanoseconds.
public enum ReportCSV {
    private static let columns = [
        "file", "kind", "buffer", "number", "name", "calls", "handled", "unhandled", "wake_thread", "count", "total_ns",
        "self_ns", "min_ns", "mean_ns", "stddev_ns", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns",
        "latency_count", "latency_total_ns", "latency_p99_ns", "latency_max_ns", "module",
    ]

    /// Writes the title line, unless another report has one, then all rows. Unknown values are empty.
    public static func write(_ report: Report, hasTitle: Bool = true, to output: inout ByteOutput) {
        if hasTitle { output.put(CSVCell.joined(columns) + "\r\n") }
        for row in report.rows { output.put(line(row, report.source.file) + "\r\n") }
    }

    private static func line(_ row: ReportRow, _ file: String) -> String {
        let duration = row.duration
        let latency = row.latency
        let number = row.key.shownNumber.map { String($0) } ?? ""
        var cells = [file, row.kind.rawValue, row.buffer, number, row.name]
        cells.append(String(row.calls))
        cells += [row.handled, row.unhandled, row.wokeThread].map { row.kind.traits.hasResults ? String($0) : "" }
        cells.append(String(duration.count))
        cells += [duration.totalNanoseconds, duration.selfNanoseconds].map { String($0) }
        cells.append(cell(duration.minimumNanoseconds))
        cells += [duration.meanNanoseconds, duration.standardDeviationNanoseconds].map {
            $0.map { Units.fixed($0, 1) } ?? ""
        }
        cells += [500, 900, 990, 999].map { cell(duration.percentile(perMille: $0)) }
        cells.append(cell(duration.maximumNanoseconds))
        let hasLatency = latency.count > 0
        cells += [hasLatency ? String(latency.count) : "", hasLatency ? String(latency.totalNanoseconds) : ""]
        cells += [cell(latency.percentile(perMille: 990)), cell(latency.maximumNanoseconds)]
        cells.append(row.module ?? "")
        return CSVCell.joined(cells)
    }

    private static func cell(_ value: UInt64?) -> String { value.map { String($0) } ?? "" }
}
