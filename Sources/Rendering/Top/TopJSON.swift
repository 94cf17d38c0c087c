public import IRQCore

/// One interval of `top` as JSON (irqscope.top.v1), on one line.
public enum TopJSON {
    /// Writes the document.
    public static func bytes(_ live: borrowing LiveState, _ choice: RowChoice) throws -> [UInt8] {
        var interrupts: [Row] = []
        for index in choice.rows {
            let row = live.interrupts.sample.table.row(index)
            let slot = live.detailIndex(index)
            interrupts.append(
                Row(
                    identity: RowIdentity(row, live.details[slot]),
                    rates: Rates(live.interrupts, index, choice.columns),
                    marks: live.marks[index].names,
                    handler: Handler(live, live.tracing.handler(live.details[slot]))))
        }
        var softirqs: [Softirq] = []
        for index in choice.softirqRows {
            let vector = live.tracing.isOn ? live.softirqVector(index) : nil
            softirqs.append(
                Softirq(
                    name: live.softirqs.sample.label(live.softirqs.sample.table.row(index)),
                    rates: Rates(live.softirqs, index, choice.softirqColumns),
                    handler: Handler(live, vector.flatMap { live.tracing.durations.softirq($0) }),
                    raiseLatency: Handler(live, vector.flatMap { live.tracing.durations.raiseLatency($0) })))
        }
        var gone: [String] = []
        for index in 0..<live.interrupts.goneCount { gone.append(live.interrupts.goneLabel(index)) }
        var loads: [Load] = []
        for column in choice.columns { loads.append(Load(live, column)) }
        return try JSONDocument.encode(
            Document(
                time: live.wallNanoseconds, intervalNs: Nullable(live.interrupts.intervalNanoseconds),
                cpus: ListJSON.cpus(live.interrupts, choice.columns), interrupts: interrupts, gone: gone,
                softirqCpus: ListJSON.cpus(live.softirqs, choice.softirqColumns), softirqs: softirqs, cpuLoad: loads,
                accountsIrqTime: Nullable(live.cpuTimes.accountsIRQTime), problems: live.problems,
                tracing: Tracing(live.tracing),
                self: Cost(cpuNs: live.cost.cpuNanoseconds, rssBytes: live.cost.residentByteCount)))
    }

    private struct Document: Encodable {
        let schema = "irqscope.top.v1"
        let time: UInt64
        let intervalNs: Nullable<UInt64>
        let cpus: [Int]
        let interrupts: [Row]
        let gone: [String]
        let softirqCpus: [Int]
        let softirqs: [Softirq]
        let cpuLoad: [Load]
        let accountsIrqTime: Nullable<Bool>
        let problems: [String]
        let tracing: Tracing
        let `self`: Cost
    }

    private struct Rates: Encodable {
        let state: String
        let delta: Nullable<UInt64>
        let perS: Nullable<Double>
        let perCpuPerS: [Nullable<Double>]

        init(_ intervals: borrowing CounterIntervals, _ row: Int, _ columns: [Int]) {
            let interval = intervals.interval(row)
            let kind = intervals.sample.table.row(row).kind
            state = interval.state.name
            var cells: [Nullable<Double>] = []
            var sum: UInt64 = 0
            if kind == .perCPU {
                for column in columns {
                    let delta = intervals.delta(row, column)
                    sum &+= delta ?? 0
                    cells.append(Nullable(delta.flatMap { intervals.perSecond($0) }))
                }
            } else if kind == .global {
                sum = interval.delta
                cells = [Nullable(interval.isKnown ? intervals.perSecond(sum) : nil)]
            }
            let isKnown = interval.isKnown && intervals.isCurrent && kind != .text
            delta = Nullable(isKnown ? sum : nil)
            perS = Nullable(isKnown ? intervals.perSecond(sum) : nil)
            perCpuPerS = cells
        }
    }

    private struct Row: Encodable {
        let identity: RowIdentity
        let rates: Rates
        let marks: [String]
        let handler: Handler?

        private enum CodingKeys: String, CodingKey { case marks, handler }

        func encode(to encoder: any Encoder) throws {
            try identity.encode(to: encoder)
            try rates.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(marks, forKey: .marks)
            try container.encode(Nullable(handler), forKey: .handler)
        }
    }

    private struct Softirq: Encodable {
        let name: String
        let rates: Rates
        let handler: Handler?
        let raiseLatency: Handler?

        private enum CodingKeys: String, CodingKey { case name, handler, raiseLatency }

        func encode(to encoder: any Encoder) throws {
            try rates.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(Nullable(handler), forKey: .handler)
            try container.encode(Nullable(raiseLatency), forKey: .raiseLatency)
        }
    }

    private struct Load: Encodable {
        let cpu: Int
        let irqShare: Nullable<Double>
        let softirqShare: Nullable<Double>
        let ksoftirqdShare: Nullable<Double>

        init(_ live: borrowing LiveState, _ column: Int) {
            cpu = live.interrupts.sample.table.cpu(column)
            let shares = live.cpuTimes.shares(cpu: cpu)
            irqShare = Nullable(live.cpuTimes.accountsIRQTime == false ? nil : shares?.irq)
            softirqShare = Nullable(shares?.softirq)
            let cpu = cpu
            ksoftirqdShare = Nullable(live.softirqThreads.first { $0.cpu == cpu }?.share)
        }
    }

    /// What was traced of a row in the interval; nothing without a trace.
    private struct Handler: Encodable {
        let calls: UInt64
        let unhandled: UInt64
        let totalNs: UInt64
        let maxNs: Nullable<UInt64>
        let p50Ns: Nullable<UInt64>
        let p99Ns: Nullable<UInt64>
        let cpuShare: Nullable<Double>

        init?(_ live: borrowing LiveState, _ spans: SpanInterval?) {
            guard let spans else { return nil }
            calls = spans.calls
            unhandled = spans.unhandled
            totalNs = spans.totalNanoseconds
            maxNs = Nullable(spans.count > 0 ? spans.maximumNanoseconds : nil)
            p50Ns = Nullable(spans.p50Nanoseconds)
            p99Ns = Nullable(spans.p99Nanoseconds)
            cpuShare = Nullable(live.tracing.share(spans.totalNanoseconds))
        }
    }

    private struct Tracing: Encodable {
        let on: Bool
        let reason: Nullable<String>
        let events: Nullable<UInt64>
        let lost: Nullable<UInt64>
        let gaps: Nullable<UInt64>
        let missingEvents: [String]

        init(_ tracing: borrowing LiveTracing) {
            on = tracing.isOn
            reason = Nullable(tracing.reason)
            events = Nullable(tracing.isOn ? tracing.durations.events : nil)
            lost = Nullable(tracing.isOn ? tracing.durations.lost : nil)
            gaps = Nullable(tracing.isOn ? tracing.durations.gaps : nil)
            missingEvents = tracing.missingEvents
        }
    }

    private struct Cost: Encodable {
        let cpuNs: UInt64
        let rssBytes: UInt64
    }
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
