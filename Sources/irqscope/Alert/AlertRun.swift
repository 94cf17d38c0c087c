internal import FilePlaces
internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// One run of `alert`: reads the state, samples, judges, tells, and writes the state.
///
/// A change is told before the state says so: a run that is killed in between is repeated by the next one, and none
/// is lost.
struct AlertRun: ~Copyable {
    private let options: AlertCommand
    private let roots: KernelRoots
    private let rules: AlertRules
    private let clock: KernelClock
    private var source: LiveSource
    private var closeLook: CloseLook
    private var box = Box(keepsHistory: false)
    private var report = AlertReport()
    private var state = AlertState()
    private var bootID = ""
    private var metrics: MetricsFile?
    /// True if the sample may lack rows behind its end: it is no baseline, and a row that is not in it is not gone.
    private var isSampleCut = false
    /// Without the lock the state is read, but not written.
    private var isLocked = true

    /// Less than this says nothing about rates: the sample of the run before is kept.
    private static let shortestInterval: UInt64 = 200_000_000
    /// A run that has waited for another one repeats its verdicts, unless they are as old as this: otherwise each of many runs at
    /// once would look at the same storm for a second, one after the other.
    private static let freshInterval: UInt64 = 5_000_000_000

    /// A sample for bursts has so many parts.
    private static let partCount: UInt64 = 10

    init(_ options: AlertCommand, _ rules: AlertRules) {
        (self.options, self.rules, roots) = (options, rules, options.source.roots)
        clock = KernelClock(roots)
        source = LiveSource(roots, clock: clock)
        closeLook = CloseLook(roots)
        report.rates = rules.rates
        report.clock = { KernelClock.text(wallNanoseconds: $0) }
    }

    /// Runs, and returns what to exit with.
    mutating func run() -> Int32 {
        report.time = clock.now()
        report.isMaintenance = rules.maintenance.contains {
            $0.contains(KernelClock.local(wallNanoseconds: report.time.wall))
        }
        bootID = KernelRelease.bootID(roots)
        let isMetricsReady = prepareMetrics()
        if let interval = options.interval {
            // The interval is not waited for if the metrics cannot be written afterwards.
            if isMetricsReady { watch(interval) }
            return tell(report.findings)
        }
        let path = options.state ?? StateStore.defaultPath()
        do throws(FilePlaceError) {
            return run(try StateStore(path: path))
        } catch {
            fail("\(path): \(error.problem); \(StateStore.advice(path, error))")
            return tell([])
        }
    }

    private mutating func run(_ store: consuming StateStore) -> Int32 {
        switch store.lock() {
        case nil: break
        case .unwritable(let problem):
            fail(problem)
            isLocked = false
        case .busy(let problem), .unusable(let problem):
            fail(problem)
            return tell([])
        }
        guard compare(store) else { return tell([]) }
        let changes = report.findings.filter(\.isChange)
        save(store)
        let status = tell(changes)
        if !changes.isEmpty { save(store, isQuiet: true) }
        // If the state cannot be written the second time, the next run tells the same again.
        return status
    }

    private mutating func fail(_ problem: String) {
        report.problems.append(problem)
        report.isUnknown = true
    }

    // MARK: With state

    /// Samples and judges against the state; false if the state is of no use and in the way, or nothing could be sampled.
    private mutating func compare(_ store: borrowing StateStore) -> Bool {
        guard let known = restore(store) else { return false }
        let old = state.time
        let shortest = store.hasWaited ? Self.freshInterval : Self.shortestInterval
        let now = clock.now().awake
        // Another run has just been here: its verdicts hold, and so does its sample.
        report.isRepeat = known && now - min(old.awake, now) < shortest
        // Else the old counts are no longer needed as bytes.
        if !report.isRepeat { (state.interrupts, state.softirqs) = ([], []) }
        guard sample() else { return false }
        if report.isRepeat {
            report.problems += box.problems
            report.isJudged = !box.interrupts.sample.table.missesLines
            box = Box(keepsHistory: false)
            if !report.isMaintenance {
                let seen = BoxInterval(time: report.time, start: old, intervalNanoseconds: nil)
                report.findings = AlertEngine.judge(state.memory, seen, rules).findings
            }
            return true
        }
        judge(start: known ? old : report.time)
        // What was seen is gone by now: there need not be room for both.
        box.save(into: &state)
        box = Box(keepsHistory: false)
        return true
    }

    /// Reads the state and takes its sample; false if there is none to compare with, nil if none can be kept.
    private mutating func restore(_ store: borrowing StateStore) -> Bool? {
        switch store.read() {
        case .none: return false
        case .unusable(let problem):
            fail(problem)
            return nil
        case .startOver(let message):
            report.problems.append(message)
            return false
        case .state(let read): state = read
        }
        let now = clock.now()
        if state.bootID != bootID {
            startOver()
            return false
        }
        if now.boot < state.time.boot || now.awake < state.time.awake {
            report.problems.append("the time since boot went back: a new baseline begins")
            startOver()
            return false
        }
        if box.restore(state) { return true }
        box = Box(keepsHistory: false)
        state = AlertState()
        switch store.setAside("its counts cannot be read") {
        case .startOver(let message): report.problems.append(message)
        case .unusable(let problem):
            fail(problem)
            return nil
        case .none, .state: break
        }
        return false
    }

    private mutating func startOver() {
        let memory = AlertEngine.startOver(state.memory)
        state = AlertState()
        state.memory = memory
    }

    /// Writes the state, unless the sample was cut short: then the next run compares with the one before. Findings that are
    /// not told yet are changes in it still.
    private mutating func save(_ store: borrowing StateStore, isQuiet: Bool = false) {
        guard isLocked, !isSampleCut else { return }
        do throws(FilePlaceError) {
            try store.write(state)
        } catch {
            if !isQuiet { fail("\(store.path): \(error.problem); \(StateStore.advice(store.path, error))") }
        }
    }

    // MARK: Without state

    /// Samples for a while, in parts, and puts the worst storms of the parts into `seen`.
    ///
    /// The state keeps the sample before it: the next run's interval begins where this one's ends.
    private mutating func watchForBursts(_ length: UInt64, _ seen: inout BoxInterval) {
        let part = length / Self.partCount
        let sampled = Box(keepsHistory: false)
        var deadline = KernelClock.monotonic()
        for number in 0...Self.partCount {
            if number > 0 {
                deadline &+= part
                Self.wait(until: deadline)
            }
            let start = sampled.time
            do throws(SourceError) {
                try source.sampleCounters(into: sampled)
            } catch {
                // The interval's own sample was taken: that one has said what is wrong.
                return
            }
            guard number > 0 else { continue }
            var found = BoxInterval(sampled, start: start)
            let unnamed = seen.unnamedRows(of: found, rules)
            if !unnamed.isEmpty {
                var details: [Int: InterruptDetails] = [:]
                for row in unnamed { details[row] = sampled.text(row) }
                closeLook.name(unnamed, of: found, in: &details)
                found.add(details, named: unnamed, parts: closeLook.parts, sampled, state.memory)
            }
            seen.addBurst(found, state.memory, rules)
        }
    }

    private static func wait(until deadline: UInt64) {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        while unsafe clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
    }

    /// Samples until `--for` is over, at least twice.
    private mutating func watch(_ interval: UInt64) {
        guard sample() else { return }
        let count = max(1, (rules.forNanoseconds + interval - 1) / interval)
        var deadline = KernelClock.monotonic()
        judge(start: report.time)
        for number in 1...count {
            deadline &+= interval
            Self.wait(until: deadline)
            let start = report.time
            guard sample() else { return }
            judge(start: start, isLast: number == count)
        }
        report.isFirst = false
    }

    // MARK: Both

    /// Takes a sample; false if there is nothing to go by.
    private mutating func sample() -> Bool {
        do throws(SourceError) {
            try source.sampleCounters(into: box)
        } catch {
            fail(error.description)
            return false
        }
        report.time = box.time
        isSampleCut = box.interrupts.sample.table.isCut
        // Nobody has judged the lines that could not be read.
        if box.interrupts.sample.table.missesLines { report.isUnknown = true }
        return true
    }

    /// Judges what lies between the last two samples, and keeps what the next run needs.
    ///
    /// - Parameter isLast: whether the verdicts are told: then storms are looked at.
    private mutating func judge(start: BoxTime, isLast: Bool = true) {
        report.problems += box.problems
        var seen = BoxInterval(box, start: start, watched: Set(state.memory.alerts.keys.map(\.id)))
        let (memory, rules) = (state.memory, self.rules)
        var details = closeLook.lookUp(&seen, box, memory) { AlertEngine.isInteresting($0, memory, rules) }
        if closeLook.passedOverCount > 0 {
            report.problems.append(
                "\(closeLook.passedOverCount) fast interrupts were not judged: only the fastest "
                    + "\(CloseLook.namedRowCount) are looked up in a run")
        }
        seen.add(details, named: closeLook.named, parts: closeLook.parts, box, memory)
        let unnamed = AlertEngine.unnamedRows(memory, seen, rules)
        if !unnamed.isEmpty {
            closeLook.name(unnamed, of: seen, in: &details)
            seen.add(details, named: closeLook.named, parts: closeLook.parts, box, memory)
        }
        let unfollowed = AlertEngine.unfollowedLines(seen, rules)
        if !unfollowed.isEmpty { closeLook.followWork(of: unfollowed, &seen, box) }
        // It takes a look at each device: only for those who read it.
        if options.always || options.chosenFormat == .json, seen.intervalNanoseconds != nil {
            report.notes = closeLook.silentDevices(seen, box).map {
                "irq \(SafeText.escaped($0.label)) \(SafeText.escaped($0.action)) has not come once since boot, though"
                    + " \(SafeText.escaped($0.interface)) is up"
            }
        }
        // All that they tell has been seen.
        box.forgetPrevious()
        if let sample = options.sample, sample > 0, seen.intervalNanoseconds != nil, !report.isMaintenance {
            watchForBursts(sample, &seen)
        }
        report.intervalNanoseconds = seen.intervalNanoseconds
        report.isFirst = seen.intervalNanoseconds == nil
        report.isJudged = !box.interrupts.sample.table.missesLines
        report.rowCount = seen.lines.count + seen.stillCount
        report.cpuCount = seen.cpus.count
        if !report.isFirst {
            report.devicePerSecond = seen.devicePerSecond
            let busiest = seen.lines.lazy.filter { $0.irq != nil && $0.isKnown }.max {
                $0.busiestPerSecond < $1.busiestPerSecond
            }
            report.busiest = busiest.map { ($0.irq ?? 0, $0.busiestPerSecond) }
        }
        if !report.isMaintenance {
            var outcome = AlertEngine.judge(memory, seen, rules)
            if isLast, let look = StormLook(options), look.look(at: outcome.findings, &seen) {
                outcome = AlertEngine.judge(memory, seen, rules)
            }
            if !isSampleCut { state.memory = outcome.memory }
            report.findings = isSampleCut ? outcome.findings.filter { $0.level > .ok } : outcome.findings
            if outcome.droppedCount > 0 {
                report.problems.append(
                    "\(outcome.droppedCount) conditions beyond \(AlertMemory.alertLimit) are left out")
            }
        }
        state.bootID = bootID
    }

    // MARK: Telling

    /// Writes all that is to be written, runs `--exec`, and notes what was told.
    private mutating func tell(_ changes: [AlertFinding]) -> Int32 {
        writeMetrics()
        let isWritten = write()
        let priority = Descriptors.isJournal(2) ? "<3>" : ""
        // A plugin's first line must be its own: some monitoring systems put standard error in front.
        if options.chosenFormat != .nagios {
            for problem in report.problems { Diagnostics.say(problem, priority: priority) }
        }
        var told = changes
        if let words = options.exec, !changes.isEmpty {
            let clock = report.clock
            let outcome = AlertExec(words: words.map(String.init)).run(changes, clock: clock)
            told = outcome.told
            outcome.problems.forEach { Diagnostics.say($0, priority: priority) }
        }
        if isWritten { AlertEngine.acknowledge(told, in: &state.memory) }
        let status = report.exitStatus
        return status == ExitStatus.done && !isWritten ? ExitStatus.unknown : status
    }

    /// Writes to standard output; false if that failed. Nobody reading is no failure.
    private func write() -> Bool {
        if options.quiet { return true }
        var code: Int32 = 0
        var output = ByteOutput { bytes in
            code = writeAll(1, bytes)
            return code == 0
        }
        switch options.chosenFormat {
        case .text:
            output.put(
                AlertText.text(
                    report, always: options.always, changesOnly: options.changes,
                    hasPriority: Descriptors.isJournal(1), style: options.color.style))
        case .nagios: output.put(AlertNagios.text(report))
        case .json:
            AlertJSON.write(report, bootID: bootID, kernel: KernelRelease.text(roots), to: &output)
        case .prometheus: if options.output == nil { output.put(AlertPrometheus.text(report)) }
        }
        output.flush()
        if code == 0 || code == EPIPE { return true }
        Diagnostics.say("standard output \(StandardOutput.problem(code))")
        return false
    }

    /// Looks whether the file of `--output` can be made, before anything else is done; false if not.
    private mutating func prepareMetrics() -> Bool {
        guard let path = options.output else { return true }
        do throws(FilePlaceError) {
            metrics = try MetricsFile(path)
            return true
        } catch {
            fail("\(path): \(error.problem); \(MetricsFile.advice)")
            return false
        }
    }

    private mutating func writeMetrics() {
        guard let metrics else { return }
        do throws(FilePlaceError) {
            try metrics.write(AlertPrometheus.text(report))
        } catch {
            fail("\(options.output ?? ""): \(error.problem); \(MetricsFile.advice)")
        }
    }
}
