/// Counts which interrupts of some lines nobody claimed.
///
/// The kernel calls all actions of a line, one after the other, and an interrupt is unhandled if none says that it was its
/// own (kernel/irq/handle.c `__handle_irq_event_percpu`). So the calls of an interrupt must be kept together:
///
///     entry A  exit none  entry B  exit handled │ entry A  exit none  entry B  exit none │ …
///                one interrupt, claimed                     one, unhandled
///
/// One begins where the line's first action is called. What is cut by the beginning or by a gap does not count, and
/// nothing can be told of a line of which two actions have one name.
struct UnclaimedCounter {
    /// A line to look at.
    struct Line {
        /// The number of actions that an interrupt calls; 0 if that cannot be told apart.
        let actionCount: Int
        /// The name of the first.
        let first: [UInt8]

        /// - Parameter actions: the names in the kernel's order; empty if unknown, which counts as one.
        init(actions: [String]) {
            let names = actions.map { Array($0.utf8) }
            first = names.first ?? []
            actionCount = Set(names).count < names.count ? 0 : max(names.count, 1)
        }
    }

    /// Whole interrupts of a line.
    struct Counts: Equatable {
        var interrupts: UInt64 = 0
        var unhandled: UInt64 = 0
        var wokeThread: UInt64 = 0
    }

    /// The interrupt that a CPU is at.
    private struct Open {
        var entries = 0
        var exits = 0
        var results: UInt64 = 0
    }

    private let lines: [UInt64: Line]
    private var open: [UInt64: Open] = [:]
    private(set) var counts: [UInt64: Counts] = [:]

    init(lines: [UInt64: Line]) { self.lines = lines }

    /// Takes an event of a CPU, in their order.
    mutating func take(_ event: TraceEvent, _ page: RawSpan, cpu: Int) {
        guard event.kind == .irqEntry || event.kind == .irqExit, let line = lines[event.irq], line.actionCount > 0
        else { return }
        let place = UInt64(cpu) << 32 | event.irq & 0xFFFF_FFFF
        if event.kind == .irqEntry {
            if line.actionCount == 1 || Self.isFirst(line, event, page) {
                open[place] = Open(entries: 1)
            } else {
                open[place]?.entries += 1
            }
            return
        }
        guard var now = open[place] else { return }
        now.exits += 1
        now.results |= event.handlerResult
        guard now.exits == line.actionCount, now.entries == line.actionCount else {
            open[place] = now
            return
        }
        open[place] = nil
        counts[event.irq, default: Counts()].interrupts += 1
        // enum irqreturn: bit 0 handled, bit 1 thread woken.
        if now.results == 0 { counts[event.irq]?.unhandled += 1 }
        if now.results & 2 != 0 { counts[event.irq]?.wokeThread += 1 }
    }

    /// Events of a CPU are missing from here on.
    mutating func noteGap(cpu: Int) {
        for place in open.keys where Int(place >> 32) == cpu { open[place] = nil }
    }

    private static func isFirst(_ line: Line, _ event: TraceEvent, _ page: RawSpan) -> Bool {
        let (offset, count) = (Int(event.textOffset), Int(event.textByteCount))
        guard count == line.first.count else { return false }
        for index in 0..<count where page.byte(at: offset + index) != line.first[index] { return false }
        return true
    }
}
