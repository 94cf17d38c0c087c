internal import Glibc
internal import IRQCore

/// The file or pipe that an export is written to, piece by piece. A file has its name only when it is whole.
public final class ExportFile {
    private var file: OutputFile
    private var packer: GzipPacker?
    private var failure: RecordingWriteError?

    /// Makes sure that it can be written, before a recording is read.
    ///
    /// - Parameter isPacked: true if it is to be packed with gzip.
    public init(
        _ output: RecordingOutput, replacing rule: ReplacementRule, isPacked: Bool
    ) throws(RecordingWriteError) {
        file = try OutputFile(output, replacing: rule)
        if isPacked {
            let packer = GzipPacker()
            guard packer.isUsable else {
                throw RecordingWriteError(ENOMEM, path: file.name, "nothing can be packed")
            }
            self.packer = packer
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
