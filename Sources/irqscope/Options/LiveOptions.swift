internal import ArgumentParser
internal import IRQCore
internal import KernelSource

/// Where the kernel's files are: options that the live commands share.
struct SourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read a saved copy of /proc.", valueName: "dir"))
    var procRoot: [String] = []

    @Option(help: ArgumentHelp("Read a saved copy of /sys.", valueName: "dir"))
    var sysRoot: [String] = []

    /// The directories to read.
    var roots: KernelRoots { KernelRoots(procRoot: procRoot.last, sysRoot: sysRoot.last) }
}

/// Which rows are shown: options that the live commands share.
struct RowOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"))
    var irq: [String] = []

    @Option(help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"))
    var cpu: [String] = []

    @Option(help: ArgumentHelp("Only names that match this regular expression.", valueName: "regex"))
    var filter: [String] = []

    /// The options as values.
    struct Values {
        var irqs: [ClosedRange<Int64>]?
        var cpus: CPUSet?
        var pattern: NamePattern?
    }

    func validate() throws { _ = try values() }

    /// Reads the options.
    func values() throws -> Values {
        var values = Values()
        values.irqs = try OptionParsing.last(of: irq, "--irq <list>") { try NumberList($0).ranges }
        values.cpus = try OptionParsing.last(of: cpu, "--cpu <list>") {
            CPUSet(try NumberList($0).numbers(below: 65_536))
        }
        values.pattern = try OptionParsing.last(of: filter, "--filter <regex>") { try NamePattern.compile($0) }
        return values
    }
}
