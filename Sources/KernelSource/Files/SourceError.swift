internal import CTraceFS
internal import Glibc
public import IRQCore

/// The reason why a file of the kernel could not be used, and what to do.
public struct SourceError: Error, Equatable, Sendable {
    /// A way in which a file is of no use.
    public enum Reason: Equatable, Sendable {
        /// The system call's error number (errno(3)).
        case system(Int32)
        /// It is a directory, a pipe, a device.
        case notAFile
        /// It is larger than `ProcTextLimits.fileByteCount`.
        case tooLarge
        /// Its text is not what is due.
        case text(ProcTextError)
        /// It is JSON, but not what `irqscope list` prints.
        case notAList
    }

    /// The file.
    public let path: String
    /// The reason.
    public let reason: Reason

    /// Creates an error.
    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}

extension SourceError: CustomStringConvertible {
    /// One sentence: the file, what is wrong, what to do.
    public var description: String {
        switch reason {
        case .system(ENOENT) where path.hasPrefix("/proc/") && !Self.isProcMounted:
            return "\(path): /proc is not mounted; try mount -t proc proc /proc, or name a copy with --proc-root"
        case .system(let number):
            let words = unsafe String(cString: strerror(number))
            return "\(path): \(words); \(Self.advice(number))"
        case .notAFile:
            return "\(path): this is no file; name a directory that holds a copy of /proc with --proc-root"
        case .tooLarge:
            let mebibytes = ProcTextLimits.fileByteCount >> 20
            return "\(path): larger than \(mebibytes) MiB, so it is not what the kernel writes there; save it again"
        case .notAList:
            return "\(path): this is not what irqscope list --json prints; save that: irqscope list --json > FILE"
        case .text(let error):
            return "\(path), \(error); save it again in one go (cat \(Self.name(path)) > copy)"
        }
    }

    /// PROC_SUPER_MAGIC of include/uapi/linux/magic.h.
    private static var isProcMounted: Bool {
        var status = statfs()
        return unsafe statfs("/proc", &status) == 0 && status.f_type == 0x9FA0
    }

    private static func advice(_ number: Int32) -> String {
        switch number {
        case ENOENT, ENOTDIR: "check --proc-root"
        case EACCES, EPERM: "run as root, or make it readable"
        default: "try again, or check the disk"
        }
    }

    /// The file of /proc that a table or a copy of one, whatever that is called, came from.
    private static func name(_ path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return "/proc/" + (["softirqs", "softnet_stat", "stat"].first { last.contains($0) } ?? "interrupts")
    }
}
