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
        case irq, total, name, device

        /// The same order of `top`.
        var shared: TopState.SortKey {
            switch self {
            case .irq: .irq
            case .total: .total
            case .name: .name
            case .device: .device
            }
        }
    }

    @Option(
        help: ArgumentHelp(
            "Order by irq (as the kernel prints them), total, name or device. (default: irq)", valueName: "key"),
        completion: Completions.choice(SortKey.self), transform: OptionValue.choice)
    var sort: SortKey?

    /// The columns that text has for single CPUs.
    enum CPUColumns: String, CaseIterable {
        case fold, all
    }

    @Option(
        help: ArgumentHelp(
            "Columns of CPUs in text: fold more than 16 into ranges, or all. (default: fold)", valueName: "which"),
        completion: Completions.choice(CPUColumns.self), transform: OptionValue.choice)
    var cpus: CPUColumns?

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    func run() throws {
        source.sayAbsent()
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
        var order = RowOrder()
        order.arrange(state, choice.rows, .init(sort?.shared ?? .irq, isReversed: reverse))
        choice.rows = order.rows.map { Int($0) }
        let isAbsent = Choice(irqs: values.irqs, cpus: values.cpus, pattern: values.pattern).sayAbsent(of: roots)
        if choice.rows.isEmpty, choice.softirqRows.isEmpty, !isAbsent {
            Diagnostics.say("no row is left by --irq or --filter; widen them")
        }
        let kernel = KernelRelease.text(roots)
        switch output.chosenFormat {
        case .json: StandardOutput.write { ListJSON.write(state, choice, kernel: kernel, to: &$0) }
        case .csv: StandardOutput.write { ListCSV.write(state, choice, to: &$0) }
        case .text:
            let (style, width, isFolded) = (output.style, StandardOutput.width, cpus != .all)
            StandardOutput.write {
                ListText.write(
                    state, choice, kernel: kernel, isFolded: isFolded, style: style, width: width, to: &$0)
            }
        }
    }
}
