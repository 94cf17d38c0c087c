internal import CZstd

/// A file of packed bytes that is written whole or not at all: a snapshot of a box.
public struct PackedFile: ~Copyable {
    /// Packed once and sent around: small goes before quick.
    private static let level: Int32 = 9
    private var file: OutputFile

    /// Makes sure that it can be written, before there is anything to write.
    ///
    /// - Throws: the reason why it cannot be written.
    public init(_ output: RecordingOutput, replacing rule: ReplacementRule) throws(RecordingWriteError) {
        file = try OutputFile(output, replacing: rule)
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

    /// The first bytes of what was packed so, from its first bytes; nil if these are no such file.
    static func unpackedBeginning(of begin: [UInt8]) -> [UInt8]? {
        guard let stream = unsafe ZSTD_createDStream() else { return nil }
        defer { _ = unsafe ZSTD_freeDStream(stream) }
        var room = [UInt8](repeating: 0, count: 512)
        // The library reads only what there is, and writes at most as many bytes as there is room for.
        let made = unsafe begin.withUnsafeBufferPointer { source in
            unsafe room.withUnsafeMutableBufferPointer { target in
                var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                var output = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let code = unsafe ZSTD_decompressStream(stream, &output, &input)
                return unsafe ZSTD_isError(code) == 0 ? output.pos : 0
            }
        }
        return made > 0 ? Array(room[..<made]) : nil
    }
}
