internal import FilePlaces
internal import Glibc

/// Why a file could not be used.
struct FileProblem: Error {
    let code: Int32
    let words: String

    init(_ code: Int32) {
        self.code = code
        words = unsafe String(cString: strerror(code))
    }

    init(_ words: String) {
        code = 0
        self.words = words
    }

    init(_ error: FilePlaceError) {
        code = error.number
        words = error.problem
    }

    /// True if it is the disk that fails, or the place is no place for files: not how it was named.
    var isOfTheDisk: Bool { [ENOSPC, EDQUOT, EROFS, EIO, ESTALE, EMFILE, ENFILE, ENOMEM].contains(code) }
}

/// Whole files, as bytes.
enum RegularBytes {
    /// Reads the file at a path, through links too; not a pipe or a device.
    static func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
        // Looked at before: to open a device may do something already.
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileProblem(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileProblem("this is no regular file") }
        let file = unsafe open(path, flags)
        guard file >= 0 else { throw FileProblem(errno) }
        defer { close(file) }
        return try read(file, limit: limit)
    }

    /// For a look at what may be anything: nothing waits.
    static let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY

    /// Reads an open file.
    ///
    /// - Parameter isWhole: whether more than `limit` bytes are an error; else the rest is left out.
    static func read(_ file: Int32, limit: Int, isWhole: Bool = true) throws(FileProblem) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw FileProblem(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileProblem("this is no regular file") }
        guard !isWhole || status.st_size <= limit else { throw FileProblem("it is larger than \(limit >> 20) MiB") }
        var code: Int32 = 0
        let size = min(Int(status.st_size), limit)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
            while count < size {
                // Inside: `count` stays below the buffer's size.
                let done = unsafe Glibc.read(file, buffer.baseAddress.map { unsafe $0 + count }, size - count)
                if done < 0, errno == EINTR { continue }
                if done < 0 { code = errno }
                if done <= 0 { break }
                count += done
            }
        }
        if code != 0 { throw FileProblem(code) }
        return bytes
    }
}
