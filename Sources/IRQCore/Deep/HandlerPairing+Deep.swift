// What a CPU's events bring to the deep analysis: all of them, in the order of time, with their names.

extension HandlerPairing {
    /// Decodes and pairs the records of one CPU's page like `feed`, and keeps every event for the deep analysis.
    @inline(never)
    mutating func feedDeep(
        _ page: RawSpan, from cursor: inout PageCursor, decoder: PageDecoder, formats: borrowing EventFormats,
        room: Int, context: inout CPUContext
    ) throws(PageError) -> Bool {
        let isSwapped = decoder.layout.byteOrder.isSwapped
        // Also for events that are not read, of which there may be more than `room`: a record has eight bytes or more.
        log.reserve(page.byteCount / 8)
        return try decoder.decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: isSwapped, room: room
        ) { event, page in
            if !event.kind.isDeepOnly { take(event, page, &context) }
            keep(event, page, &context)
        } pass: { index, record in
            unused[Int(index)] &+= 1
            let time = decoder.timeScale?.nanoseconds(record.time) ?? record.time
            let pid = formats.pid(of: record, in: page, isSwapped: isSwapped)
            keepOther(time: time, pid: pid, &context)
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
