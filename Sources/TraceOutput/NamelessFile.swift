internal import Glibc

/// Makes files without a name: they vanish with the process, however it ends.
enum NamelessFile {
    /// O_TMPFILE (open(2)) without O_DIRECTORY, the same on every architecture that Swift runs on. The macro is a sum,
    /// which Swift does not import.
    private static let temporary: Int32 = 0o20_000_000

    /// Whether the error tells that the file system has no O_TMPFILE.
    static func isUnsupported(_ error: Int32) -> Bool {
        error == EOPNOTSUPP || error == EISDIR || error == EINVAL || error == ENOSYS
    }

    /// A file in `folder` that `linkat` may give a name; -1 and errno if that cannot be.
    static func open(in folder: String, mode: mode_t) -> Int32 {
        unsafe Glibc.open(folder, temporary | O_DIRECTORY | O_RDWR | O_CLOEXEC, mode)
    }

    /// A file that nobody will name; -1 and errno if there can be none.
    static func spool(in folder: String) -> Int32 {
        let descriptor = unsafe Glibc.open(folder, temporary | O_DIRECTORY | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor < 0, isUnsupported(errno) else { return descriptor }
        var template = Array("\(folder)/.irqscope.XXXXXX".utf8CString)
        let named = unsafe mkstemp(&template)
        if named >= 0 {
            unsafe unlink(template)
            _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        }
        return named
    }
}

/// Where the spools are.
struct SpoolFolder {
    let path: String
    /// Whether it is a place for temporary files, not the output's own.
    let isTemporary: Bool

    /// Beside an output file.
    init(beside path: String) {
        self.path = path
        isTemporary = false
    }

    /// For an output that is a pipe: the first of $TMPDIR, /var/tmp and /tmp that takes files.
    init(forPipe name: String) throws(RecordingWriteError) {
        var folders = ["/var/tmp", "/tmp"]
        if let chosen = unsafe getenv("TMPDIR") { unsafe folders.insert(String(cString: chosen), at: 0) }
        var error = ENOENT
        for folder in folders where !folder.isEmpty {
            let trial = NamelessFile.spool(in: folder)
            if trial >= 0 {
                close(trial)
                path = folder
                isTemporary = true
                return
            }
            error = errno
        }
        throw RecordingWriteError(
            error, path: name, "nothing can be spooled in \(folders.joined(separator: ", "))", isSpool: true)
    }
}
