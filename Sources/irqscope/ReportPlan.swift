internal import ArgumentParser
internal import IRQCore
internal import Rendering
internal import TraceInput

/// The way in which rows of several recordings are put together.
enum ReportGrouping: String, CaseIterable {
    /// Apart.
    case file
}

/// The values of the options of `irqscope report`.
struct ReportPlan {
    static let sortKeys = SortKey.allCases.map(\.rawValue).joined(separator: ", ")
    static let presetNames = Budget.presets.map(\.name).joined(separator: ", ")
    static let sectionNames = ReportCSV.all.map(\.name).joined(separator: ", ")

    let irq: NumberList?
    let cpu: NumberList?
    let filter: NamePattern?
    let time: TimeWindow?
    let buffer: String?
    let sort: SortKey
    let slowCount: Int
    let failConditions: [FailTest]
    let budget: Budget?
    let task: TaskChoice?
    let stormRate: UInt64
    let jobs: Int?
    let intervalNanoseconds: UInt64?
    let formats: String?
    /// True unless the deep analysis is to be left out.
    private(set) var isDeep: Bool
    /// The length of a slice of time; nil grows with the recording.
    let sliceNanoseconds: UInt64?
    /// True if the course over time is wanted, for pictures.
    private(set) var isTimelineWanted: Bool
    /// True if the report is one of several recordings, or has the form of one.
    let isOfSeveral: Bool
    /// True if durations are counted by fixed limits.
    let countsBuckets: Bool
    /// The tables of CSV, in the order they were named; none if none was.
    let sections: [ReportCSV]

    /// Takes the options; throws a `ValidationError` at the first that does not fit.
    init(_ command: ReportCommand) throws {
        (irq, cpu, time) = (command.irq, command.cpu, command.time)
        filter = command.ignoreCase ? command.filter?.ignoringCase() : command.filter
        buffer = command.buffer
        sort = command.sort ?? .total
        slowCount = command.slow ?? 0
        failConditions = command.failIf
        budget = command.budget
        task = command.task
        stormRate = command.stormRate ?? StormCriteria.usualRatePerSecond
        jobs = command.jobs
        intervalNanoseconds = command.every
        formats = command.formats
        isOfSeveral = command.files.count > 1 || command.by == .file
        isTimelineWanted = command.output.chosenFormat == .html && !isOfSeveral
        let isMerged = isOfSeveral && command.by == nil
        countsBuckets = command.output.chosenFormat == .prometheus
        let isOfNoUse = countsBuckets && command.failIf.isEmpty && command.task == nil
        isDeep = command.deep ?? !(isMerged || isOfNoUse)
        sliceNanoseconds = command.every
        if isOfSeveral, command.every != nil {
            throw ValidationError(
                "--every reports intervals of one recording, and the clocks of several have nothing in common: name one"
            )
        }
        if isMerged, command.task != nil || command.deep == true {
            throw ValidationError(
                "--deep and --task show tasks, which are those of one recording: name one, or add --by file")
        }
        if !isDeep, command.task != nil || command.every != nil {
            throw ValidationError("--task and --every show parts of what --no-deep leaves out")
        }
        if isMerged, slowCount > 0, irq != nil {
            throw ValidationError(
                "--slow with --irq: interrupts have other numbers in each recording; choose by name with --filter, or add "
                    + "--by file")
        }
        sections = command.section.flatMap { $0 }
        if !(0...10_000).contains(slowCount) {
            throw ValidationError("--slow '\(slowCount)': a number from 0 to 10000 is needed")
        }
        if let jobs, !(1...64).contains(jobs) {
            throw ValidationError("--jobs '\(jobs)': a number from 1 to 64 is needed")
        }
        if budget == nil, failConditions.contains(where: \.isBudget) {
            throw ValidationError("--fail-if budget tests the limits of --budget, such as --budget windows")
        }
        if stormRate == 0 { throw ValidationError("--storm-rate '0': a number from 1 on is needed") }
    }

    /// The tables that a list of names asks for.
    @Sendable static func sections(_ list: String) throws -> [ReportCSV] {
        try list.split(separator: ",", omittingEmptySubsequences: false).map { name in
            try OptionValue.known(
                ReportCSV.all.first { $0.name == name },
                "\(OptionValue.subject(name, of: list)) is none of \(sectionNames)")
        }
    }

    /// The limits of --budget.
    @Sendable static func budget(_ text: String) throws -> Budget {
        do {
            return try Budget(text)
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// The same of the only one of several recordings that can be read.
    func ofOne(_ command: ReportCommand) -> ReportPlan {
        var plan = self
        (plan.isTimelineWanted, plan.isDeep) = (command.output.chosenFormat == .html, command.deep ?? true)
        return plan
    }

    /// True if some rows or spans may be left out.
    var isNarrowed: Bool { irq != nil || cpu != nil || filter != nil || time != nil }

    /// The options for reading the recording.
    var readOptions: ReadOptions {
        var options = ReadOptions()
        options.analysis.cpus = cpu?.cpus
        options.analysis.slowCount = slowCount
        options.analysis.isDeep = isDeep
        options.analysis.isTimelineWanted = isTimelineWanted
        options.analysis.budget = budget
        options.analysis.countsBuckets = countsBuckets
        options.analysis.lateCount = slowCount > 0 ? slowCount : task == nil ? 1 : 10
        if let task { options.analysis.isTaskWanted = { task.contains(name: $0, pid: $1) } }
        options.analysis.sliceNanoseconds = sliceNanoseconds
        options.analysis.storm = StormCriteria(ratePerSecond: stormRate)
        options.workerCount = jobs
        options.intervalNanoseconds = intervalNanoseconds
        options.selection = selection
        options.buffer = buffer.map { $0 == "top" ? "" : $0 }
        options.from = time?.from
        options.to = time?.to
        return options
    }

    /// The formats of events that --formats names.
    func givenFormats() throws -> GivenFormats? { try FormatsChoice.givenFormats(formats) }

    /// The rows to show.
    var selection: RowSelection {
        var selection = RowSelection()
        selection.irqs = irq?.ranges
        if let filter { selection.isNameWanted = { filter.matches($0) } }
        return selection
    }
}
