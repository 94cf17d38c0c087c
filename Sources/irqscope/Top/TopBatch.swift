internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// `top -b`: an interval after the other to standard output, for files, pipes and scripts.
struct TopBatch: ~Copyable {
    private let plan: TopPlan
    private var live: Box
    private var source: LiveSource
    private var wanted: WantedSlots
    private var screen: Screen
    private var frame: TopScreen
    private var state: TopState
    private var output = StandardOutput.stream()
    private var lastProblems: [String] = []
    private var trace: TopTrace
    private var descriptors: [pollfd] = []

    init(_ plan: TopPlan) {
        self.plan = plan
        live = Box(cpus: plan.rows.cpus)
        source = LiveSource(plan.roots)
        wanted = WantedSlots(plan.rows.pattern)
        screen = Screen(StandardOutput.characters)
        frame = TopScreen(facts: plan.facts, limits: plan.limits)
        trace = TopTrace(plan)
        state = plan.start
        state.showsCursor = false
        state.intervalNanoseconds = plan.intervalNanoseconds
    }

    /// Runs until the intervals are done or nobody reads any more.
    mutating func run() throws {
        startTrace()
        do throws(SourceError) {
            try source.sample(into: live)
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
        sayProblems()
        if plan.format == .csv {
            TopCSV.writeTitle(isDeep: state.isDeep, to: &output)
            if !output.flush() { return }
        }
        var deadline = KernelClock.monotonic() &+ plan.intervalNanoseconds
        var done = 0
        while plan.intervalCount.map({ done < $0 }) ?? true {
            guard sleep(until: deadline) else { return }
            done += 1
            defer { deadline = nextDeadline(after: deadline) }
            trace.endInterval(into: live)
            if trace.isOn { TopTrace.lookAgain(&descriptors, from: 1) } else if descriptors.count > 1 { follow() }
            do throws(SourceError) {
                try source.sample(into: live)
            } catch {
                live.problems = [error.description]
                sayProblems()
                continue
            }
            sayProblems()
            guard write() else { return }
        }
    }

    /// The time of the next sample.
    private func nextDeadline(after deadline: UInt64) -> UInt64 {
        TopPlan.nextDeadline(
            after: deadline, sampled: live.interrupts.sample.timeNanoseconds, interval: plan.intervalNanoseconds)
    }

    /// Writes an interval; false if nobody reads.
    private mutating func write() -> Bool {
        switch plan.format {
        case .json: TopJSON.write(live, choice, to: &output)
        case .csv: TopCSV.write(live, choice, isDeep: state.isDeep, to: &output)
        case .text: writeText()
        }
        return output.flush()
    }

    /// So many rows are drawn at once: more than machines have interrupts.
    private static let bandRowCount = 1024

    private mutating func writeText() {
        wanted.update(live)
        frame.setWanted(wanted.isWanted)
        if wanted.isWanted != nil { frame.setWantedSoftirqs(wanted.softirqs(live)) }
        frame.setClock(KernelClock.timeOfDay(wallNanoseconds: KernelClock.wall()))
        frame.arrangeBatch(live, state)
        var (start, count) = (0, frame.batchRowCount(live))
        while start < count, output.isOpen {
            let band = start..<min(start + Self.bandRowCount, count)
            screen.begin(rowCount: frame.batchRowCount(live), columnCount: Self.width, window: band)
            count = frame.drawBatch(live, &state, on: &screen)
            for row in band where row < count { screen.writeLine(row, to: &output) }
            start = band.upperBound
        }
        output.put("\n")
    }

    private var choice: RowChoice {
        var choice = RowChoice(
            live, irqs: plan.rows.irqs,
            isWanted: plan.rows.pattern.map { pattern in { pattern.matches($0) } })
        if plan.isOrdered {
            var (order, state) = (RowOrder(), plan.start)
            state.hidesIdle = false
            order.arrange(live, state)
            let wanted = Set(choice.rows)
            choice.rows = order.rows.map { Int($0) }.filter(wanted.contains)
        }
        return choice
    }

    /// The columns of a line.
    private static var width: Int { min(max(StandardOutput.width ?? 160, 40), 1000) }

    /// Says what is wrong once, not with each interval.
    private mutating func sayProblems() {
        if live.problems == lastProblems { return }
        live.problems.forEach(Diagnostics.say)
        lastProblems = live.problems
    }

    private mutating func startTrace() {
        if state.isTracing {
            // Whatever ends the process, nothing of the trace stays behind.
            InstanceCleanup.install()
            trace.start(isDeep: state.isDeep, into: live)
        } else {
            trace.stop("switched off with --no-trace", isWish: true, into: live)
        }
        follow()
    }

    /// Waits from now on for what there is.
    private mutating func follow() {
        descriptors.removeAll(keepingCapacity: true)
        descriptors.append(pollfd(fd: 1, events: 0, revents: 0))
        for descriptor in trace.descriptors {
            descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
    }

    /// Sleeps and reads the trace meanwhile; false at once when nobody reads standard output any more.
    private mutating func sleep(until deadline: UInt64) -> Bool {
        while true {
            let now = KernelClock.monotonic()
            if now >= deadline { return true }
            let milliseconds = Int32(min((deadline - now) / 1_000_000, 60_000))
            if milliseconds == 0 {
                var time = timespec(tv_sec: 0, tv_nsec: Int(deadline - now))
                unsafe nanosleep(&time, nil)
                continue
            }
            let count = unsafe descriptors.withUnsafeMutableBufferPointer {
                unsafe poll($0.baseAddress, nfds_t($0.count), milliseconds)
            }
            if count <= 0 { continue }
            // If standard output is closed, the next write reports it.
            if descriptors[0].revents != 0 { return descriptors[0].revents & Int16(POLLNVAL) != 0 }
            TopTrace.passOverErrors(&descriptors, from: 1)
            guard descriptors[1...].contains(where: { $0.revents & Int16(POLLIN) != 0 }) else { continue }
            trace.drain(into: live)
            if !trace.isOn { follow() }
        }
    }
}
