internal import Glibc

/// Makes files without a name: they vanish with the process, however it ends.
enum NamelessFile {
    /// O_TMPFILE (open(2)) without O_DIRECTORY, the same on every architecture that Swift runs on. The macro is a sum,
    /// which Swift does not import.
    private static let temporary: Int32 = 0o20_000_000

    /// True if the error tells that the file system has no O_TMPFILE.
    static func isUnsupported(_ error: Int32) -> Bool {
        error == EOPNOTSUPP || error == EISDIR || error == EINVAL || error == ENOSYS
    }

    /// False where /proc is not mounted: only through it may any process name such a file (open(2)).
    static var canBeNamed: Bool { unsafe access("/proc/self/fd", F_OK) == 0 }

    /// A file in an open directory that `linkat` may give a name; -1 and errno if that cannot be.
    static func open(in folder: Int32, mode: mode_t) -> Int32 {
        unsafe openat(folder, ".", temporary | O_DIRECTORY | O_RDWR | O_CLOEXEC, mode)
    }

    /// A hidden name that nobody else uses, short wherever the file itself has a long one.
    static func neighbour() -> String { ".irqscope.\(String(UInt64.random(in: 0 ... .max), radix: 16))" }

    /// A file that nobody will name; -1 and errno if there can be none.
    static func spool(in folder: SpoolFolder) -> Int32 {
        let flags = temporary | O_DIRECTORY | O_EXCL | O_RDWR | O_CLOEXEC
        let descriptor = unsafe openat(folder.descriptor, folder.descriptor < 0 ? folder.path : ".", flags, 0o600)
        guard descriptor < 0, isUnsupported(errno) else { return descriptor }
        let name = folder.descriptor < 0 ? "\(folder.path)/\(neighbour())" : neighbour()
        let named = unsafe openat(
            folder.descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if named >= 0 { unsafe unlinkat(folder.descriptor, name, 0) }
        return named
    }
}

/// The place of the spools.
struct SpoolFolder {
    /// For messages.
    let path: String
    /// The directory, open as long as the output's file is; AT_FDCWD if `path` leads to it.
    let descriptor: Int32
    /// True if it is a place for temporary files, not the output's own.
    let isTemporary: Bool

    /// Beside an output file, in its directory.
    init(beside path: String, in folder: Int32) {
        self.path = path
        descriptor = folder
        isTemporary = false
    }

    private init(temporary path: String) {
        self.path = path
        descriptor = AT_FDCWD
        isTemporary = true
    }

    /// For an output that is a pipe: the first of $TMPDIR, /var/tmp and /tmp that takes files.
    init(forPipe name: String) throws(RecordingWriteError) {
        var folders = ["/var/tmp", "/tmp"]
        if let chosen = unsafe getenv("TMPDIR") { unsafe folders.insert(String(cString: chosen), at: 0) }
        var error = ENOENT
        for folder in folders where !folder.isEmpty {
            let place = SpoolFolder(temporary: folder)
            let trial = NamelessFile.spool(in: place)
            if trial >= 0 {
                close(trial)
                self = place
                return
            }
            error = errno
        }
        throw RecordingWriteError(
            error, path: name, "nothing can be spooled in \(folders.joined(separator: ", "))", isSpool: true)
    }
}
