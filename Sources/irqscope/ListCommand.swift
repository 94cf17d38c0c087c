internal import ArgumentParser
internal import IRQCore
internal import KernelSource
internal import Rendering

/// `irqscope list`: one look at all interrupts and softirqs.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists interrupts and softirqs with their counts since boot, devices and affinity.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var source: SourceOptions
    @OptionGroup var rows: RowOptions

    /// The orders of interrupts.
    enum SortKey: String, CaseIterable {
        case irq, total, name
    }

    @Option(
        help: ArgumentHelp("Order by irq (as the kernel prints them), total or name. (default: irq)", valueName: "key"),
        completion: Completions.choice(SortKey.self), transform: OptionValue.choice)
    var sort: SortKey?

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    func run() throws {
        let roots = source.roots
        let values = rows.values
        let state = Box(cpus: values.cpus)
        var live = LiveSource(roots)
        do throws(SourceError) {
            try live.sampleOnce(into: state)
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
        state.problems.forEach(Diagnostics.say)
        var choice = RowChoice(
            state, irqs: values.irqs,
            isWanted: values.pattern.map { pattern in { pattern.matches($0) } })
        order(&choice, state, by: sort ?? .irq)
        let isAbsent = Choice(irqs: values.irqs, cpus: values.cpus, pattern: values.pattern).sayAbsent(of: roots)
        if choice.rows.isEmpty, choice.softirqRows.isEmpty, !isAbsent {
            Diagnostics.say("no row is left by --irq or --filter; widen them")
        }
        let kernel = KernelRelease.text(roots)
        switch output.chosenFormat {
        case .json: StandardOutput.write { ListJSON.write(state, choice, kernel: kernel, to: &$0) }
        case .csv: StandardOutput.write { ListCSV.write(state, choice, to: &$0) }
        case .text:
            let (style, width) = (output.style, StandardOutput.width)
            StandardOutput.write {
                ListText.write(state, choice, kernel: kernel, style: style, width: width, to: &$0)
            }
        }
    }

    private func order(_ choice: inout RowChoice, _ state: Box, by key: SortKey) {
        switch key {
        case .total:
            var totals: [(total: UInt64, row: Int)] = []
            for row in choice.rows { totals.append((choice.total(state.interrupts, row) ?? 0, row)) }
            totals.sort { ($0.total, $1.row) > ($1.total, $0.row) }
            choice.rows = totals.map(\.row)
        case .name:
            var names: [(name: String, row: Int)] = []
            for row in choice.rows { names.append((state.details(row).name, row)) }
            names.sort { $0 < $1 }
            choice.rows = names.map(\.row)
        case .irq: break
        }
        if reverse { choice.rows.reverse() }
    }
}
