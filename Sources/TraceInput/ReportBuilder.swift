import IRQCore

/// Makes the report of a recording: what is the same for all formats.
enum ReportBuilder {
    /// Reads all events of an open recording.
    ///
    /// - Parameter given: the recording. It has only the buffers that `options` ask for.
    static func report<Reader: RecordingReader & ~Copyable>(
        _ given: consuming Reader, _ file: borrowing MappedFile, _ options: ReadOptions
    ) throws(FormatProblem) -> Report {
        var reader = given
        var analysis = options.analysis
        analysis.fromNanoseconds = resolve(options.from, &reader, file) ?? 0
        analysis.toNanoseconds = resolve(options.to, &reader, file) ?? .max
        if options.selection.isNarrowed, analysis.slowCount > 0 || analysis.isTimelineWanted {
            analysis.selector = RowSelector(options.selection, names: try names(options.selection, &reader, file))
        }
        // Orders and ticks are no lengths of time.
        if ["counter", "uptime"].contains(reader.source.clock) { analysis.sliceNanoseconds = nil }
        if analysis.isDeep {
            analysis.taskNames = (try? reader.taskNames(file)) ?? [:]
            // These read one clock source on all CPUs (kernel/trace/trace.c, trace_clocks).
            let safe: Set = ["global", "mono", "mono_raw", "boot", "tai"]
            analysis.isClockDoubtful = !safe.contains(reader.source.clock ?? "")
        }
        var results = reader.analyze(file, analysis)
        if options.sliceCount > 0, let slices = TimeSlices(of: results, analysis, count: options.sliceCount) {
            analysis.slices = slices
            results = reader.analyze(file, analysis)
        }

        let snapshots = reader.attachment.flatMap { SnapshotAttachment($0) }
        for place in results.indices {
            results[place].addOpenEnds(snapshots, cpus: analysis.cpus, below: reader.source.cpuCount)
        }

        // Some readers find out on the way through the events what they have to tell.
        var source = reader.source
        var notes = reader.notes
        (source.file, source.compression) = (file.path, file.packing?.rawValue)
        if !source.isClockNanoseconds, let clock = source.clock {
            notes.append(
                "the trace clock \"\(clock.printable)\" does not count nanoseconds: read ns as ticks; "
                    + "high rates are not looked for, for how many ticks make a second is unknown")
        }
        source.hasChecksums = file.packing == nil ? reader.hasChecksums : true
        let symbols = symbols(results, &reader, file, &notes)
        var report = Report(
            source: source, buffers: results, symbols: symbols,
            tasks: analysis.wantsTaskNames ? try reader.taskNames(file) : [:], slowCount: analysis.slowCount,
            overrunEvents: reader.overrunEvents, notes: notes)
        report.ledger.gaps &+= UInt64(reader.missingPartCount)
        report.ledger.gapsOfUnknownSize &+= UInt64(reader.missingPartCount)
        report.ledger.unreadParts &+= UInt64(reader.unreadPartCount)
        report.budget = analysis.budget
        report.deep = deep(results, &reader, file, symbols, &report.notes)
        if source.clock == "mono", let traced = snapshots?.tracedNanoseconds { report.setTraced(traced) }
        report.clipWindow(from: analysis.fromNanoseconds, to: analysis.toNanoseconds)
        let hardware = snapshots.map { HardwareMap($0) }
        if let snapshots, let hardware { add(snapshots, hardware, to: &report, options) }
        if analysis.isTimelineWanted {
            report.addTimeline(
                of: results, symbols: symbols, tasks: (try? reader.taskNames(file)) ?? [:],
                nodes: hardware?.nodes ?? [],
                selection: options.selection)
        }
        return report
    }

    /// The deep analysis of the first buffer that has one, with names.
    private static func deep<Reader: RecordingReader & ~Copyable>(
        _ results: [BufferResult], _ reader: inout Reader, _ file: borrowing MappedFile,
        _ symbols: [UInt64: FunctionSymbol], _ notes: inout [String]
    ) -> DeepReport? {
        guard let deep = results.lazy.compactMap(\.deep).first else { return nil }
        let addresses = deep.placeAddresses
        var places: [UInt64: FunctionSymbol] = [:]
        if !addresses.isEmpty, let blob = try? reader.kallsyms(file) {
            let found = try? blob.withBytes(of: file.bytes) { (text, _) in
                SymbolNames.findAround(addresses, in: text)
            }
            places = found ?? [:]
        }
        let texts = (try? reader.kernelTexts(file)) ?? [:]
        return self.deep(of: results, functions: symbols, places: places, texts: texts, &notes)
    }

    /// The deep analysis of the first buffer that has one.
    ///
    /// - Parameters:
    ///   - functions: the functions that numbers of events stand for, or addresses.
    ///   - places: the functions that places lie in.
    ///   - texts: the kernel's texts.
    static func deep(
        of results: [BufferResult], functions: [UInt64: FunctionSymbol], places: [UInt64: FunctionSymbol],
        texts: [UInt64: String], _ notes: inout [String]
    ) -> DeepReport? {
        let analysed = results.filter { $0.deep != nil }
        // Calls over time are made of any buffer: one without events is not meant.
        let used = analysed.filter { $0.ledger.events > 0 }
        let all = used.isEmpty ? analysed : used
        guard let first = all.first, let deep = first.deep else { return nil }
        if all.count > 1 {
            let name = first.buffer.isEmpty ? "top" : first.buffer.printable
            notes.append("threads, wake-ups and shares of time are those of buffer \(name) alone: choose with --buffer")
        }
        return deep.named(functions: functions, places: places, texts: texts)
    }

    private static func resolve<Reader: RecordingReader & ~Copyable>(
        _ bound: TimeBound?, _ reader: inout Reader, _ file: borrowing MappedFile
    ) -> UInt64? {
        bound?.time(since: reader.firstTime(file) ?? 0)
    }

    /// Takes up what the recorded machine's hardware is, what its kernel counted meanwhile, and what was lost at the end.
    private static func add(
        _ snapshots: SnapshotAttachment, _ hardware: HardwareMap, to report: inout Report, _ options: ReadOptions
    ) {
        report.identify(by: hardware)
        if report.deep != nil, let tasks = snapshots.chosenTasks {
            report.notes.append(
                "only switches and wake-ups of some tasks were recorded (\(tasks.printable)): which task had a CPU is known where "
                    + "an event tells it, so shares of CPUs and time stolen from tasks are not exact")
        }
        if let trigger = snapshots.trigger {
            // Recordings have it in ASCII.
            let reason = trigger.reason.printable.replacing(" us on CPU ", with: " µs on CPU ")
            report.notes.append("the recording was written because \(reason)")
            // It has the time of this clock.
            if report.source.clock == "mono" { report.triggerNanoseconds = trigger.timeNanoseconds }
        }
        report.addMissing(
            snapshots.missingEvents, cpus: options.analysis.cpus,
            overrun: snapshots.isFromStart ? report.overrunEvents : nil)
        // The counts are those of the whole recording: a part of it cannot be compared with them.
        if options.from == nil, options.to == nil, options.analysis.cpus == nil, options.buffer == nil {
            report.coverage = Coverage(
                snapshots, irqs: report[.irq], vectors: report[.vector], softirqs: report[.softirq])
        }
    }

    // MARK: - Names

    /// The names by which rows are selected while they are made. The recording's kallsyms, which may be packed, are
    /// unpacked and looked through for that only if they are needed, and then once.
    private static func names<Reader: RecordingReader & ~Copyable>(
        _ selection: RowSelection, _ reader: inout Reader, _ file: borrowing MappedFile
    ) throws(FormatProblem) -> SpanNames {
        var names = SpanNames(vectors: reader.vectorNames)
        guard selection.isNameWanted != nil, reader.hasFunctions else { return names }
        let blob: Blob?
        do throws(FormatProblem) {
            blob = try reader.kallsyms(file)
        } catch {
            return names  // told when the rows get their names
        }
        guard let blob else { return names }
        let table = try blob.withBytes(of: file.bytes) { (text, _) in SymbolTable(copying: text) }
        names.function = { table.symbol(at: $0) }
        return names
    }

    private static func symbols<Reader: RecordingReader & ~Copyable>(
        _ results: [BufferResult], _ reader: inout Reader, _ file: borrowing MappedFile, _ notes: inout [String]
    ) -> [UInt64: FunctionSymbol] {
        let addresses = results.reduce(into: Set<UInt64>()) { $0.formUnion($1.functionAddresses) }
        guard !addresses.isEmpty else { return [:] }
        do {
            guard let blob = try reader.kallsyms(file) else { return [:] }
            return try blob.withBytes(of: file.bytes) { (text, _) in SymbolNames.find(addresses, in: text) }
        } catch {
            notes.append("work functions have no names: \(error.problem)")
            return [:]
        }
    }
}
