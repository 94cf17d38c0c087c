internal import Glibc

/// Instances that a killed irqscope could not remove.
public enum TraceOrphans {
    /// More entries of instances/ are not looked at.
    private static let nameLimit = 65_536

    /// Removes the instances whose process has ended, or whose number another process has now.
    ///
    /// Never touches other names. A process of another PID namespace may look ended while it lives: its instance is in
    /// use, and the kernel refuses to remove that (EBUSY). Mounts nothing: without a mount there is no orphan to see.
    ///
    /// - Parameter tracingRoot: what `--tracing-root` says; nil to find it.
    /// - Returns: the names of those that were removed.
    @discardableResult
    public static func remove(tracingRoot: String? = nil) -> [String] {
        guard let root = try? TracingRoot.find(tracingRoot, mounts: false),
            let found = Folder(path: "\(root)/instances")?.names(limit: nameLimit)
        else { return [] }
        return found.names.sorted().filter { text in
            guard let name = InstanceName(text), name.isOrphan else { return false }
            return unsafe rmdir("\(root)/instances/\(text)") == 0
        }
    }
}
