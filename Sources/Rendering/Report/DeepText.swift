internal import IRQCore

/// The tables of the deep analysis.
extension ReportText {
    /// Rows of a table that are shown unless all are asked for.
    private static let busiestCount = 8

    /// Writes the foremost tables with their busiest rows, or all.
    func write(_ deep: DeepReport, to output: inout ByteOutput) {
        let isAll = options.showsDeep
        table(DeepColumns.threads, deep.threads, by: { $0.runTime.totalNanoseconds }, to: &output)
        writeStubs(deep, to: &output)
        table(DeepColumns.wakes, deep.wakes, by: { $0.latency.count }, to: &output)
        writeClocks(deep, to: &output)
        writeUncertain(deep, to: &output)
        if isAll || options.showsSlowest {
            late(
                LateColumns.wakes, "Latest wake-ups of real-time tasks", deep.lateWakes.filter(\.isUrgent), to: &output)
            late(LateColumns.wakes, "Latest wake-ups", deep.lateWakes.filter { !$0.isUrgent }, to: &output)
            late(LateColumns.softirqs, LateColumns.softirqs.title, deep.lateSoftirqs, to: &output)
        }
        if isAll {
            table(LateColumns.waits, deep.softirqWaits, to: &output)
            table(DeepColumns.softirqs, deep.softirqs, to: &output)
            table(DeepColumns.devices, deep.devices, by: { $0.polls }, to: &output)
        }
        table(DeepColumns.chains, deep.chains.filter { isAll || $0.irq != nil }, by: { $0.interrupts }, to: &output)
        if isAll {
            table(DeepColumns.tasklets, deep.tasklets, to: &output)
            table(DeepColumns.senders, deep.senders, to: &output)
            table(DeepColumns.sendingTasks, deep.sendingTasks, to: &output)
            table(DeepColumns.received, deep.received, by: { $0.duration.totalNanoseconds }, to: &output)
            table(DeepColumns.calls, deep.calls, to: &output)
            table(DeepColumns.hrtimers, deep.hrtimers, to: &output)
            for sentence in Self.tickSentences(deep) { output.put("  \(sentence)\n") }
            table(DeepColumns.timers, deep.timers, to: &output)
            table(DeepColumns.faults, deep.faults, by: { $0.count }, to: &output)
        }
        table(DeepColumns.victims, deep.victims, by: { $0.total }, to: &output)
        if isAll {
            table(DeepColumns.shares, deep.cpus, to: &output)
            table(DeepColumns.busy, deep.cpus, to: &output)
        }
        if isAll || options.showsSlices {
            table(DeepColumns.peaks, deep.handlers, by: { $0.peaks[2] }, to: &output)
        }
        if options.showsSlices { writeSlices(deep, to: &output) }
    }

    private func table<Row>(
        _ section: Section<Row>, _ rows: [Row], by key: ((Row) -> UInt64)? = nil, to output: inout ByteOutput
    ) {
        var rows = rows
        if let key {
            // Sorting keeps the order of equal rows only with their places.
            rows = rows.enumerated()
                .sorted { (key($1.element), $0.offset) < (key($0.element), $1.offset) }.map(\.element)
        }
        let shown = options.showsDeep ? rows[...] : rows.prefix(Self.busiestCount)
        write(section, style.bold(section.title), shown, width: options.width, to: &output)
        let more = rows.count - shown.count
        if more > 0 { output.put("  … and \(more) more (--deep shows all)\n") }
    }

    /// Writes what ran late, and under each row what was in its way.
    private func late(
        _ section: Section<DeepReport.LateStart>, _ title: String, _ rows: [DeepReport.LateStart],
        to output: inout ByteOutput
    ) {
        write(section, style.bold(title), rows[...], width: options.width, to: &output) { row, output in
            for text in LateColumns.lines(row, units) {
                for line in Paragraph.wrapped(SafeText.escaped(text), after: "      ", width: options.width) {
                    output.put(line + "\n")
                }
            }
        }
    }

    private func writeSlices(_ deep: DeepReport, to output: inout ByteOutput) {
        let start = deep.startNanoseconds ?? 0
        let lines = deep.handlers.flatMap { handler in
            handler.slices.map { slice in
                DeepColumns.SliceLine(
                    handler: handler, slice: slice, start: start &+ slice.index &* deep.sliceNanoseconds)
            }
        }
        write(DeepColumns.sliceLines, style.bold(DeepColumns.sliceLines.title), lines[...], to: &output)
    }
}
