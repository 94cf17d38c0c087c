internal import Glibc

/// Whole files, as bytes.
public enum RegularBytes {
    /// Reads the file at a path, through links too; not a pipe or a device.
    public static func read(_ path: String, limit: Int) throws(FilePlaceError) -> [UInt8] {
        // Looked at before: to open a device may do something already.
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FilePlaceError(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FilePlaceError("this is no regular file") }
        let file = unsafe open(path, flags)
        guard file >= 0 else { throw FilePlaceError(errno) }
        defer { close(file) }
        return try read(file, limit: limit)
    }

    /// Reads the first bytes of an open file.
    public static func beginning(of file: Int32, limit: Int) throws(FilePlaceError) -> [UInt8] {
        try read(file, limit: limit, isWhole: false)
    }

    /// For a look at what may be anything: nothing waits.
    static let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY

    /// Reads an open file.
    ///
    /// - Parameter isWhole: true if more than `limit` bytes are an error; otherwise the rest is left out.
    static func read(_ file: Int32, limit: Int, isWhole: Bool = true) throws(FilePlaceError) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw FilePlaceError(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FilePlaceError("this is no regular file") }
        guard !isWhole || status.st_size <= limit else { throw FilePlaceError("it is larger than \(limit >> 20) MiB") }
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
        if code != 0 { throw FilePlaceError(code) }
        return bytes
    }
}

/// Writes all bytes to a descriptor; returns the error number that stopped it, or 0.
@discardableResult
public func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
    unsafe writeAll(descriptor, bytes.span.bytes)  // the span ends with the call
}

/// Writes all bytes to a descriptor; returns the error number that stopped it, or 0.
@discardableResult
public func writeAll(_ descriptor: Int32, _ bytes: RawSpan) -> Int32 {
    var written = 0
    while written < bytes.byteCount {
        let count = unsafe bytes.extracting(droppingFirst: written).withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return errno }
        written += count
    }
    return 0
}
