internal import Glibc
public import IRQCore

/// Reads files of the kernel into memory that is used again.
///
/// Files are opened anew each time: a saved copy may be replaced by rename, and a file of /proc that vanished
/// and came back is another one.
public enum ProcFile {
    /// Reads a whole file in one go.
    ///
    /// The kernel hands out a page or so with each read(2) (fs/seq_file.c): reading ends where there is no more.
    ///
    /// - Parameter deadline: CLOCK_MONOTONIC in nanoseconds; reading does not go on after it (ETIMEDOUT).
    /// - Throws: `SourceError`; `text` then holds what was read so far.
    public static func read(
        _ path: String, into text: inout TextBuffer, until deadline: UInt64 = .max
    ) throws(SourceError) {
        text.removeAll()
        // A FIFO would wait for a writer for ever: O_NONBLOCK, and then only regular files.
        // withCString lends the string's own bytes, where passing the string would copy them.
        let descriptor = unsafe path.withCString { unsafe open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { throw SourceError(path: path, reason: .system(errno)) }
        defer { close(descriptor) }
        if let reason = readAll(descriptor, into: &text, until: deadline) {
            throw SourceError(path: path, reason: reason)
        }
    }

    /// Reads a whole file in pieces of 64 KiB, or of a line where that is longer.
    ///
    /// - Parameters:
    ///   - room: memory for a piece.
    ///   - take: takes a piece, is told how long the file says it is, and whether the piece is the last; returns how many
    ///     bytes it has read: the others stand at the beginning of the next piece.
    /// - Throws: `SourceError`, for what `take` throws too.
    static func readPieces(
        _ path: String, room: inout TextBuffer, _ take: (RawSpan, Int, Bool) throws(ProcTextError) -> Int
    ) throws(SourceError) {
        room.removeAll()
        let descriptor = unsafe path.withCString { unsafe open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { throw SourceError(path: path, reason: .system(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SourceError(path: path, reason: .system(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SourceError(path: path, reason: .notAFile) }
        if status.st_size > ProcTextLimits.fileByteCount { throw SourceError(path: path, reason: .tooLarge) }
        var byteCount = 0
        var isLast = false
        if room.room < pieceByteCount { room.reserve(pieceByteCount) }
        while !isLast {
            if room.room < 4096 { room.reserve(room.byteCount) }
            while room.room >= 4096, !isLast {
                let count = unsafe room.append { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count < 0 { throw SourceError(path: path, reason: .system(errno)) }
                byteCount += count
                isLast = count == 0
            }
            if byteCount > ProcTextLimits.fileByteCount { throw SourceError(path: path, reason: .tooLarge) }
            do throws(ProcTextError) {
                try takePiece(&room, Int(status.st_size), isLast, take)
            } catch {
                throw SourceError(path: path, reason: .text(error))
            }
        }
    }

    private static let pieceByteCount = 64 << 10

    private static func takePiece(
        _ room: inout TextBuffer, _ byteCount: Int, _ isLast: Bool,
        _ take: (RawSpan, Int, Bool) throws(ProcTextError) -> Int
    ) throws(ProcTextError) {
        let taken = try take(room.bytes, byteCount, isLast)
        room.removeFirst(taken)
    }

    /// Reads a small file below a directory; nil if it cannot be read.
    ///
    /// - Parameter path: relative to `directory`, as a C string.
    static func readSmall(
        directory: Int32, _ path: borrowing PathText, into text: inout TextBuffer
    ) -> Bool {
        text.removeAll()
        let descriptor = unsafe path.withCString { unsafe openat(directory, $0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return readAll(descriptor, into: &text, until: .max) == nil
    }

    private static func readAll(
        _ descriptor: Int32, into text: inout TextBuffer, until deadline: UInt64
    ) -> SourceError.Reason? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return .system(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .notAFile }
        if status.st_size > ProcTextLimits.fileByteCount { return .tooLarge }
        while true {
            if text.room < 4096 { text.reserve(64 << 10) }
            let count = unsafe text.append { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return nil }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return .system(errno) }
            if text.byteCount > ProcTextLimits.fileByteCount { return .tooLarge }
            if deadline < .max, KernelClock.monotonic() >= deadline { return .system(ETIMEDOUT) }
        }
    }
}

/// A path that is built without allocating: `36/smp_affinity`.
struct PathText: ~Copyable {
    private var bytes: InlineArray<128, CChar> = .init(repeating: 0)
    private var count = 0

    /// Starts over.
    mutating func removeAll() {
        count = 0
        bytes[0] = 0
    }

    /// Adds literal text; what is beyond 127 bytes is cut, and no such file exists.
    mutating func append(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount {
            append(byte: unsafe text.utf8Start[index])  // inside: below its length
        }
    }

    /// Adds a number, 0 and up.
    mutating func append(_ number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(byte: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func append(byte: UInt8) {
        guard count < 127 else { return }
        bytes[count] = CChar(bitPattern: byte)
        count += 1
        bytes[count] = 0
    }

    /// Lends the path to a system call.
    borrowing func withCString(_ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
        unsafe bytes.span.withUnsafeBufferPointer { characters in
            guard let first = characters.baseAddress else { return -1 }
            return unsafe body(first)
        }
    }
}

/// A directory that is kept open, as a base for paths below it.
struct Directory: ~Copyable {
    /// Its descriptor; -1 if it could not be opened.
    let descriptor: Int32

    /// Opens a directory; nil names none.
    init(_ path: String?) {
        guard let path else {
            descriptor = -1
            return
        }
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

/// Reads /proc/interrupts and /proc/softirqs bit by bit: of their text only the names are kept, not a copy of the whole.
enum CounterFile {
    /// Reads a table; a torn or cut one once more, for it may have been written just then.
    ///
    /// - Parameters:
    ///   - room: memory for a piece of the text; used again for each.
    ///   - clock: CLOCK_MONOTONIC, in nanoseconds.
    /// - Throws: `SourceError`, also where no row could be read; of the sample nothing is left then.
    static func read(
        _ path: String, into sample: inout CounterSample, room: inout TextBuffer, clock: () -> UInt64
    ) throws(SourceError) {
        try readOnce(path, into: &sample, room: &room, clock: clock)
        if sample.table.isTorn || sample.table.isCut {
            try readOnce(path, into: &sample, room: &room, clock: clock)
        }
        do throws(ProcTextError) {
            try sample.requireRows()
        } catch {
            throw SourceError(path: path, reason: .text(error))
        }
    }

    private static func readOnce(
        _ path: String, into sample: inout CounterSample, room: inout TextBuffer, clock: () -> UInt64
    ) throws(SourceError) {
        sample.startNanoseconds = clock()
        var isBegun = false
        try ProcFile.readPieces(path, room: &room) { (piece, byteCount, isLast) throws(ProcTextError) in
            if !isBegun { sample.begin(expecting: byteCount) }
            isBegun = true
            return try sample.readLines(piece, isLast: isLast)
        }
        sample.endNanoseconds = clock()
    }
}
