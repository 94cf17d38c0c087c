internal import CLinux
internal import Glibc

/// The recording's file while it is written: without a name until it is whole, or a pipe.
struct OutputFile: ~Copyable {
    /// For messages.
    let name: String
    private let descriptor: Int32
    private let isOwned: Bool
    /// Where the file will be; nil for a pipe.
    private let target: String?
    /// The file's name meanwhile, where the file system has no nameless files.
    private var temporaryName: String?
    /// What was written so far.
    private(set) var byteCount = 0

    /// trace-cmd's mode; the umask takes from it.
    private static let mode: mode_t = 0o644
    /// Copied before as much of the spool is given back: a full disk needs room for this twice.
    private static let pieceByteCount = 1 << 20

    deinit {
        if isOwned { close(descriptor) }
        if let temporaryName { unsafe unlink(temporaryName) }
    }

    /// Whether it is written in one go: a pipe, a device, an open descriptor.
    var isStream: Bool { target == nil }

    /// The directory of an output file; nil for a pipe.
    var folder: String? { target.map(Self.folder) }

    /// Makes sure that a recording can be written to `output`.
    init(_ output: RecordingOutput) throws(RecordingWriteError) {
        switch output {
        case .descriptor(let descriptor, let name):
            self.init(name: name, descriptor: descriptor, isOwned: false, target: nil, temporaryName: nil)
        case .file(let path):
            var status = stat()
            var target = path
            if unsafe stat(path, &status) == 0 {
                switch status.st_mode & S_IFMT {
                case S_IFREG:
                    guard unsafe access(path, W_OK) == 0 else {
                        throw RecordingWriteError(errno, path: path, "is there and cannot be overwritten")
                    }
                    // A link stays a link.
                    if let real = unsafe realpath(path, nil) {
                        unsafe target = String(cString: real)
                        unsafe free(real)
                    }
                case S_IFDIR:
                    throw RecordingWriteError(EISDIR, path: path, "cannot be written")
                default:
                    let stream = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
                    guard stream >= 0 else { throw RecordingWriteError(errno, path: path, "cannot be opened") }
                    self.init(name: path, descriptor: stream, isOwned: true, target: nil, temporaryName: nil)
                    return
                }
            }
            var temporaryName: String?
            var descriptor = NamelessFile.open(in: Self.folder(target), mode: Self.mode)
            if descriptor < 0, NamelessFile.isUnsupported(errno) {
                let named = Self.neighbour(of: target)
                descriptor = unsafe Glibc.open(named, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode)
                temporaryName = named
            }
            guard descriptor >= 0 else { throw RecordingWriteError(errno, path: path, "cannot be written") }
            self.init(
                name: path, descriptor: descriptor, isOwned: true, target: target, temporaryName: temporaryName)
        }
    }

    private init(name: String, descriptor: Int32, isOwned: Bool, target: String?, temporaryName: String?) {
        self.name = name
        self.descriptor = descriptor
        self.isOwned = isOwned
        self.target = target
        self.temporaryName = temporaryName
    }

    private static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A hidden name beside `path` that nobody else uses.
    private static func neighbour(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return "\(folder(path))/.\(file).\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    }

    /// Whether nobody reads the pipe any more: then recording on makes no sense.
    var isReaderGone: Bool {
        guard isStream else { return false }
        var wait = pollfd(fd: descriptor, events: 0, revents: 0)
        return unsafe poll(&wait, 1, 0) == 1 && Int32(wait.revents) & (POLLERR | POLLNVAL) != 0
    }

    // MARK: - Writing

    /// Writes all of `bytes` behind what is there.
    mutating func write(_ bytes: [UInt8]) throws(RecordingWriteError) {
        try write(bytes, count: bytes.count)
    }

    private mutating func write(_ bytes: [UInt8], count: Int) throws(RecordingWriteError) {
        let descriptor = self.descriptor
        let error = unsafe bytes.withUnsafeBytes { bytes -> Int32 in
            var done = 0
            while done < count {
                // Inside: `done` is below the count, which is not above that of the array.
                let written = unsafe Glibc.write(
                    descriptor, bytes.baseAddress.map { unsafe $0 + done }, min(count, bytes.count) - done)
                if written < 0, Self.mayGoOn(descriptor, errno) { continue }
                guard written > 0 else { return written < 0 ? errno : ENOSPC }
                done += written
            }
            return 0
        }
        guard error == 0 else { throw failure(error) }
        byteCount += count
    }

    /// After an interrupted call, or when a pipe that does not block has room again.
    private static func mayGoOn(_ descriptor: Int32, _ error: Int32) -> Bool {
        guard error == EAGAIN else { return error == EINTR }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&wait, 1, -1) >= 0 || errno == EINTR
    }

    private func failure(_ error: Int32) -> RecordingWriteError {
        let what =
            error == EPIPE || error == ECONNRESET
            ? "nobody reads on after \(byteCount) bytes" : "cannot be written after \(byteCount) bytes"
        return RecordingWriteError(error, path: name, what)
    }

    /// Copies the first bytes of a spool: to a file in the kernel, and with a hole in the spool where it was copied,
    /// so that the disk need not hold everything twice.
    ///
    /// Not so to a pipe: sendfile(2) would put the spool's own pages into it, and what happens to them before
    /// somebody reads, the reader would see.
    mutating func copy(from spool: Int32, byteCount wanted: Int) throws(RecordingWriteError) {
        var place: off_t = 0
        if isStream { return try copySlowly(from: spool, &place, to: wanted) }
        while place < wanted {
            let start = place
            let end = min(wanted, Int(start) + Self.pieceByteCount)
            while place < end {
                let count = unsafe sendfile(descriptor, spool, &place, end - Int(place))
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EINVAL || errno == ENOSYS {
                    // A file system that cannot.
                    try copySlowly(from: spool, &place, to: end)
                    continue
                }
                guard count > 0 else { throw failure(count < 0 ? errno : EIO) }
                byteCount += count
            }
            // FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE. If it cannot be, it costs space until the end.
            _ = fallocate64(spool, 1 | 2, start, place - start)
        }
    }

    private mutating func copySlowly(
        from spool: Int32, _ place: inout off_t, to end: Int
    ) throws(RecordingWriteError) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while place < end {
            let count = unsafe pread(spool, &buffer, min(buffer.count, end - Int(place)), place)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(count < 0 ? errno : EIO) }
            try write(buffer, count: count)
            place += off_t(count)
        }
    }

    // MARK: - The end

    /// Gives the whole file its name; what had the name before is replaced at once.
    mutating func commit() throws(RecordingWriteError) {
        guard let target else { return }
        if let temporaryName {
            // Network file systems tell only now that the disk is full.
            guard fsync(descriptor) == 0 else { throw failure(errno) }
            return try rename(temporaryName, target)
        }
        // open(2) gives this as the way to name a nameless file without privileges.
        let link = "/proc/self/fd/\(descriptor)"
        if unsafe linkat(AT_FDCWD, link, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 { return }
        guard errno == EEXIST else { throw RecordingWriteError(errno, path: name, "cannot be named") }
        let neighbour = Self.neighbour(of: target)
        guard unsafe linkat(AT_FDCWD, link, AT_FDCWD, neighbour, AT_SYMLINK_FOLLOW) == 0 else {
            throw RecordingWriteError(errno, path: name, "cannot be named")
        }
        temporaryName = neighbour
        try rename(neighbour, target)
    }

    private mutating func rename(_ from: String, _ to: String) throws(RecordingWriteError) {
        guard unsafe Glibc.rename(from, to) == 0 else {
            throw RecordingWriteError(errno, path: name, "cannot be named")
        }
        temporaryName = nil
    }
}
