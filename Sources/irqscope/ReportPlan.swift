internal import ArgumentParser
internal import IRQCore
internal import TraceInput

/// What the options of `irqscope report` ask for.
struct ReportPlan {
    static let sortKeys = SortKey.allCases.map(\.rawValue).joined(separator: ", ")

    let irq: NumberList?
    let cpu: NumberList?
    let filter: NamePattern?
    let time: TimeWindow?
    let buffer: String?
    let sort: SortKey
    let slowCount: Int
    let failConditions: [FailCondition]
    let stormRate: UInt64
    let jobs: Int?

    /// Reads the options' texts; throws a `ValidationError` at the first that is wrong.
    init(_ command: ReportCommand) throws {
        irq = try OptionParsing.last(of: command.irq, "--irq <list>") { try NumberList($0) }
        cpu = try OptionParsing.last(of: command.cpu, "--cpu <list>") { try NumberList($0) }
        filter = try OptionParsing.last(of: command.filter, "--filter <regex>") { try NamePattern.compile($0) }
        time = try OptionParsing.last(of: command.time, "--time <from,to>") { try TimeWindow($0) }
        buffer = command.buffer.last
        sort = try OptionParsing.last(of: command.sort, "--sort <key>", Self.sortKey) ?? .total
        slowCount = try OptionParsing.last(of: command.slow, "--slow <n>") { Int($0) } ?? 0
        failConditions = try OptionParsing.all(of: command.failIf, "--fail-if <condition>", Self.condition)
        stormRate = try OptionParsing.last(of: command.stormRate, "--storm-rate <rate>") { UInt64($0) } ?? 20_000
        jobs = try OptionParsing.last(of: command.jobs, "--jobs <n>") { Int($0) }
        if !(0...10_000).contains(slowCount) {
            throw ValidationError("--slow takes a number from 0 to 10000, not \(slowCount)")
        }
        if let jobs, !(1...64).contains(jobs) {
            throw ValidationError("--jobs takes a number from 1 to 64, not \(jobs)")
        }
        if stormRate == 0 { throw ValidationError("--storm-rate takes a number from 1 on") }
    }

    private static func sortKey(_ text: String) throws -> SortKey {
        guard let key = SortKey(rawValue: text) else { throw ValidationError("it is none of \(sortKeys)") }
        return key
    }

    private static func condition(_ text: String) throws -> FailCondition {
        let condition: FailCondition
        do {
            condition = try FailCondition(text)
        } catch {
            throw ValidationError(error.message)
        }
        guard condition.isMeasurable else {
            throw ValidationError("with cpu=N only calls, total, max, mean and share are known")
        }
        return condition
    }

    /// Whether some rows or spans may be left out.
    var isNarrowed: Bool { irq != nil || cpu != nil || filter != nil || time != nil }

    /// How the recording is read.
    var readOptions: ReadOptions {
        var options = ReadOptions()
        options.analysis.cpus = cpu?.numbers(below: 65_536)
        options.analysis.slowCount = slowCount
        options.analysis.storm = StormCriteria(ratePerSecond: stormRate)
        options.workerCount = jobs
        options.selection = selection
        options.buffer = buffer.map { $0 == "top" ? "" : $0 }
        options.from = time?.from
        options.to = time?.to
        return options
    }

    /// The rows to show.
    var selection: RowSelection {
        var selection = RowSelection()
        selection.irqs = irq?.ranges
        if let filter { selection.isNameWanted = { filter.matches($0) } }
        return selection
    }
}
