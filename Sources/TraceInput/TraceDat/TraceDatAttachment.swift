import IRQCore

extension TraceDatContents {
    /// Reads what stands behind the recording (`AttachmentTrailer`). What does not fit is noted: the rest of the
    /// recording needs none of it.
    mutating func readAttachment(_ file: RawSpan, _ unpacker: borrowing Unpacker) {
        guard let trailer = AttachmentTrailer(endOf: file, byteOrder: byteOrder) else { return }
        let limit = UInt64(AttachmentTrailer.byteLimit)
        let end = file.byteCount - AttachmentTrailer.byteCount
        guard trailer.storedByteCount <= min(limit, UInt64(end)), trailer.unpackedByteCount <= limit else {
            return notes.append("irqscope's attachment is left out: it should take \(trailer.storedByteCount) bytes")
        }
        let stored = file.extracting(end - Int(trailer.storedByteCount)..<end)
        guard AttachmentTrailer.checksum(stored) == trailer.checksum else {
            return notes.append("irqscope's attachment is left out: it is damaged")
        }
        if trailer.storedByteCount == trailer.unpackedByteCount {
            attachment = Array(copying: stored)
            return
        }
        attachment = unpacker.unpack(stored, byteCount: Int(trailer.unpackedByteCount), method: compression)
        if attachment == nil { notes.append("irqscope's attachment is left out: it does not unpack") }
    }
}

/// The bytes that `RecordingWriter.finish` attached to the recording at `path`, and notes on what is odd about it.
package func attachment(
    ofRecording path: String
) throws(RecordingError) -> (bytes: [UInt8]?, notes: [String]) {
    let file: MappedFile
    switch try MappedFile.open(path) {
    case .mapped(let mapped): file = mapped
    case .text: return (nil, [])
    }
    _ = try RecordingFormat.readable(file.bytes, packing: file.packing, path: file.path)
    var unpacker = Unpacker()
    do {
        let contents = try TraceDatContents.read(file.bytes, unpacker: &unpacker)
        return (contents.attachment, contents.notes)
    } catch {
        throw RecordingError(path: file.path, offset: error.offset, problem: error.problem, advice: error.advice)
    }
}
