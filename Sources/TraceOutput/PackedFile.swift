internal import CZstd
internal import FilePlaces

/// A file of packed bytes that is written whole or not at all: a snapshot of a box.
public struct PackedFile: ~Copyable {
    /// Packed once and sent around: small goes before quick.
    private static let level: Int32 = 9
    private var file: OutputFile

    /// Makes sure that it can be written, before there is anything to write; a file that is there already is never replaced.
    ///
    /// - Throws: the reason why it cannot be written.
    public init(_ output: RecordingOutput) throws(RecordingWriteError) {
        if case .file(let path) = output {
            do throws(FilePlaceError) {
                if let existing = try FilePlace(path, followsLink: true).status() {
                    if existing.kind == .folder { throw FilePlaceError("this is a directory") }
                    if existing.kind == .regular, existing.byteCount > 0 {
                        throw FilePlaceError("a file of this name is there already and is left alone")
                    }
                }
            } catch {
                throw RecordingWriteError(error, path: path)
            }
        }
        file = try OutputFile(output)
    }

    /// Packs bytes with zstd and writes them.
    ///
    /// - Throws: the reason why they cannot be written.
    public consuming func write(_ bytes: [UInt8]) throws(RecordingWriteError) {
        try file.write(Self.pack(bytes))
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
