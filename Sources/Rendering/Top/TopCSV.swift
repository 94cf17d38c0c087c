public import IRQCore

/// One interval of `top` as CSV: a line for each row, `cpu` empty, and one for each of its CPUs; where tasks are followed,
/// one for each of them as well, with columns of their own behind the others.
public enum TopCSV {
    /// Writes the title line.
    ///
    /// - Parameter isDeep: true if tasks are followed.
    public static func writeTitle(isDeep: Bool = false, to output: inout ByteOutput) {
        table("", time: 0, interval: nil, isDeep).writeTitle(to: &output)
    }

    /// Writes the lines of an interval.
    public static func write(_ live: Box, _ choice: RowChoice, isDeep: Bool = false, to output: inout ByteOutput) {
        let (time, interval) = (live.time.wall, live.interrupts.intervalNanoseconds)
        let interrupts = table("interrupts", time: time, interval: interval, isDeep)
        for index in choice.rows where output.isOpen {
            let row = TopSections.interrupt(live, index, choice.columns)
            write(row, live, live.handlerPlace(index), interrupts, to: &output)
        }
        // Softirqs stand in the same table.
        let softirqs = table("softirqs", time: time, interval: interval, isDeep)
        for index in choice.softirqRows where output.isOpen {
            let row = TopSections.softirq(live, index, choice.softirqColumns)
            write(row, live, live.softirqPlace(index), softirqs, to: &output)
        }
        if !isDeep { return }
        let shared = table("", time: time, interval: interval, false).keys
        let columns = TopTasks.columns(behind: shared).list
        let tasks = CSVTable<TopTasks.Row, TopTasks.Row>(
            head("tasks", time: time, interval: interval), Columns(columns.dropLast()),
            parts: Columns(columns.suffix(1)), after: nil)
        for place in live.tracing.deep.tasks.indices where output.isOpen {
            let row = TopTasks.Row(live, place)
            tasks.write(row, [row], to: &output)
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

    private static func head(
        _ name: String, time: UInt64, interval: UInt64?
    ) -> [(key: StaticString, cell: Cell)] {
        [("time_ns", .stamp(time)), ("interval_ns", .nanoseconds(interval)), ("table", .text(name))]
    }

    /// The columns of tasks, which other lines leave empty.
    private static let ofTasks = TopTasks.own.filter { $0.outputs.contains(.csv) }.map { column in
        Column<Line>(column.key, in: .csv) { _ in .text(nil) }
    }

    private static func table(_ name: String, time: UInt64, interval: UInt64?, _ isDeep: Bool) -> Table {
        CSVTable(
            head(name, time: time, interval: interval), TopSections.interrupts.columns, parts: rates, after: "state",
            last: isDeep ? Columns(times.list + ofTasks) : times)
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
