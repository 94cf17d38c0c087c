import TestSupport

@testable import IRQCore

/// An event as the pairing gets it, or a gap before the next one.
struct Step: Sendable {
    /// The kind of event; nil for a gap.
    var kind: EventKind?
    var numbers: [UInt64] = []
    var text = ""
    var pid: Int32 = 0
    var missed = MissedEvents.none

    static func irqEntry(_ irq: UInt64, _ action: String, pid: Int32 = 0) -> Step {
        Step(kind: .irqEntry, numbers: [irq], text: action, pid: pid)
    }
    static func irqExit(_ irq: UInt64, _ result: UInt64 = 1, pid: Int32 = 0) -> Step {
        Step(kind: .irqExit, numbers: [irq, result], pid: pid)
    }
    static func softirq(_ kind: EventKind, _ vector: UInt64, pid: Int32 = 0) -> Step {
        Step(kind: kind, numbers: [vector], pid: pid)
    }
    static func timer(_ kind: EventKind, pid: Int32 = 0) -> Step { Step(kind: kind, numbers: [0], pid: pid) }
    static func work(_ kind: EventKind, _ work: UInt64, pid: Int32 = 0, function: UInt64 = 0x77) -> Step {
        Step(kind: kind, numbers: kind == .workEnd ? [work] : [work, function], pid: pid)
    }
    static func gap(_ count: UInt64?) -> Step { Step(missed: count.map { .counted($0) } ?? .unknown) }

    /// The event at `time`; nil for a gap.
    func event(at time: UInt64) -> TraceEvent? {
        kind.map { TraceEvent($0, time: time, pid: pid, numbers: numbers, textByteCount: text.utf8.count) }
    }

    /// Feeds a shard with it.
    func feed(_ shard: inout ShardAnalysis, at time: UInt64, slot: Int) {
        guard let event = event(at: time) else { return shard.feed(gap: missed, at: time, slot: slot) }
        let bytes = Array(text.utf8)
        let span = bytes.span
        shard.feed(event: event, text: span.bytes, slot: slot)
    }
}

/// The steps of one CPU with their times.
typealias Steps = [(UInt64, Step)]
