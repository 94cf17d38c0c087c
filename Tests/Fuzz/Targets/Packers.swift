import CZlib
@testable import TraceInput
@testable import TraceOutput

/// Any bytes, packed with gzip piece by piece and unpacked again: by zlib itself, and as a recording would be. The first byte
/// chooses the length of pieces.
func packBytes(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let bytes = span.extracting(1..<span.byteCount).array
    let length = [1, 7, 512, 4096][Int(choice) & 3]
    let packer = GzipPacker()
    var packed: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: length) {
        packed += packer.pack(Array(bytes[start..<min(start + length, bytes.count)]))
    }
    packed += packer.finish()
    precondition(gunzip(packed, room: bytes.count + 1) == bytes)
    if let begin = GzipPacker.unpackedBeginning(of: packed) { precondition(bytes.starts(with: begin)) }
    // As the beginning of a file of somebody else.
    if let begin = GzipPacker.unpackedBeginning(of: bytes) { precondition(begin.count <= 512) }
    for form in [RecordingCompression.zstd, .none] {
        let section = ChunkPacker(form, byteLimit: 1 << 16)
        guard form == .zstd, let chunk = section.packed(bytes) else { continue }
        precondition(chunk.count >= 8)
    }
}

/// Unpacks with zlib's own reader of gzip, which checks the sums.
private func gunzip(_ packed: [UInt8], room count: Int) -> [UInt8]? {
    var (input, output) = (packed, [UInt8](repeating: 0, count: count))
    var stream = z_stream()
    guard unsafe inflateInit2_(&stream, 31, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { unsafe inflateEnd(&stream) }
    let status = unsafe input.withUnsafeMutableBufferPointer { source in
        unsafe output.withUnsafeMutableBufferPointer { target in
            unsafe (stream.next_in, stream.avail_in) = (source.baseAddress, uInt(source.count))
            unsafe (stream.next_out, stream.avail_out) = (target.baseAddress, uInt(target.count))
            return unsafe inflate(&stream, Z_FINISH)
        }
    }
    guard status == Z_STREAM_END, unsafe stream.avail_in == 0 else { return nil }
    return Array(output.dropLast(Int(unsafe stream.avail_out)))
}
