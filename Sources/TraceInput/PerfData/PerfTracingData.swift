import IRQCore

// What perf keeps of the kernel's tracing files (tools/perf/util/trace-event-info.c) is the beginning of a trace.dat of
// version 6, under the number 0.5 or 0.6:
//
//     17 08 44 "tracing" | "0.6\0" | byte order u8 | size of long u8 | page size u32 | header_page | header_event |
//     ftrace formats | formats of the events | kallsyms u32 = 0 | printk formats u32 | saved_cmdlines u64 (since 0.6)

extension PerfContents {
    /// Reads the formats of the events.
    mutating func readTracingData(_ file: RawSpan, _ range: Range<Int>) throws(FormatProblem) {
        let bytes = file.extracting(0..<range.upperBound)
        guard bytes.begins(with: TraceDatReader.magic, at: range.lowerBound) else {
            notes.append("the formats of the events make no sense, at byte \(range.lowerBound)")
            return
        }
        var cursor = ByteCursor(bytes, at: range.lowerBound + TraceDatReader.magic.count, byteOrder: byteOrder)
        let version = try cursor.string("the version of the tracing data", limit: 8)
        let endian: UInt8 = try cursor.integer("the byte order")
        let long: UInt8 = try cursor.integer("the size of long")
        guard endian <= 1, long == 4 || long == 8 else {
            throw FormatProblem(
                offset: cursor.position - 2,
                problem: "a byte order of \(endian) and a size of long of \(long) cannot be")
        }
        let order: ByteOrder = endian == 1 ? .big : .little
        cursor = ByteCursor(bytes, at: cursor.offset, byteOrder: order)
        let page: UInt32 = try cursor.integer("the page size")
        var contents = TraceDatContents(
            version: 6, byteOrder: order, longByteCount: Int(long), headerPageByteCount: Int(page))
        try contents.readTexts(&cursor)
        if version != "0.5" {
            let byteCount: UInt64 = try cursor.integer("the size of the saved command lines")
            contents.savedCmdlines = .file(try cursor.range(byteCount, "the saved command lines"))
        }
        tracing = contents
    }
}
