internal import CLinux
internal import FilePlaces
internal import Glibc

/// The recording's file while it is written: without a name until it is whole, or a pipe.
///
/// The file that it is to replace keeps its owner and its mode. A new one is trace-cmd's 0644 less the umask, or for
/// its owner alone if it tells addresses of the kernel, as perf has it.
public struct OutputFile: ~Copyable {
    /// For messages.
    let name: String
    private let descriptor: Int32
    private let isOwned: Bool
    /// The place where the file will be; nil for a pipe, a device, an open descriptor.
    private let place: FilePlace?
    /// The file's name meanwhile, where the file system has no nameless files or they could not be named later.
    private var temporaryName: String?
    /// The rule for what has the name already.
    private let rule: ReplacementRule
    /// The mode of a new file: what the umask left of trace-cmd's.
    private let newMode: mode_t
    /// The number of bytes that were written so far.
    private(set) var byteCount = 0

    private static let mode: mode_t = 0o644
    /// Copied before as much of the spool is given back: a full disk needs room for this twice.
    private static let pieceByteCount = 1 << 20
    /// AT_EMPTY_PATH (linkat(2)), the same everywhere and not imported.
    private static let emptyPath: Int32 = 0x1000

    deinit {
        if let temporaryName, let folder = place?.folder { unsafe unlinkat(folder, temporaryName, 0) }
        if isOwned { close(descriptor) }
    }

    /// True if it is written in one go: a pipe, a device, an open descriptor.
    let isStream: Bool

    /// The path of the directory, for messages.
    var folderPath: String {
        guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == name.startIndex ? "/" : String(name[..<slash])
    }

    /// The directory of an output file, open as long as this lives; nil for a pipe.
    var folder: Int32? { place?.folder }

    /// Makes sure that `output` can be written; never waits.
    ///
    /// - Parameters:
    ///   - rule: tells which files are replaced.
    ///   - isPrivate: whether it will tell addresses of the kernel.
    public init(
        _ output: RecordingOutput, replacing rule: ReplacementRule, isPrivate: Bool = false
    ) throws(RecordingWriteError) {
        switch output {
        case .descriptor(let descriptor, let name): try self.init(descriptor: descriptor, name: name, rule)
        case .file(let path):
            let place: FilePlace
            let existing: FileStatus?
            do throws(FilePlaceError) {
                place = try FilePlace(path, followsLink: true)
                existing = try place.status()
                if let existing, !place.isOpenFile { try OutputRules.check(existing, in: place, isPrivate: isPrivate) }
            } catch {
                throw RecordingWriteError(error, path: path)
            }
            if place.isOpenFile {
                try self.init(openFile: place, rule)
            } else if let existing, existing.kind != .regular {
                try self.init(stream: place, existing, rule)
            } else {
                if let existing { try rule.check(existing, in: place) }
                try self.init(replacing: existing, at: place, rule)
            }
        }
    }

    /// An open descriptor.
    private init(descriptor: Int32, name: String, _ rule: ReplacementRule) throws(RecordingWriteError) {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, flags & O_ACCMODE != O_RDONLY else {
            throw RecordingWriteError(
                path: name, problem: flags < 0 ? "this is closed" : "this is closed or not open for writing",
                advice: "redirect it to a file or a pipe, or name a file with -o", number: EBADF)
        }
        self.init(name: name, stream: descriptor, isOwned: false, rule)
    }

    /// One of this process's descriptors, named by its link in /proc, such as /dev/stdout.
    private init(openFile place: FilePlace, _ rule: ReplacementRule) throws(RecordingWriteError) {
        guard let number = place.ownDescriptor else {
            throw RecordingWriteError(
                path: place.path, problem: "this is an open file of another process, and is not followed",
                advice: "name the file itself with -o")
        }
        try self.init(descriptor: number, name: place.path, rule)
    }

    /// A pipe or a device.
    private init(
        stream place: FilePlace, _ existing: FileStatus, _ rule: ReplacementRule
    ) throws(RecordingWriteError) {
        let flags = O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
        let stream = unsafe openat(place.folder, place.name, flags)
        if stream < 0, errno == ENXIO, existing.kind == .pipe {
            throw RecordingWriteError(
                path: place.path, problem: "nobody reads this pipe",
                advice: "start first what is to read it, or choose another place with -o", number: ENXIO)
        }
        guard stream >= 0 else { throw RecordingWriteError(errno, path: place.path, "cannot be opened") }
        guard FileStatus(descriptor: stream)?.identity == existing.identity, isatty(stream) == 0 else {
            close(stream)
            throw RecordingWriteError(
                path: place.path, problem: "this is a terminal, or was replaced just now",
                advice: "choose another place with -o")
        }
        self.init(name: place.path, stream: stream, isOwned: true, rule)
    }

    private init(name: String, stream: Int32, isOwned: Bool, _ rule: ReplacementRule) {
        self.name = name
        descriptor = stream
        self.isOwned = isOwned
        isStream = true
        place = nil
        newMode = 0
        self.rule = rule
    }

    /// A file that will have its name at the end.
    private init(
        replacing existing: FileStatus?, at place: FilePlace, _ rule: ReplacementRule
    ) throws(RecordingWriteError) {
        var temporary: String?
        let canBeNamed = NamelessFile.canBeNamed
        var opened = canBeNamed ? NamelessFile.open(in: place.folder, mode: Self.mode) : -1
        if !canBeNamed || (opened < 0 && NamelessFile.isUnsupported(errno)) {
            let neighbour = NamelessFile.neighbour()
            let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            opened = unsafe openat(place.folder, neighbour, flags, Self.mode)
            temporary = neighbour
        }
        guard opened >= 0 else { throw RecordingWriteError(errno, path: place.path, "cannot be written") }
        let mode = FileStatus(descriptor: opened)?.mode ?? 0o600
        // Only the owner can read the file until it is complete.
        fchmod(opened, 0o600)
        if let existing, !OutputRules.giveOwner(of: existing, to: opened) {
            close(opened)
            if let temporary { unsafe unlinkat(place.folder, temporary, 0) }
            throw RecordingWriteError(
                path: place.path, problem: "it belongs to user \(existing.owner), and a new one could not",
                advice: "run as that user or as root, or choose another place with -o", number: EPERM)
        }
        name = place.path
        descriptor = opened
        isOwned = true
        isStream = false
        newMode = mode
        temporaryName = temporary
        self.place = place
        self.rule = rule
    }

    /// True if nobody reads the pipe any more: then recording on makes no sense.
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

    /// Gives the whole file its name; what had the name before is replaced at once, and hands on its owner and mode.
    ///
    /// - Parameter isPrivate: whether the file tells addresses of the kernel.
    /// - Returns: whether others can read such a file.
    mutating func commit(isPrivate: Bool) throws(RecordingWriteError) -> Bool {
        guard !isStream else { return false }
        let (folder, target) = try adoptExisting(isPrivate)
        try giveName(target, in: folder)
        guard isPrivate, let status = FileStatus(descriptor: descriptor) else { return false }
        return status.mode & 0o077 != 0 || status.owner != geteuid()
    }

    private mutating func giveName(_ target: String, in folder: Int32) throws(RecordingWriteError) {
        if let temporaryName {
            // Network file systems tell only now that the disk is full.
            guard fsync(descriptor) == 0 else { throw failure(errno) }
            return try rename(temporaryName, target, in: folder)
        }
        if link(in: folder, as: target) { return }
        guard errno == EEXIST else { throw RecordingWriteError(errno, path: name, "cannot be named") }
        let neighbour = NamelessFile.neighbour()
        guard link(in: folder, as: neighbour) else { throw RecordingWriteError(errno, path: name, "cannot be named") }
        temporaryName = neighbour
        try rename(neighbour, target, in: folder)
    }

    /// Sets owner and mode, by what has the name now: it may be another file than at the start.
    private func adoptExisting(_ isPrivate: Bool) throws(RecordingWriteError) -> (Int32, String) {
        // A stream was sorted out before.
        guard let place else { return (-1, "") }
        let existing: FileStatus?
        do throws(FilePlaceError) { existing = try place.status() } catch {
            throw RecordingWriteError(error, path: name)
        }
        if let existing { try rule.check(existing, in: place) }
        do throws(FilePlaceError) {
            var mode = isPrivate ? newMode & 0o600 : newMode
            if let existing {
                guard existing.kind == .regular else {
                    throw FilePlaceError("there is \(existing.kind.words) of this name now, which is left alone")
                }
                try OutputRules.check(existing, in: place, isPrivate: isPrivate)
                // A file that cannot be given to its owner is kept from all others.
                mode = OutputRules.giveOwner(of: existing, to: descriptor) ? existing.mode : existing.mode & 0o600
                // Nobody asked for the mode of a recording that had no addresses. An empty file was made for its mode, but
                // others may have made it where they may put files.
                if isPrivate, existing.byteCount > 0 || !place.isOnlyOurs { mode &= 0o600 }
            }
            guard fchmod(descriptor, mode) == 0 else { throw FilePlaceError(errno) }
            return (place.folder, place.name)
        } catch {
            throw RecordingWriteError(error, path: name)
        }
    }

    /// Names a nameless file; false and errno if that cannot be.
    private func link(in folder: Int32, as name: String) -> Bool {
        // open(2) gives this as the way to name a nameless file without privileges. The other is for a /proc that was
        // unmounted meanwhile; before Linux 6.10 it needs CAP_DAC_READ_SEARCH.
        let link = "/proc/self/fd/\(descriptor)"
        if unsafe linkat(AT_FDCWD, link, folder, name, AT_SYMLINK_FOLLOW) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else { return false }
        return unsafe linkat(descriptor, "", folder, name, Self.emptyPath) == 0
    }

    private mutating func rename(_ from: String, _ to: String, in folder: Int32) throws(RecordingWriteError) {
        guard unsafe renameat(folder, from, folder, to) == 0 else {
            throw RecordingWriteError(errno, path: name, "cannot be named")
        }
        temporaryName = nil
    }
}
