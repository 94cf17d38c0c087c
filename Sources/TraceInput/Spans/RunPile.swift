import IRQCore

/// The runs of tasks, and the arrows from what woke them, as records of a pile.
///
/// An arrow is a record at the beginning of the span that woke; it is sorted before that span, whose row nobody knows here.
/// The run at its other end has the same number in place of the own time.
final class RunPile: RunSink {
    /// The rows of such records.
    static let runRow: Int32 = -1
    static let arrowRow: Int32 = -2

    let pile: SpanPile
    private(set) var names: [Int32: String] = [:]
    private let selection: RowSelection
    private var arrowCount: UInt64 = 0
    private var open: [UInt32: Open] = [:]

    private struct Open {
        let pid: Int32
        let start: UInt64
        let wake: RunWake?
    }

    init(_ pile: SpanPile, _ selection: RowSelection) {
        self.pile = pile
        self.selection = selection
    }

    func change(cpu: UInt32, at time: UInt64, to pid: Int64, wake: RunWake?) {
        if let ended = open[cpu], ended.start <= time { add(ended, cpu, until: time) }
        open[cpu] = pid > 0 && pid <= Int64(Int32.max) ? Open(pid: Int32(pid), start: time, wake: wake) : nil
    }

    private func add(_ run: Open, _ cpu: UInt32, until end: UInt64) {
        // Of some interrupts those runs are left that they led to.
        if let irqs = selection.irqs {
            guard let irq = run.wake?.irq, irqs.contains(where: { $0.contains(irq) }) else { return }
        }
        var number: UInt64 = 0
        if let wake = run.wake, wake.startNanoseconds <= run.start {
            arrowCount += 1
            number = arrowCount
            pile.put(
                FinishedSpan(
                    row: Self.arrowRow, cpu: wake.cpu, pid: -1, startNanoseconds: wake.startNanoseconds,
                    durationNanoseconds: .max, selfNanoseconds: number))
        }
        pile.put(
            FinishedSpan(
                row: Self.runRow, cpu: cpu, pid: run.pid, startNanoseconds: run.start,
                durationNanoseconds: end - run.start, selfNanoseconds: number))
    }

    func forget(cpu: UInt32) { open[cpu] = nil }

    func finish(names: [Int32: String]) {
        self.names = names
        pile.finish(vectorNames: [])
    }
}
