internal import Glibc

/// The facts this process can tell of others, which depend on the namespaces it runs in (namespaces(7)).
///
/// Tracing instances are the same for all namespaces, but a number of a process means another one in each PID
/// namespace, and its start is another time in each time namespace.
struct ProcessView {
    /// The inode of our PID namespace; nil if /proc does not tell it.
    let namespace: UInt64?
    /// True if the starts in /proc are those that others in our PID namespace read there.
    let knowsStarts: Bool

    /// The first time namespace, whose clock is the machine's: PROC_TIME_INIT_INO of include/linux/proc_ns.h.
    private static let firstTimeNamespace: UInt64 = 0xEFFF_FFFA

    /// Looks at our own namespaces below `proc`.
    init(proc: String = "/proc") {
        namespace = Self.inode("\(proc)/self/ns/pid")
        // A kernel without time namespaces has no such file.
        let time = Self.inode("\(proc)/self/ns/time") ?? Self.firstTimeNamespace
        // It may be that of another PID namespace: a namespace does not bring its own /proc along.
        let isOurs = Folder(path: proc)?.link("self") == "\(getpid())"
        knowsStarts = namespace != nil && isOurs && time == Self.firstTimeNamespace
    }

    /// Field 22 of our /proc/PID/stat; 0 where that means nothing to others.
    var ownStartTicks: UInt64 {
        guard knowsStarts else { return 0 }
        var reader = StatReader()
        let folder = Directory("/proc")
        guard case .line(let line) = reader.read(pid: getpid(), in: folder.descriptor) else { return 0 }
        return line.startTicks
    }

    private static func inode(_ path: String) -> UInt64? {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_ino > 0 ? UInt64(status.st_ino) : nil
    }
}
