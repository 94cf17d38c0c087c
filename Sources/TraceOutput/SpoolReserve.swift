internal import CLinux
internal import Glibc

/// Holds some space of the file system while recording, so that a recording can be finished when the disk is full.
struct SpoolReserve: ~Copyable {
    /// Formats, kernel symbols (2 MB packed), snapshots, and each CPU's last chunk.
    private static let byteCount: off_t = 8 << 20
    private var descriptor: Int32

    /// Takes the space. A file system that cannot promise any is used without.
    init(_ folder: SpoolFolder) throws(RecordingWriteError) {
        descriptor = NamelessFile.spool(in: folder)
        guard descriptor >= 0 else {
            throw RecordingWriteError(
                errno, path: folder.path, "no file can be made here", isSpool: folder.isTemporary)
        }
        if fallocate64(descriptor, 0, 0, Self.byteCount) != 0, errno == ENOSPC || errno == EDQUOT {
            let error = RecordingWriteError(
                errno, path: folder.path, "not even \(Self.byteCount >> 20) MiB are free here",
                isSpool: folder.isTemporary)
            close(descriptor)
            throw error
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the space back.
    mutating func release() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
