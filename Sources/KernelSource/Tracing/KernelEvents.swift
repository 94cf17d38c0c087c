public import IRQCore

/// The events of the running kernel, as tracefs lists them.
public struct KernelEvents: ~Copyable {
    private let reader: DescriptionReader

    /// Looks for tracefs, which is not mounted for this.
    ///
    /// - Parameter root: what `--tracing-root` says; nil to find it.
    public init(root: String?) throws(TraceError) {
        let found = try TracingRoot.find(root, mounts: false)
        reader = try DescriptionReader(root: found, instance: found)
    }

    /// The full names of the kernel's events that a row of the catalogue stands for.
    public borrowing func names(of event: CatalogueEvent) -> [String] {
        reader.events(event.system).filter(event.matches).map { "\(event.system):\($0)" }
    }
}
