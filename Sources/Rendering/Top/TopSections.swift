internal import IRQCore

/// The tables of `top`: what moved in an interval.
enum TopSections {
    /// The rate of a row on a CPU, or on all of them (no CPU).
    struct Rate {
        let cpu: Int?
        let delta: UInt64?
        let perSecond: Double?

        /// - Parameter delta: nil where it is not known.
        init(_ intervals: borrowing CounterIntervals, cpu: Int? = nil, _ delta: UInt64?) {
            (self.cpu, self.delta) = (cpu, delta)
            // No closure: it would copy the intervals for each of millions of counts.
            if let delta { perSecond = intervals.perSecond(delta) } else { perSecond = nil }
        }
    }

    /// The moves of a row: rates, marks, and what its handlers took.
    struct Moves {
        let state: RowState
        let all: Rate
        /// One for each chosen CPU, or one for the machine.
        let perCPU: [Rate]
        var marks = RowMarks()
        var handler: Handler?
        var raiseLatency: Handler?

        init(_ intervals: borrowing CounterIntervals, _ row: Int, _ columns: [Int]) {
            let interval = intervals.interval(row)
            let kind = intervals.sample.table.row(row).kind
            state = interval.state
            var rates: [Rate] = []
            var sum: UInt64 = 0
            if kind == .perCPU {
                rates.reserveCapacity(columns.count)
                for (place, delta) in intervals.deltas(row, columns).enumerated() {
                    sum &+= delta ?? 0
                    rates.append(Rate(intervals, cpu: intervals.sample.table.cpu(columns[place]), delta))
                }
            } else if kind == .global {
                sum = interval.delta
                rates.append(Rate(intervals, interval.isKnown ? sum : nil))
            }
            let isKnown = interval.isKnown && intervals.isCurrent && kind != .text
            all = Rate(intervals, isKnown ? sum : nil)
            perCPU = rates
        }
    }

    /// The time handlers took, and the share of a CPU.
    struct Handler {
        let spans: SpanInterval
        let share: Double?
        /// The longest since the start, and when it began.
        let longest: (nanoseconds: UInt64, timeNanoseconds: UInt64)?

        init?(_ live: Box, _ place: SpanPlace?) {
            guard let place else { return nil }
            spans = live.tracing.durations.interval(place)
            share = live.tracing.share(spans.totalNanoseconds)
            longest = live.tracing.durations.longest(place)
        }
    }

    typealias Row = LiveRow<Moves>

    /// The columns of a row on one CPU.
    static let rates = Columns<Rate>([
        .init("cpu") { .number($0.cpu) }, .init("delta") { .count($0.perSecond == nil ? nil : $0.delta) },
        .init("per_s") { .perSecond($0.perSecond) },
    ])

    private static let handlers = Columns<Handler>([
        .init("calls") { .count($0.spans.calls) }, .init("unhandled") { .count($0.spans.unhandled) },
        .init("total_ns") { .nanoseconds($0.spans.totalNanoseconds) },
        .init("max_ns") { .nanoseconds($0.spans.longestNanoseconds) },
        .init("p50_ns") { .nanoseconds($0.spans.p50Nanoseconds) },
        .init("p99_ns") { .nanoseconds($0.spans.p99Nanoseconds) },
        .init("cpu_share") { .share($0.share) }, .init("peak_ns") { .nanoseconds($0.longest?.nanoseconds) },
        .init("peak_time_ns") { .stamp($0.longest?.timeNanoseconds) },
    ])

    private static let moves: [Column<Row>] = [
        .init("state") { .text($0.more.state.name) }, .init("delta", in: .json) { .count($0.more.all.delta) },
        .init("per_s", in: .json) { .perSecond($0.more.all.perSecond) },
        .init("per_cpu_per_s", in: .json) { .rates($0.more.perCPU.map(\.perSecond)) },
        .init("handler", handlers) { $0.more.handler },
    ]

    static let interrupts = Section<Row>(
        "interrupts", "",
        Row.identity + moves + Row.facts(in: .json) + [.init("marks", in: .json) { .texts($0.more.marks.names) }])
    static let softirqs = Section<Row>(
        "softirqs", "",
        [.init("name") { .text($0.details.label) }] + moves + [
            .init("raise_latency", handlers) { $0.more.raiseLatency }
        ])

    static func interrupt(_ live: Box, _ index: Int, _ columns: [Int]) -> Row {
        var moves = Moves(live.interrupts, index, columns)
        moves.marks = live.marks[index]
        moves.handler = Handler(live, live.handlerPlace(index))
        return Row(live.interrupts.sample.table.row(index), live.details(index), moves)
    }

    static func softirq(_ live: Box, _ index: Int, _ columns: [Int]) -> Row {
        let row = live.softirqs.sample.table.row(index)
        var moves = Moves(live.softirqs, index, columns)
        moves.handler = Handler(live, live.softirqPlace(index))
        moves.raiseLatency = Handler(live, live.raisePlace(index))
        return Row(row, softirq: live.softirqs.sample.label(row), moves)
    }

    // MARK: CPUs

    /// The shares of a CPU that interrupts took.
    struct Load {
        let cpu: Int
        let irqShare: Double?
        let softirqShare: Double?
        let threadShare: Double?
        /// The shares that the trace saw.
        let traced: (irq: Double, softirq: Double)?

        init(_ live: Box, _ column: Int) {
            let cpu = live.interrupts.sample.table.cpu(column)
            let shares = live.cpuTimes.shares(cpu: cpu)
            self.cpu = cpu
            irqShare = live.cpuTimes.accountsIRQTime == false ? nil : shares?.irq
            softirqShare = shares?.softirq
            traced = live.tracing.shares(cpu: cpu)
            threadShare = live.softirqThreads.first { $0.cpu == cpu }?.share
        }
    }

    static let loads = Section<Load>(
        "cpu_load", "",
        [
            .init("cpu") { .number($0.cpu) }, .init("irq_share") { .share($0.irqShare) },
            .init("softirq_share") { .share($0.softirqShare) }, .init("ksoftirqd_share") { .share($0.threadShare) },
            .init("traced_irq_share") { .share($0.traced?.irq) },
            .init("traced_softirq_share") { .share($0.traced?.softirq) },
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
