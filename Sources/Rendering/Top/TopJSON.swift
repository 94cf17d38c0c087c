public import IRQCore

/// One interval of `top` as JSON (irqscope.top.v1), on one line.
public enum TopJSON {
    /// Writes the document and the end of its line.
    public static func write(_ live: borrowing LiveState, _ choice: RowChoice, to output: inout ByteOutput) {
        output.json { json in
            json.member("accounts_irq_time", live.cpuTimes.accountsIRQTime)
            json.array("cpu_load") { json in
                for column in choice.columns { json.object(Load(live, column), loads) }
            }
            json.member("cpus", ListJSON.cpus(live.interrupts, choice.columns))
            json.array("gone") { json in
                for index in 0..<live.interrupts.goneCount { json.element(live.interrupts.goneLabel(index)) }
            }
            json.array("interrupts") { json in
                for index in choice.rows where json.isOpen { json.object(Row(live, index, choice.columns), rows) }
            }
            json.member("interval_ns", live.interrupts.intervalNanoseconds)
            json.member("problems", live.problems)
            json.member("schema", "irqscope.top.v1")
            json.object("self") { json in
                json.member("cpu_ns", live.cost.cpuNanoseconds)
                json.member("rss_bytes", live.cost.residentByteCount)
            }
            json.member("softirq_cpus", ListJSON.cpus(live.softirqs, choice.softirqColumns))
            json.array("softirqs") { json in
                for index in choice.softirqRows { json.object(Softirq(live, index, choice.softirqColumns), softirqs) }
            }
            json.member("time", live.wallNanoseconds)
            json.object("tracing") { write(live.tracing, &$0) }
        }
    }

    private static func write(_ tracing: borrowing LiveTracing, _ json: inout JSONWriter) {
        json.member("events", tracing.isOn ? tracing.durations.events : nil)
        json.member("gaps", tracing.isOn ? tracing.durations.gaps : nil)
        json.member("lost", tracing.isOn ? tracing.durations.lost : nil)
        json.member("missing_events", tracing.missingEvents)
        json.member("on", tracing.isOn)
        json.member("reason", tracing.reason)
    }

    // MARK: Rows

    /// How a row moved.
    private struct Rates {
        let state: RowState
        let delta: UInt64?
        let perSecond: Double?
        let perCPU: [Double?]

        init(_ intervals: borrowing CounterIntervals, _ row: Int, _ columns: [Int]) {
            let interval = intervals.interval(row)
            let kind = intervals.sample.table.row(row).kind
            state = interval.state
            var cells: [Double?] = []
            var sum: UInt64 = 0
            if kind == .perCPU {
                cells.reserveCapacity(columns.count)
                for column in columns {
                    let delta = intervals.delta(row, column)
                    sum &+= delta ?? 0
                    cells.append(delta.flatMap { intervals.perSecond($0) })
                }
            } else if kind == .global {
                sum = interval.delta
                cells = [interval.isKnown ? intervals.perSecond(sum) : nil]
            }
            let isKnown = interval.isKnown && intervals.isCurrent && kind != .text
            delta = isKnown ? sum : nil
            perSecond = isKnown ? intervals.perSecond(sum) : nil
            perCPU = cells
        }
    }

    /// How long handlers took, and the share of a CPU.
    private struct Handler {
        let spans: SpanInterval
        let share: Double?

        init?(_ live: borrowing LiveState, _ spans: SpanInterval?) {
            guard let spans else { return nil }
            self.spans = spans
            share = live.tracing.share(spans.totalNanoseconds)
        }
    }

    private static let handlers = JSONFields<Handler>([
        .init("calls", \.spans.calls), .init("unhandled", \.spans.unhandled),
        .init("total_ns", \.spans.totalNanoseconds),
        .init("max_ns") { $0.spans.count > 0 ? $0.spans.maximumNanoseconds : nil },
        .init("p50_ns", \.spans.p50Nanoseconds), .init("p99_ns", \.spans.p99Nanoseconds), .init("cpu_share", \.share),
    ])

    private struct Row: InterruptRow {
        let counts: CounterRow
        let details: InterruptDetails
        let rates: Rates
        let marks: RowMarks
        let handler: Handler?

        init(_ live: borrowing LiveState, _ index: Int, _ columns: [Int]) {
            counts = live.interrupts.sample.table.row(index)
            details = live.details[live.detailIndex(index)]
            rates = Rates(live.interrupts, index, columns)
            marks = live.marks[index]
            handler = Handler(live, live.tracing.handler(details))
        }
    }

    private static let rows = JSONFields(
        RowIdentity.fields(Row.self) + [
            .init("state", \.rates.state.name), .init("delta", \.rates.delta), .init("per_s", \.rates.perSecond),
            .init("per_cpu_per_s", \.rates.perCPU), .init("marks", \.marks.names),
            .init("handler", handlers, \.handler),
        ])

    private struct Softirq {
        let name: String
        let rates: Rates
        let handler: Handler?
        let raiseLatency: Handler?

        init(_ live: borrowing LiveState, _ index: Int, _ columns: [Int]) {
            let vector = live.tracing.isOn ? live.softirqVector(index) : nil
            name = live.softirqs.sample.label(live.softirqs.sample.table.row(index))
            rates = Rates(live.softirqs, index, columns)
            handler = Handler(live, vector.flatMap { live.tracing.durations.softirq($0) })
            raiseLatency = Handler(live, vector.flatMap { live.tracing.durations.raiseLatency($0) })
        }
    }

    private static let softirqs = JSONFields<Softirq>([
        .init("name", \.name), .init("state", \.rates.state.name), .init("delta", \.rates.delta),
        .init("per_s", \.rates.perSecond), .init("per_cpu_per_s", \.rates.perCPU),
        .init("handler", handlers, \.handler), .init("raise_latency", handlers, \.raiseLatency),
    ])

    /// What interrupts took of a CPU.
    private struct Load {
        let cpu: Int
        let irqShare: Double?
        let softirqShare: Double?
        let threadShare: Double?

        init(_ live: borrowing LiveState, _ column: Int) {
            let cpu = live.interrupts.sample.table.cpu(column)
            let shares = live.cpuTimes.shares(cpu: cpu)
            self.cpu = cpu
            irqShare = live.cpuTimes.accountsIRQTime == false ? nil : shares?.irq
            softirqShare = shares?.softirq
            threadShare = live.softirqThreads.first { $0.cpu == cpu }?.share
        }
    }

    private static let loads = JSONFields<Load>([
        .init("cpu", \.cpu), .init("irq_share", \.irqShare), .init("softirq_share", \.softirqShare),
        .init("ksoftirqd_share", \.threadShare),
    ])
}

extension RowState {
    /// The word of the contract.
    var name: String {
        switch self {
        case .steady: "steady"
        case .new: "new"
        case .reset: "reset"
        }
    }
}

extension RowMarks {
    /// The marks as words for scripts.
    public var names: [String] {
        let all: [(RowMarks, String)] = [
            (.suddenRate, "sudden_rate"), (.outsideMask, "outside_mask"), (.oneOfMany, "one_of_many"),
            (.remoteNode, "remote_node"), (.unhandled, "unhandled"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}
