internal import IRQCore
internal import KernelSource
internal import Rendering

/// The interrupts, CPUs and names that options chose, looked at for some that do not exist.
///
/// That is no error, for an interrupt may come later; but nobody shall take the silence for a result.
struct Choice {
    var irqs: [ClosedRange<Int64>]?
    var cpus: CPUSet?
    var pattern: NamePattern?

    /// True if all is wanted.
    var isAll: Bool { irqs == nil && cpus == nil && pattern == nil }

    /// Says which of them a kernel does not have, or a saved copy of its files.
    ///
    /// - Returns: whether there were some.
    @discardableResult
    func sayAbsent(of roots: KernelRoots) -> Bool {
        if isAll { return false }
        let state = Box()
        var live = LiveSource(roots)
        do throws(SourceError) {
            try live.sampleOnce(into: state)
        } catch {
            return false  // whoever wants to read it tells
        }
        var (known, cpus): (Set<Int64>, CPUSet) = ([], CPUSet())
        for row in 0..<state.interrupts.sample.table.rowCount {
            known.insert(Int64(state.interrupts.sample.table.row(row).irq))
        }
        for column in 0..<state.interrupts.sample.table.cpuCount {
            cpus.insert(state.interrupts.sample.table.cpu(column))
        }
        // Those that are offline exist all the same.
        if let sys = roots.sys, let possible = NUMATopology(sysRoot: sys).possible {
            possible.cpus.forEach { cpus.insert($0) }
        }
        var sentences = absentNumbers(irqs: known, cpus: cpus)
        if let pattern {
            let choice = RowChoice(state) { pattern.matches($0) }
            if choice.rows.isEmpty, choice.softirqRows.isEmpty { sentences.append("no name that matches --filter") }
        }
        return say(sentences, "\(roots.proc)/interrupts")
    }

    /// Says which of them a recording does not have.
    ///
    /// - Returns: whether there were some.
    func sayAbsent(of report: Report) -> Bool { say(absent(in: [report]), report.source.file) }

    /// Says which of them none of several recordings has.
    func sayAbsent(ofAll reports: [Report]) {
        let files = reports.map(\.source.file)
        _ = say(absent(in: reports), files.count == 2 ? "\(files[0]) and \(files[1])" : "\(files.count) recordings")
    }

    private func absent(in reports: [Report]) -> [String] {
        let irqs = Set(reports.flatMap { $0[.irq].flatMap(\.numbers) })
        var sentences = absentNumbers(
            irqs: irqs, cpus: CPUSet(0..<max(reports.map(\.source.cpuCount).max() ?? 0, 0)))
        let rows = reports.lazy.flatMap(\.rows)
        if let pattern,
            !rows.contains(where: { row in ([row.key] + row.members).contains { pattern.matches($0.name) } })
        {
            sentences.append("no name that matches --filter")
        }
        return sentences
    }

    private func say(_ sentences: [String], _ place: String) -> Bool {
        for sentence in sentences { Diagnostics.say("\(place): there is \(sentence)") }
        return !sentences.isEmpty
    }

    private func absentNumbers(irqs known: Set<Int64>, cpus existing: CPUSet) -> [String] {
        var sentences: [String] = []
        let absent = (irqs ?? []).filter { range in !known.contains { range.contains($0) } }
        if !absent.isEmpty {
            let words = absent.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            sentences.append("no interrupt " + words.joined(separator: ","))
        }
        let others = CPUSet((cpus?.cpus ?? []).filter { !existing.contains($0) })
        if !others.isEmpty { sentences.append("no CPU " + others.list) }
        return sentences
    }
}
