/// The way of perf's samples into the analysis.
extension ShardAnalysis {
    /// Feeds the samples from `offset` on, until something else comes or they end. They must be in the order of time on
    /// each CPU, but for what lies near each other.
    ///
    /// - Parameters:
    ///   - bytes: records one after another.
    ///   - offset: the place of a record; then that of the first one that was not fed.
    /// - Returns: `.late` at a sample that is too early, else `.otherRecord`.
    public mutating func feed(
        samples bytes: RawSpan, from offset: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts
    ) -> SampleStop {
        while true {
            let (end, isInOrder) = table.scan(bytes, from: offset)
            if end == offset { return .otherRecord }
            let stop: SampleStop
            if isInOrder {
                stop = feed(
                    run: bytes.extracting(0..<end), from: &offset, table: table, formats: formats, counts: &counts)
            } else {
                let copy = table.sorted(bytes, offset..<end)
                let span = copy.span
                var place = 0
                // Plain bytes have no padding.
                stop = unsafe feed(run: span.bytes, from: &place, table: table, formats: formats, counts: &counts)
                offset = end
            }
            if stop == .late || offset < end { return stop }
        }
    }

    /// Feeds the samples of `bytes`, for each 512 of which room is made.
    private mutating func feed(
        run bytes: RawSpan, from offset: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts
    ) -> SampleStop {
        while true {
            pairing.reserve(
                events: HandlerPairing.eventsAtOnce,
                unusedNameCount: formats.unusedNames.count + table.otherNames.count, cpuCount: contexts.count)
            let stop =
                pairing.isDeep
                ? feedDeep(bytes, from: &offset, table: table, formats: formats, counts: &counts)
                : table.byteOrder.isSwapped
                    ? feedSwapped(bytes, from: &offset, table: table, formats: formats, counts: &counts)
                    : feedNative(bytes, from: &offset, table: table, formats: formats, counts: &counts)
            pairing.decideNewRows()
            switch stop {
            case .full: break
            case .newCPU(let cpu): _ = slot(makingCPU: cpu)
            case .late, .otherRecord: return stop
            }
        }
    }

    @inline(never)
    private mutating func feedNative(
        _ bytes: RawSpan, from offset: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts
    ) -> SampleStop {
        var left = HandlerPairing.eventsAtOnce
        if table.uniformBody > 0 {
            feedQuick(bytes, from: &offset, table: table, formats: formats, left: &left, counts: &counts)
            if left == 0 { return .full }
        }
        return feedSamples(
            bytes, from: &offset, table: table, formats: formats, counts: &counts, isSwapped: false, room: left)
    }

    /// Feeds samples as long as they are what nearly all are: records of tracepoints of one layout, in this machine's byte order,
    /// of CPUs that are known, in the order of time. Whatever else comes is left to `feedSamples`.
    @inline(never)
    #if !DEBUG
        @_noAllocation
    #endif
    private mutating func feedQuick(
        _ bytes: RawSpan, from place: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        left: inout Int, counts: inout SampleCounts
    ) {
        let (body, timeOffset, cpuOffset) = (table.uniformBody, table.timeOffset, table.cpuOffset)
        let byteCount = bytes.byteCount
        var offset = place
        var (lastCPU, slot) = (UInt32.max, -1)
        var used: UInt64 = 0
        let room = left
        while left > 0, let header = SampleHeader.read(bytes, at: offset, isSwapped: false),
            header.type == SampleHeader.sample, !header.isGuest, header.byteCount >= body &+ 8,
            offset &+ header.byteCount <= byteCount, table.isQuick(bytes, at: offset),
            // The size of the record and its first four bytes in one load.
            let pair = bytes.load(at: offset &+ body, as: UInt64.self, isSwapped: false),
            let time = bytes.load(at: offset &+ timeOffset, as: UInt64.self, isSwapped: false),
            let cpu = bytes.load(at: offset &+ cpuOffset, as: UInt32.self, isSwapped: false)
        {
            #if _endian(little)
                let (size, head) = (UInt32(truncatingIfNeeded: pair), UInt32(truncatingIfNeeded: pair >> 32))
                let index = formats.index(of: UInt16(truncatingIfNeeded: head))
            #else
                let (size, head) = (UInt32(truncatingIfNeeded: pair >> 32), UInt32(truncatingIfNeeded: pair))
                let index = formats.index(of: UInt16(truncatingIfNeeded: head >> 16))
            #endif
            guard size >= 4, Int(size) <= header.byteCount &- body &- 4 else { break }
            if slot < 0 || cpu != lastCPU {
                slot = self.slot(ofCPU: cpu)
                // Gaps are told between the records that this loop takes.
                if slot < 0 || contexts[slot].missingSince != .max { break }
                lastCPU = cpu
            }
            guard time >= contexts[slot].lastTime else { break }
            let start = offset &+ body &+ 4
            if EventFormats.isWanted(index) {
                guard
                    let event = formats.commonEvent(
                        index, head: head, in: bytes, at: start, end: start &+ Int(size), time: time)
                else { break }
                pairing.take(event, bytes, &contexts[slot])
                used &+= 1
            } else {
                pairing.pass(Int(index))
            }
            if time < contexts[slot].firstTime { contexts[slot].firstTime = time }
            contexts[slot].lastTime = time
            left &-= 1
            offset &+= header.byteCount
        }
        place = offset
        pairing.ledger.events &+= UInt64(truncatingIfNeeded: room &- left)
        pairing.ledger.usedEvents &+= used
        if slot >= 0 { counts.lastTime = contexts[slot].lastTime }
    }

    @inline(never)
    private mutating func feedSwapped(
        _ bytes: RawSpan, from offset: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts
    ) -> SampleStop {
        feedSamples(bytes, from: &offset, table: table, formats: formats, counts: &counts, isSwapped: true)
    }

    /// The same for the deep analysis, which keeps all events and their names.
    @inline(never)
    private mutating func feedDeep(
        _ bytes: RawSpan, from offset: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts
    ) -> SampleStop {
        feedSamples(
            bytes, from: &offset, table: table, formats: formats, counts: &counts,
            isSwapped: table.byteOrder.isSwapped, isDeep: true)
    }

    /// The loop; `isSwapped` is a constant where it is inlined. Stops with `.full` after as many samples as there is room for.
    @inline(always)
    private mutating func feedSamples(
        _ bytes: RawSpan, from place: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts, isSwapped: Bool, isDeep: Bool = false, room: Int = HandlerPairing.eventsAtOnce
    ) -> SampleStop {
        var offset = place
        var left = room
        var (lastCPU, slot) = (UInt32.max, -1)
        defer {
            place = offset
            if slot >= 0 { counts.lastTime = contexts[slot].lastTime }
        }
        let otherBase = formats.unusedNameCount &+ 1
        while let header = SampleHeader.read(bytes, at: offset, isSwapped: isSwapped),
            header.type == SampleHeader.sample
        {
            let end = offset &+ header.byteCount
            guard header.byteCount >= 8, end <= bytes.byteCount else { return .otherRecord }
            if left == 0 { return .full }
            left &-= 1
            let start = offset
            guard !header.isGuest else {
                counts.guests &+= 1
                offset = end
                continue
            }
            guard let layout = table.layout(bytes, at: start, isSwapped: isSwapped) else {
                counts.unknown &+= 1
                offset = end
                continue
            }
            guard layout.isRecord else {
                pairing.ledger.events &+= 1
                pairing.pass(otherBase &+ Int(layout.otherPlace))
                offset = end
                continue
            }
            var raw = start &+ Int(layout.bodyOffset)
            if layout.isVariable {
                raw = layout.rawOffset(bytes, at: start, end: end, isSwapped: isSwapped) ?? end
            }
            guard raw &+ 4 <= end,
                let byteCount = bytes.load(at: raw, as: UInt32.self, isSwapped: isSwapped),
                Int(byteCount) <= end &- raw &- 4, byteCount >= 4,
                let time = bytes.load(at: start &+ Int(layout.timeOffset), as: UInt64.self, isSwapped: isSwapped),
                let cpu = bytes.load(at: start &+ Int(layout.cpuOffset), as: UInt32.self, isSwapped: isSwapped)
            else {
                counts.malformed &+= 1
                offset = end
                continue
            }
            if slot < 0 || cpu != lastCPU {
                slot = self.slot(ofCPU: cpu)
                guard slot >= 0 else {
                    if cpu < ProcTextLimits.kernelCPUCount { return .newCPU(Int(cpu)) }
                    counts.malformed &+= 1
                    offset = end
                    continue
                }
                lastCPU = cpu
            }
            if time < contexts[slot].lastTime { return .late }
            if contexts[slot].missingSince != .max { endGap(slot: slot, at: time) }
            feedRecord(
                bytes, at: raw &+ 4, end: raw &+ 4 &+ Int(byteCount), time: time, slot: slot, formats: formats,
                counts: &counts, isSwapped: isSwapped, isDeep: isDeep)
            offset = end
        }
        return .otherRecord
    }

    /// Feeds the record of a tracepoint, which has four bytes at least.
    @inline(always)
    private mutating func feedRecord(
        _ bytes: RawSpan, at start: Int, end: Int, time: UInt64, slot: Int, formats: borrowing EventFormats,
        counts: inout SampleCounts, isSwapped: Bool, isDeep: Bool
    ) {
        #if _endian(little)
            let isBig = isSwapped
        #else
            let isBig = !isSwapped
        #endif
        guard let head = bytes.load(at: start, as: UInt32.self, isSwapped: isSwapped) else { return }
        if time < contexts[slot].firstTime { contexts[slot].firstTime = time }
        contexts[slot].lastTime = time
        pairing.ledger.events &+= 1
        let index = formats.index(of: UInt16(truncatingIfNeeded: isBig ? head >> 16 : head))
        guard EventFormats.isWanted(index) else {
            pairing.pass(Int(index))
            if isDeep {
                let record = PassedRecord(time: time, head: head, start: start, end: end)
                pairing.keepOther(
                    time: time, pid: formats.pid(of: record, in: bytes, isSwapped: isSwapped), &contexts[slot])
            }
            return
        }
        let isWhole = formats.read(
            index, head: head, in: bytes, at: start, end: end, isSwapped: isSwapped, isBig: isBig, time: time
        ) { event, bytes in
            pairing.take(event, bytes, &contexts[slot])
            if isDeep { pairing.keep(event, bytes, &contexts[slot]) }
        } takeRare: { event, bytes in
            pairing.takeRare(event, bytes, &contexts[slot])
            if isDeep { pairing.keep(event, bytes, &contexts[slot]) }
        }
        if isWhole {
            pairing.ledger.usedEvents &+= 1
        } else {
            counts.malformed &+= 1
        }
    }

    /// Feeds one record of a tracepoint; false, and nothing done, if it is earlier than the last one of its CPU.
    mutating func feed(
        record bytes: RawSpan, time: UInt64, slot: Int, formats: borrowing EventFormats, isSwapped: Bool,
        counts: inout SampleCounts
    ) -> Bool {
        guard time >= contexts[slot].lastTime else { return false }
        if contexts[slot].missingSince != .max { endGap(slot: slot, at: time) }
        pairing.reserve(events: 1, unusedNameCount: formats.unusedNames.count)
        feedRecord(
            bytes, at: 0, end: bytes.byteCount, time: time, slot: slot, formats: formats, counts: &counts,
            isSwapped: isSwapped, isDeep: pairing.isDeep)
        pairing.decideNewRows()
        return true
    }

    /// Counts the samples that could not be read, of all that was fed.
    public mutating func noteUnread(_ counts: SampleCounts) {
        pairing.ledger.malformedEvents &+= counts.malformed
        pairing.ledger.undescribedEvents &+= counts.unknown
    }

    // MARK: - CPUs

    /// The highest CPU with a slot, and one.
    public var cpuNumberLimit: Int { slotByCPU.count }

    /// The slot of a CPU; -1 if it has none.
    @inline(always)
    private func slot(ofCPU cpu: UInt32) -> Int {
        cpu < UInt32(truncatingIfNeeded: slotByCPU.count) ? Int(slotByCPU[Int(cpu)]) : -1
    }

    /// The slot of a CPU, made if it has none; nil if there cannot be such a CPU.
    public mutating func slot(makingCPU cpu: Int) -> Int? {
        guard cpu >= 0, cpu < ProcTextLimits.kernelCPUCount else { return nil }
        let known = slot(ofCPU: UInt32(cpu))
        if known >= 0 { return known }
        slotByCPU.resize(to: max(slotByCPU.count, cpu + 1), filling: -1)
        slotByCPU[cpu] = Int32(addCPU(cpu))
        return Int(slotByCPU[cpu])
    }
}
