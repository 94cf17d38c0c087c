import IRQCore
import Rendering

/// Any bytes as keys for `top` on a box with rows that come and go, CPUs that do, and names that nobody should have.
///
/// A byte is a key; those from 0xC0 on change the box or the size of the screen instead. After each a frame is drawn.
func pressKeys(_ span: RawSpan) {
    let machine = TopMachine()
    var state = TopState()
    var frame = TopScreen(facts: TopFacts(kernel: "6.1", clock: "12:34:56", root: nil))
    var (rowCount, columnCount) = (24, 80)
    for offset in 0..<min(span.byteCount, 96) {
        let byte = span.byte(at: offset) ?? 0
        switch byte {
        case 0xF0...: rowCount = [0, 1, 2, 3, 5, 10, 24, 40, 60, 100, 8, 12, 15, 18, 30, 50][Int(byte & 15)]
        case 0xE0...: columnCount = [0, 1, 2, 10, 20, 40, 60, 79, 80, 100, 120, 160, 200, 300, 30, 50][Int(byte & 15)]
        case 0xC0...: machine.change(byte & 31)
        case 0x80...:
            frame.setPlan(byte & 1 == 0 ? nil : ["a title", "a line \u{1B}[2J", ""])
            frame.setWanted(byte & 2 == 0 ? nil : [true, false, true])
        default:
            let key = key(byte)
            state.take(key, rowCount: frame.rowCount, pageCount: frame.pageCount) { [view = state.view] place in
                frame.serial(machine.box, view, place)
            }
        }
        // Whoever runs the screen takes these back.
        (state.isForgetting, state.isPlanning) = (false, false)
        if state.isDone { return }
        var screen = Screen(byte & 1 == 0 ? .unicode : .ascii)
        screen.begin(rowCount: rowCount, columnCount: columnCount)
        frame.draw(machine.box, &state, on: &screen)
        check(screen)
        precondition(state.cursor >= 0 && state.firstRow >= 0 && state.firstLine >= 0 && state.firstColumn >= 0)
        precondition(state.cursor < max(frame.rowCount, 1) || state.view.hasNoCursor)
        precondition((100_000_000...3_600_000_000_000).contains(state.intervalNanoseconds))
    }
}

extension TopState.View {
    fileprivate var hasNoCursor: Bool { ![.interrupts, .softirqs, .cpus, .tasks].contains(self) }
}

private func key(_ byte: UInt8) -> TopKey {
    let named: [TopKey] = [
        .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .enter, .escape, .backspace,
    ]
    if byte < 11 { return named[Int(byte)] }
    return byte < 0x20 ? .function(Int(byte) - 11) : .character(UInt32(byte))
}

private func check(_ screen: borrowing Screen) {
    for row in 0..<screen.rowCount {
        for column in 0..<screen.columnCount {
            let scalar = screen.cell(row, column).scalar
            let isDrawn = (0xA1...0x24F).contains(scalar) && scalar != 0xAD || (0x2026...0x259F).contains(scalar)
            precondition((0x20...0x7E).contains(scalar) || isDrawn && screen.isUnicode)
        }
    }
}

/// A box whose counters a test moves on.
private final class TopMachine {
    let box = Box()
    private var cpus = [0, 1, 2, 3]
    private var rows = ["36", "40", "41", "LOC", "ERR", "FIQ", "36"]
    private var time: UInt64 = 0
    private var count: UInt64 = 0

    init() {
        sample(1)
        sample(1000)
    }

    /// Something that happens between samples, and the next sample.
    func change(_ what: UInt8) {
        switch what {
        case 0: cpus = [0, 1, 2, 3]
        case 1: cpus = [0, 2, 3]
        case 2: cpus = [0]
        case 3: cpus = Array(0..<40)
        case 4: rows.reverse()
        case 5: if rows.count > 1 { rows.removeFirst() }
        case 6: rows.append("\(50 + rows.count)")
        case 7: rows = Array(rows.prefix(1))
        case 8: count = 0
        case 9: box.problems = box.problems.isEmpty ? ["/proc/softirqs: \u{1B}]0;x\u{07}"] : []
        case 10: rows = (0..<60).map { "\($0)" }
        default: break
        }
        sample(UInt64(1) << UInt64(what & 15))
    }

    private func sample(_ delta: UInt64) {
        time += 1_000_000_000
        count &+= delta
        var text = "     " + cpus.map { "CPU\($0) " }.joined() + "\n"
        for (place, label) in rows.enumerated() {
            let columns = label == "FIQ" ? [] : cpus.map { "\(count &* UInt64($0 + place))" }
            let counts = label == "ERR" ? "\(count)" : columns.joined(separator: " ")
            let tail = place % 3 == 1 ? "PCI-MSI 1-edge \u{1B}[2Jevil\u{202E}\(place)" : place % 3 == 2 ? "" : "GICv3 5 Level name\(place)"
            text += "\(label): \(counts) \(label == "ERR" ? "" : tail)\n"
        }
        take(text, "     " + cpus.map { "CPU\($0) " }.joined() + "\nTIMER: " + cpus.map { _ in "\(count)" }.joined(separator: " ") + "\n")
    }

    private func take(_ interrupts: String, _ softirqs: String) {
        func fill(_ sample: inout CounterSample, _ text: String) throws(ProcTextError) {
            (sample.startNanoseconds, sample.endNanoseconds) = (time, time)
            let bytes = Array(text.utf8)
            try sample.parse(unsafe bytes.span.bytes)
        }
        try? box.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in try fill(&sample, interrupts) }
        try? box.takeSoftirqs { (sample: inout CounterSample) throws(ProcTextError) in try fill(&sample, softirqs) }
        box.marks = []
        for row in 0..<box.interrupts.sample.table.rowCount {
            box.marks.append([])
            if box.isUnknown(row) { box.learn(row) { _ in true } }
            box.mark(row)
        }
    }
}
