import IRQCore

/// Tells traces of Perfetto by their first bytes: they have no magic number.
enum PerfettoFormat {
    /// The fields of TracePacket have numbers below this.
    private static let fieldLimit = 1200

    /// True if a file that begins with `start` is such a trace: packets (field 1) whose fields fit into them.
    static func isPerfetto(_ start: RawSpan) -> Bool {
        var offset = 1
        guard start.byte(at: 0) == 0x0A, !RecordingFormat.isText(start),
            let length = start.varint(at: &offset, end: min(start.byteCount, 11)), length > 0, length < 1 << 32
        else { return false }
        // It may reach beyond `start`.
        let end = offset + Int(length)
        var fields = ProtoFields(start, offset..<end)
        while let field = fields.next() {
            guard field.number < fieldLimit else { return false }
        }
        if fields.isDamaged { return false }
        guard end < start.byteCount else { return start.byteCount > offset }
        return start.byte(at: end) == 0x0A
    }
}
