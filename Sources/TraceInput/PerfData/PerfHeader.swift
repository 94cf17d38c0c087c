import IRQCore

// A perf.data that was written to a file (tools/perf/util/header.h, Documentation/perf.data-file-format.txt):
//
//     "PERFILE2" | size u64 = 104 | attr_size u64 | attrs | data | event_types | 256 bits of features
//
// where attrs, data and so on are sections: offset u64, size u64. The sections of the features follow the data, in the order
// of their bits. Written to a pipe it is
//
//     "PERFILE2" | size u64 = 16 | records
//
// and the first of these say what the header of a file does. A writer of the other byte order leaves "2ELIFREP".

/// The contents of a perf.data beside its records: its events, the recorded machine, and where the records are.
struct PerfContents {
    /// A section of the file.
    typealias Section = Range<Int>

    let byteOrder: ByteOrder
    /// True if it was written to a pipe.
    let isPipe: Bool
    /// 2 of "PERFILE2", 1 of "PERFFILE".
    let version: Int
    var attributes: [PerfAttribute] = []
    /// The place of the records.
    var data: Section = 0..<0
    /// True if the header was never finished: perf was killed.
    var isUnfinished = false
    /// The number of parts with events that should be there.
    var missingPartCount = 0
    /// The number of other recordings behind this one.
    var unreadPartCount = 0
    /// The formats of the events; nil if there are none.
    var tracing: TraceDatContents?
    var hostName: String?
    var release: String?
    var architecture: String?
    var cpuCount: Int?
    /// True if the records lie in further files beside this one (`--threads`).
    var isDirectory = false
    /// Parts that are missing or odd.
    var notes: [String] = []

    static let magic = Array("PERFILE2".utf8)
    static let swappedMagic = Array("2ELIFREP".utf8)
    static let oldMagic = Array("PERFFILE".utf8)
    /// More events than this are not told apart.
    static let attributeLimit = 4096

    init(byteOrder: ByteOrder, isPipe: Bool, version: Int) {
        (self.byteOrder, self.isPipe, self.version) = (byteOrder, isPipe, version)
    }

    /// Reads all but the samples.
    static func read(_ file: RawSpan) throws(FormatProblem) -> PerfContents {
        let byteOrder = order(file)
        var cursor = ByteCursor(file, at: 8, byteOrder: byteOrder)
        let size: UInt64 = try cursor.integer("the header's size")
        var contents = PerfContents(
            byteOrder: byteOrder, isPipe: size == 16, version: file.begins(with: oldMagic) ? 1 : 2)
        if contents.isPipe {
            try contents.readPipe(file)
        } else {
            guard size >= 72, size <= 4096 else {
                throw FormatProblem(offset: 8, problem: "the header's size is \(size), neither 16 nor 72 nor 104")
            }
            try contents.readHeader(&cursor, byteCount: Int(size))
        }
        guard !contents.attributes.isEmpty else {
            throw FormatProblem(
                offset: nil, problem: "it describes no events",
                advice: "record again: perf record -a -e 'irq:*' -o perf.data sleep 10")
        }
        return contents
    }

    private static func order(_ file: RawSpan) -> ByteOrder {
        if file.begins(with: swappedMagic) { return .big }
        guard file.begins(with: oldMagic) else { return .little }
        // Written the same by all: of the size of an attribute, the small number is the right one.
        let size = file.load(at: 16, as: UInt64.self, isSwapped: ByteOrder.little.isSwapped) ?? 0
        return size < 1 << 16 ? .little : .big
    }

    private mutating func readHeader(_ cursor: inout ByteCursor, byteCount: Int) throws(FormatProblem) {
        let file = cursor.bytes
        let sizePosition = cursor.position
        let entry: UInt64 = try cursor.integer("the size of an event's description")
        guard entry >= UInt64(PerfAttribute.leastByteCount + 16), entry <= 4096 else {
            throw FormatProblem(
                offset: sizePosition, problem: "the description of an event should take \(entry) bytes, which cannot be"
            )
        }
        let attributes = try section(&cursor, "events")
        let data = try section(&cursor, "data")
        _ = try section(&cursor, "event types")
        var bits: [Int] = []
        if byteCount >= 104 { bits = try Self.featureBits(&cursor) }
        try readAttributes(file, attributes, entryByteCount: Int(entry))
        let whole = file.byteCount
        guard data.offset <= UInt64(whole) else {
            throw FormatProblem(
                offset: whole, problem: "the file ends before its data, which should begin at byte \(data.offset)")
        }
        let start = Int(data.offset)
        isUnfinished = data.byteCount == 0
        let isCut = data.byteCount > UInt64(whole - start)
        self.data = isUnfinished || isCut ? start..<whole : start..<start + Int(data.byteCount)
        if isCut {
            missingPartCount += 1
            notes.append(
                "the file ends early: of \(data.byteCount) bytes of data \(whole - start) are there; it was cut short")
        } else if !isUnfinished {
            try readFeatures(file, at: self.data.upperBound, bits)
        }
    }

    private func section(
        _ cursor: inout ByteCursor, _ name: String
    ) throws(FormatProblem) -> (offset: UInt64, byteCount: UInt64) {
        let offset: UInt64 = try cursor.integer("the place of the \(name)")
        let byteCount: UInt64 = try cursor.integer("the size of the \(name)")
        return (offset, byteCount)
    }

    /// The numbers of the features, which are bits of machine words: 64 bits long, or 32 with older big-endian writers.
    private static func featureBits(_ cursor: inout ByteCursor) throws(FormatProblem) -> [Int] {
        var words: [UInt64] = []
        for _ in 0..<4 { words.append(try cursor.integer("the features")) }
        // Every perf tells the host's name.
        if words[0] >> UInt64(PerfFeature.hostName) & 1 == 0 { words = words.map { $0 << 32 | $0 >> 32 } }
        return (0..<256).filter { words[$0 / 64] >> UInt64($0 % 64) & 1 != 0 }
    }

    /// Reads the table of events: each an attribute and the section of its ids.
    private mutating func readAttributes(
        _ file: RawSpan, _ table: (offset: UInt64, byteCount: UInt64), entryByteCount: Int
    ) throws(FormatProblem) {
        guard table.offset <= UInt64(file.byteCount), table.byteCount <= UInt64(file.byteCount) - table.offset else {
            throw FormatProblem(
                offset: file.byteCount,
                problem:
                    "the file ends inside the table of events, \(table.byteCount) bytes from byte \(table.offset) on")
        }
        let count = Int(table.byteCount) / entryByteCount
        guard count <= Self.attributeLimit else {
            throw FormatProblem(offset: Int(table.offset), problem: "a number of \(count) events cannot be")
        }
        for index in 0..<count {
            let start = Int(table.offset) + index * entryByteCount
            let end = start + entryByteCount - 16
            guard var attribute = PerfAttribute(file.extracting(start..<end), byteOrder: byteOrder) else { continue }
            var cursor = ByteCursor(file, at: end, byteOrder: byteOrder)
            let ids = try section(&cursor, "ids of event \(index)")
            guard ids.offset <= UInt64(file.byteCount), ids.byteCount <= UInt64(file.byteCount) - ids.offset else {
                throw FormatProblem(offset: end, problem: "the file ends inside the ids of event \(index)")
            }
            attribute.ids = self.ids(file, Int(ids.offset)..<Int(ids.offset) + Int(ids.byteCount))
            attributes.append(attribute)
        }
    }

    /// The ids that fill a range, as many as there is still room for in a table: sections of a hostile file may overlap.
    func ids(_ file: RawSpan, _ range: Range<Int>) -> [UInt64] {
        let room = max(SampleTable.idLimit - attributes.reduce(0) { $0 + $1.ids.count }, 0)
        return (0..<min(range.count / 8, room)).compactMap {
            file.load(at: range.lowerBound + 8 * $0, as: UInt64.self, isSwapped: byteOrder.isSwapped)
        }
    }
}
