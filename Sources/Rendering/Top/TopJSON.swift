public import IRQCore

/// One interval of `top` as JSON (irqscope.top.v1), on one line.
public enum TopJSON {
    /// Writes the document and the end of its line.
    public static func write(_ live: Box, _ choice: RowChoice, to output: inout ByteOutput) {
        let loads = TopSections.loads
        output.json { json in
            json.member("schema", .text("irqscope.top.v1"))
            json.member("accounts_irq_time", .flag(live.cpuTimes.accountsIRQTime))
            json.member(loads, choice.columns.count) { TopSections.Load(live, choice.columns[$0]) }
            json.member("cpus", live.interrupts.cpus(choice.columns).cell)
            if live.tracing.deep.isOn {
                json.object("deep") { write(live, &$0) }
            } else {
                json.member("deep", .text(nil))
            }
            json.array("gone") { json in
                for index in 0..<live.interrupts.goneCount { json.put(live.interrupts.goneLabel(index)) }
            }
            json.member(TopSections.interrupts, choice.rows.count) {
                TopSections.interrupt(live, choice.rows[$0], choice.columns)
            }
            json.member("interval_ns", .nanoseconds(live.interrupts.intervalNanoseconds))
            json.member("problems", .texts(live.problems))
            json.object("self") { json in
                json.member("cpu_ns", .nanoseconds(live.cost.cpuNanoseconds))
                json.member("rss_bytes", .count(live.cost.residentByteCount))
            }
            json.member("softirq_cpus", live.softirqs.cpus(choice.softirqColumns).cell)
            json.member(TopSections.softirqs, choice.softirqRows.count) {
                TopSections.softirq(live, choice.softirqRows[$0], choice.softirqColumns)
            }
            json.member("time", .stamp(live.time.wall))
            json.object("tracing") { write(live.tracing, &$0) }
        }
    }

    private static func write(_ live: Box, _ json: inout JSONWriter) {
        json.member("restarts", .count(live.tracing.deep.restarts))
        json.member(TopTasks.section, live.tracing.deep.tasks.count) { TopTasks.Row(live, $0) }
        json.member("tasks_left_out", .count(UInt64(live.tracing.deep.moreTasks)))
    }

    private static func write(_ tracing: borrowing LiveTracing, _ json: inout JSONWriter) {
        json.member("events", .count(tracing.isOn ? tracing.durations.events : nil))
        json.member("gaps", .count(tracing.isOn ? tracing.durations.gaps : nil))
        json.member("lost", .count(tracing.isOn ? tracing.durations.lost : nil))
        json.member("missing_events", .texts(tracing.missingEvents))
        json.member("on", .flag(tracing.isOn))
        json.member("reason", .text(tracing.reason))
    }
}
