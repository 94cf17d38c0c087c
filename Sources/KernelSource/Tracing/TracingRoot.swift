internal import CTraceFS
internal import Glibc
internal import Synchronization

/// Finds the directory where tracefs is.
enum TracingRoot {
    /// libtracefs keeps what it finds in variables of its own.
    private static let libraryLock = Mutex(())

    /// TRACEFS_MAGIC and DEBUGFS_MAGIC of include/uapi/linux/magic.h: older kernels have it below debugfs only.
    private static let magics: Set<Int> = [0x7472_6163, 0x6462_6720]

    /// The directory; tracefs is mounted if it is not and `mounts` is true.
    ///
    /// - Parameter root: what `--tracing-root` says; nil to find it.
    static func find(_ root: String?, mounts: Bool = true) throws(TraceError) -> String {
        if let root {
            try check(root)
            return root
        }
        let found = try mounted(mounts: mounts)
        do throws(TraceError) {
            try check(found)
        } catch {
            // The list of mounts tells of one that another mount covers.
            throw error.reason == .absent || error.reason == .notTracefs
                ? TraceError(path: found, reason: .covered) : error
        }
        return found
    }

    private static func mounted(mounts: Bool) throws(TraceError) -> String {
        // The usual place needs no search, and the search needs /proc.
        let usual = "/sys/kernel/tracing"
        if isTracefs(usual) { return usual }
        let (path, number): (String?, Int32) = libraryLock.withLock { _ in
            tracefs_set_loglevel(TEP_LOG_NONE)  // messages are ours to give
            var found: UnsafePointer<CChar>?
            errno = 0
            // The library hands out text that stays.
            let status = unsafe tracefs_tracing_dir_is_mounted(mounts, &found)
            let number = errno
            guard status >= 0, let found = unsafe found else { return (nil, number) }
            return unsafe (String(cString: found), 0)
        }
        if let path { return path }
        if geteuid() != 0 { throw TraceError(path: usual, reason: .notRoot) }
        throw TraceError(path: usual, reason: .notMounted(number == 0 ? ENOENT : number))
    }

    /// Throws unless instances can be looked up below `root`.
    private static func check(_ root: String) throws(TraceError) {
        var status = stat()
        guard unsafe stat(root, &status) == 0 else { throw problem(root, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR, isTracefs(root) else {
            throw TraceError(path: root, reason: .notTracefs)
        }
        let instances = "\(root)/instances"
        guard unsafe stat(instances, &status) == 0 else {
            let number = errno
            throw number == ENOENT ? TraceError(path: root, reason: whyNoInstances(root)) : problem(instances, number)
        }
    }

    /// A kernel that is locked down from boot on has a tracefs, but puts nothing into it (`tracing_init_dentry` in
    /// kernel/trace/trace.c).
    private static func whyNoInstances(_ root: String) -> TraceError.Reason {
        if isLockedDown { return .lockedDown }
        let isEmpty = Folder(path: root)?.names(limit: 1)?.names.isEmpty ?? false
        return isEmpty ? .switchedOff : .noInstances
    }

    private static func problem(_ path: String, _ number: Int32) -> TraceError {
        number == ENOENT || number == ENOTDIR
            ? TraceError(path: path, reason: .absent) : TraceError.tracing(path, number)
    }

    private static func isTracefs(_ path: String) -> Bool {
        var status = statfs()
        return unsafe statfs(path, &status) == 0 && magics.contains(Int(status.f_type))
    }

    /// True if kernel_lockdown(7) is at the level that forbids tracing.
    static var isLockedDown: Bool {
        if let levels = Folder(path: "/sys/kernel/security")?.attribute("lockdown") {
            return levels.contains("[confidentiality]")
        }
        // securityfs need not be mounted: what the kernel was booted with tells too.
        guard let line = Folder(path: "/proc")?.bytes("cmdline", limit: 4096) else { return false }
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        return words.contains { $0.elementsEqual("lockdown=confidentiality".utf8) }
    }
}
