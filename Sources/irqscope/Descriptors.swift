internal import Glibc

/// The three descriptors that every program relies on.
enum Descriptors {
    /// Opens /dev/null for those that are closed: else the next file that is opened would be standard output.
    ///
    /// For standard output it is opened for reading, so that writing to it fails as it would have.
    static func openMissing() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            let opened = unsafe open("/dev/null", descriptor == 1 ? O_RDONLY : O_RDWR)
            if opened >= 0, opened != descriptor {
                dup2(opened, descriptor)
                close(opened)
            }
        }
    }

    /// True if systemd reads a descriptor into its journal: JOURNAL_STREAM names its device and inode
    /// (systemd.exec(5)).
    static func isJournal(_ descriptor: Int32) -> Bool {
        guard let parts = StandardOutput.environment("JOURNAL_STREAM")?.split(separator: ":"), parts.count == 2 else {
            return false
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return UInt64(parts[0]) == UInt64(status.st_dev) && UInt64(parts[1]) == UInt64(status.st_ino)
    }
}

/// Standard input.
enum StandardInput {
    /// True if a person would have to type the input.
    static var isTerminal: Bool { isatty(0) == 1 }

    /// True if it is a pipe.
    static var isPipe: Bool {
        var status = stat()
        return unsafe fstat(0, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }
}

/// The kinds of files that a word may name.
enum FileKind {
    /// True if it names a regular file that is there.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// True if it names a directory that is there.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// The limit of the stack's size (`ulimit -s`), below which a command would crash somewhere in the middle.
enum StackLimit {
    /// Measured: with 128 KiB all commands run, in debug builds too; with 96 KiB not all of them.
    private static let leastByteCount: rlim_t = 256 << 10

    /// Throws if the limit is too small.
    ///
    /// - Parameter status: for the end of the process.
    static func check(status: Int32) throws(CommandFailure) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0,
            limit.rlim_cur < leastByteCount
        else { return }
        throw CommandFailure(
            [
                "the stack may have \(limit.rlim_cur >> 10) KiB, and \(leastByteCount >> 10) are needed; "
                    + "raise the limit (ulimit -s \(leastByteCount >> 10))"
            ], status: status)
    }
}
