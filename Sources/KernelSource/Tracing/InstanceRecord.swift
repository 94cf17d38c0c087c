internal import Glibc

/// The open files and the path of an instance, in memory that does not move.
///
///     | count | capacity | descriptors … | path, 0 | path of tracing_on, 0 |
@safe
struct InstanceRecord: ~Copyable {
    private static let headerCount = 2
    private let block: UnsafeMutablePointer<Int32>

    /// So often it is tried to remove a directory of which somebody else has a file open: `cat`, for example.
    private static let attemptCount = 10
    private static let pauseMilliseconds: Int32 = 20

    /// Creates a record with room for `capacity` descriptors.
    init(path: String, capacity: Int) {
        let bytes = path.utf8CString + (path + "/tracing_on").utf8CString
        let words = Self.headerCount + capacity + (bytes.count + 3) / 4
        unsafe block = .allocate(capacity: words)
        unsafe block.initialize(repeating: 0, count: words)
        unsafe block[1] = Int32(capacity)
        // The words behind the descriptors are enough for both paths and their end marks.
        unsafe bytes.withUnsafeBytes { source in
            let target = unsafe UnsafeMutableRawPointer(block + Self.headerCount + capacity)
            guard let base = source.baseAddress else { return }
            unsafe target.copyMemory(from: base, byteCount: source.count)
        }
    }

    deinit { unsafe block.deallocate() }

    /// The address it lies at.
    var address: UInt { unsafe UInt(bitPattern: block) }

    /// The number of open files.
    var count: Int { unsafe Int(block[0]) }

    /// Adds an open file; there must be room.
    mutating func append(_ descriptor: Int32) {
        precondition(count < (unsafe Int(block[1])))
        unsafe block[Self.headerCount + count] = descriptor  // checked above
        // Written last: a signal handler sees the descriptor or does not.
        unsafe block[0] += 1
    }

    /// The open file at `index`, in the order in which they were added.
    func descriptor(_ index: Int) -> Int32 {
        precondition(index >= 0 && index < count)
        return unsafe block[Self.headerCount + index]  // checked above
    }

    /// Closes all files and removes the directory.
    func release() { unsafe Self.release(UnsafeMutableRawPointer(block)) }

    /// The same by address; safe in a signal handler.
    static func release(_ address: UnsafeMutableRawPointer?) {
        guard let block = unsafe address?.assumingMemoryBound(to: Int32.self) else { return }
        let count = unsafe Int(block[0])
        for index in 0..<count { close(unsafe block[headerCount + index]) }
        unsafe block[0] = 0
        let path = unsafe UnsafeRawPointer(block + headerCount + Int(block[1])).assumingMemoryBound(to: CChar.self)
        unsafe remove(path)
    }

    /// Removes the directory. While somebody has a file of it open that cannot be; then nothing is traced there any more.
    private static func remove(_ path: UnsafePointer<CChar>) {
        for attempt in 0..<attemptCount {
            guard unsafe rmdir(path) != 0, errno == EBUSY else { return }
            // The second text of the record stands behind the first and its end mark.
            if attempt == 0 { unsafe stopTracing(path + strlen(path) + 1) }
            poll(nil, 0, pauseMilliseconds)
        }
    }

    private static func stopTracing(_ path: UnsafePointer<CChar>) {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let zero: StaticString = "0"
        _ = unsafe write(file, zero.utf8Start, zero.utf8CodeUnitCount)
        close(file)
    }
}
