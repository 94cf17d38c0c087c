import IRQCore

/// Unpacks the packets that Perfetto packed together (compressed_packets of TracePacket), into a file without a name.
enum PerfettoUnpacking {
    /// The outcome.
    struct Outcome {
        /// The parts that could not be unpacked.
        var damagedCount = 0
        /// The place where the file is no trace any more, and the format of what follows, if it is known.
        var damageOffset: Int?
        var damageName: String?
    }

    /// The most that a part may give: Perfetto packs a megabyte or less at a time.
    private static let byteLimit = 64 << 20

    /// The same trace, with all packets plain.
    static func unpack(_ file: borrowing MappedFile, _ outcome: inout Outcome) throws(FormatProblem) -> MappedFile {
        do throws(RecordingError) {
            var spool = try Spool.Writer(path: file.path)
            try unpack(file.bytes, to: &spool, &outcome)
            guard spool.byteCount > 0 else {
                throw RecordingError(
                    path: file.path, problem: "is a trace of Perfetto whose packed parts cannot be unpacked",
                    advice: "copy or record it again")
            }
            return try spool.finish(packing: file.packing)
        } catch {
            throw FormatProblem(offset: error.offset, problem: error.problem, advice: error.advice)
        }
    }

    private static func unpack(
        _ bytes: RawSpan, to spool: inout Spool.Writer, _ outcome: inout Outcome
    ) throws(RecordingError) {
        let unpacker = Unpacker()
        var packets = ProtoFields(bytes, 0..<bytes.byteCount)
        var start = 0
        while let packet = packets.next() {
            defer { start = packets.offset }
            guard packet.number == 1, packet.hasLength else { continue }
            var fields = ProtoFields(bytes, packet.range)
            var isPacked = false
            while let field = fields.next() {
                guard field.number == 50 || field.number == 133 else { continue }
                isPacked = true
                let method: CompressionMethod = field.number == 50 ? .zlib : .zstd
                guard let plain = unpacker.unpack(bytes.extracting(field.range), upTo: byteLimit, method: method)
                else {
                    outcome.damagedCount += 1
                    try append(Self.loss, to: &spool, &outcome)
                    continue
                }
                try append(plain, to: &spool, &outcome)
            }
            if !isPacked { try spool.append(bytes.extracting(start..<packets.offset)) }
        }
        if packets.offset < bytes.byteCount {
            outcome.damageOffset = packets.offset
            outcome.damageName = RecordingFormat.name(of: bytes.extracting(packets.offset..<bytes.byteCount))
        }
    }

    /// A packet that is damaged, in place of those that are: their sequences have a gap there.
    private static let loss: [UInt8] = [0x0A, 0x01, 0x00]

    /// Appends packets that were packed together, as far as they are some.
    private static func append(
        _ packed: [UInt8], to spool: inout Spool.Writer, _ outcome: inout Outcome
    ) throws(RecordingError) {
        let span = packed.span
        let bytes = unsafe span.bytes  // plain bytes have no padding
        var packets = ProtoFields(bytes, 0..<bytes.byteCount)
        while packets.next() != nil {}
        try spool.append(bytes.extracting(0..<packets.offset))
        if packets.offset < bytes.byteCount {
            outcome.damagedCount += 1
            try append(loss, to: &spool, &outcome)
        }
    }
}
