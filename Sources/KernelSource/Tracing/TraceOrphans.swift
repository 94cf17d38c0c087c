internal import Glibc

/// Instances that a killed irqscope could not remove.
public enum TraceOrphans {
    /// More entries of instances/ are not looked at.
    private static let nameLimit = 65_536
    /// Setting an instance up takes less than a second. From then on its files are open, and the kernel does not remove
    /// it (EBUSY) as long as its owner lives.
    private static let setUpSeconds = 600

    /// Removes the instances whose process has ended, or whose number another process has now.
    ///
    /// Never touches other names. Of a process of another PID namespace nobody can tell here whether it lives: its
    /// instance is left alone while it may be that it is being set up, which is ten minutes, and after that the kernel
    /// tells. So it is with all instances where /proc is not to be had, and with those of irqscope 0.1, whose names do not
    /// tell the namespace. Mounts nothing: without a mount there is no orphan to see.
    ///
    /// - Parameter tracingRoot: what `--tracing-root` says; nil to find it.
    /// - Returns: the names of those that were removed.
    @discardableResult
    public static func remove(tracingRoot: String? = nil) -> [String] {
        guard let root = try? TracingRoot.find(tracingRoot, mounts: false),
            let found = Folder(path: "\(root)/instances")?.names(limit: nameLimit)
        else { return [] }
        let view = ProcessView()
        return found.names.sorted().filter { text in
            guard let name = InstanceName(text) else { return false }
            let path = "\(root)/instances/\(text)"
            guard name.isJudged(by: view) ? name.isOrphan(view) : isSetUp(path) else { return false }
            return unsafe rmdir(path) == 0
        }
    }

    /// True if it was made so long ago that it cannot be half made.
    private static func isSetUp(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mtim.tv_sec <= time(nil) - setUpSeconds
    }
}
