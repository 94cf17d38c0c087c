internal import Glibc
import IRQCore

/// Copies a pipe, or what a packed file holds, to a file without a name.
enum Spool {
    /// The copy of a pipe.
    enum Copy: ~Copyable {
        case file(descriptor: Int32, byteCount: Int)
        /// A text needs none: it is read as it comes.
        case text(TextStream)
    }

    /// Writes `inflow` to its end.
    ///
    /// The first bytes are looked at before anything is written, so that the wrong thing piped in (an endless one even)
    /// fails at once. A tenth of the file system, at least, stays free.
    static func copy(
        _ inflow: consuming Inflow, path: String
    ) throws(RecordingError) -> Copy {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { unsafe buffer.deallocate() }
        var filled = 0
        while filled < RecordingFormat.sniffedByteCount {
            let count = try unsafe inflow.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        guard filled > 0 else {
            let isPlain = inflow.packing == nil
            throw RecordingError(
                path: path, problem: isPlain ? "is empty" : "unpacked, it is empty",
                advice: isPlain
                    ? path == "standard input"
                        ? "the command before the pipe wrote nothing: look at its messages"
                        : "name a recording, such as irqscope record --duration 10s makes"
                    : "look for the recording itself")
        }
        let start = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        let format = try RecordingFormat.readable(start, packing: inflow.packing, path: path)
        if format.isStreamed { return .text(TextStream(inflow, start: start, path: path)) }

        let (target, folder) = try makeFile(path)
        do throws(RecordingError) {
            var total = 0
            while filled > 0 {
                try unsafe write(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), to: target, folder, total, path)
                total += filled
                // Pieces have 1 MiB at most.
                if total % (64 << 20) < 1 << 20 { try checkSpace(target, folder, total, path) }
                filled = try unsafe inflow.read(into: buffer)
            }
            if inflow.isStopped {
                throw RecordingError(
                    path: path, problem: "was not read to its end", advice: "let the command before the pipe end")
            }
            return .file(descriptor: target, byteCount: total)
        } catch {
            close(target)
            throw error
        }
    }

    /// A file without a name that is written piece by piece.
    struct Writer: ~Copyable {
        private let path: String
        private let target: Int32
        private let folder: String
        private(set) var byteCount = 0
        private var checkedByteCount = 0

        /// Makes the file; `path` is that of the recording, for messages.
        init(path: String) throws(RecordingError) {
            self.path = path
            (target, folder) = try makeFile(path)
        }

        deinit { close(target) }

        /// Appends bytes; a tenth of the file system, at least, stays free.
        mutating func append(_ bytes: RawSpan) throws(RecordingError) {
            if byteCount - checkedByteCount >= 64 << 20 {
                checkedByteCount = byteCount
                try checkSpace(target, folder, byteCount, path)
            }
            // All of the span's bytes.
            let result = unsafe bytes.withUnsafeBytes { bytes -> Result<Void, RecordingError> in
                do throws(RecordingError) {
                    return .success(try unsafe write(bytes, to: target, folder, byteCount, path))
                } catch {
                    return .failure(error)
                }
            }
            try result.get()
            byteCount += bytes.byteCount
        }

        /// Maps what was written.
        borrowing func finish(packing: Packing?) throws(RecordingError) -> MappedFile {
            try MappedFile.map(target, byteCount: byteCount, path: path, packing: packing)
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to target: Int32, _ folder: String, _ total: Int, _ path: String
    ) throws(RecordingError) {
        var written = 0
        while written < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = unsafe Glibc.write(target, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw MappedFile.systemError(
                    path, "cannot be spooled to \(folder) after \(total + written) bytes",
                    advice("set TMPDIR to a directory with room", path))
            }
            written += count
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
            advice("set TMPDIR to a writable directory", path))
    }

    /// What to do; from a pipe there is another way.
    private static func advice(_ words: String, _ path: String) -> String {
        MappedFile.isRegular(path) ? words : words + ", or save the recording and name the file"
    }

    private static func checkSpace(
        _ target: Int32, _ folder: String, _ total: Int, _ path: String
    ) throws(RecordingError) {
        var status = statvfs()
        guard unsafe fstatvfs(target, &status) == 0, status.f_blocks > 0 else { return }
        if status.f_bavail < status.f_blocks / 10 {
            throw RecordingError(
                path: path, problem: "would fill \(folder), which is nine tenths full after \(total) bytes",
                advice: advice("set TMPDIR to a directory with more room", path))
        }
    }
}
