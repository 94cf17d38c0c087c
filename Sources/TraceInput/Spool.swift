internal import Glibc

/// Copies a pipe to a file without a name.
enum Spool {
    /// What every recording that can be read begins with.
    static let magicByteCount = 10

    /// Reads `source` to its end.
    ///
    /// The first bytes are looked at before anything is written, so that the wrong thing piped in
    /// (an endless one even) fails at once. A tenth of the file system, at least, stays free.
    static func copy(
        _ source: Int32, path: String
    ) throws(RecordingError) -> (descriptor: Int32, byteCount: Int) {
        let bufferByteCount = 1 << 20
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferByteCount, alignment: 4096)
        defer { unsafe buffer.deallocate() }
        var filled = 0
        while filled < magicByteCount {
            let count = try unsafe read(source, UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), path)
            if count == 0 { break }
            filled += count
        }
        guard filled > 0 else {
            throw RecordingError(
                path: path, offset: nil, problem: "is empty",
                advice: "the command before the pipe wrote nothing: look at its messages")
        }
        try unsafe TraceDatMagic.check(
            RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<filled])), path: path)

        let (target, folder) = try makeFile(path)
        var total = 0
        while filled > 0 {
            var written = 0
            while written < filled {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written..<filled])
                let count = unsafe write(target, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    let error = MappedFile.systemError(
                        path, "cannot be spooled to \(folder) after \(total) bytes",
                        "set TMPDIR to a directory with room, or save the recording and name the file")
                    close(target)
                    throw error
                }
                written += count
            }
            total += filled
            do {
                try checkSpace(target, folder, total, path)
                filled = try unsafe read(source, buffer, path)
            } catch {
                close(target)
                throw error
            }
        }
        return (target, total)
    }

    private static func read(
        _ source: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ path: String
    ) throws(RecordingError) -> Int {
        while true {
            let count = unsafe Glibc.read(source, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno == EINTR { continue }
            throw MappedFile.systemError(path, "cannot be read", "check the command before the pipe")
        }
    }

    private static func makeFile(_ path: String) throws(RecordingError) -> (descriptor: Int32, folder: String) {
        var folders = ["/var/tmp", "/tmp"]
        if let chosen = unsafe getenv("TMPDIR") { unsafe folders.insert(String(cString: chosen), at: 0) }
        for folder in folders where !folder.isEmpty {
            var template = Array("\(folder)/irqscope.XXXXXX".utf8CString)
            let descriptor = unsafe mkstemp(&template)
            if descriptor >= 0 {
                unsafe unlink(template)
                return (descriptor, folder)
            }
        }
        throw MappedFile.systemError(
            path, "cannot be spooled: no file can be made in \(folders.joined(separator: ", "))",
            "set TMPDIR to a writable directory, or save the recording and name the file")
    }

    private static func checkSpace(
        _ target: Int32, _ folder: String, _ total: Int, _ path: String
    ) throws(RecordingError) {
        guard total % (64 << 20) < 1 << 20 else { return }
        var status = statvfs()
        guard unsafe fstatvfs(target, &status) == 0, status.f_blocks > 0 else { return }
        if status.f_bavail < status.f_blocks / 10 {
            throw RecordingError(
                path: path, problem: "would fill \(folder), which is nine tenths full after \(total) bytes",
                advice: "set TMPDIR to a directory with more room, or save the recording and name the file")
        }
    }
}
