internal import CZstd
internal import FilePlaces

/// A file of packed bytes that is written whole or not at all: a snapshot of a box.
public enum PackedFile {
    /// Packed once and sent around: small goes before quick.
    private static let level: Int32 = 9

    /// Packs `bytes` with zstd and writes them; a file that is there already is never replaced.
    ///
    /// - Throws: the reason why it cannot be written.
    public static func write(_ bytes: [UInt8], to output: RecordingOutput) throws(RecordingWriteError) {
        if case .file(let path) = output {
            do throws(FilePlaceError) {
                if let existing = try FilePlace(path, followsLink: true).status(), existing.kind == .regular,
                    existing.byteCount > 0
                {
                    throw FilePlaceError("a file of this name is there already and is left alone")
                }
            } catch {
                throw RecordingWriteError(error, path: path)
            }
        }
        // It is looked at before the work, as it is for a recording.
        var file = try OutputFile(output)
        try file.write(pack(bytes))
        _ = try file.commit(isPrivate: false)
    }

    private static func pack(_ bytes: [UInt8]) -> [UInt8] {
        let capacity = ZSTD_compressBound(bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            // The library writes at most as many bytes as there is room for.
            let made = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_compress(room.baseAddress, capacity, source.baseAddress, source.count, level)
            }
            count = ZSTD_isError(made) == 0 ? made : 0
        }
    }
}
