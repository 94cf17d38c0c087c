// What a CPU's events bring to the deep analysis: all of them, in the order of time, with their names.

extension HandlerPairing {
    /// Decodes and pairs the records of one CPU's page like `feed`, and keeps every event for the deep analysis.
    @inline(never)
    mutating func feedDeep(
        _ page: RawSpan, from cursor: inout PageCursor, decoder: PageDecoder, formats: borrowing EventFormats,
        room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        // Also for events that are not read, of which there may be more than `room`: a record has eight bytes or more.
        log.reserve(page.byteCount / 8)
        if decoder.layout.byteOrder.isSwapped {
            return try feedDeep(
                page, from: &cursor, decoder, formats, isSwapped: true, room: room, context: &context)
        }
        return try feedDeep(page, from: &cursor, decoder, formats, isSwapped: false, room: room, context: &context)
    }

    /// The same for one order of bytes, which is a constant in each of its two copies.
    @inline(__always)
    private mutating func feedDeep(
        _ page: RawSpan, from cursor: inout PageCursor, _ decoder: PageDecoder, _ formats: borrowing EventFormats,
        isSwapped: Bool, room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        try decoder.decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: isSwapped, room: room
        ) { event, page in
            takeDeep(event, page, &context)
        } pass: { index, record in
            unused[Int(index)] &+= 1
            let time = decoder.timeScale?.nanoseconds(record.time) ?? record.time
            let pid = formats.pid(of: record, in: page, isSwapped: isSwapped)
            keepOther(time: time, pid: pid, &context)
        }
    }

    /// Pairs an event and keeps it for the deep analysis.
    @inline(__always)
    mutating func takeDeep(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        if !event.kind.isDeepOnly {
            take(event, page, &context)
        } else if event.kind == .schedSwitch, context.depth > 0 {
            switchTask(from: event.pid, to: Int32(truncatingIfNeeded: event.number0), at: event.time, &context)
        }
        keep(event, page, &context)
    }

    /// Takes what a task loses to others off the self time of its softirqs and tasklets: PREEMPT_RT preempts them.
    @inline(never)
    private mutating func switchTask(
        from previous: Int32, to next: Int32, at time: UInt64, _ context: inout CPUContext
    ) {
        for place in 0..<context.depth {
            let kind = context.stack[place].key.kind
            guard kind == .softirq || kind == .tasklet else { continue }
            if context.stack[place].pid == previous, !context.stack[place].isPreempted {
                context.stack[place].preemptedAt = time
            } else if context.stack[place].pid == next, context.stack[place].isPreempted {
                let since = context.stack[place].preemptedAt
                context.stack[place].preempted &+= time >= since ? time &- since : 0
                context.stack[place].preemptedAt = OpenSpan.notPreempted
            }
        }
    }

    /// Keeps an event for the deep analysis, with its names; there must be room in the log.
    @inline(__always)
    mutating func keep(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        // Those of work are kept in any case.
        if event.kind.isWork { return }
        if event.kind == .schedWaking { hasWaking = true }
        var (name, secondName) = (Int32(0), Int32(0))
        if event.textByteCount > 0 {
            name = names.place(of: page, at: Int(event.textOffset), byteCount: Int(event.textByteCount))
        }
        if event.kind == .schedSwitch {
            let second = event.secondText
            secondName = names.place(of: page, at: second.offset, byteCount: second.byteCount)
        }
        log.append(event, name: name, secondName: secondName, to: &context)
    }

    /// Keeps the time and the task of an event that is not read.
    @inline(__always)
    mutating func keepOther(time: UInt64, pid: Int32, _ context: inout CPUContext) {
        log.append(TraceEvent(.other, time: time, pid: pid, numbers: (0, 0, 0, 0)), to: &context)
    }

    /// Keeps the beginning of a gap: it reaches from the CPU's last event to its next one.
    mutating func keepGap(_ missed: MissedEvents, context: inout CPUContext) {
        log.reserve(1)
        var count: UInt64 = 0
        if case .counted(let known) = missed { count = known }
        log.append(
            TraceEvent(.other, time: context.lastTime, pid: 0, numbers: (count, 0, 0, 0)), role: .gapStart, to: &context
        )
    }
}
