internal import Glibc

/// A recording, open.
enum OpenRecording: ~Copyable {
    /// All of its bytes.
    case mapped(MappedFile)
    /// A text, which is read as it comes.
    case text(TextStream)
}

/// A recording's bytes: a mapped file, or a pipe or packed file spooled to a nameless file and mapped.
///
/// A recording cannot be read in one pass: trace.dat version 7 says at its end where things are, and
/// work items cross CPUs, whose data lie one after another. So a pipe, and what a packed file holds, is copied to a file
/// without a name in $TMPDIR or /var/tmp; it takes disk space, not memory, and vanishes with the process.
@safe
struct MappedFile: ~Copyable {
    /// The name for messages.
    let path: String
    /// The program that the whole file was packed with; nil if it is plain.
    let packing: Packing?
    private let base: UnsafeMutableRawPointer
    let byteCount: Int
    /// The file, or -1 if the bytes are only in memory.
    private let descriptor: Int32

    /// All bytes of the file. If someone cuts the file short meanwhile, reading behind the new end raises
    /// SIGBUS, which the command turns into a message.
    var bytes: RawSpan {
        @_lifetime(borrow self) borrowing get {
            let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: byteCount)
            return unsafe _overrideLifetime(span, borrowing: self)  // mapped until deinit
        }
    }

    deinit {
        unsafe munmap(base, byteCount)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Copies `range` into `buffer`; false if that cannot be done, then `bytes` has them or nobody.
    ///
    /// For bytes that are read once this is mostly cheaper than touching the mapping: the kernel copies in large
    /// pieces, but maps many files page by page; see `mapCheaply`.
    borrowing func read(_ range: Range<Int>, into buffer: inout ReadBuffer) -> Bool {
        descriptor >= 0 && buffer.fill(from: descriptor, range)
    }

    /// Copies the bytes from `place` on into `room`, as many as fit; returns how many.
    borrowing func copy(from place: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, byteCount - place)
        guard place >= 0, count > 0 else { return 0 }
        if descriptor >= 0 {
            while true {
                // Inside the room; a file that was cut short meanwhile ends there.
                let read = unsafe pread(descriptor, room.baseAddress, count, place)
                if read < 0, errno == EINTR { continue }
                return max(read, 0)
            }
        }
        // Inside of both: checked above.
        unsafe room.copyMemory(from: UnsafeRawBufferPointer(start: base + place, count: count))
        return count
    }

    /// Maps the pages of `range`, which are in `bytes` then; false unless that was cheap.
    ///
    /// It is where the page cache holds a file in large pieces, as after reading it from a disk; a file that was
    /// written page by page is mapped page by page, and `read` costs half as much. The number of faults tells.
    borrowing func mapCheaply(_ range: Range<Int>) -> Bool {
        let start = range.lowerBound / Self.pageByteCount * Self.pageByteCount
        guard descriptor >= 0, start >= 0, start < range.upperBound, range.upperBound <= byteCount else { return false }
        let before = Self.faultCount
        // Inside the mapping, page-aligned. Linux before 5.14 does not know it.
        guard unsafe madvise(base + start, range.upperBound - start, Self.populateRead) == 0 else { return false }
        // Small pages are mapped sixteen at a time.
        return Self.faultCount - before <= range.count / (32 * Self.pageByteCount)
    }

    /// MADV_POPULATE_READ of linux/mman.h, which older C libraries lack.
    private static let populateRead: Int32 = 22
    private static let pageByteCount = Int(getpagesize())

    /// The page faults of this thread so far.
    private static var faultCount: Int {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(1), &usage)  // RUSAGE_THREAD, which is not imported
        return usage.ru_minflt + usage.ru_majflt
    }

    /// Tells the kernel that the pages of `range` are not needed any more, so that a recording of any
    /// size takes little memory. They would be read again from the file if they were touched.
    borrowing func release(_ range: Range<Int>) {
        guard descriptor >= 0 else { return }
        let page = Self.pageByteCount
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard start < end, start >= 0, end <= byteCount else { return }
        unsafe madvise(base + start, end - start, MADV_DONTNEED)  // inside the mapping, page-aligned
    }

    /// True if `path` is a file that can be read again: no pipe, and not standard input.
    static func isRegular(_ path: String) -> Bool {
        var status = stat()
        return path != "-" && (unsafe stat(path, &status)) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Maps a file that is no text.
    static func openBinary(_ path: String) throws(RecordingError) -> MappedFile {
        switch try open(path) {
        case .mapped(let file): return file
        case .text:
            throw RecordingError(path: path, problem: "is text", advice: "name a trace.dat or a perf.data")
        }
    }

    /// Maps the file at `path`; "-" is standard input.
    ///
    /// - Parameter stopDescriptor: that of `ReadOptions`.
    static func open(_ path: String, stopDescriptor: Int32? = nil) throws(RecordingError) -> OpenRecording {
        if path == "-" { return try open(descriptor: 0, path: "standard input", stopDescriptor) }
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw systemError(path, "cannot be opened", advice(forOpen: errno)) }
        defer { close(descriptor) }
        var status = stat()
        if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO {
            // A named pipe: opened again to wait for its writer.
            let pipe = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard pipe >= 0 else { throw systemError(path, "cannot be opened", advice(forOpen: errno)) }
            defer { close(pipe) }
            return try open(descriptor: pipe, path: path, stopDescriptor)
        }
        return try open(descriptor: descriptor, path: path, stopDescriptor)
    }

    private static func open(
        descriptor: Int32, path: String, _ stopDescriptor: Int32?
    ) throws(RecordingError) -> OpenRecording {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw systemError(path, "cannot be examined", "check the file or pipe")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let inflow = try Inflow(descriptor, isFile: true, path: path)
            if inflow.packing != nil { return try spool(inflow, path: path) }
            return .mapped(try map(descriptor, byteCount: Int(status.st_size), path: path))
        case S_IFDIR:
            let folder = path.hasSuffix("/") ? path : path + "/"
            // perf record --threads writes a directory.
            if starts(
                folder + "data", { $0.begins(with: PerfContents.magic) || $0.begins(with: PerfContents.swappedMagic) })
            {
                return try open(folder + "data")
            }
            throw RecordingError(
                path: path, problem: isCTF(folder) ? "is a CTF trace, as LTTng writes it" : "is a directory",
                advice: isCTF(folder)
                    ? "pipe its text in: babeltrace2 \(folder) | irqscope report"
                    : path == "standard input"
                        ? "redirect the recording in it, such as <DIR/trace.dat"
                        : "name the recording in it, such as \(folder)trace.dat")
        case S_IFIFO, S_IFSOCK, S_IFCHR:
            if isatty(descriptor) == 1 {
                throw RecordingError(
                    path: path, problem: "is a terminal",
                    advice: "name a recording (irqscope report trace.dat) or pipe one in")
            }
            // Opened so that opening does not wait; reading must.
            let flags = fcntl(descriptor, F_GETFL)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) }
            return try spool(Inflow(descriptor, isFile: false, path: path, stopDescriptor: stopDescriptor), path: path)
        default:
            throw RecordingError(
                path: path, problem: "is neither a file nor a pipe", advice: "name a trace.dat recording")
        }
    }

    private static func spool(_ inflow: consuming Inflow, path: String) throws(RecordingError) -> OpenRecording {
        let packing = inflow.packing
        switch try Spool.copy(inflow, path: path) {
        case .text(let stream): return .text(stream)
        case .file(let descriptor, let byteCount):
            defer { close(descriptor) }
            return .mapped(try map(descriptor, byteCount: byteCount, path: path, packing: packing))
        }
    }

    /// True if the directory is a CTF trace: one has a file named metadata.
    private static func isCTF(_ folder: String) -> Bool { starts(folder + "metadata") { RecordingFormat.isCTF($0) } }

    /// True if `test` knows the first ten bytes of a file.
    private static func starts(_ path: String, _ test: (RawSpan) -> Bool) -> Bool {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var buffer = ReadBuffer()
        let count = 10
        return buffer.fill(from: descriptor, 0..<count) && test(buffer.bytes(count: count))
    }

    /// Maps a file, whose descriptor may be closed then.
    static func map(
        _ descriptor: Int32, byteCount: Int, path: String, packing: Packing? = nil
    ) throws(RecordingError) -> MappedFile {
        guard byteCount > 0 else { throw empty(path) }
        guard let base = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
            unsafe base != MAP_FAILED
        else {
            throw systemError(path, "cannot be mapped", "copy it to a local disk and try again")
        }
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else {
            let error = systemError(path, "cannot be kept open", "raise the limit of open files (ulimit -n)")
            unsafe munmap(base, byteCount)
            throw error
        }
        return unsafe MappedFile(path: path, base: base, byteCount: byteCount, descriptor: own, packing: packing)
    }

    /// A copy of `bytes` in memory of its own.
    static func copying(_ bytes: RawSpan, path: String) throws(RecordingError) -> MappedFile {
        guard bytes.byteCount > 0 else { throw empty(path) }
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let base = unsafe mmap(nil, bytes.byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
            unsafe base != MAP_FAILED
        else { throw systemError(path, "does not fit into memory", "free some and try again") }
        // As many bytes as were mapped.
        unsafe bytes.withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(start: base, count: $0.count).copyMemory(from: $0)
        }
        return unsafe MappedFile(path: path, base: base, byteCount: bytes.byteCount)
    }

    private static func empty(_ path: String) -> RecordingError {
        RecordingError(
            path: path, offset: nil, problem: "is empty",
            advice: "the recorder may have failed: record again, for example with irqscope record --duration 10s")
    }

    private init(
        path: String, base: UnsafeMutableRawPointer, byteCount: Int, descriptor: Int32 = -1, packing: Packing? = nil
    ) {
        self.path = path
        self.packing = packing
        self.descriptor = descriptor
        unsafe self.base = base
        self.byteCount = byteCount
    }

    static func systemError(_ path: String, _ what: String, _ advice: String) -> RecordingError {
        let reason = unsafe String(cString: strerror(errno))
        return RecordingError(path: path, problem: "\(what): \(reason)", advice: advice)
    }

    private static func advice(forOpen error: Int32) -> String {
        switch error {
        case EACCES, EPERM: "run as a user who may read it, or with sudo"
        case ENOENT: "check the name"
        default: "check the file"
        }
    }
}
