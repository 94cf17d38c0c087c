internal import ArgumentParser
internal import Comparing
internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceInput

/// `irqscope diff`: what changed from one recording to another, or from several to several.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compares recordings: what got slower, and whether that is more than chance.",
        usage: """
            irqscope diff [options] A B
            irqscope diff [options] A1 A2 … -- B1 B2 …
            """,
        discussion: """
            Two recordings: each is cut into 20 slices of time; a value differs if the difference is more than 3 times its \
            standard error (jackknife over the slices) and the ratio is large: p50 and calls/s from 1.25 on, p90 and p99 \
            from 1.5, p99.9 from 3, with 50 calls beyond the percentile. How much runs differ from each other is then \
            unknown. Several recordings: the exact test by ranks (Mann-Whitney) over recordings, corrected for the number \
            of tests (Holm), and a change of 5 % (p99: 10 %) at least; seven on each side are advised, four are needed. The \
            maximum is shown and never judged. Two snapshots of counts (a copy of /proc, or what list --json printed) \
            have rates at best and no spread: nothing is judged.
            """)

    @Argument(help: ArgumentHelp("Recordings or snapshots of A and B; -- stands between several.", valueName: "file"))
    var files: [String] = []

    @OptionGroup var output: ResultOptions<DiffFormat>

    @Option(
        help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"),
        transform: OptionValue.numbers)
    var irq: NumberList?

    @Option(help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"), transform: OptionValue.numbers)
    var cpu: NumberList?

    @Option(
        help: ArgumentHelp("Only names that match this regular expression.", valueName: "regex"),
        transform: NamePattern.compile)
    var filter: NamePattern?

    @Option(
        help: ArgumentHelp(
            "Exit with 2 if it holds, such as 'p99>+50%' or 'irq=eth0* p99>+20%'.", valueName: "condition"),
        transform: DiffCommand.condition)
    var failIf: [DiffCondition] = []

    @Flag(help: "Let --fail-if hold also where the difference may be chance.")
    var noTest = false

    @Option(help: ArgumentHelp("Threads that decode. (default: one a core, at most 8)", valueName: "n"))
    var jobs: Int?

    @Sendable static func condition(_ text: String) throws -> DiffCondition {
        do {
            return try DiffCondition(text)
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// The files of each side: what stands behind `--` is the second, or each side has one file.
    private var sides: (a: [String], b: [String])? {
        guard let place = Arguments.words.firstIndex(of: "--") else {
            return files.count == 2 ? ([files[0]], [files[1]]) : nil
        }
        let count = files.count - (Arguments.words.count - place - 1)
        return count > 0 && count < files.count ? (Array(files[..<count]), Array(files[count...])) : nil
    }

    func validate() throws {
        if files.contains("") { throw ValidationError("a file's name is empty") }
        guard sides != nil else {
            if let word = files.first(where: { $0.hasPrefix("-") && $0 != "-" }) {
                throw ValidationError("Unknown option '\(word)'")
            }
            throw ValidationError("name two recordings, or several on each side: irqscope diff A1 A2 … -- B1 B2 …")
        }
        if let jobs, !(1...64).contains(jobs) {
            throw ValidationError("--jobs '\(jobs)': a number from 1 to 64 is needed")
        }
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read once only") }
    }

    func run() throws {
        guard let sides else { return }
        let target = try output.open(inputs: files)
        let isPair = sides.a.count == 1 && sides.b.count == 1
        let kinds = files.map { SavedCounts.kind($0) }
        if kinds.contains(where: { $0 != nil }) {
            guard let place = kinds.firstIndex(where: { $0 == nil }) else {
                return try compareCounts(zip(files, kinds).compactMap { path, kind in kind.map { (path, $0) } }, target)
            }
            throw CommandFailure(
                [
                    "\(SafeText.escaped(files[place])): is no snapshot of counts, as the others are: compare recordings with "
                        + "recordings, and snapshots with snapshots"
                ], status: ExitStatus.failed)
        }
        let first = try read(sides.a, isPair: isPair)
        let second = try read(sides.b, isPair: isPair)
        if cpu == nil { (first + second).forEach(NothingRead.say) }
        try checkClocks(first + second)
        choice.sayAbsent(ofAll: first + second)
        try finish(Comparison(first, second, selection), first + second, target)
    }

    private var choice: Choice { Choice(irqs: irq?.ranges, cpus: cpu.map { CPUSet($0.cpus) }, pattern: filter) }

    /// Compares two snapshots of counts.
    private func compareCounts(
        _ snapshots: [(path: String, kind: SavedCounts.Kind)], _ target: ResultOutput
    ) throws {
        guard snapshots.count == 2 else {
            throw CommandFailure(
                ["snapshots of counts are compared two at a time: irqscope diff A B"], status: ExitStatus.failed)
        }
        var problems: [String] = []
        let read = try snapshots.map { path, kind in
            do throws(SourceError) {
                return try SavedCounts.read(path, kind, cpus: cpu?.cpus, problems: &problems)
            } catch {
                throw CommandFailure([error.description], status: ExitStatus.failed)
            }
        }
        problems.forEach(Diagnostics.say)
        choice.sayAbsent(ofAll: read.map(\.report))
        try finish(Comparison(counts: read[0], read[1], selection), [], target)
    }

    private func finish(_ comparison: Comparison, _ reports: [Report], _ target: ResultOutput) throws {
        target.write { output in
            switch self.output.chosenFormat {
            case .json: DiffJSON.write(comparison, to: &output)
            case .csv: DiffCSV.write(comparison, to: &output)
            case .text:
                DiffText(comparison, style: self.output.style, width: self.output.width).write(to: &output)
            case .html: DiffHTML.write(comparison, to: &output)
            }
        }
        try target.finish()
        let status = judge(comparison, reports)
        if status != ExitStatus.done { throw CommandFailure([], status: status) }
    }

    private var selection: RowSelection {
        var selection = RowSelection()
        selection.irqs = irq?.ranges
        if let filter { selection.isNameWanted = { filter.matches($0) } }
        return selection
    }

    private func read(_ paths: [String], isPair: Bool) throws -> [Report] {
        var options = ReadOptions()
        options.analysis.cpus = cpu?.cpus
        // Nothing of the deep analysis is compared, and it costs several times the rest.
        options.analysis.isDeep = false
        options.workerCount = jobs
        options.sliceCount = isPair ? Comparison.sliceCount : 0
        return try paths.map { path in
            do throws(RecordingError) {
                return try TraceInput.report(onRecording: path, options: options)
            } catch {
                throw CommandFailure([error.description], status: ExitStatus.failed)
            }
        }
    }

    /// Ticks of one clock say nothing beside those of another.
    private func checkClocks(_ reports: [Report]) throws {
        let clocks = Set(reports.map { $0.source.isClockNanoseconds ? "" : $0.source.clock ?? "?" })
        guard clocks.count > 1, let odd = reports.first(where: { !$0.source.isClockNanoseconds }) else { return }
        throw CommandFailure(
            [
                "\(odd.source.file): its clock \"\(SafeText.escaped(odd.source.clock ?? "?"))\" counts ticks, not "
                    + "nanoseconds: compare it with recordings of the same clock"
            ], status: ExitStatus.failed)
    }

    /// The status by --fail-if: 2 if one holds, 3 if one could not be tested.
    private func judge(_ comparison: Comparison, _ reports: [Report]) -> Int32 {
        var (isHeld, isUntested) = (false, false)
        for condition in failIf {
            let (held, untested, untestable) = condition.test(comparison, isTested: !noTest)
            for row in held {
                isHeld = true
                let ratio = condition.ratio(row).map { "B/A " + Units.ratio($0) } ?? ""
                Diagnostics.say(
                    "--fail-if '\(condition.text)' holds: \(row.kind.rawValue) \(SafeText.escaped(row.name)) has \(ratio)"
                )
            }
            if !untested.isEmpty {
                Diagnostics.say(
                    "--fail-if '\(condition.text)' could not be tested on \(Self.names(untested)): there are too few calls or recordings"
                )
            }
            if let untestable {
                isUntested = true
                Diagnostics.say("--fail-if '\(condition.text)' could not be tested: \(Self.words(untestable))")
            }
        }
        if !failIf.isEmpty, reports.contains(where: { !$0.isWhole }) {
            isUntested = true
            Diagnostics.say("events were lost or could not be read: conditions were tested on what was recorded")
        }
        return isHeld ? ExitStatus.conditionHeld : isUntested ? ExitStatus.unknown : ExitStatus.done
    }

    /// Rows that one message names.
    private static let nameLimit = 8

    private static func names(_ rows: [ComparedRow]) -> String {
        let names = rows.prefix(nameLimit).map { SafeText.escaped("\($0.kind.rawValue) \($0.name)") }
        return names.joined(separator: ", ") + (rows.count > nameLimit ? " and \(rows.count - nameLimit) more" : "")
    }

    private static func words(_ reason: DiffCondition.Untestable) -> String {
        switch reason {
        case .rowAbsent(let rows):
            return rows.isEmpty
                ? "no row is on both sides" : "there is no such row on both sides; there are \(names(rows))"
        case .unmeasured: return "nothing is known of it on both sides"
        case .tooFew:
            return
                "there are too few calls or recordings to tell a difference from chance (--no-test judges the ratio alone)"
        }
    }
}
