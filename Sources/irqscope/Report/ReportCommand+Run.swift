internal import IRQCore
internal import Rendering
internal import TraceInput

extension ReportCommand {
    func run() throws {
        let plan = try ReportPlan(self)
        if plan.slowCount == 0, plan.sections.contains(where: { $0.name == "slowest" }) {
            Diagnostics.say("--section slowest has rows with --slow only, such as --slow 10")
        }
        let formats = try plan.givenFormats()
        let target = try output.open(inputs: files)
        var statuses: Set<Int32> = []
        if plan.isOfSeveral {
            runSeveral(plan, formats, target, &statuses)
        } else {
            runOne(files.first ?? "-", plan, formats, target, &statuses)
        }
        // A recording that cannot be read leaves no file behind.
        if target.isWritten { try target.finish() }
        // A failure goes before a condition that held, and that before one that could not be tested.
        let order = [ExitStatus.failed, ExitStatus.conditionHeld, ExitStatus.untested]
        if let status = order.first(where: { statuses.contains($0) }) { throw CommandFailure([], status: status) }
    }

    /// Reports a recording, or each interval of a text.
    private func runOne(
        _ path: String, _ plan: ReportPlan, _ formats: GivenFormats?, _ target: ResultOutput,
        _ statuses: inout Set<Int32>, notes: [String] = []
    ) {
        var isFirst = true
        let failure = read(path, plan, formats) { given in
            var report = given
            report.notes.insert(contentsOf: notes, at: 0)
            let isRead = show(report, plan, target, isFirst: isFirst, &statuses)
            isFirst = false
            // Nobody reads the output any more: what follows matters only for the exit status.
            return isRead || !plan.failConditions.isEmpty
        }
        if failure != nil { statuses.insert(ExitStatus.failed) }
    }

    /// Reports several recordings together. One that cannot be read does not keep the others from being reported.
    private func runSeveral(
        _ plan: ReportPlan, _ formats: GivenFormats?, _ target: ResultOutput, _ statuses: inout Set<Int32>
    ) {
        var merger = ReportMerger(files: files, isByFile: by == .file, slowCount: plan.slowCount)
        var (readable, failures): ([String], [String]) = ([], [])
        for path in files.isEmpty ? ["-"] : files {
            var mismatch: String?
            let failure = read(path, plan, formats) { report in
                do throws(ReportMerger.Mismatch) {
                    try merger.add(report)
                } catch {
                    mismatch = words(error)
                }
                return true
            }
            if let mismatch { Diagnostics.say(SafeText.escaped(mismatch)) }
            guard let sentence = failure ?? mismatch else {
                readable.append(path)
                continue
            }
            statuses.insert(ExitStatus.failed)
            merger.addFailure("left out: " + sentence)
            failures.append("left out: " + sentence)
        }
        // A page of one recording has pictures and findings; it is read for them once more.
        if output.chosenFormat == .html, by == nil, readable.count == 1, readable[0] != "-",
            FileKind.isFile(readable[0])
        {
            return runOne(readable[0], plan.ofOne(self), formats, target, &statuses, notes: failures)
        }
        if let report = merger.report() { _ = show(report, plan, target, isFirst: true, &statuses) }
    }

    private func words(_ mismatch: ReportMerger.Mismatch) -> String {
        func times(_ clock: String?) -> String { clock.map { "ticks of the clock \"\($0)\"" } ?? "nanoseconds" }
        return "\(mismatch.file): its times are \(times(mismatch.clock)) and those of \(mismatch.firstFile) "
            + "\(times(mismatch.firstClock)), which have no sum; report it by itself"
    }

    /// Reads a recording. What was read up to Ctrl-C is reported.
    ///
    /// - Returns: why nothing could be said, which the user has been told; nil if something could.
    private func read(
        _ path: String, _ plan: ReportPlan, _ formats: GivenFormats?, _ take: (Report) -> Bool
    ) -> String? {
        let interrupt = path == "-" && StandardInput.isPipe ? ReadingInterrupt() : nil
        var options = plan.readOptions
        options.formats = formats
        options.stopDescriptor = interrupt?.descriptor
        do throws(RecordingError) {
            if every == nil {
                let report = try TraceInput.report(onRecording: path, options: options)
                interrupt?.end()
                if !plan.isNarrowed, buffer == nil { NothingRead.say(report) }
                _ = take(report)
            } else {
                try TraceInput.reports(onText: path, options: options, take: take)
            }
            return nil
        } catch {
            Diagnostics.say(error.description)
            interrupt?.deliver()
            return error.description
        }
    }

    /// Writes a report and tests the conditions on it; false if nobody reads the output any more.
    private func show(
        _ given: Report, _ plan: ReportPlan, _ target: ResultOutput, isFirst: Bool, _ statuses: inout Set<Int32>
    ) -> Bool {
        let report = shown(given, plan)
        if output.chosenFormat == .prometheus, !report.source.isClockNanoseconds {
            Diagnostics.say(
                "\(report.source.file): its clock does not count nanoseconds, and Prometheus wants seconds; use --format json"
            )
            statuses.insert(ExitStatus.failed)
            return true
        }
        let held = FailReport(plan.failConditions, report, path: report.source.file, units: units(report))
        statuses.insert(held.status)
        let isRead = write(report, plan, target, isFirst: isFirst)
        held.messages.forEach(Diagnostics.say)
        return isRead
    }

    /// The report with the rows that were asked for, in their order.
    private func shown(_ given: Report, _ plan: ReportPlan) -> Report {
        var report = given
        let isEmpty = report.isEmpty
        let choice = Choice(irqs: plan.irq?.ranges, cpus: plan.cpu.map { CPUSet($0.cpus) }, pattern: plan.filter)
        let isAbsent = choice.sayAbsent(of: report)
        report.select(plan.selection)
        report.sort(by: plan.sort, reversed: reverse)
        if let task {
            if every == nil { sayAbsent(task, in: report) }
            report.select(task: { task.contains(name: $0, pid: $1) })
        }
        if report.isEmpty, plan.isNarrowed, !isAbsent, !isEmpty || report.ledger.usedEvents > 0 {
            Diagnostics.say("\(report.source.file): nothing is left by --irq, --cpu, --filter or --time; widen them")
        }
        return report
    }

    /// Says so if --task chooses nobody.
    private func sayAbsent(_ task: TaskChoice, in report: Report) {
        let deep = ([report] + report.parts).compactMap(\.deep)
        if deep.isEmpty {
            Diagnostics.say(
                "\(report.source.file): it has no events of the scheduler, so that --task shows nothing; record with --deep"
            )
        } else if !deep.contains(where: { $0.has { task.contains(name: $0, pid: $1) } }) {
            Diagnostics.say(
                "\(report.source.file): no task that matches --task was woken by interrupts, or lost time to them")
        }
    }

    private func units(_ report: Report) -> Units {
        Units(isUnicode: output.style.isUnicode, isTime: report.source.isClockNanoseconds)
    }

    /// Writes the report; false if nobody reads any more.
    private func write(_ report: Report, _ plan: ReportPlan, _ target: ResultOutput, isFirst: Bool) -> Bool {
        switch output.chosenFormat {
        case .json:
            return target.write { ReportJSON.write(report, to: &$0) }
        case .csv:
            let isRead = target.write { writeCSV(report, plan.sections, isFirst: isFirst, to: &$0) }
            if !report.isWhole, !plan.sections.contains(where: { $0.name == "events" }) {
                Diagnostics.say(
                    "\(report.source.file): events were lost or could not be read, which CSV does not tell; see --format text or --section events"
                )
            }
            return isRead
        case .prometheus:
            var sums = HandlerSums()
            sums.add(
                report, nanoseconds: report.windowNanoseconds ?? 0,
                lostEvents: report.ledger.lostEvents &+ report.ledger.callsBeyondRowLimit,
                limit: HandlerSums.defaultLimit)
            // A count of 0 would say that nothing was lost.
            let isUnknown = report.isLossUnknown && sums.lostEvents == 0
            return target.write { $0.put(HandlerFamilies.text(sums, tellsLosses: !isUnknown)) }
        case .text:
            return target.write { output in
                if every != nil, !isFirst { output.put("\n") }
                ReportText(report, style: self.output.style, options: textOptions(plan)).write(to: &output)
            }
        case .html:
            let page = ReportHTML(report, sort: plan.sort, isWhole: plan.irq == nil && plan.filter == nil)
            return target.write { page.write(to: &$0) }
        }
    }

    /// Writes tables as CSV. Several of them have an empty line in between, and titles for each interval; those of one table
    /// continue each other.
    private func writeCSV(_ report: Report, _ tables: [ReportCSV], isFirst: Bool, to output: inout ByteOutput) {
        guard tables.count > 1 else {
            return (tables.first ?? ReportCSV.all[0]).write(report, hasTitle: isFirst, to: &output)
        }
        for (place, table) in tables.enumerated() {
            if place > 0 || !isFirst { output.put("\n") }
            table.write(report, to: &output)
        }
    }

    private func textOptions(_ plan: ReportPlan) -> ReportText.Options {
        var options = ReportText.Options()
        options.showsHistograms = histogram
        options.showsCPUs = perCpu
        options.showsSlowest = plan.slowCount > 0
        options.showsLoads = plan.irq == nil && plan.filter == nil
        options.sort = plan.sort
        options.showsDeep = deep ?? (task != nil)
        options.showsSlices = every != nil
        options.width = output.width
        return options
    }
}
