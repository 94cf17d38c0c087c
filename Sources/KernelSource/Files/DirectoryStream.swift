internal import Glibc

/// The entries of a directory, read one after another with readdir(3); memory does not grow with their number.
@safe
struct DirectoryStream: ~Copyable {
    private let stream: OpaquePointer
    /// True if the entries could not be read to their end the last time.
    private(set) var hasFailed = false
    /// The name's place in a `dirent`.
    private static let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19
    /// NAME_MAX.
    private static let nameByteLimit = 255

    /// Reads the directory that `descriptor` is open on, and closes it at the end; -1 makes nil.
    init?(owning descriptor: Int32) {
        guard descriptor >= 0 else { return nil }
        guard let opened = unsafe fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        unsafe stream = opened
    }

    deinit { unsafe closedir(stream) }

    /// The open directory, for openat(2); valid while this lives.
    var descriptor: Int32 { unsafe dirfd(stream) }

    /// Starts again at the first entry.
    mutating func rewind() { unsafe rewinddir(stream) }

    /// Calls `body` with the name of the next entry, "." and ".." among them; nil at the end or if the rest
    /// cannot be read.
    mutating func next<Result>(_ body: (RawSpan) -> Result) -> Result? {
        errno = 0
        guard let entry = unsafe readdir(stream) else {
            hasFailed = errno != 0
            return nil
        }
        // The record is shorter than a `dirent`: only its name is touched, which readdir ends with a zero byte.
        let name = unsafe UnsafeRawPointer(entry) + Self.nameOffset
        let byteCount = unsafe strnlen(name.assumingMemoryBound(to: CChar.self), Self.nameByteLimit)
        return unsafe body(RawSpan(_unsafeStart: name, byteCount: byteCount))
    }
}
