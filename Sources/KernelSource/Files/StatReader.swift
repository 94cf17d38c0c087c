internal import Glibc

/// Reads /proc/PID/stat again and again through one block of memory, which holds the path and the text.
@safe
struct StatReader: ~Copyable {
    /// What reading a process's file came to.
    enum Outcome: BitwiseCopyable {
        /// Its line.
        case line(PIDStat)
        /// There is no such process any more.
        case gone
        /// It is there, but may not be read, or is not what it should be.
        case unreadable
    }

    /// "2147483647/stat" and the zero byte take 16.
    private static let pathByteCount = 32
    /// A name of 63 bytes, escaped, and fifty numbers of 20 digits take less than 1,400.
    private static let textByteCount = 4096

    private let block: UnsafeMutableRawBufferPointer
    private var byteCount = 0

    init() {
        unsafe block = .allocate(byteCount: Self.pathByteCount + Self.textByteCount, alignment: 8)
    }

    deinit { unsafe block.deallocate() }

    /// What was read last.
    var text: RawSpan {
        @_lifetime(borrow self) borrowing get {
            let text = unsafe UnsafeRawBufferPointer(
                rebasing: block[Self.pathByteCount..<Self.pathByteCount + byteCount])
            let span = unsafe RawSpan(_unsafeBytes: text)
            return unsafe _overrideLifetime(span, borrowing: self)  // allocated until deinit
        }
    }

    /// Reads the file of `pid` below the directory `folder`. Allocates nothing.
    mutating func read(pid: Int32, in folder: Int32) -> Outcome {
        byteCount = 0
        setPath(pid)
        guard let base = unsafe block.baseAddress else { return .unreadable }
        let path = unsafe base.assumingMemoryBound(to: CChar.self)
        let file = unsafe openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)
        guard file >= 0 else { return errno == ENOENT || errno == ESRCH ? .gone : .unreadable }
        defer { close(file) }
        guard RegularFile.isRegular(file) else { return .unreadable }
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: block[Self.pathByteCount...])
        guard let filled = unsafe RegularFile.read(file, into: target) else {
            return errno == ESRCH ? .gone : .unreadable  // it ended after it was opened
        }
        byteCount = filled
        let text = text
        guard let line = PIDStat(text) else { return .unreadable }
        return .line(line)
    }

    /// Writes "PID/stat" with a zero byte at the start of the block.
    private mutating func setPath(_ pid: Int32) {
        var digits: [20 of UInt8] = .init(repeating: 0)
        var count = 0
        var rest = pid.magnitude
        repeat {
            digits[count] = UInt8(0x30 + rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        // At most 10 digits and 6 bytes: half of the path's room. The literal ends with a zero byte.
        let suffix: StaticString = "/stat"
        for index in 0..<count { unsafe block[index] = digits[count - 1 - index] }
        for index in 0...suffix.utf8CodeUnitCount { unsafe block[count + index] = suffix.utf8Start[index] }
    }
}
