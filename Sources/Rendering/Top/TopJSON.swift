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
                for index in choice.rows where json.isOpen { json.object(row(live, index, choice.columns), rows) }
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
            json.member("time", live.time.wall)
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

    /// The rates at which a row moved.
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
                for delta in intervals.deltas(row, columns) {
                    sum &+= delta ?? 0
                    // No closure: it would copy the intervals for each of millions of counts.
                    if let delta { cells.append(intervals.perSecond(delta)) } else { cells.append(nil) }
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

    /// The time handlers took, and the share of a CPU.
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
        .init("calls") { $0.spans.calls }, .init("unhandled") { $0.spans.unhandled },
        .init("total_ns") { $0.spans.totalNanoseconds },
        .init("max_ns") { $0.spans.count > 0 ? $0.spans.maximumNanoseconds : nil },
        .init("p50_ns") { $0.spans.p50Nanoseconds }, .init("p99_ns") { $0.spans.p99Nanoseconds },
        .init("cpu_share") { $0.share },
    ])

    private struct Moves {
        let rates: Rates
        let marks: RowMarks
        let handler: Handler?
    }

    private static func row(_ live: borrowing LiveState, _ index: Int, _ columns: [Int]) -> LiveRow<Moves> {
        LiveRow(
            counts: live.interrupts.sample.table.row(index), details: live.details(index),
            more: Moves(
                rates: Rates(live.interrupts, index, columns), marks: live.marks[index],
                handler: Handler(live, live.handler(index))))
    }

    private static let rows = JSONFields(
        LiveRow<Moves>.identity + [
            .init("state") { $0.more.rates.state.name }, .init("delta") { $0.more.rates.delta },
            .init("per_s") { $0.more.rates.perSecond }, .init("per_cpu_per_s") { $0.more.rates.perCPU },
            .init("marks") { $0.more.marks.names }, .init("handler", handlers) { $0.more.handler },
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
        .init("name") { $0.name }, .init("state") { $0.rates.state.name }, .init("delta") { $0.rates.delta },
        .init("per_s") { $0.rates.perSecond }, .init("per_cpu_per_s") { $0.rates.perCPU },
        .init("handler", handlers) { $0.handler }, .init("raise_latency", handlers) { $0.raiseLatency },
    ])

    /// The shares of a CPU that interrupts took.
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
        .init("cpu") { $0.cpu }, .init("irq_share") { $0.irqShare }, .init("softirq_share") { $0.softirqShare },
        .init("ksoftirqd_share") { $0.threadShare },
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
