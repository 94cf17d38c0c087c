public import IRQCore

/// One interval of `top` as CSV: a line for each row, `cpu` empty, and one for each of its CPUs.
public enum TopCSV {
    /// Writes the title line.
    public static func writeTitle(to output: inout ByteOutput) {
        table("", time: 0, interval: nil).writeTitle(to: &output)
    }

    /// Writes the lines of an interval.
    public static func write(_ live: Box, _ choice: RowChoice, to output: inout ByteOutput) {
        let (time, interval) = (live.time.wall, live.interrupts.intervalNanoseconds)
        let interrupts = table("interrupts", time: time, interval: interval)
        for index in choice.rows where output.isOpen {
            let row = TopSections.interrupt(live, index, choice.columns)
            write(row, live, live.handlerPlace(index), interrupts, to: &output)
        }
        // Softirqs stand in the same table.
        let softirqs = table("softirqs", time: time, interval: interval)
        for index in choice.softirqRows where output.isOpen {
            let row = TopSections.softirq(live, index, choice.softirqColumns)
            write(row, live, live.softirqPlace(index), softirqs, to: &output)
        }
    }

    /// A line: the rate of a row, on one CPU or on all of them, and the times there.
    private struct Line {
        let rate: TopSections.Rate
        var handler: TopSections.Handler?
        var raise: TopSections.Handler?
        /// The times on one CPU, whose percentiles are not known.
        var spans: CPUSpans?
    }

    private static let rates = Columns<Line>(TopSections.rates.list.map { $0.of(in: .csv) { $0.rate } })

    private static let times = Columns<Line>([
        .init("calls") { .count($0.handler?.spans.calls ?? $0.spans?.calls) },
        .init("unhandled") { .count($0.handler?.spans.unhandled) },
        .init("total_ns") { .nanoseconds($0.handler?.spans.totalNanoseconds ?? $0.spans?.totalNanoseconds) },
        .init("max_ns") { .nanoseconds($0.handler?.spans.longestNanoseconds ?? $0.spans?.longestNanoseconds) },
        .init("p50_ns") { .nanoseconds($0.handler?.spans.p50Nanoseconds) },
        .init("p99_ns") { .nanoseconds($0.handler?.spans.p99Nanoseconds) },
        .init("cpu_share") { .share($0.handler?.share) },
        .init("peak_ns") { .nanoseconds($0.handler?.longest?.nanoseconds) },
        .init("peak_time_ns") { .stamp($0.handler?.longest?.timeNanoseconds) },
        .init("raise_p99_ns") { .nanoseconds($0.raise?.spans.p99Nanoseconds) },
        .init("raise_max_ns") { .nanoseconds($0.raise?.spans.longestNanoseconds) },
    ])

    private typealias Table = CSVTable<TopSections.Row, Line>

    private static func table(_ name: String, time: UInt64, interval: UInt64?) -> Table {
        CSVTable(
            [("time_ns", .stamp(time)), ("interval_ns", .nanoseconds(interval)), ("table", .text(name))],
            TopSections.interrupts.columns, parts: rates, after: "state", last: times, lineEnd: "\n")
    }

    private static func write(
        _ row: TopSections.Row, _ live: Box, _ place: SpanPlace?, _ table: Table, to output: inout ByteOutput
    ) {
        let whole = Line(rate: row.more.all, handler: row.more.handler, raise: row.more.raiseLatency)
        table.write(row, [whole], to: &output)
        guard row.counts.kind == .perCPU else { return }
        let lines = row.more.perCPU.lazy.map { rate in
            var line = Line(rate: rate)
            if let cpu = rate.cpu, let place { line.spans = live.tracing.durations.interval(place, cpu: cpu) }
            return line
        }
        table.write(row, lines, to: &output)
    }
}
