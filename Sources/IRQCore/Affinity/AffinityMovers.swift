/// The programs that change masks by themselves.
public enum AffinityMovers {
    /// The names of those that run, sorted.
    public static func running(_ files: any KernelFiles) -> [String] {
        var found: Set<String> = []
        for name in files.names("proc") ?? [] where Int(name) != nil {
            if let comm = files.read("proc/\(name)/comm").text, known.contains(comm) { found.insert(comm) }
        }
        return found.sorted()
    }

    /// By the names of their processes. crio gives pods' CPUs back to irqbalance and changes masks itself.
    public static let known: Set<String> = ["irqbalance", "tuned", "crio", "irqd"]
}
