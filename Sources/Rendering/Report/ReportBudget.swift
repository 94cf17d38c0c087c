public import IRQCore

/// The verdicts on budgets: a table, and the sources of the numbers under it.
public enum ReportBudget {
    static let verdicts = Section<BudgetVerdict>(
        "budgets", "Budgets",
        [
            .init("verdict", .left("VERDICT")) { .text($0.word.rawValue) },
            .init("subject", .left("BUDGET ON")) { .text($0.limit.subject.rawValue) },
            .init("limit_ns", "LIMIT") { .nanoseconds($0.limit.nanoseconds) },
            .init("preset") { .text($0.limit.preset) }, .init("buffer") { .text($0.buffer) },
            .init("number") { .number($0.number.map { Int($0) }) }, .init("name") { .text($0.name) },
            .init("by") { .text($0.cause.map(DeepColumns.words)) },
            .init(screen: .left("WHAT")) { .text(label($0)) },
            .init("count", "COUNT") { .count($0.durations.count) },
            .init("exceeded", "ABOVE", shown: { .count($0.word == .exceeded ? $0.durations.exceededBudget : nil) }) {
                .count($0.durations.exceededBudget)
            },
            .init("share", "SHARE", shown: { .share($0.word == .exceeded ? $0.share : nil) }) { .share($0.share) },
            .init("max_ns", "MAX") { .nanoseconds($0.durations.maximumNanoseconds) },
        ])

    /// The row in words: "irq 36 virtio1-req.0", "lg 383 by irq 36 virtio1-req.0".
    public static func label(_ verdict: BudgetVerdict) -> String {
        let buffer = verdict.buffer.isEmpty ? "" : " of buffer \(verdict.buffer)"
        let label =
            switch verdict.limit.subject {
            case .hardirq: "irq \(verdict.number ?? 0) \(verdict.name)"
            case .thread: "\(verdict.name) \(verdict.number ?? 0)"
            case .wake:
                "\(verdict.name) \(verdict.number ?? 0)" + (verdict.cause.map { " by \(DeepColumns.words($0))" } ?? "")
            case .softirq, .raise: "softirq \(verdict.name)"
            case .tasklet, .vector: "\(verdict.limit.subject.rawValue) \(verdict.name)"
            case .work, .queue: "work \(verdict.name)"
            }
        return label + buffer + (verdict.recording.map { " of \($0.label)" } ?? "")
    }

    private static let limits = Columns<Budget.Limit>([
        .init("subject") { .text($0.subject.rawValue) }, .init("limit_ns") { .nanoseconds($0.nanoseconds) },
        .init("preset") { .text($0.preset) },
        .init("source") { limit in .text(Budget.presets.first { $0.name == limit.preset }?.source) },
    ])

    /// The key `budget` of a report's JSON: null if none was given.
    static func json(_ report: Report) -> Columns<Report> {
        let file = Column<BudgetVerdict>("file") { .text($0.recording?.file) }
        let rows = report.parts.isEmpty ? verdicts.columns : Columns(verdicts.columns.list + [file])
        return Columns([
            .init("limits", each: limits) { $0.budget?.limits ?? [] },
            .init("rows", each: rows) { $0.budgetVerdicts },
            .init("untested") { .texts($0.untestedLimits.map(\.subject.rawValue)) },
        ])
    }

    /// The lines under the table: sources of presets, and limits that nothing was held against.
    static func notes(_ report: Report, _ units: Units) -> [String] {
        let sources = (report.budget?.presetsUsed ?? []).map { "\($0.name): \($0.source)" }
        let untested = report.untestedLimits.map {
            "\($0.subject.rawValue) \(units.duration($0.nanoseconds)): not tested, for this report has no such durations"
        }
        return sources + untested
    }
}
