@testable import IRQCore

/// Any bytes as what happens to a box from minute to minute, of which `alert` judges each: once with the state in memory, once
/// through the bytes of its file. Both must tell the same.
///
/// The first byte chooses rules; each minute has four.
func judgeMinutes(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    var rules = AlertRules()
    rules.forNanoseconds = [0, 30, 60, 300][Int(choice & 3)] * 1_000_000_000
    if choice & 4 != 0 { (rules.rates.warn, rules.rates.crit) = (100, 10_000) }
    if choice & 8 != 0 { rules.usesBaseline = false }
    var machine = MinuteMachine()
    var state = AlertState()
    machine.sample(into: &state)
    for offset in stride(from: 1, to: min(span.byteCount - 3, 160), by: 4) {
        func byte(_ place: Int) -> UInt8 { span.byte(at: offset + place) ?? 0 }
        machine.pass(byte(0), byte(1), byte(2), byte(3))
        var bytes: [UInt8] = []
        AlertStateFile.write(state) { bytes += $0 }
        guard let read = try? AlertStateFile.decode(bytes) else { preconditionFailure("a state cannot be read") }
        precondition(read == state)
        guard machine.text(state.interrupts) else { return }
        let before = state.memory
        var outcome = judge(&state, machine, rules)
        var other = read
        let again = judge(&other, machine, rules)
        precondition(outcome.memory == again.memory && outcome.findings.map(\.key) == again.findings.map(\.key))
        check(outcome, before)
        if byte(0) & 0x40 == 0 { AlertEngine.acknowledge(outcome.findings.filter(\.isChange), in: &outcome.memory) }
        state.memory = outcome.memory
        if byte(0) & 0x80 != 0 {
            state.memory = AlertEngine.startOver(state.memory)
            precondition(state.memory.alerts.values.allSatisfy { $0.level == .ok && $0.announced > .ok })
        }
    }
}

private func judge(_ state: inout AlertState, _ machine: MinuteMachine, _ rules: AlertRules) -> AlertEngine.Outcome {
    let box = Box(keepsHistory: false)
    guard box.restore(state) else { preconditionFailure("counts that were kept cannot be read") }
    let start = state.time
    machine.sample(box)
    let seen = BoxInterval(box, start: start)
    let outcome = AlertEngine.judge(state.memory, seen, rules)
    box.save(into: &state)
    return outcome
}

private func check(_ outcome: AlertEngine.Outcome, _ before: AlertMemory) {
    precondition(outcome.memory.alerts.count <= AlertMemory.alertLimit)
    precondition(Set(outcome.findings.map(\.key)).count == outcome.findings.count)
    for finding in outcome.findings {
        precondition(finding.peak.isFinite)
        precondition(finding.isChange == (finding.level != finding.previousLevel))
    }
    for (key, alert) in outcome.memory.alerts {
        precondition(alert.key == key && alert.peak.isFinite)
        // What was told stays told until somebody is told otherwise.
        if let known = before.alerts[key] { precondition(alert.announced == known.announced) }
    }
}

/// A box of four CPUs and some lines, whose counts go on from minute to minute.
private struct MinuteMachine {
    private var time = BoxTime(boot: 1_000_000_000, awake: 1_000_000_000, wall: 1_790_000_000_000_000_000)
    private var counts: [[UInt64]] = Array(repeating: Array(repeating: 1000, count: 4), count: 6)
    private var cpus = [0, 1, 2, 3]
    private var labels = ["9", "36", "37", "LOC", "ERR", "NMI"]
    private static let tails = [
        "IO-APIC 9-fasteoi acpi", "PCI-MSI 1-edge eth0-TxRx-0", "PCI-MSI 2-edge nvme0q1", "Local timer interrupts", "",
        "Non-maskable interrupts",
    ]

    /// A minute, or what `what` says; `row` and `cpu` come by 2 to the power of `rate`, times `factor`.
    mutating func pass(_ what: UInt8, _ place: UInt8, _ rate: UInt8, _ factor: UInt8) {
        let seconds: UInt64 = what & 7 == 7 ? 1 : what & 7 == 6 ? 86_400 : 60
        time.awake &+= seconds * 1_000_000_000
        // Asleep for an hour, now and then; the clock of the wall may be set back.
        time.boot &+= seconds * 1_000_000_000 &+ (what & 7 == 5 ? 3_600_000_000_000 : 0)
        time.wall = what & 7 == 4 ? 1_000_000_000 : time.wall &+ seconds * 1_000_000_000
        switch what >> 3 & 7 {
        case 1: cpus = cpus.count > 1 ? Array(cpus.dropLast()) : [0, 1, 2, 3]
        case 2: labels[Int(place) % 3] = "\(100 + Int(rate))"
        case 3: counts[Int(place) % 6] = [0, 0, 0, 0]
        default: break
        }
        counts[Int(place) % 6][Int(place >> 4) & 3] &+= UInt64(factor) << UInt64(rate & 31)
        for cpu in 0..<4 { counts[3][cpu] &+= seconds * 250 }
    }

    private var interrupts: String {
        var text = "     " + cpus.map { "CPU\($0) " }.joined() + "\n"
        for (row, label) in labels.enumerated() {
            let columns = label == "ERR" ? "\(counts[row][0])" : cpus.map { "\(counts[row][$0])" }.joined(separator: " ")
            text += "\(label): \(columns) \(Self.tails[row])\n"
        }
        return text
    }

    /// True if there are counts.
    func text(_ bytes: [UInt8]) -> Bool { !bytes.isEmpty }

    func sample(_ box: Box) {
        box.time = time
        let bytes = Array(interrupts.utf8)
        try? box.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (time.awake, time.awake)
            try sample.parse(unsafe bytes.span.bytes)
        }
        for row in 0..<box.interrupts.sample.table.rowCount where box.isUnknown(row) { box.learn(row) { _ in true } }
    }

    func sample(into state: inout AlertState) {
        let box = Box(keepsHistory: false)
        sample(box)
        box.save(into: &state)
        state.bootID = "boot"
    }
}
