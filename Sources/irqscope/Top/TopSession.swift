internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// `top` on a terminal: samples at each interval, draws, and follows keys and signals.
struct TopSession: ~Copyable {
    private let plan: TopPlan
    private var live: Box
    private var source: LiveSource
    private var wanted: WantedSlots
    private var screen: Screen
    private var frame: TopScreen
    private var state: TopState
    private var signals: SignalQueue
    private var trace: TopTrace
    private var descriptors: [pollfd] = []
    private var isClockFrozen = false

    /// The first rates come sooner than the interval, so that the screen is not empty for long.
    private static let firstInterval: UInt64 = 250_000_000

    init(_ plan: TopPlan) {
        self.plan = plan
        live = Box(cpus: plan.rows.cpus)
        source = LiveSource(plan.roots)
        wanted = WantedSlots(plan.rows.pattern)
        let isUnicode = Terminal.chooseLocale(isUnicode: plan.style.isUnicode)
        screen = Screen(isUnicode ? StandardOutput.characters : .ascii)
        frame = TopScreen(facts: plan.facts, limits: plan.limits)
        state = plan.start
        state.intervalNanoseconds = plan.intervalNanoseconds
        trace = TopTrace(plan)
        signals = SignalQueue(EndingSignals.others.filter { !EndingSignals.isIgnored($0) } + [SIGTSTP, SIGWINCH])
    }

    /// Runs until the person leaves, the intervals are done, or the terminal is gone.
    mutating func run() throws {
        do throws(SourceError) {
            try source.sample(into: live)
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
        let ending = try watch()
        trace.stop("the end", into: live)
        // The terminal is back by now, and nothing is traced: a signal may end the process as its sender meant it.
        if let ending { SignalQueue.deliver(ending) }
    }

    /// Returns the signal that ended it, if one did.
    private mutating func watch() throws -> Int32? {
        var terminal = try Terminal(hasColor: plan.style.isColored)
        var deadline = KernelClock.monotonic() &+ min(Self.firstInterval, state.intervalNanoseconds)
        var done = 0
        draw(on: &terminal)
        // After the first screen: making an instance takes a while.
        switchTrace(isStart: true)
        while !state.isDone {
            switch wait(until: deadline) {
            case .trace:
                trace.drain(into: live)
                if !trace.isOn { follow() }
                continue
            case .time:
                if !state.isFrozen {
                    sample()
                    done += 1
                }
                let sampled = state.isFrozen ? KernelClock.monotonic() : live.interrupts.sample.timeNanoseconds
                deadline = TopPlan.nextDeadline(after: deadline, sampled: sampled, interval: state.intervalNanoseconds)
                if let count = plan.intervalCount, done >= count { state.isDone = true }
            case .keys:
                let before = state.intervalNanoseconds
                while let key = terminal.nextKey() {
                    take(key)
                    if state.isPlanning { makePlan(on: &terminal) }
                    // The next key means the rows as this one leaves them.
                    compose(terminal.rowCount, terminal.columnCount)
                }
                if state.isTracing != trace.isOn || state.isTracing && state.isDeep != trace.isDeep { switchTrace() }
                if state.isForgetting {
                    live.changeTracing { $0.forgetTotals() }
                    state.isForgetting = false
                }
                if state.intervalNanoseconds != before {
                    deadline = KernelClock.monotonic() &+ state.intervalNanoseconds
                }
            case .signal:
                while let number = signals.next() {
                    switch number {
                    case SIGWINCH: terminal.resize()
                    case SIGTSTP: terminal.suspend { SignalQueue.deliver(SIGTSTP) }
                    case SIGINT: state.isDone = true
                    default: return number
                    }
                }
            case .gone: return SIGHUP
            }
            if !state.isDone { draw(on: &terminal) }
        }
        return nil
    }

    /// Starts or stops to trace as the person wants it.
    private mutating func switchTrace(isStart: Bool = false) {
        if state.isTracing, trace.isOn, state.isDeep != trace.isDeep { trace.stop("it begins anew", into: live) }
        if state.isTracing, !trace.isOn { trace.start(isDeep: state.isDeep, into: live) }
        if !state.isTracing { trace.stop("switched off, t switches it on", isWish: isStart, into: live) }
        // If it could not be started, it is not tried again with every key.
        state.isTracing = trace.isOn
        if trace.isOn { state.isDeep = trace.isDeep }
        follow()
    }

    /// Waits from now on for what there is.
    private mutating func follow() {
        descriptors.removeAll(keepingCapacity: true)
        for descriptor in [0, signals.descriptor] + trace.descriptors {
            descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
    }

    private mutating func sample() {
        trace.endInterval(into: live)
        if trace.isOn { TopTrace.lookAgain(&descriptors, from: 2) } else if descriptors.count > 2 { follow() }
        do throws(SourceError) {
            try source.sample(into: live)
        } catch {
            live.problems = [error.description]
        }
    }

    private mutating func take(_ key: TopKey) {
        var serials: UInt32?
        // The row a key may open or follow: asked for after the cursor has moved.
        var next = state
        next.take(key, rowCount: frame.rowCount, pageCount: frame.pageCount) { _ in nil }
        serials = frame.serial(live, state.view, next.cursor)
        state.take(key, rowCount: frame.rowCount, pageCount: frame.pageCount) { _ in serials }
    }

    /// Makes the plan that a key asked for. On a large box that takes a while, so that the page comes first.
    private mutating func makePlan(on terminal: inout Terminal) {
        state.isPlanning = false
        frame.setPlan(nil)
        compose(terminal.rowCount, terminal.columnCount)
        terminal.show(screen)
        let row = TopRowPlan(roots: plan.roots, isUnicode: screen.characters == .unicode)
        frame.setPlan(row.lines(live, serial: state.planSerial))
    }

    private mutating func draw(on terminal: inout Terminal) {
        wanted.update(live)
        frame.setWanted(wanted.isWanted)
        if wanted.isWanted != nil { frame.setWantedSoftirqs(wanted.softirqs(live)) }
        tellTime()
        compose(terminal.rowCount, terminal.columnCount)
        terminal.show(screen)
    }

    /// The clock stands while the numbers do.
    private mutating func tellTime() {
        if state.isFrozen, isClockFrozen { return }
        let now = KernelClock.timeOfDay(wallNanoseconds: KernelClock.wall())
        frame.setClock(now)
        frame.setFrozen(state.isFrozen ? now : nil)
        isClockFrozen = state.isFrozen
    }

    private mutating func compose(_ rowCount: Int, _ columnCount: Int) {
        screen.begin(rowCount: rowCount, columnCount: columnCount)
        frame.draw(live, &state, on: &screen)
    }

    private enum Event { case time, keys, signal, trace, gone }

    /// Waits for a key, a signal, a trace buffer that fills, or the time of the next sample.
    private mutating func wait(until deadline: UInt64) -> Event {
        while true {
            let now = KernelClock.monotonic()
            if now >= deadline { return .time }
            // Rounded up: a timeout of 0 ms in the last millisecond would make this loop spin.
            let milliseconds = Int32(min((deadline - now + 999_999) / 1_000_000, 60_000))
            let count = unsafe descriptors.withUnsafeMutableBufferPointer {
                unsafe poll($0.baseAddress, nfds_t($0.count), milliseconds)
            }
            if count <= 0 { continue }
            if descriptors[1].revents != 0 { return .signal }
            // After a hang-up the terminal stays readable, without a key to read.
            if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return .gone }
            if descriptors[0].revents != 0 { return .keys }
            TopTrace.passOverErrors(&descriptors, from: 2)
            if descriptors[2...].contains(where: { $0.revents & Int16(POLLIN) != 0 }) { return .trace }
        }
    }
}
