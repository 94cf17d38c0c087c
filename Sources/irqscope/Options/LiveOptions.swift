internal import ArgumentParser
internal import IRQCore
internal import KernelSource
internal import Rendering

/// The places of the kernel's files: options that the live commands share.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read a saved copy of /proc.", valueName: "dir"), completion: .directory,
        transform: OptionValue.path)
    var procRoot: String?

    @Option(
        help: ArgumentHelp("Read a saved copy of /sys.", valueName: "dir"), completion: .directory,
        transform: OptionValue.path)
    var sysRoot: String?

    /// The directories to read.
    var roots: KernelRoots { KernelRoots(procRoot: procRoot, sysRoot: sysRoot) }

    /// Says so if there is no /sys where it should be: most columns are unknown then.
    func sayAbsent() {
        guard let sysRoot, !FileKind.isFolder(sysRoot) else { return }
        Diagnostics.say(
            "\(SafeText.escaped(sysRoot)): there is no such directory, so what /sys tells is unknown; check --sys-root")
    }
}

/// The rows that are shown: options that the live commands share.
struct RowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"),
        completion: Completions.irqs, transform: OptionValue.numbers)
    var irq: NumberList?

    @Option(
        help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"), completion: Completions.cpus,
        transform: OptionValue.cpus)
    var cpu: CPUSet?

    @Option(
        help: ArgumentHelp("Only names that match this regular expression.", valueName: "regex"),
        transform: NamePattern.compile)
    var filter: NamePattern?

    @Flag(name: .shortAndLong, help: "Let --filter match capital and small letters alike.")
    var ignoreCase = false

    /// The options as values.
    struct Values {
        var irqs: [ClosedRange<Int64>]?
        var cpus: CPUSet?
        var pattern: NamePattern?
    }

    /// The options as values.
    var values: Values { Values(irqs: irq?.ranges, cpus: cpu, pattern: ignoreCase ? filter?.ignoringCase() : filter) }
}
