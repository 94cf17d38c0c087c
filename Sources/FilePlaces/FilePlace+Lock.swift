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
}
