internal import ArgumentParser
internal import KernelSource

/// Where the kernel's files are: options that the live commands share.
struct SourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read a saved copy of /proc.", valueName: "dir"))
    var procRoot: String?

    @Option(help: ArgumentHelp("Read a saved copy of /sys.", valueName: "dir"))
    var sysRoot: String?

    /// The directories to read.
    var roots: KernelRoots { KernelRoots(procRoot: procRoot, sysRoot: sysRoot) }
}

/// Which rows are shown: options that the live commands share.
struct RowOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"))
    var irq: String?

    @Option(help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"))
    var cpu: String?

    @Option(help: ArgumentHelp("Only names that match this regular expression.", valueName: "regex"))
    var filter: String?

    /// The options as values.
    struct Values {
        var irqs: [ClosedRange<Int64>]?
        var cpus: Set<Int>?
        var pattern: NamePattern?
    }

    func validate() throws { _ = try values() }

    /// Reads the options.
    func values() throws -> Values {
        var values = Values()
        do { values.irqs = try irq.map { try NumberList($0).ranges } } catch {
            throw Self.invalid("irq <list>", irq, error)
        }
        do { values.cpus = try cpu.map { try NumberList($0).numbers(below: 65_536) } } catch {
            throw Self.invalid("cpu <list>", cpu, error)
        }
        do { values.pattern = try filter.map { try NamePattern.compile($0) } } catch {
            throw Self.invalid("filter <regex>", filter, error)
        }
        return values
    }

    private static func invalid(_ option: String, _ text: String?, _ error: any Error) -> ValidationError {
        let reason = (error as? ValidationError)?.message ?? "\(error)"
        return ValidationError("The value '\(text ?? "")' is invalid for '--\(option)': \(reason)")
    }
}
