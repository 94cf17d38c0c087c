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
        return decoder.layout.byteOrder.isSwapped
            ? try feedDeepSwapped(page, from: &cursor, decoder, formats, room: room, context: &context)
            : try feedDeepNative(page, from: &cursor, decoder, formats, room: room, context: &context)
    }

    // The order of bytes is a constant in each of the two.

    @inline(never)
    private mutating func feedDeepNative(
        _ page: RawSpan, from cursor: inout PageCursor, _ decoder: PageDecoder, _ formats: borrowing EventFormats,
        room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        @inline(always) func read(_ index: UInt16, _ record: PassedRecord, _ page: RawSpan, _ isBig: Bool) -> Bool {
            takeRecord(index, record, page, formats, isSwapped: false, isBig: isBig, &context)
        }
        @inline(always) func pass(_ index: UInt16, _ record: PassedRecord) {
            self.pass(index, record, page, decoder, formats, isSwapped: false, &context)
        }
        return try decoder.decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: false, room: room, read: read, pass: pass)
    }

    @inline(never)
    private mutating func feedDeepSwapped(
        _ page: RawSpan, from cursor: inout PageCursor, _ decoder: PageDecoder, _ formats: borrowing EventFormats,
        room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        @inline(always) func read(_ index: UInt16, _ record: PassedRecord, _ page: RawSpan, _ isBig: Bool) -> Bool {
            takeRecord(index, record, page, formats, isSwapped: true, isBig: isBig, &context)
        }
        @inline(always) func pass(_ index: UInt16, _ record: PassedRecord) {
            self.pass(index, record, page, decoder, formats, isSwapped: true, &context)
        }
        return try decoder.decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: true, room: room, read: read, pass: pass)
    }

    /// Counts an event that is not read, and keeps its time and task.
    @inline(always)
    private mutating func pass(
        _ index: UInt16, _ record: PassedRecord, _ page: RawSpan, _ decoder: PageDecoder,
        _ formats: borrowing EventFormats, isSwapped: Bool, _ context: inout CPUContext
    ) {
        unused[Int(index)] &+= 1
        let time = decoder.timeScale?.nanoseconds(record.time) ?? record.time
        let pid = formats.pid(of: record, in: page, isSwapped: isSwapped)
        keepOther(time: time, pid: pid, &context)
    }

    // An event is many numbers. Where they would lie in memory between their reading and the log, as a whole event must
    // for a call, each would be waited for there: so they go from the page to the log one by one.

    /// Reads the fields of a record, pairs the event and keeps it; false if a field lies outside of the record.
    @inline(always)
    private mutating func takeRecord(
        _ index: UInt16, _ record: PassedRecord, _ page: RawSpan, _ formats: borrowing EventFormats, isSwapped: Bool,
        isBig: Bool, _ context: inout CPUContext
    ) -> Bool {
        let place = Int(index & ~EventFormats.wantedBit)
        guard formats.layouts[place].byteCount > 0 else {
            if formats.layouts[place].wideByteCount == 0 || !formats.layouts[place].kind.isDeepOnly {
                return takeOther(index, record, page, formats, isSwapped: isSwapped, isBig: isBig, &context)
            }
            return isSwapped
                ? takeWideSwapped(place, record, page, formats, &context)
                : takeWideNative(place, record, page, formats, &context)
        }
        let layout = formats.layouts[place]
        guard record.start &+ Int(layout.byteCount) <= record.end,
            let pid = page.load(at: record.start &+ Int(layout.pidOffset), as: Int32.self, isSwapped: isSwapped),
            let first = page.load(at: record.start &+ Int(layout.firstOffset), as: Int32.self, isSwapped: isSwapped)
        else { return false }
        var second: UInt64 = 0
        if layout.hasSecond {
            guard
                let number = page.load(
                    at: record.start &+ Int(layout.secondOffset), as: Int32.self, isSwapped: isSwapped)
            else { return false }
            second = UInt64(bitPattern: Int64(number)) & layout.secondMask
        }
        let number = UInt64(bitPattern: Int64(first)) & layout.firstMask | layout.vectorIndex
        var name: Int32 = 0
        if layout.kind.isDeepOnly {
            if layout.hasText, let field = formats.formats[place].text {
                guard let found = self.name(field, record, page, isSwapped: isSwapped) else { return false }
                name = found
            }
            noteScheduler(layout.kind, from: pid, to: number, at: record.time, &context)
        } else {
            var text = (offset: 0, byteCount: 0)
            if layout.hasText, let field = formats.formats[place].text {
                guard
                    let found = EventFormats.find(
                        field, in: page, at: record.start, end: record.end, isSwapped: isSwapped)
                else { return false }
                text = found
                name = names.place(of: page, at: found.offset, byteCount: found.byteCount)
            }
            let event = TraceEvent(
                layout.kind, time: record.time, pid: pid, numbers: (number, second, 0, 0),
                textOffset: Int32(truncatingIfNeeded: text.offset),
                textByteCount: Int32(truncatingIfNeeded: text.byteCount))
            take(event, page, &context)
            // Those of work are kept in any case.
            if layout.kind.isWork { return true }
        }
        log.append(
            CrossCPURecord(layout.kind, time: record.time, pid: pid, numbers: (number, second, 0), name: name),
            to: &context)
        return true
    }

    @inline(never)
    private mutating func takeWideNative(
        _ place: Int, _ record: PassedRecord, _ page: RawSpan, _ formats: borrowing EventFormats,
        _ context: inout CPUContext
    ) -> Bool {
        takeWide(place, record, page, formats, isSwapped: false, &context)
    }

    @inline(never)
    private mutating func takeWideSwapped(
        _ place: Int, _ record: PassedRecord, _ page: RawSpan, _ formats: borrowing EventFormats,
        _ context: inout CPUContext
    ) -> Bool {
        takeWide(place, record, page, formats, isSwapped: true, &context)
    }

    /// The same for more numbers, and larger ones, of events that matter to the deep analysis alone.
    @inline(always)
    private mutating func takeWide(
        _ place: Int, _ record: PassedRecord, _ page: RawSpan, _ formats: borrowing EventFormats, isSwapped: Bool,
        _ context: inout CPUContext
    ) -> Bool {
        #if _endian(little)
            let isBig = isSwapped
        #else
            let isBig = !isSwapped
        #endif
        let start = record.start
        guard start &+ Int(formats.layouts[place].wideByteCount) <= record.end,
            let pid = page.load(
                at: start &+ Int(formats.layouts[place].pidOffset), as: Int32.self, isSwapped: isSwapped)
        else { return false }
        let count = Int(formats.layouts[place].numberCount)
        var numbers = (formats.layouts[place].vectorIndex, UInt64(0), UInt64(0))
        if count > 0 {
            numbers.0 |= formats.layouts[place].numbers[0].read(page, start, isSwapped: isSwapped, isBig: isBig)
        }
        if count > 1 {
            numbers.1 = formats.layouts[place].numbers[1].read(page, start, isSwapped: isSwapped, isBig: isBig)
        }
        if count > 2 {
            numbers.2 = formats.layouts[place].numbers[2].read(page, start, isSwapped: isSwapped, isBig: isBig)
        }
        var (name, secondName) = (Int32(0), Int32(0))
        if formats.layouts[place].hasText, let field = formats.formats[place].text {
            guard let found = self.name(field, record, page, isSwapped: isSwapped) else { return false }
            name = found
        }
        if formats.layouts[place].hasSecondText, let field = formats.formats[place].secondText {
            guard let found = self.name(field, record, page, isSwapped: isSwapped) else { return false }
            secondName = found
        }
        let kind = formats.layouts[place].kind
        noteScheduler(kind, from: pid, to: numbers.0, at: record.time, &context)
        log.append(
            CrossCPURecord(kind, time: record.time, pid: pid, numbers: numbers, name: name, secondName: secondName),
            to: &context)
        return true
    }

    /// The place of the name in a field of a record; nil if that lies outside of it.
    @inline(always)
    private mutating func name(
        _ field: TextField, _ record: PassedRecord, _ page: RawSpan, isSwapped: Bool
    ) -> Int32? {
        if field.encoding == .array, field.byteCount == 16 {
            let start = record.start &+ Int(field.offset)
            return start &+ 16 <= record.end ? names.place(ofField: page, at: start) : nil
        }
        guard let found = EventFormats.find(field, in: page, at: record.start, end: record.end, isSwapped: isSwapped)
        else { return nil }
        return names.place(of: page, at: found.offset, byteCount: found.byteCount)
    }

    /// The same for any event whose numbers are not the usual ones.
    @inline(never)
    private mutating func takeOther(
        _ index: UInt16, _ record: PassedRecord, _ page: RawSpan, _ formats: borrowing EventFormats, isSwapped: Bool,
        isBig: Bool, _ context: inout CPUContext
    ) -> Bool {
        guard
            let event =
                formats.layouts[Int(index & ~EventFormats.wantedBit)].wideByteCount > 0
                ? formats.wideEvent(
                    index, head: record.head, in: page, at: record.start, end: record.end, isSwapped: isSwapped,
                    isBig: isBig, time: record.time)
                : formats.uncommonEvent(
                    index, in: page, at: record.start, end: record.end, isSwapped: isSwapped, time: record.time)
        else { return false }
        takeDeep(event, page, &context)
        return true
    }

    /// Pairs an event and keeps it for the deep analysis.
    @inline(always)
    mutating func takeDeep(_ event: TraceEvent, _ page: RawSpan, _ context: inout CPUContext) {
        if event.kind.isDeepOnly {
            noteScheduler(event.kind, from: event.pid, to: event.number0, at: event.time, &context)
        } else {
            take(event, page, &context)
        }
        keep(event, page, &context)
    }

    /// Notes that there is sched_waking, and what a switch means for the spans that are open.
    @inline(always)
    private mutating func noteScheduler(
        _ kind: EventKind, from previous: Int32, to next: UInt64, at time: UInt64, _ context: inout CPUContext
    ) {
        if kind == .schedWaking {
            hasWaking = true
        } else if kind == .schedSwitch, context.depth > 0 {
            switchTask(from: previous, to: Int32(truncatingIfNeeded: next), at: time, &context)
        }
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
    @inline(always)
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
        log.append(
            CrossCPURecord(
                event.kind, time: event.time, pid: event.pid, numbers: (event.number0, event.number1, event.number2),
                name: name, secondName: secondName),
            to: &context)
    }

    /// Keeps the time and the task of an event that is not read.
    @inline(always)
    mutating func keepOther(time: UInt64, pid: Int32, _ context: inout CPUContext) {
        log.append(CrossCPURecord(.other, time: time, pid: pid, numbers: (0, 0, 0)), to: &context)
    }

    /// Keeps the beginning of a gap: it reaches from the CPU's last event to its next one.
    mutating func keepGap(_ missed: MissedEvents, context: inout CPUContext) {
        log.reserve(1)
        var count: UInt64 = 0
        if case .counted(let known) = missed { count = known }
        log.append(
            CrossCPURecord(.other, role: .gapStart, time: context.lastTime, pid: 0, numbers: (count, 0, 0)),
            to: &context)
    }
}
