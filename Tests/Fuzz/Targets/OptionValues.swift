import Comparing
@testable import IRQCore
@testable import irqscope

/// Any bytes as the value of an option: the first one chooses which.
func readOptionValue(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let bytes = span.extracting(1..<span.byteCount).array
    // Arguments have no zeros.
    guard !bytes.contains(0) else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    switch choice {
    case UInt8(ascii: "l"): readNumbers(text)
    case UInt8(ascii: "w"): readWindow(text)
    case UInt8(ascii: "f"): readCondition(text)
    case UInt8(ascii: "d"): _ = try? DiffCondition(text)
    case UInt8(ascii: "b"): readBudget(text)
    case UInt8(ascii: "t"): readTime(text)
    case UInt8(ascii: "r"): _ = (Amount.perSecond(text), Amount.share(text), Amount.kilobytes(text))
    case UInt8(ascii: "s"): _ = try? ReportPlan.sections(text)
    default: readPattern(text)
    }
}

private func readNumbers(_ text: String) {
    guard let list = NumberList(text) else { return }
    let cpus = CPUSet(list.cpus)
    precondition(list.cpus.allSatisfy { cpu in list.ranges.contains { $0.contains(Int64(cpu)) } })
    precondition(cpus.isEmpty || NumberList(cpus.list)?.cpus == list.cpus)
}

private func readWindow(_ text: String) {
    guard let window = try? TimeWindow(text) else { return }
    if case .absolute(let from) = window.from, case .absolute(let to) = window.to { precondition(from < to) }
    if case .sinceStart(let from) = window.from, case .sinceStart(let to) = window.to { precondition(from < to) }
}

private func readCondition(_ text: String) {
    guard let test = try? FailTest(text), case .condition(let condition) = test else { return }
    let outcome = condition.test(emptyReport)
    precondition(outcome.hits.isEmpty && outcome.untestable != nil)
}

/// A report of nothing.
var emptyReport: Report {
    Report(
        source: RecordingSource(format: "none", clock: nil, isClockNanoseconds: true, cpuCount: 1, machine: nil, buffers: []),
        buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
}

private func readBudget(_ text: String) {
    guard let budget = try? Budget(text) else { return }
    precondition(Set(budget.limits.map(\.subject)).count == budget.limits.count)
    precondition(budget.limits.allSatisfy { $0.nanoseconds > 0 })
}

private func readTime(_ text: String) {
    if let time = Amount.nanoseconds(text) { precondition(time <= 9_000_000_000_000_000_000) }
    if let time = try? OptionValue.timeWithUnit(text) { precondition(time > 0 && (try? OptionValue.time(text)) == time) }
    if let time = try? OptionValue.lasting(text) { precondition(time <= RulesFile.longestTime) }
}

/// The C library's expressions take as much time and memory as they like: short ones with few repetitions, and a short name.
private func readPattern(_ text: String) {
    guard text.utf8.count <= 24, text.utf8.count(where: { "*+?{(".utf8.contains($0) }) <= 3,
        let pattern = try? NamePattern.compile(text)
    else { return }
    if pattern.matches("eth0-TxRx-1") { precondition(pattern.ignoringCase().matches("eth0-TxRx-1")) }
}
