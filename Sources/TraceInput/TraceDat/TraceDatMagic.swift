import IRQCore

/// The first bytes of a trace.dat file, and what else users hand over by mistake.
enum TraceDatMagic {
    /// 0x17 0x08 0x44 "tracing", trace-cmd.dat.v6(5).
    static let bytes: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)

    /// Throws if `start`, the first bytes of a file, cannot belong to a recording.
    static func check(_ start: RawSpan, path: String) throws(RecordingError) {
        var matching = 0
        while matching < bytes.count, start.byte(at: matching) == bytes[matching] { matching += 1 }
        if matching == bytes.count { return }
        if matching == start.byteCount {
            throw RecordingError(
                path: path, offset: start.byteCount, problem: "ends inside the first \(bytes.count) bytes",
                advice: "the recording was cut short: copy or record it again")
        }
        throw RecordingError(path: path, offset: 0, problem: guess(start), advice: advice)
    }

    private static let advice = "give it a trace.dat of version 6 or 7, as irqscope record and trace-cmd record write"

    private static func guess(_ start: RawSpan) -> String {
        if begins(start, "PERFILE2") { return "is a perf.data file, not a trace.dat recording" }
        if begins(start, [0x28, 0xB5, 0x2F, 0xFD]) { return "is a zstd-compressed file (unpack it first: zstd -d)" }
        if begins(start, [0x1F, 0x8B]) { return "is a gzip-compressed file (unpack it first: gzip -d)" }
        if begins(start, [0xFD] + Array("7zXZ".utf8)) { return "is an xz-compressed file (unpack it first: xz -d)" }
        if begins(start, "# tracer:") { return "is ftrace's text, not a binary recording" }
        var isText = start.byteCount > 0
        for offset in 0..<min(start.byteCount, 512) {
            let byte = start.byte(at: offset) ?? 0
            if byte < 0x20, ![0x09, 0x0A, 0x0D, 0x1B].contains(byte) { isText = false }
        }
        return isText ? "is text, not a binary recording" : "is not a trace.dat recording"
    }

    private static func begins(_ start: RawSpan, _ text: String) -> Bool { begins(start, Array(text.utf8)) }

    private static func begins(_ start: RawSpan, _ wanted: [UInt8]) -> Bool {
        for (index, byte) in wanted.enumerated() where start.byte(at: index) != byte { return false }
        return true
    }
}
