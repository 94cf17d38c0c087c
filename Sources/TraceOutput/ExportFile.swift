internal import FilePlaces
internal import Glibc
internal import IRQCore

/// The file or pipe that an export is written to, piece by piece. A file has its name only when it is whole.
public final class ExportFile {
    private var file: OutputFile
    private var packer: GzipPacker?
    private var failure: RecordingWriteError?

    /// Makes sure that it can be written, before a recording is read. A file that is there already is replaced if it is an
    /// export or empty.
    ///
    /// - Parameters:
    ///   - recordings: the paths of what is read, which is never replaced.
    ///   - isPacked: true if it is to be packed with gzip.
    ///   - isExport: tells from a file's first bytes whether it is an export.
    public init(
        _ output: RecordingOutput, isPacked: Bool, recordings: [String], isExport: ([UInt8]) -> Bool
    ) throws(RecordingWriteError) {
        if case .file(let path) = output { try Self.check(path, recordings, isExport) }
        file = try OutputFile(output)
        if isPacked {
            let packer = GzipPacker()
            guard packer.isUsable else {
                throw RecordingWriteError(ENOMEM, path: file.name, "nothing can be packed")
            }
            self.packer = packer
        }
    }

    private static func check(
        _ path: String, _ recordings: [String], _ isExport: ([UInt8]) -> Bool
    ) throws(RecordingWriteError) {
        do throws(FilePlaceError) {
            guard let existing = try FilePlace(path, followsLink: true).status() else { return }
            if existing.kind == .folder { throw FilePlaceError("this is a directory") }
            guard existing.kind == .regular, existing.byteCount > 0 else { return }
            for recording in recordings {
                var status = stat()
                if unsafe stat(recording, &status) == 0,
                    [UInt64(status.st_dev), UInt64(status.st_ino)] == existing.identity
                {
                    throw FilePlaceError("this is the recording itself")
                }
            }
            let begin = try RegularBytes.beginning(path, limit: 4096)
            guard isExport(GzipPacker.unpackedBeginning(of: begin) ?? begin) else {
                throw FilePlaceError("a file of this name is there already, is no export and is left alone")
            }
        } catch {
            throw RecordingWriteError(error, path: path)
        }
    }

    /// Writes bytes behind those before.
    ///
    /// - Returns: false if that makes no sense any more: `finish` tells why.
    public func write(_ bytes: RawSpan) -> Bool {
        guard failure == nil else { return false }
        let plain = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        put(packer.map { $0.pack(plain) } ?? plain)
        return failure == nil
    }

    private func put(_ bytes: [UInt8]) {
        guard failure == nil, !bytes.isEmpty else { return }
        do throws(RecordingWriteError) {
            try file.write(bytes)
        } catch {
            failure = error
        }
    }

    /// Ends the file and gives it its name.
    ///
    /// - Throws: the reason why it cannot be written.
    public func finish() throws(RecordingWriteError) {
        if let packer { put(packer.finish()) }
        if let failure { throw failure }
        _ = try file.commit(isPrivate: false)
    }

    /// The number of bytes that were written.
    public var byteCount: Int { file.byteCount }
}
