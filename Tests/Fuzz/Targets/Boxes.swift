import IRQCore
import KernelSource
import Rendering
import TestSupport

/// A healthy box, some of whose files any bytes replace, as `doctor` and `affinity` see it.
///
/// `@proc/irq/28/smp_affinity` on a line begins a file of that name, `@later/…` one of the second sample, `@@PATH TARGET` is a
/// link, `@-PATH` takes a file away. The first byte chooses the aim of `affinity`.
func examineBox(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let entries = BoxBytes.entries(span.extracting(1..<span.byteCount).array)
    guard let box = try? ExaminationSource.examine(archive: entries) else { return }
    let run = DoctorRun(box)
    precondition(run.checkedCount + run.unknown.count == DoctorChecks.all.count)
    for finding in run.findings { precondition(!finding.evidence.isEmpty && !finding.check.isEmpty) }
    checkOutputs(DoctorReport(run, box), isChosen: isChosen(span, one: 4))
    plan(box, AffinityGoal.allCases[Int(choice) % AffinityGoal.allCases.count], isWritten: isChosen(span, one: 4))
}

private func checkOutputs(_ report: DoctorReport, isChosen: Bool) {
    checkText(Array(DoctorText.text(report, isVerbose: true).utf8))
    guard isChosen else { return }
    checkJSON(written { DoctorJSON.write(report, to: &$0) })
    checkText(Array(DoctorNagios.text(report).utf8))
    checkText(written { DoctorHTML.write(report, to: &$0) })
}

private func plan(_ examination: Examination, _ goal: AffinityGoal, isWritten: Bool) {
    let box = AffinityBox(examination)
    var wishes = AffinityWishes(goal)
    (wishes.steersSending, wishes.steersReceiving) = (true, true)
    let plan = AffinityPlanner.plan(box, wishes)
    for line in plan.lines {
        precondition(!line.new.isEmpty && line.new.isSubset(of: box.cpus.online), "a line would go to a CPU that is off")
        if let first = line.first { precondition(box.cpus.online.contains(first)) }
    }
    precondition(Set(plan.lines.map(\.irq)).count == plan.lines.count)
    guard isWritten else { return }
    checkText(Array(AffinityText(plan, box, command: "irqscope affinity apply").text().utf8))
    checkText(Array(AffinityScript.text(plan, command: "irqscope affinity plan").utf8))
    checkJSON(written { AffinityJSON.write(plan, to: &$0) })
    let view = AffinityView(examination, box, devices: [])
    checkText(written { AffinityShow.write(view, style: Style(), width: 80, to: &$0) })
    checkJSON(written { AffinityShow.writeJSON(view, to: &$0) })
}

/// The entries of an archive of a box.
private enum BoxBytes {
    /// The files of a box where nothing is wrong, in two samples.
    private static let healthy: [TarEntry] = {
        let box = MemoryBox()
        let (early, late) = (box.sample(isSecond: false), box.sample(isSecond: true))
        let entries = contents(early, below: "")
        let known = Dictionary(uniqueKeysWithValues: entries.map { ("later/" + $0.path, $0.contents) })
        return entries + contents(late, below: "later/").filter { known[$0.path] != $0.contents }
    }()

    private static func contents(_ files: MemoryFiles, below folder: String) -> [TarEntry] {
        files.answers.sorted { $0.key < $1.key }.compactMap { path, answer in
            guard case .bytes(let bytes) = answer else { return nil }
            return TarEntry(folder + path, mode: files.modes[path] ?? 0o444, .bytes(bytes))
        }
    }

    static func entries(_ bytes: [UInt8]) -> [TarEntry] {
        var replaced: [String: TarEntry?] = [:]
        var order: [String] = []
        var path: String?
        var text: [UInt8] = []
        func put(_ path: String, _ entry: TarEntry?) {
            if replaced[path] == nil { order.append(path) }
            replaced[path] = .some(entry)
        }
        func end() {
            if let path, !path.isEmpty { put(path, TarEntry(path, .bytes(text))) }
            (path, text) = (nil, [])
        }
        for line in bytes.split(separator: 0x0A, maxSplits: 400, omittingEmptySubsequences: false) {
            guard line.first == UInt8(ascii: "@") else {
                text += line + [0x0A]
                continue
            }
            end()
            let word = String(decoding: line.dropFirst(), as: UTF8.self)
            switch word.first {
            case "@":
                let parts = word.dropFirst().split(separator: " ", maxSplits: 1)
                if parts.count == 2 { put(String(parts[0]), TarEntry(String(parts[0]), .link(String(parts[1])))) }
            case "-": put(String(word.dropFirst()), nil)
            default: path = word
            }
        }
        end()
        var result = healthy.filter { replaced[$0.path] == nil }
        for path in order { if let entry = replaced[path] ?? nil { result.append(entry) } }
        return result
    }
}
