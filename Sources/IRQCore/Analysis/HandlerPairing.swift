/// Pairs the events of single CPUs: hardirqs, softirqs and x86 vectors.
///
/// Pairing rules, per CPU and never by pid, since all idle tasks share pid 0:
/// - an exit ends the innermost open span of the same kind and number; open spans inside of that one
///   have lost their exit and are dropped and counted;
/// - an entry of an IRQ that is open on this CPU drops the older one: a line never re-enters itself;
/// - a gap drops everything that is open on the CPU;
/// - softirqs and tasklets are matched by task too: on PREEMPT_RT they are preempted and interleave.
struct HandlerPairing: ~Copyable {
    var table: SpanTable
    var storms: StormLog
    var slow: SlowSpans
    var log: CrossCPULog
    /// True if the deep analysis takes all events.
    var isDeep: Bool
    /// True if a task was seen to be woken, which tells what sched_wakeup means.
    var hasWaking = false
    /// The names of the events that it takes.
    var names = DeepNames()
    var ledger = LossLedger()
    /// Events that are not read, by their places in `EventFormats.unusedNames`, and one; at 0 those without a name.
    var unused = GrowableBuffer<UInt64>(capacity: 64)
    private let selector: RowSelector?
    /// The begin of the time window.
    let from: UInt64
    /// The length of the time window.
    let length: UInt64

    /// - Parameters:
    ///   - isMerged: true if somebody takes the events that are paired across CPUs.
    ///   - isDeep: true if the deep analysis takes all events.
    ///   - sink: takes the spans themselves.
    init(_ options: AnalysisOptions, isMerged: Bool, isDeep: Bool = false, sink: (any SpanSink)? = nil) {
        self.isDeep = isDeep
        log = CrossCPULog(isMerged: isMerged)
        table = SpanTable(options, sink: sink)
        storms = StormLog(options.storm)
        selector = options.slowCount > 0 ? options.selector : nil
        slow = SlowSpans(wanted: options.slowCount, undecided: selector == nil ? 0 : Self.eventsAtOnce)
        from = options.fromNanoseconds
        length = options.toNanoseconds >= from ? options.toNanoseconds - from : 0
    }

    /// Events between two looks whether there is room for what they may bring, and whether the rows they made are wanted;
    /// a page of 4 KiB has at most 340.
    static let eventsAtOnce = 512

    /// Decides on the rows that the last events made. At most `eventsAtOnce` of these may have been fed since the last time.
    mutating func decideNewRows() {
        guard let selector, table.decideNewRows(selector) else { return }
        slow.remove { !table.isListed($0.tally) }
    }

    /// Makes room for the worst that so many events can bring: a softirq entry may make two rows.
    mutating func reserve(events: Int, unusedNameCount: Int, cpuCount: Int = 1) {
        if unused.count <= unusedNameCount { unused.resize(to: unusedNameCount + 1, filling: 0) }
        table.reserve(events: 2 * events)
        log.reserve(events, cpuCount: cpuCount)
    }

    /// Counts an event that is not read and did not come in a page; see `unused`.
    mutating func countUnused(_ place: Int, _ count: UInt64 = 1) {
        if unused.count <= place { unused.resize(to: place + 1, filling: 0) }
        unused[place] &+= count
        ledger.events &+= count
    }

    /// Decodes and pairs the records of one CPU's page from `cursor` on, `room` wanted ones at the most;
    /// `reserve` comes first. One loop does both: while one record is paired, the CPU
    /// loads the next one (a batch of events in between cost 12 % more).
    #if !DEBUG
        @_noAllocation
    #endif
    mutating func feed(
        _ page: RawSpan, from cursor: inout PageCursor, decoder: PageDecoder, formats: borrowing EventFormats,
        room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        if decoder.layout.byteOrder.isSwapped {
            return try feedSwapped(
                page, from: &cursor, decoder: decoder, formats: formats, room: room, context: &context)
        }
        return try feedNative(page, from: &cursor, decoder: decoder, formats: formats, room: room, context: &context)
    }

    @inline(never)
    private mutating func feedNative(
        _ page: RawSpan, from cursor: inout PageCursor, decoder: PageDecoder, formats: borrowing EventFormats,
        room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        @inline(always) func take(_ event: TraceEvent, _ page: RawSpan) { self.take(event, page, &context) }
        func takeRare(_ event: TraceEvent, _ page: RawSpan) { self.takeRare(event, page, &context) }
        @inline(always) func pass(_ index: UInt16, _: PassedRecord) { unused[Int(index)] &+= 1 }
        return try decoder.decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: false, room: room, take, takeRare: takeRare, pass: pass)
    }

    @inline(never)
    private mutating func feedSwapped(
        _ page: RawSpan, from cursor: inout PageCursor, decoder: PageDecoder, formats: borrowing EventFormats,
        room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        @inline(always) func take(_ event: TraceEvent, _ page: RawSpan) { self.take(event, page, &context) }
        func takeRare(_ event: TraceEvent, _ page: RawSpan) { self.takeRare(event, page, &context) }
        @inline(always) func pass(_ index: UInt16, _: PassedRecord) { unused[Int(index)] &+= 1 }
        return try decoder.decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: true, room: room, take, takeRare: takeRare, pass: pass)
    }

    /// Counts an event that is not read; `reserve` has made its place.
    @inline(always)
    mutating func pass(_ place: Int) { unused[place] &+= 1 }

    /// The same as `take`, for events that come seldom: not inlined a second time.
    @inline(never)
    mutating func takeRare(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        take(event, page, &context)
    }

    @inline(always)
    mutating func take(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        switch event.kind {
        case .irqEntry: enterIRQ(event, page, &context)
        case .softirqRaise: raiseSoftirq(event, &context)
        case .softirqEntry: enterSoftirq(event, page, &context)
        case .vectorEntry: enterVector(event, page, &context)
        case .irqExit, .softirqExit, .vectorExit: leave(event, &context)
        case .taskletEntry: enterTasklet(event.function, time: event.time, pid: event.pid, page, &context)
        case .taskletExit: leaveTasklet(event.function, time: event.time, pid: event.pid, &context)
        case .workQueue, .workStart, .workEnd:
            log.append(
                CrossCPURecord(
                    event.kind, time: event.time, pid: event.pid, numbers: (event.number0, event.number1, event.number2)
                ),
                to: &context)
        default: break
        }
    }

    // MARK: - Entries

    @inline(always)
    private func isWanted(_ time: UInt64, _ context: CPUContext) -> Bool {
        // One comparison: what lies before `from` wraps around to far behind.
        context.isSelected && time &- from < length
    }

    @inline(always)
    private mutating func enterIRQ(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        let key = SpanKey(kind: .irq, number: event.irq)
        if context.depth > 0 { dropOpen(key, &context) }
        var tally: Int32 = -1
        if isWanted(event.time, context) {
            let recent = Int(truncatingIfNeeded: event.irq) & 63
            let offset = Int(event.textOffset)
            let length = Int(event.textByteCount)
            tally = context.recentTally[recent]
            var isSame = false
            if tally >= 0 { isSame = table.tally(tally, isFor: key, text: page, at: offset, byteCount: length) }
            if !isSame {
                tally = table.tally(for: key, text: page, at: offset, byteCount: length, cpu: context.cpu) ?? -1
                context.recentTally[recent] = tally
            }
            if tally >= 0 { table.countCall(tally, at: event.time, storms: &storms) }
        }
        push(key, time: event.time, pid: event.pid, tally, &context)
    }

    @inline(always)
    private mutating func raiseSoftirq(_ event: TraceEvent, _ context: inout CPUContext) {
        guard event.softirqVector < UInt64(CPUContext.softirqLimit) else {
            ledger.malformedEvents &+= 1
            return
        }
        let vector = Int(event.softirqVector)
        if context.raised[vector] == CPUContext.notRaised { context.raised[vector] = event.time }
    }

    @inline(always)
    private mutating func enterSoftirq(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        guard event.softirqVector < UInt64(CPUContext.softirqLimit) else {
            ledger.malformedEvents &+= 1
            return
        }
        let vector = Int(event.softirqVector)
        let key = SpanKey(kind: .softirq, number: event.softirqVector)
        var tally: Int32 = -1
        if isWanted(event.time, context) {
            tally = context.softirqTally[vector]
            if tally < 0 {
                tally = table.tally(for: key, text: page, at: 0, byteCount: 0, cpu: context.cpu) ?? -1
                context.softirqTally[vector] = tally
            }
            if tally >= 0 { table.countCall(tally, at: event.time, storms: &storms) }
        }
        let raise = context.raised[vector]
        if raise != CPUContext.notRaised {
            context.raised[vector] = CPUContext.notRaised
            if tally >= 0, event.time >= raise {
                recordRaise(vector, event.time &- raise, from: raise, page, &context)
            }
        }
        push(key, time: event.time, pid: event.pid, tally, &context)
    }

    @inline(always)
    private mutating func recordRaise(
        _ vector: Int, _ latency: UInt64, from raise: UInt64, _ page: RawSpan, _ context: inout CPUContext
    ) {
        var tally = context.raiseTally[vector]
        if tally < 0 {
            let key = SpanKey(kind: .raiseLatency, number: UInt64(vector))
            tally = table.tally(for: key, text: page, at: 0, byteCount: 0, cpu: context.cpu) ?? -1
            context.raiseTally[vector] = tally
        }
        if tally >= 0 { table.record(tally, duration: latency, selfTime: latency, from: raise) }
    }

    @inline(always)
    private mutating func enterVector(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        let key = SpanKey(kind: .vector, number: event.vectorIndex)
        var tally: Int32 = -1
        if isWanted(event.time, context) {
            tally = context.vectorTally[Int(event.vectorIndex & 63)]
            if tally < 0 {
                tally = table.tally(for: key, text: page, at: 0, byteCount: 0, cpu: context.cpu) ?? -1
                context.vectorTally[Int(event.vectorIndex & 63)] = tally
            }
            if tally >= 0 { table.countCall(tally, at: event.time, storms: &storms) }
        }
        push(key, time: event.time, pid: event.pid, tally, &context)
    }

    // Numbers, not the event: it would have to lie in memory for the call, at the expense of all other kinds.
    @inline(never)
    private mutating func enterTasklet(
        _ function: UInt64, time: UInt64, pid: Int32, _ page: RawSpan, _ context: inout CPUContext
    ) {
        let key = SpanKey(kind: .tasklet, number: function)
        var tally: Int32 = -1
        if isWanted(time, context) {
            tally = table.tally(for: key, text: page, at: 0, byteCount: 0, cpu: context.cpu) ?? -1
            if tally >= 0 { table.countCall(tally, at: time, storms: &storms) }
        }
        push(key, time: time, pid: pid, tally, &context)
    }

    @inline(always)
    private mutating func push(
        _ key: SpanKey, time: UInt64, pid: Int32, _ tally: Int32, _ context: inout CPUContext
    ) {
        if context.depth == CPUContext.depthLimit { dropOldest(&context) }
        context.stack[context.depth] = OpenSpan(key: key, start: time, nested: 0, tally: tally, pid: pid)
        context.depth &+= 1
    }

    /// Makes room at the top of a full stack by giving up the outermost span.
    @inline(never)
    private mutating func dropOldest(_ context: inout CPUContext) {
        ledger.spansTooDeep &+= 1
        removeOpen(at: 0, &context)
    }

    /// Drops the open span of `key` and all inside of it: it is being entered again.
    @inline(always)
    private mutating func dropOpen(_ key: SpanKey, _ context: inout CPUContext) {
        for index in 0..<context.depth where context.stack[index].key == key {
            ledger.unmatchedEntries &+= UInt64(context.depth &- index)
            context.depth = index
            return
        }
    }

    // MARK: - Exits

    @inline(never)
    private mutating func leaveTasklet(_ function: UInt64, time: UInt64, pid: Int32, _ context: inout CPUContext) {
        end(SpanKey(kind: .tasklet, number: function), time: time, pid: pid, result: 0, &context)
    }

    @inline(always)
    private mutating func leave(_ event: TraceEvent, _ context: inout CPUContext) {
        let isIRQ = event.kind == .irqExit
        let kind: SpanKind = isIRQ ? .irq : event.kind == .softirqExit ? .softirq : .vector
        let number = isIRQ ? event.irq : event.kind == .softirqExit ? event.softirqVector : event.vectorIndex
        end(
            SpanKey(kind: kind, number: number), time: event.time, pid: event.pid, result: event.handlerResult, &context
        )
    }

    /// Ends a span; `result` is what a handler returned.
    @inline(always)
    private mutating func end(
        _ key: SpanKey, time: UInt64, pid: Int32, result: UInt64, _ context: inout CPUContext
    ) {
        // Nearly always it is the innermost.
        var index = context.depth &- 1
        if index < 0 || !isMatch(context.stack[index], key, pid) {
            index = indexOfOuter(key, pid, &context)
            guard index >= 0 else {
                ledger.unmatchedExits &+= 1
                return
            }
        }
        let span = context.stack[index]
        removeOpen(at: index, &context)
        // If the clock ran backwards there is no duration: the difference would wrap to a huge one.
        guard time >= span.start else {
            ledger.unmatchedEntries &+= 1
            return
        }
        let duration = time &- span.start
        // A tasklet is the softirq's own work: only what interrupted it is nested in that too.
        if index > 0 { addNested(key.kind == .tasklet ? span.nested : duration, below: index, &context) }
        guard span.tally >= 0 else { return }
        let others = span.nested &+ span.preempted
        let selfTime = duration >= others ? duration &- others : 0
        table.record(span.tally, duration: duration, selfTime: selfTime, from: span.start, pid: span.pid)
        if duration >= slow.threshold, table.isListed(span.tally) {
            slow.offer(
                SlowSpan(duration: duration, selfTime: selfTime, start: span.start, tally: span.tally, pid: span.pid))
        }
        if key.kind == .irq { table.countResult(span.tally, result) }
    }

    /// Takes what ended off the self time of what it was in: of softirqs that are preempted it took nothing.
    @inline(always)
    private mutating func addNested(_ nanoseconds: UInt64, below index: Int, _ context: inout CPUContext) {
        var outer = index &- 1
        while outer > 0, context.stack[outer].isPreempted { outer &-= 1 }
        if !context.stack[outer].isPreempted { context.stack[outer].nested &+= nanoseconds }
    }

    @inline(always)
    private func isMatch(_ span: OpenSpan, _ key: SpanKey, _ pid: Int32) -> Bool {
        span.key == key && (span.pid == pid || key.kind == .irq || key.kind == .vector)
    }

    /// The place of an open span that is not the innermost, after what is inside of it was dropped; -1 without one.
    @inline(never)
    private mutating func indexOfOuter(_ key: SpanKey, _ pid: Int32, _ context: inout CPUContext) -> Int {
        var index = context.depth &- 1
        while index >= 0, !isMatch(context.stack[index], key, pid) { index &-= 1 }
        if index >= 0 { dropInside(index, pid: pid, &context) }
        return index
    }

    /// Drops the spans inside of the one at `index`: they lost their exit. Softirqs of other tasks
    /// stay: those were preempted (PREEMPT_RT) and go on later.
    private mutating func dropInside(_ index: Int, pid: Int32, _ context: inout CPUContext) {
        var kept = index &+ 1
        for inner in index &+ 1..<context.depth {
            let span = context.stack[inner]
            if context.stack[index].key.kind == .softirq, span.key.kind == .softirq, span.pid != pid {
                context.stack[kept] = span
                kept &+= 1
            } else {
                ledger.unmatchedEntries &+= 1
            }
        }
        context.depth = kept
    }

    @inline(always)
    private mutating func removeOpen(at index: Int, _ context: inout CPUContext) {
        var place = index
        while place < context.depth &- 1 {
            context.stack[place] = context.stack[place &+ 1]
            place &+= 1
        }
        context.depth &-= 1
    }

    /// Starts all counts over; rows, and what is open, stay.
    mutating func startInterval() {
        table.startInterval()
        storms.removeAll()
        slow.removeAll()
        ledger = LossLedger()
        for place in 0..<unused.count { unused[place] = 0 }
    }

    /// Ends storms that still run when the recording ends.
    mutating func finishStorms() { table.finishStorms(log: &storms) }
}
