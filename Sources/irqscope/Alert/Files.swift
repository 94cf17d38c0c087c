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
}

/// Whole files, as bytes.
enum RegularBytes {
    /// Reads a file; not a pipe or a device, and not through a symbolic link if `isStrict`.
    static func read(_ path: String, limit: Int, isStrict: Bool = false) throws(FileProblem) -> [UInt8] {
        let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (isStrict ? O_NOFOLLOW : 0)
        let file = unsafe open(path, flags)
        guard file >= 0 else { throw FileProblem(errno) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw FileProblem(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileProblem("this is no regular file") }
        guard status.st_size <= limit else { throw FileProblem("it is larger than \(limit >> 20) MiB") }
        var code: Int32 = 0
        let size = Int(status.st_size)
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

/// Files that are whole at any time, whenever the program or the machine stops.
enum AtomicFile {
    /// Replaces the file at `path`.
    ///
    /// - Parameter temporary: a file in the same directory that is written first; one that a killed run left is removed.
    static func write(_ path: String, _ bytes: [UInt8], temporary: String, mode: mode_t) throws(FileProblem) {
        unsafe unlink(temporary)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe open(temporary, flags, mode)
        guard file >= 0 else { throw FileProblem(errno) }
        var code: Int32 = fchmod(file, mode) == 0 ? 0 : errno
        if code == 0 { code = writeAll(file, bytes) }
        if code == 0, fsync(file) != 0 { code = errno }
        if close(file) != 0, code == 0 { code = errno }
        if code == 0, unsafe rename(temporary, path) != 0 { code = errno }
        guard code == 0 else {
            unsafe unlink(temporary)
            throw FileProblem(code)
        }
        syncFolder(of: path)
    }

    /// Makes a rename last; file systems that cannot do that are not asked twice.
    static func syncFolder(of path: String) {
        let folder = unsafe open(Self.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    /// The directory of a file.
    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
