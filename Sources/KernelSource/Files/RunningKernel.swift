internal import Glibc
public import IRQCore

/// The running kernel, for `affinity`: the one place that writes its masks.
public final class RunningKernel: KernelPort {
    private let files = RunningFiles()

    /// Creates a view; nothing is read or written yet.
    public init() {}

    /// Reads a file.
    public func read(_ path: String) -> FileAnswer { files.read(path) }
    /// The names in a directory.
    public func names(_ path: String) -> [String]? { files.names(path) }
    /// The text of a symbolic link.
    public func link(_ path: String) -> String? { files.link(path) }
    /// The permission bits of a file.
    public func mode(_ path: String) -> Int? { files.mode(path) }

    /// Writes a text with one write(2), which is how the kernel tells its answer.
    public func write(_ path: String, _ text: String) -> Int32 {
        let file = unsafe open("/" + path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { return errno }
        defer { close(file) }
        let bytes = Array((text + "\n").utf8)
        while true {
            let count = unsafe Glibc.write(file, bytes, bytes.count)
            if count == bytes.count { return 0 }
            if count >= 0 { return EIO }
            if errno != EINTR { return errno }
        }
    }

    /// CLOCK_MONOTONIC, in nanoseconds.
    public var nowNanoseconds: UInt64 { KernelClock.monotonic() }

    /// Sleeps.
    public func wait(_ nanoseconds: UInt64) {
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        unsafe nanosleep(&time, nil)
    }
}
