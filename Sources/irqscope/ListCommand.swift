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

    /// What the interrupts are ordered by.
    enum SortKey: String, CaseIterable {
        case irq, total, name
    }

    @Option(
        help: ArgumentHelp("Order by irq (as the kernel prints them), total or name. (default: irq)", valueName: "key"))
    var sort: [String] = []

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    func validate() throws { _ = try sortKey() }

    private func sortKey() throws -> SortKey {
        try OptionTexts.choice(of: sort, "--sort <key>", as: SortKey.self) ?? .irq
    }

    func run() throws {
        let roots = source.roots
        let values = try rows.values()
        var state = LiveState(cpus: values.cpus)
        var live = LiveSource(roots)
        do throws(SourceError) {
            try live.sample(into: &state, readsTimes: false)
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
        live.findThreads(into: &state)
        state.problems.forEach(Diagnostics.say)
        var choice = RowChoice(
            state, irqs: values.irqs,
            isWanted: values.pattern.map { pattern in { pattern.matches($0) } })
        order(&choice, state, by: try sortKey())
        if choice.rows.isEmpty, choice.softirqRows.isEmpty {
            Diagnostics.say("no row is left by --irq or --filter; widen them")
        }
        let kernel = KernelRelease.text(roots)
        switch output.chosenFormat {
        case .json: StandardOutput.write { ListJSON.write(state, choice, kernel: kernel, to: &$0) }
        case .csv: StandardOutput.write { ListCSV.write(state, choice, to: &$0) }
        case .text:
            let text = ListText.text(state, choice, kernel: kernel, style: output.style, width: StandardOutput.width)
            StandardOutput.write(Array(text.utf8))
        }
    }

    private func order(_ choice: inout RowChoice, _ state: borrowing LiveState, by key: SortKey) {
        switch key {
        case .total:
            var totals: [Int: UInt64] = [:]
            for row in choice.rows { totals[row] = choice.total(state.interrupts, row) }
            choice.rows.sort { (totals[$0] ?? 0, $1) > (totals[$1] ?? 0, $0) }
        case .name:
            var names: [Int: String] = [:]
            for row in choice.rows { names[row] = state.details[state.detailIndex(row)].name }
            choice.rows.sort { (names[$0] ?? "", $0) < (names[$1] ?? "", $1) }
        case .irq: break
        }
        if reverse { choice.rows.reverse() }
    }
}
