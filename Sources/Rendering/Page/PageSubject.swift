internal import IRQCore

/// The words for what a picture is of.
struct PageSubject {
    let report: Report

    /// "irq 36 virtio1-req.0", "cyclictest 383": without the statistic.
    func label(_ subject: HeatMap.Subject) -> String {
        switch subject {
        case .row(let row, _): RowLabel.words(row, in: report)
        case .wake(let name, let pid), .task(let name, let pid): LateColumns.task(name, pid)
        }
    }

    /// The class of style of a span.
    static func style(_ subject: HeatMap.Subject) -> String {
        switch subject {
        case .row(let row, _): row.kind.rawValue
        case .wake: "wake"
        case .task: "task"
        }
    }

    /// The statistic in words: "time of each call".
    static func statistic(_ subject: HeatMap.Subject) -> String {
        switch subject {
        case .row(let row, .duration): row.kind == .irq ? "the time of each call" : "the time of each run"
        case .row(_, .raiseLatency): "the wait from each raise to entry"
        case .row(_, .queueLatency): "the wait of each in its queue"
        case .wake: "the wait from each wake-up to running"
        case .task: "the time of each run"
        }
    }

    /// "calls", "runs", "waits": the things that are counted.
    static func things(_ subject: HeatMap.Subject) -> (one: String, many: String) {
        switch subject {
        case .row(let row, .duration): row.kind == .irq ? ("call", "calls") : ("run", "runs")
        case .task: ("run", "runs")
        case .row, .wake: ("wait", "waits")
        }
    }

    /// "487 calls", "485 finished of 487 calls": only what was seen from its begin to its end has a time.
    static func finished(_ count: UInt64, of all: UInt64?, _ things: (one: String, many: String)) -> String {
        guard let all, all > count else { return PageText.count(count, things.one, things.many) }
        return "\(Units.count(count)) finished of \(PageText.count(all, things.one, things.many))"
    }

    /// True for times that were waited, in which nothing of the subject ran.
    static func isWait(_ subject: HeatMap.Subject) -> Bool {
        switch subject {
        case .row(_, .duration), .task: false
        case .row, .wake: true
        }
    }

    /// The statistics; nil if the report has none.
    func summary(_ subject: HeatMap.Subject) -> DurationSummary? {
        switch subject {
        case .row(let key, let measure):
            return report.rows.first { PageKey($0.key) == PageKey(key) }.map { $0[measure] }
        case .wake(let name, let pid):
            var all = DurationSummary()
            for wake in report.deep?.wakes ?? [] where wake.name == name && wake.pid == pid { all.add(wake.latency) }
            return all.count > 0 ? all : nil
        case .task: return nil
        }
    }
}
