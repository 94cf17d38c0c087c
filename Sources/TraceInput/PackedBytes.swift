internal import Glibc

/// The bytes of a small file that may be packed with gzip, zstd or xz: all of them, in memory.
public enum PackedBytes {
    /// A reason why a file cannot be unpacked.
    public struct Problem: Error, CustomStringConvertible {
        /// The reason in words.
        public let description: String
    }

    /// Reads and unpacks a file; one that is not packed is returned as it is.
    ///
    /// - Parameter limit: the most bytes that it may have unpacked.
    public static func read(_ path: String, limit: Int) throws(Problem) -> [UInt8] {
        let bytes = try whole(path, limit: limit)
        guard let packing = unsafe Packing.of(bytes.span.bytes), packing != .zlib else { return bytes }
        do throws(UnpackProblem) {
            return try unpack(bytes, packing, limit: limit)
        } catch {
            switch error {
            case .cutShort: throw Problem(description: "it was cut short: copy it again")
            case .damaged(let word): throw Problem(description: "its packed data are damaged (\(word)): copy it again")
            case .tooLarge:
                throw Problem(description: "unpacked it has more than \(limit >> 20) MiB: it is no snapshot")
            case .noMemory: throw Problem(description: "there is no memory to unpack it")
            }
        }
    }

    private static func unpack(_ bytes: [UInt8], _ packing: Packing, limit: Int) throws(UnpackProblem) -> [UInt8] {
        var unpacker = try Decompressor(packing)
        var result: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 20)
        var position = packing.leadByteCount
        while true {
            let (used, made) = try unsafe step(&unpacker, bytes, position, &room)
            position += used
            if made == 0, used == 0 { return result }
            guard result.count + made <= limit else { throw .tooLarge }
            result += room[..<made]
        }
    }

    private static func step(
        _ unpacker: inout Decompressor, _ bytes: [UInt8], _ position: Int, _ room: inout [UInt8]
    ) throws(UnpackProblem) -> (used: Int, made: Int) {
        // Typed errors do not pass through `withUnsafeBytes`.
        var outcome: Result<(used: Int, made: Int), UnpackProblem> = .success((0, 0))
        unsafe bytes.withUnsafeBytes { source in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: source[position...])
            unsafe room.withUnsafeMutableBytes { target in
                do throws(UnpackProblem) {
                    outcome = .success(try unsafe unpacker.unpack(rest, to: target, isLast: true))
                } catch {
                    outcome = .failure(error)
                }
            }
        }
        return try outcome.get()
    }

    private static func whole(_ path: String, limit: Int) throws(Problem) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw Problem(description: unsafe String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(description: "this is neither a folder nor a regular file")
        }
        guard status.st_size <= limit else {
            throw Problem(description: "it has more than \(limit >> 20) MiB: it is no snapshot")
        }
        var filled = 0
        var code: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { room, count in
            while filled < room.count {
                let got = unsafe Glibc.read(file, room.baseAddress.map { unsafe $0 + filled }, room.count - filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { break }
                filled += got
            }
            count = filled
        }
        if code != 0 { throw Problem(description: unsafe String(cString: strerror(code))) }
        return bytes
    }
}
