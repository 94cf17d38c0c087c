internal import CLinux
internal import Glibc

/// Holds some space of the file system while recording, so that a recording can be finished when the disk is full.
struct SpoolReserve: ~Copyable {
    /// Formats, kernel symbols (2 MB packed), snapshots, and each CPU's last chunk.
    static let byteCount: off_t = 8 << 20
    private var descriptor: Int32

    /// Takes the space. A file system that cannot promise any is used without.
    init(_ folder: SpoolFolder) throws(RecordingWriteError) { descriptor = try Self.take(folder) }

    private static func take(_ folder: SpoolFolder) throws(RecordingWriteError) -> Int32 {
        if let limit = fileByteLimit, limit < byteCount {
            throw RecordingWriteError(
                EFBIG, path: folder.path, "files may have \(limit >> 10) KiB, and not even \(byteCount >> 20) MiB")
        }
        let descriptor = NamelessFile.spool(in: folder)
        guard descriptor >= 0 else {
            throw RecordingWriteError(
                errno, path: folder.path, "no file can be made here", isSpool: folder.isTemporary)
        }
        if fallocate64(descriptor, 0, 0, byteCount) != 0, errno == ENOSPC || errno == EDQUOT {
            let error = RecordingWriteError(
                errno, path: folder.path, "not even \(byteCount >> 20) MiB are free here",
                isSpool: folder.isTemporary)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// The largest file that this process may write (`ulimit -f`); nil if there is no limit.
    static var fileByteLimit: Int? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return nil }
        return Int(exactly: limit.rlim_cur)  // RLIM_INFINITY is no Int
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the space back.
    mutating func release() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
