internal import Glibc

/// Why the kernel cannot be traced, and what to do, in one line.
public struct TraceError: Error, Equatable, Sendable {
    /// The reason.
    public enum Reason: Equatable, Sendable {
        /// Tracing is allowed to root only, and this is not root.
        case notRoot
        /// tracefs is not mounted and could not be; the system call's error number (errno(3)).
        case notMounted(Int32)
        /// There is no such directory.
        case absent
        /// It is mounted where it cannot be seen, by the list of mounts.
        case covered
        /// The directory is there, but it is not the kernel's.
        case notTracefs
        /// It is mounted so that nothing can be changed.
        case readOnly
        /// The kernel is locked down (kernel_lockdown(7)).
        case lockedDown
        /// There is nothing in it: the kernel has switched tracing off, and does not tell why.
        case switchedOff
        /// Not even root may: a container, a sandbox, a security module.
        case refused
        /// This kernel has no instances.
        case noInstances
        /// This kernel lacks an event without which there is nothing to measure.
        case eventMissing(String)
        /// There can be no such CPU.
        case cpuUnknown(Int)
        /// The kernel did not take a value; the error number of writing it.
        case setting(String, Int32)
        /// The description of the ring buffer makes no sense.
        case layoutUnknown
        /// Some other system call failed; its error number.
        case system(Int32)
    }

    /// The file or directory.
    public let path: String
    /// The reason.
    public let reason: Reason

    /// Creates an error.
    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    /// The error that `number` means for a file of tracefs.
    static func tracing(_ path: String, _ number: Int32) -> TraceError {
        switch number {
        case EACCES, EPERM:
            let reason: Reason = geteuid() != 0 ? .notRoot : TracingRoot.isLockedDown ? .lockedDown : .refused
            return TraceError(path: path, reason: reason)
        case EROFS: return TraceError(path: path, reason: .readOnly)
        default: return TraceError(path: path, reason: .system(number))
        }
    }
}

extension TraceError: CustomStringConvertible {
    /// One sentence: the place, what is wrong, what to do.
    public var description: String { "\(path): \(problem); \(advice)" }

    /// The reason in a few words, without place and advice.
    public var problem: String {
        switch reason {
        case .notRoot: "tracing is for root only"
        case .notMounted(let number): "tracefs is not mounted and cannot be (\(Self.words(number)))"
        case .absent: "there is no such directory"
        case .covered: "tracefs is mounted there by the list of mounts, but cannot be seen"
        case .notTracefs: "this is not the kernel's tracefs"
        case .readOnly: "tracefs is mounted read-only"
        case .lockedDown: "the kernel is locked down, which forbids tracing"
        case .switchedOff: "nothing is in it, so the kernel has switched tracing off"
        case .refused: "tracing is forbidden here, even to root"
        case .noInstances: "this kernel has no tracing instances (CONFIG_EVENT_TRACING)"
        case .eventMissing(let name): "this kernel has no event \(name)"
        case .cpuUnknown(let cpu): "this machine has no CPU \(cpu)"
        case .setting(let value, let number): "the kernel does not take \"\(value)\" (\(Self.words(number)))"
        case .layoutUnknown: "the kernel's description of its ring buffer makes no sense"
        case .system(let number): Self.words(number)
        }
    }

    private var advice: String {
        switch reason {
        case .notRoot: "run irqscope as root, as in sudo irqscope"
        case .notMounted(ENODEV): "use a kernel with CONFIG_TRACING"
        case .notMounted(EPERM), .notMounted(EACCES): "mount it outside of the container, or give it CAP_SYS_ADMIN"
        case .notMounted: "try mount -t tracefs nodev /sys/kernel/tracing"
        case .absent, .notTracefs: "leave out --tracing-root, or give the directory where tracefs is mounted"
        case .covered: "try mount -t tracefs nodev /sys/kernel/tracing, or name another place with --tracing-root"
        case .readOnly: "try mount -o remount,rw on it, or run irqscope outside of the container"
        case .lockedDown: "see kernel_lockdown(7); counters still work"
        case .switchedOff: "see dmesg; it may be locked down (kernel_lockdown(7)); counters still work"
        case .refused: "run irqscope outside of the container or sandbox"
        case .noInstances: "use a kernel that has them; counters still work"
        case .eventMissing: "use a kernel with CONFIG_TRACEPOINTS; counters still work"
        case .cpuUnknown: "choose among those of /sys/devices/system/cpu/possible"
        case .setting(_, ENOMEM): "choose a smaller buffer"
        case .setting(_, ENODEV), .setting(_, ENOENT): "has the instance been removed by somebody else?"
        case .setting: "this may be too old a kernel; leave that choice out"
        case .layoutUnknown: "please report it with the text of that file"
        case .system(ENOMEM): "free some memory, or choose a smaller buffer"
        case .system(EMFILE), .system(ENFILE): "raise the limit of open files (ulimit -n)"
        case .system(ENODEV), .system(ENOENT): "has the instance been removed by somebody else?"
        case .system: "try again"
        }
    }

    private static func words(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
