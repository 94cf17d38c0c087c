internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceOutput

/// A run of `record`: an instance is read into a writer until something says that it is enough.
struct RecordSession: ~Copyable {
    private let plan: RecordPlan
    private var instance: TraceInstance
    private var room: PageBuffer
    private var writer: RecordingWriter
    /// What a recording tells of the kernel and its events, and what a flight recording is cut with: read before it begins, so
    /// that a recording can be written when tracefs is gone at its end.
    private let description: TraceDescription
    private var cut: FlightCut?
    private var watch: FlightTrigger?
    /// Why a flight recording is written, and when that happened; nil if somebody asked for it.
    private var trigger: (reason: String, nanoseconds: UInt64)?
    private var child: ChildCommand?
    private let signals: SignalQueue
    private var progress: RecordProgress
    private var attachment = SnapshotAttachment()
    private var hardware = HardwareReader(KernelRoots(procRoot: nil, sysRoot: nil))
    /// From when to when it traced, in nanoseconds.
    private var traced: Range<UInt64>

    /// The cause that ended a recording.
    private enum Ending {
        case done
        case signal(Int32)
        var isSignal: Bool { if case .signal = self { true } else { false } }
    }

    init(_ plan: RecordPlan) throws {
        // Held back before anything is made, and before a child can inherit them.
        let numbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGCHLD].filter {
            $0 != SIGHUP || !EndingSignals.isIgnored(SIGHUP)
        }
        let held = SignalQueue(numbers)
        // All others end the process at once.
        InstanceCleanup.install(on: EndingSignals.all.filter { !numbers.contains($0) })
        // A name that cannot be is told before anything is traced.
        let output = try RecordOutput.open(plan)
        _ = TraceOrphans.remove(tracingRoot: plan.tracingRoot)
        // All that may fail comes before the first property: half a session cannot be destroyed.
        var plan = plan
        let estimate =
            plan.isDeep ? try Self.made { () throws(TraceError) in try RecordEstimate(measuring: plan) } : nil
        if let estimate { plan.setBuffers(estimate) }
        let made = try Self.made { () throws(TraceError) in
            var later = plan.trace
            later.startsAtOnce = false
            return try TraceInstance(plan: later, tracingRoot: plan.tracingRoot)
        }
        let (pageByteCount, cpus) = (made.subBufferByteCount, made.cpus)
        let opened = try RecordOutput.writer(output, plan, layout: made.layout, cpus: cpus)
        let watching = try Self.made { () throws(TraceError) in try Self.watch(made, plan) }
        let described = try Self.made { () throws(TraceError) in try made.description() }
        let cutting = try Self.made { () throws(TraceError) in try Self.cut(made, plan) }
        Self.say(made, plan, estimate)
        self.plan = plan
        signals = held
        writer = opened
        room = PageBuffer(subBufferByteCount: pageByteCount)
        instance = made
        watch = watching
        description = described
        cut = cutting
        progress = RecordProgress(isShown: plan.command.isEmpty)
        let now = KernelClock.monotonic()
        traced = now..<now
    }

    /// Says what cannot be recorded as it was asked for, and what the rest costs.
    private static func say(_ instance: borrowing TraceInstance, _ plan: RecordPlan, _ estimate: RecordEstimate?) {
        for sentence in MissingEvents.sentences(instance.missingEvents, isDeep: plan.isDeep) {
            Diagnostics.say(sentence)
        }
        for event in instance.unfilteredEvents {
            Diagnostics.say("\(event) cannot be filtered by interrupt; all of it is recorded")
        }
        if plan.isDeep, plan.trace.tasks != .all {
            Diagnostics.say(
                "--threads chooses switches and wake-ups; interrupts, softirqs, timers, calls and work are recorded of every task"
            )
        }
        if let estimate { Diagnostics.say(estimate.sentence(kilobytesPerCPU: instance.bufferKilobytesPerCPU)) }
    }

    private static func watch(
        _ instance: borrowing TraceInstance, _ plan: RecordPlan
    ) throws(TraceError) -> FlightTrigger? {
        plan.hasTrigger ? try FlightTrigger(instance, plan) : nil
    }

    private static func cut(_ instance: borrowing TraceInstance, _ plan: RecordPlan) throws(TraceError) -> FlightCut? {
        plan.flightNanoseconds == nil ? nil : try FlightCut(instance, plan)
    }

    /// The value that `make` returns; an error of it ends the command with its sentence.
    private static func made<Made: ~Copyable, Failure: Error & CustomStringConvertible>(
        _ make: () throws(Failure) -> Made
    ) throws(CommandFailure) -> Made {
        do throws(Failure) {
            return try make()
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }

    /// Records, and writes the file.
    ///
    /// - Returns: the status to end with, which is the command's.
    mutating func run() throws -> Int32 {
        hardware.readLines()
        do throws(TraceError) {
            KernelSnapshot.addChoice(plan.trace, to: &attachment)
            try switchTrace("start")
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
        if !plan.command.isEmpty {
            child = try ChildCommand(plan.command, keepsOffOutput: plan.output == "-")
        }
        var problems: [String] = []
        var ending = Ending.done
        do {
            ending = try waitForEnd()
        } catch let error as RecordingWriteError {
            problems.append(error.description)
            // A shorter recording is still worth having, unless nobody reads it: who closes a pipe has what it wanted.
            if error.isReaderGone { throw CommandFailure(problems, status: ExitStatus.done) }
        } catch let error as TraceError {
            problems.append(error.description)
        }
        progress.clear()
        SecondSignal.install(isFirstOver: ending.isSignal)
        try finish(&problems, ending)
        // A signal that ended the recording has reached it too, and mostly it is gone meanwhile.
        child?.check()
        if let ending = child?.ending { Diagnostics.say("\(plan.command[0]) \(ending)") }
        if !problems.isEmpty {
            throw CommandFailure(problems, status: writer.isReaderGone ? commandStatus(ending) : ExitStatus.failed)
        }
        return commandStatus(ending)
    }

    /// The command's status, or that of the signal which ended the recording while it went on.
    private func commandStatus(_ ending: Ending) -> Int32 {
        guard let child else { return ExitStatus.done }
        if let status = child.status { return status }
        if case .signal(let number) = ending { return 128 + number }
        return ExitStatus.done
    }

    // MARK: Recording

    private mutating func waitForEnd() throws -> Ending {
        let deadline = plan.durationNanoseconds.map { KernelClock.monotonic() &+ $0 }
        while true {
            let now = KernelClock.monotonic()
            if let deadline, now >= deadline { return .done }
            let left = deadline.map { ($0 - now) / 1_000_000 + 1 } ?? 500
            let longest: UInt64 = watch == nil ? 500 : FlightTrigger.intervalNanoseconds / 1_000_000
            let milliseconds = Int32(min(left, longest))
            if plan.flightNanoseconds == nil || plan.readsAtOnce {
                _ = instance.wait(milliseconds: milliseconds, also: signals.descriptor)
                try drain(until: KernelClock.monotonic() &+ TraceInstance.turnNanoseconds)
            } else {
                // Here the buffers are full all the time, and poll(2) on them would return at once.
                waitForSignal(milliseconds: milliseconds)
            }
            while let (number, isSent) = signals.nextWithSender() {
                switch number {
                case SIGCHLD: child?.check()
                case SIGUSR1: return .done
                default:
                    // Signals of the terminal reach the command too: only those sent to us are passed on.
                    if isSent { child?.send(number) }
                    return .signal(number)
                }
            }
            if child?.isDone == true { return .done }
            if let found = watch?.look() {
                trigger = found
                progress.clear()
                Diagnostics.say("\(found.reason): writing what came before")
                return .done
            }
            if writer.isReaderGone {
                throw CommandFailure(["nobody reads \(plan.outputName) any more"], status: ExitStatus.done)
            }
            if progress.isDue { showProgress() }
        }
    }

    private func waitForSignal(milliseconds: Int32) {
        var wait = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
        unsafe poll(&wait, 1, milliseconds)
    }

    private mutating func showProgress() {
        let (events, lost) = counts()
        let isFlight = plan.flightNanoseconds != nil
        let hint =
            !isFlight
            ? "Ctrl-C ends and writes" : watch == nil ? "Ctrl-C writes" : "waiting for a trigger, Ctrl-C writes"
        let stored = isFlight ? nil : writer.storedByteCount
        progress.show(
            events: events, lost: lost, storedByteCount: stored, hint: hint)
    }

    /// Reads what all CPUs have into the writer, or to where the trigger keeps it, as long as there is time.
    ///
    /// - Returns: whether all has been read.
    @discardableResult
    private mutating func drain(until deadline: UInt64) throws -> Bool {
        if plan.readsAtOnce { return try watch?.drain(&instance, &room, until: deadline) ?? true }
        return try Self.drain(&instance, &room, &writer, until: deadline)
    }

    private static func drain(
        _ instance: inout TraceInstance, _ room: inout PageBuffer, _ writer: inout RecordingWriter,
        until deadline: UInt64
    ) throws -> Bool {
        var problem: RecordingWriteError?
        let isWhole = try instance.drain(into: &room, until: deadline) { room, cpu in
            do throws(RecordingWriteError) {
                try writer.append(pages: room.bytes, cpu: cpu)
            } catch {
                problem = error
            }
            return problem == nil
        }
        if let problem { throw problem }
        return isWhole
    }

    // MARK: Writing

    /// Stops to trace; the problem if that fails: what was read is kept, also if the instance is gone.
    private mutating func stopTrace() -> String? {
        do {
            try switchTrace("end")
            return nil
        } catch { return error.description }
    }

    /// Starts or stops to trace, and keeps the kernel's counts of that moment.
    private mutating func switchTrace(_ moment: String) throws(TraceError) {
        let isStart = moment == "start"
        var parts = attachment
        try KernelSnapshot.add(
            moment,
            around: { () throws(TraceError) in
                if isStart { try instance.start() } else { try instance.stop() }
            }, to: &parts)
        attachment = parts
        let now = KernelClock.monotonic()
        traced = (isStart ? now : min(traced.lowerBound, now))..<now
    }

    private mutating func finish(_ problems: inout [String], _ ending: Ending) throws {
        do {
            let cutoff = plan.flightNanoseconds.map { KernelClock.monotonic() &- min($0, KernelClock.monotonic()) }
            if let problem = stopTrace() { problems.append(problem) }
            let loss = try readRest(since: cutoff, &problems)
            let (events, lost) = counts()
            let machine = RecordingMachine(instance, description, plan, statisticsTexts())
            var attachment = plan.flightNanoseconds == nil ? attachment : SnapshotAttachment()
            attachment.addMissing(loss.events)
            // Attachments are ASCII.
            if let trigger { attachment.addTrigger(trigger.reason.replacing("µ", with: "u"), at: trigger.nanoseconds) }
            // Lines that came meanwhile.
            hardware.readLines()
            hardware.map.add(to: &attachment)
            let size = try writer.finish(machine: machine, attachment: attachment.parts.isEmpty ? [] : attachment.bytes)
            say(size, events &- min(loss.count, events), lost, loss)
            if size.droppedPageCount > 0 {
                problems.append(
                    "\(size.droppedPageCount) pages did not fit on the disk and are missing, "
                        + "with \(Units.count(loss.droppedCount)) events")
            }
        } catch let error as TraceError {
            throw CommandFailure(problems + [error.description], status: ExitStatus.failed)
        } catch let error as RecordingWriteError {
            child?.check()
            // Here too: who closes a pipe has what it wanted.
            let status = error.isReaderGone ? commandStatus(ending) : ExitStatus.failed
            throw CommandFailure(problems + [error.description], status: status)
        }
    }

    /// Reads what the ring still holds, for a limited time, and tells what is missing then.
    private mutating func readRest(since cutoff: UInt64?, _ problems: inout [String]) throws -> RecordLoss {
        let limit = RecordLoss.limitNanoseconds(
            bufferKilobytes: instance.bufferKilobytesPerCPU * instance.cpus.count)
        let deadline = KernelClock.monotonic() &+ limit
        var isWhole = true
        var unwritten: [(cpu: Int, count: UInt64)] = []
        do {
            if let cutoff {
                (isWhole, unwritten) = try writeFlight(since: cutoff, until: deadline)
            } else {
                isWhole = try drain(until: deadline)
                try readLate(until: deadline)
            }
        } catch let error as any CustomStringConvertible & Error {
            // The problem that ended the recording is told once.
            if !problems.contains(error.description) { problems.append(error.description) }
        }
        do throws(RecordingWriteError) {
            try writer.endPages()
        } catch {
            if !problems.contains(error.description) { problems.append(error.description) }
        }
        let loss = RecordLoss(unread: instance.unreadEvents() + unwritten, dropped: writer.droppedEvents)
        if !isWhole { Diagnostics.say(loss.sentence(limitNanoseconds: limit)) }
        return loss
    }

    /// Reads what was still being written when the trace was stopped: an event that has its place then comes into the ring
    /// afterwards, and a virtual CPU may be held up in the midst of it.
    private mutating func readLate(until deadline: UInt64) throws {
        for _ in 0..<20 where KernelClock.monotonic() < deadline {
            if instance.unreadEvents().isEmpty { return }
            usleep(1000)
            try drain(until: deadline)
        }
    }

    /// Writes what is younger than `cutoff`, and says how it differs from what triggered.
    ///
    /// - Returns: whether all was read and written, and what of that was read.
    private mutating func writeFlight(
        since cutoff: UInt64, until deadline: UInt64
    ) throws -> (isWhole: Bool, unwritten: [(cpu: Int, count: UInt64)]) {
        guard var cut = cut.take() else { return (true, []) }
        cut.cutoff = cutoff
        guard plan.readsAtOnce else {
            return (try cut.write(&instance, &room, to: &writer, until: deadline), [])
        }
        let isWhole = try drain(until: deadline)
        let unwritten = try watch?.write(&cut, &room, to: &writer, until: deadline) ?? []
        if let triggered = watch?.slowest,
            let sentence = FlightSentence.difference(triggered: triggered, longest: cut.longestWritten)
        {
            Diagnostics.say(sentence)
        }
        return (isWhole && unwritten.isEmpty, unwritten)
    }

    /// Events in the ring and read from it, and events that the kernel dropped.
    private mutating func counts() -> (events: UInt64, lost: UInt64) {
        var (events, lost): (UInt64, UInt64) = (0, 0)
        for place in instance.cpus.indices {
            guard let statistics = instance.statistics(cpu: instance.cpus[place]) else { continue }
            events += statistics.entries + statistics.readEvents
            lost += statistics.lost
        }
        return (events, lost)
    }

    private mutating func statisticsTexts() -> [(cpu: Int, text: [UInt8])] {
        var texts: [(cpu: Int, text: [UInt8])] = []
        for place in instance.cpus.indices {
            let cpu = instance.cpus[place]
            if let statistics = instance.statistics(cpu: cpu) { texts.append((cpu, Array(statistics.text.utf8))) }
        }
        return texts
    }

    private func say(_ size: RecordingSize, _ events: UInt64, _ lost: UInt64, _ loss: RecordLoss) {
        let seconds = Double(traced.upperBound - traced.lowerBound) / 1e9
        let rounded = (seconds * 10).rounded() / 10
        var parts: [String] = []
        if let flight = plan.flightNanoseconds {
            parts.append("the last \(Units().duration(min(flight, traced.upperBound - traced.lowerBound)))")
            // Else the kernel overwrites the oldest events: that is what it is for.
            let all = loss.count &+ (plan.readsAtOnce ? lost : 0)
            if all > 0 { parts.append("LOST \(Units.count(all))" + (plan.readsAtOnce ? " (see --buffer-size)" : "")) }
        } else {
            parts.append("\(Units.count(events)) events in \(rounded) s")
            let all = lost &+ loss.count
            let hint = plan.isDeep ? "--buffer-size and --threads" : "--buffer-size"
            parts.append(
                all == 0 ? "none lost" : "LOST \(Units.count(all))" + (lost > 0 ? " (see \(hint))" : ""))
        }
        parts.append("\(Units.count(UInt64(size.byteCount))) bytes")
        Diagnostics.say("\(plan.outputName): " + parts.joined(separator: ", "))
        RecordOutput.warn(plan, size)
    }
}
