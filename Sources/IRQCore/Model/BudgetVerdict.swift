/// The verdict on the durations of one row that have a budget.
public struct BudgetVerdict: Sendable {
    /// The word on a budget.
    public enum Word: String, Sendable {
        /// No duration was above it.
        case kept
        /// One was.
        case exceeded
    }

    /// The limit.
    public let limit: Budget.Limit
    /// The buffer of the row; "" is the top-level one, and that of the deep analysis.
    public let buffer: String
    /// The number of the interrupt or softirq, or the pid of a thread or task; nil for functions and vectors.
    public let number: Int64?
    /// The name of the row. Untrusted text.
    public let name: String
    /// The recording of the row in a report of several; nil where rows were added up.
    public let recording: RowKey.Recording?
    /// The cause that woke the task; nil but for wake-ups.
    public let cause: DeepReport.Cause?
    /// The durations.
    public let durations: DurationSummary

    /// The verdict.
    public var word: Word { durations.exceededBudget == 0 ? .kept : .exceeded }

    /// The part of the durations that was above the budget.
    public var share: Double { Double(durations.exceededBudget) / Double(max(durations.count, 1)) }
}

extension Report {
    /// A verdict for each row that has durations with a budget: for each limit, those first that exceed it most often.
    public var budgetVerdicts: [BudgetVerdict] {
        (budget?.limits ?? []).flatMap { limit in
            verdicts(limit).filter { $0.durations.count > 0 }.enumerated().sorted {
                ($1.element.share, $0.offset) < ($0.element.share, $1.offset)
            }.map(\.element)
        }
    }

    /// The limits that nothing could be held against: such durations were not recorded, or their clock has no unit.
    public var untestedLimits: [Budget.Limit] {
        let tested = Set(budgetVerdicts.map(\.limit.subject))
        return (budget?.limits ?? []).filter { !tested.contains($0.subject) }
    }

    private func verdicts(_ limit: Budget.Limit) -> [BudgetVerdict] {
        guard source.isClockNanoseconds else { return [] }
        if let (kind, measure) = limit.subject.row {
            return rows.filter { $0.kind == kind }.map { row in
                BudgetVerdict(
                    limit: limit, buffer: row.buffer, number: row.key.shownNumber, name: row.name,
                    recording: row.key.recording, cause: nil, durations: row[measure])
            }
        }
        // Of several recordings each has a deep analysis of its own.
        let parts = parts.enumerated().map { place, part in
            (part.deep, RowKey.Recording(place: place, file: part.source.file, label: part.source.file))
        }
        return ([(deep, nil)] + parts).flatMap { deep, recording in
            deep.map { Self.verdicts(limit, $0, recording) } ?? []
        }
    }

    private static func verdicts(
        _ limit: Budget.Limit, _ deep: DeepReport, _ recording: RowKey.Recording?
    ) -> [BudgetVerdict] {
        if limit.subject == .thread {
            return deep.threads.filter { $0.kind == .irqThread }.map { thread in
                BudgetVerdict(
                    limit: limit, buffer: "", number: thread.pid, name: thread.name, recording: recording, cause: nil,
                    durations: thread.wakeLatency)
            }
        }
        return deep.wakes.map { wake in
            BudgetVerdict(
                limit: limit, buffer: "", number: wake.pid, name: wake.name, recording: recording, cause: wake.cause,
                durations: wake.latency)
        }
    }
}
