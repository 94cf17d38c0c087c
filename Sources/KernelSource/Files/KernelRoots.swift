internal import Glibc

/// The places of a kernel's files: the running one's, or a saved copy's.
public struct KernelRoots: Sendable, Equatable {
    /// The directory of `interrupts`, `softirqs`, `stat`, `irq/`.
    public let proc: String
    /// The directory of `kernel/irq`, `bus/pci`, `devices/system`; nil where there is none to be trusted.
    public let sys: String?
    /// True if they are the running kernel's.
    public let isLive: Bool

    /// Finds the roots.
    ///
    /// A saved copy has no /sys but its own: that of this machine would name other devices. It is
    /// `sys` beside a `proc` (as in a sosreport, and in containers that see the host's under `/host/proc`), or below `proc`'s
    /// parent directory if that was given.
    ///
    /// - Parameters:
    ///   - procRoot: what `--proc-root` says; nil for /proc.
    ///   - sysRoot: what `--sys-root` says; nil to find it.
    public init(procRoot: String?, sysRoot: String?) {
        let proc = procRoot ?? "/proc"
        isLive = Self.isSameDirectory(proc, "/proc")
        if !isLive, !Self.exists("\(proc)/interrupts"), Self.exists("\(proc)/proc/interrupts") {
            // The folder that holds both, such as a sosreport's.
            self.proc = "\(proc)/proc"
            sys = sysRoot ?? Self.existing("\(proc)/sys")
            return
        }
        self.proc = proc
        if let sysRoot {
            sys = sysRoot
        } else if isLive {
            sys = "/sys"
        } else {
            let trimmed = proc.hasSuffix("/") ? String(proc.dropLast()) : proc
            sys = trimmed.hasSuffix("/proc") ? Self.existing(trimmed.dropLast(4) + "sys") : nil
        }
    }

    private static func existing(_ path: String) -> String? { exists(path) ? path : nil }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func isSameDirectory(_ left: String, _ right: String) -> Bool {
        var (a, b) = (stat(), stat())
        guard unsafe stat(left, &a) == 0, unsafe stat(right, &b) == 0 else { return left == right }
        return a.st_dev == b.st_dev && a.st_ino == b.st_ino
    }
}
