internal import Glibc

extension FilePlace {
    /// Opens FILE.lock: an empty file, or a new one.
    ///
    /// - Parameter owner: the command whose it is, for messages.
    func openLock(_ owner: String) throws(FilePlaceError) -> Int32 {
        let name = name + ".lock"
        let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        // Rounds, for it may come and go meanwhile.
        for _ in 0..<100 {
            if let status = try status(of: name) {
                guard status.kind == .regular, status.byteCount == 0 else {
                    throw FilePlaceError("this is no lock of \(owner), which are empty files")
                }
                guard isTrusted(status) else { throw Self.distrust(status) }
            }
            // The first of several runs makes it, the others find it.
            for flag in [0, O_CREAT | O_EXCL] {
                let opened = unsafe openat(folder, name, flags | flag, 0o600)
                if opened >= 0 { return opened }
                if errno != ENOENT { break }
            }
            if errno != EEXIST { throw FilePlaceError(errno) }
        }
        throw FilePlaceError(EEXIST)
    }

    /// Locks what `openLock` opened, and waits for another run that has it, for a while.
    ///
    /// - Returns: the error number of the last try, 0 if it is locked, and whether another run had it first.
    static func lock(_ descriptor: Int32, seconds: Int) -> (problem: Int32, hasWaited: Bool) {
        let triesPerSecond = 50
        var hasWaited = false
        for _ in 0..<(seconds * triesPerSecond) {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return (0, hasWaited) }
            let problem = errno
            guard problem == EWOULDBLOCK || problem == EINTR else { return (problem, hasWaited) }
            hasWaited = true
            usleep(UInt32(1_000_000 / triesPerSecond))
        }
        return (EWOULDBLOCK, hasWaited)
    }

    /// Makes a directory and those above it, where they are missing.
    static func makeFolder(_ path: String) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            unsafe mkdir(made, 0o755)  // what is there already stays
        }
    }
}
