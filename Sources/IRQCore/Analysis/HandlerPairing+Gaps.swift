extension HandlerPairing {
    /// Events of this CPU are missing from here on: what is open has no known end.
    ///
    /// - Parameters:
    ///   - time: that of the first event after the gap; of an open one when it was told.
    ///   - isOpen: true if the time of the next event is not known yet; then `endGap` is to follow.
    mutating func dropAll(missed: MissedEvents, time: UInt64, isOpen: Bool = false, context: inout CPUContext) {
        ledger.gaps &+= 1
        if case .counted(let count) = missed { ledger.lostEvents &+= count } else { ledger.gapsOfUnknownSize &+= 1 }
        ledger.spansDroppedAtGaps &+= UInt64(context.depth)
        if !isOpen { noteGap(from: context.lastTime, to: time, context: &context) }
        context.depth = 0
        for vector in 0..<CPUContext.softirqLimit { context.raised[vector] = CPUContext.notRaised }
        // First, for it begins before.
        if isDeep { keepGap(missed, context: &context) }
        dropWork(at: time, context: &context)
    }

    /// Ends an open gap at the next event of the CPU; `.max` stands for the end of the recording.
    mutating func endGap(at time: UInt64, context: inout CPUContext) {
        noteGap(from: context.missingSince, to: time, context: &context)
        context.missingSince = .max
        // What was queued since may have run, and been queued again, where events are missing.
        if time != .max { dropWork(at: time, context: &context) }
    }

    private mutating func dropWork(at time: UInt64, context: inout CPUContext) {
        log.reserve(1)
        log.append(CrossCPURecord(.workEnd, role: .gapEnd, time: time, pid: 0, numbers: (0, 0, 0)), to: &context)
    }

    private mutating func noteGap(from start: UInt64, to end: UInt64, context: inout CPUContext) {
        context.missing.add(from: start, to: end, window: from, length: length)
        table.handOutGap(onCPU: context.cpu, from: start, to: end)
    }
}
