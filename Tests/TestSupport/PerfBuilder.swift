import CZstd
import IRQCore

/// Writes a perf.data, also wrong ones, as perf does: to a file or to a pipe, of either byte order, packed or not.
public struct PerfBuilder {
    public enum Packing: String, Sendable, CaseIterable { case none, compressed, compressed2, wrapped }

    public var byteOrder = ByteOrder.little
    public var isPipe = false
    public var packing = Packing.none
    /// The fields of the samples; the default of `perf record -a -e 'irq:*'`.
    public var sampleType: UInt64 = 0x10587
    public var readFormat: UInt64 = 0x14
    public var period: UInt64 = 1
    public var attributeByteCount = 128
    /// Bits beyond sample_id_all, the first of them in the lowest bit.
    public var flags: UInt64 = 0
    public var clockID: Int32 = 0
    public var hasTracingData = true
    public var isUnfinished = false
    public var isDirectory = false
    public var cpuCount = 2
    public var parts = RecordingBuilder()
    /// A tracepoint of each name, and behind them an event of another kind (dummy).
    public var names = FormatTexts.ids.map(\.name)
    public private(set) var records: [[UInt8]] = []

    public init(_ byteOrder: ByteOrder = .little) {
        self.byteOrder = byteOrder
        parts.byteOrder = byteOrder
        parts.cmdlines = ""
    }

    public var events: EventBuilder { EventBuilder(parts.texts, byteOrder) }
    /// The dummy has no RAW.
    private var dummyType: UInt64 { sampleType & ~(1 << 10) }

    /// The id of an event on a CPU; the dummy's follow those of the tracepoints.
    public func id(_ event: Int, cpu: Int) -> UInt64 { UInt64(100 + event * cpuCount + cpu) }

    // MARK: - Records

    public mutating func record(_ type: UInt32, misc: UInt16 = 0, _ body: [UInt8]) {
        var writer = ByteWriter(byteOrder)
        writer.put(type)
        writer.put(misc)
        writer.put(UInt16(truncatingIfNeeded: 8 + body.count))
        writer.put(raw: body)
        records.append(writer.bytes)
    }

    /// A sample; its event is the one that the payload names.
    public mutating func sample(
        _ payload: [UInt8], time: UInt64, cpu: Int, misc: UInt16 = 1, chain: [UInt64] = [], id given: UInt64? = nil
    ) {
        let number = byteOrder == .big ? Int(payload[0]) << 8 | Int(payload[1]) : Int(payload[1]) << 8 | Int(payload[0])
        let event = names.firstIndex { name in FormatTexts.ids.contains { $0.id == number && $0.name == name } } ?? 0
        let id = given ?? id(event, cpu: cpu)
        var writer = ByteWriter(byteOrder)
        func has(_ bit: UInt64) -> Bool { sampleType >> bit & 1 != 0 }
        if has(16) { writer.put(id) }
        if has(0) { writer.put(UInt64(0xFFFF_FFFF_8100_0000)) }
        if has(1) {
            writer.put(UInt32(42))
            writer.put(UInt32(42))
        }
        if has(2) { writer.put(time) }
        if has(3) { writer.put(UInt64(0)) }
        if has(6) { writer.put(id) }
        if has(9) { writer.put(id) }
        if has(7) {
            writer.put(UInt32(cpu))
            writer.put(UInt32(0))
        }
        if has(8) { writer.put(UInt64(1)) }
        if has(4) { putRead(id, &writer) }
        if has(5) {
            writer.put(UInt64(chain.count))
            chain.forEach { writer.put($0) }
        }
        if has(10) {
            let padded = (payload.count + 4 + 7) / 8 * 8 - 4
            writer.put(UInt32(padded))
            writer.put(raw: payload + [UInt8](repeating: 0, count: padded - payload.count))
        }
        record(9, misc: misc, writer.bytes)
    }

    private func putRead(_ id: UInt64, _ writer: inout ByteWriter) {
        func times() {
            if readFormat & 1 != 0 { writer.put(UInt64(7)) }
            if readFormat & 2 != 0 { writer.put(UInt64(7)) }
        }
        func value() {
            writer.put(UInt64(1))
            if readFormat & 8 == 0 { times() }
            if readFormat & 4 != 0 { writer.put(id) }
            if readFormat & 16 != 0 { writer.put(UInt64(0)) }
        }
        if readFormat & 8 != 0 {
            writer.put(UInt64(3))
            times()
            for _ in 0..<3 { value() }
        } else {
            value()
        }
    }

    /// The fields that end records other than samples.
    private func tail(time: UInt64, cpu: Int) -> [UInt8] {
        var writer = ByteWriter(byteOrder)
        if sampleType & 2 != 0 { writer.put(UInt64(42 << 32 | 42)) }
        if sampleType & 4 != 0 { writer.put(time) }
        if sampleType & 64 != 0 { writer.put(id(0, cpu: cpu)) }
        if sampleType & 512 != 0 { writer.put(id(0, cpu: cpu)) }
        if sampleType & 128 != 0 {
            writer.put(UInt32(cpu))
            writer.put(UInt32(0))
        }
        if sampleType & 65536 != 0 { writer.put(id(0, cpu: cpu)) }
        return writer.bytes
    }

    public mutating func lost(_ count: UInt64, time: UInt64, cpu: Int) {
        var writer = ByteWriter(byteOrder)
        writer.put(id(0, cpu: cpu))
        writer.put(count)
        record(2, writer.bytes + tail(time: time, cpu: cpu))
    }

    public mutating func lostSamples(_ count: UInt64, misc: UInt16 = 0, cpu: Int = 0) {
        var writer = ByteWriter(byteOrder)
        writer.put(count)
        record(13, misc: misc, writer.bytes + tail(time: 0, cpu: cpu))
    }

    public mutating func comm(_ name: String, task: Int32) {
        var writer = ByteWriter(byteOrder)
        writer.put(task)
        writer.put(task)
        writer.put(name + "\0")
        writer.pad(to: (writer.bytes.count + 7) / 8 * 8)
        record(3, writer.bytes + tail(time: 0, cpu: 0))
    }

    public mutating func finishedRound() { record(68, []) }
    /// Exchanges the order of the records from a place on, as an overwritten buffer has them.
    public mutating func reverseRecords(from place: Int = 0) { records[place...].reverse() }
    public mutating func add(raw bytes: [UInt8]) { records.append(bytes) }

    // MARK: - Files

    public func build() -> [UInt8] { isPipe ? pipe() : file() }

    /// The records alone, as a file of `perf record --threads` beside "data" has them.
    public func packedRecords() -> [UInt8] {
        guard packing != .none else { return records.flatMap { $0 } }
        // Pieces that end inside of records.
        let all = records.flatMap { $0 }
        let pieces = stride(from: 0, to: all.count, by: 1000).map { Array(all[$0..<min($0 + 1000, all.count)]) }
        let packed = Self.stream(pieces)
        return packing == .wrapped ? wrapped(packed.flatMap { $0 }) : packed.flatMap(header)
    }

    private func header(_ packed: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(byteOrder)
        let body = packing == .compressed ? 8 : 16
        let whole = packing == .compressed ? body + packed.count : (body + packed.count + 7) / 8 * 8
        writer.put(UInt32(packing == .compressed ? 81 : 83))
        writer.put(UInt16(0))
        writer.put(UInt16(whole))
        if body == 16 { writer.put(UInt64(packed.count)) }
        writer.put(raw: packed)
        writer.pad(to: whole)
        return writer.bytes
    }

    /// All pieces under one head, whose size wraps, as perf 6.16 to 7.2 writes them.
    private func wrapped(_ packed: [UInt8]) -> [UInt8] {
        var pieces = stride(from: 0, to: packed.count, by: 65_519).map { Array(packed[$0..<min($0 + 65_519, packed.count)]) }
        let first = pieces.removeFirst()
        let total = 16 + first.count + pieces.reduce(0) { $0 + 16 + $1.count }
        var writer = ByteWriter(byteOrder)
        writer.put(UInt32(83))
        writer.put(UInt16(0))
        writer.put(UInt16(truncatingIfNeeded: (total + 7) / 8 * 8))
        writer.put(UInt64(total - 16))
        writer.put(raw: first)
        for piece in pieces {
            writer.put(UInt32(83))
            writer.put(UInt16(0))
            writer.put(UInt16(16 + piece.count))
            writer.put(UInt64(0xAAAA_AAAA_AAAA_AAAA))
            writer.put(raw: piece)
        }
        // Only a size that does not wrap says where padding ends.
        if total <= 65_528 { writer.pad(to: (total + 7) / 8 * 8) }
        return writer.bytes
    }

    /// The pieces as one zstd stream that is flushed behind each.
    private static func stream(_ pieces: [[UInt8]]) -> [[UInt8]] {
        let stream = ZSTD_createCStream()
        defer { ZSTD_freeCStream(stream) }
        ZSTD_initCStream(stream, 1)
        return pieces.map { piece in
            var output = [UInt8](repeating: 0, count: ZSTD_compressBound(piece.count) + 64)
            let count = output.withUnsafeMutableBytes { target in
                piece.withUnsafeBytes { source in
                    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                    var made = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    precondition(ZSTD_compressStream2(stream, &made, &input, ZSTD_e_flush) == 0)
                    return made.pos
                }
            }
            return Array(output.prefix(count))
        }
    }

    private func attribute(_ place: Int) -> [UInt8] {
        let isDummy = place == names.count
        var writer = ByteWriter(byteOrder)
        writer.put(UInt32(isDummy ? 1 : 2))
        writer.put(UInt32(attributeByteCount))
        writer.put(UInt64(isDummy ? 9 : FormatTexts.ids.first { $0.name == names[place] }!.id))
        writer.put(isDummy ? 0 : period)
        writer.put(isDummy ? dummyType : sampleType)
        writer.put(readFormat)
        let bits = flags | 1 << 18
        // A big-endian compiler numbers the bits from the top.
        writer.put(byteOrder == .big ? (0..<64).reduce(UInt64(0)) { $0 | (bits >> $1 & 1) << (63 - $1) } : bits)
        writer.pad(to: 92)
        writer.put(clockID)
        writer.pad(to: attributeByteCount)
        return Array(writer.bytes.prefix(attributeByteCount))
    }

    private func features() -> [(bit: UInt64, data: [UInt8])] {
        func text(_ value: String) -> [UInt8] {
            var writer = ByteWriter(byteOrder)
            writer.put(UInt32(64))
            writer.put(value)
            writer.pad(to: 68)
            return writer.bytes
        }
        var count = ByteWriter(byteOrder)
        count.put(UInt32(cpuCount))
        count.put(UInt32(cpuCount))
        var all: [(bit: UInt64, data: [UInt8])] = [
            (3, text("box")), (4, text("6.1")), (6, text("riscv64")), (7, count.bytes), (200, [1, 2, 3, 4, 5, 6, 7, 8]),
        ]
        if isDirectory { all.insert((24, [1, 0, 0, 0, 0, 0, 0, 0]), at: 4) }
        return all
    }

    private func file() -> [UInt8] {
        var file = ByteWriter(byteOrder)
        let entry = attributeByteCount + 16
        let count = names.count + 1
        let idsAt = 104
        let attributesAt = idsAt + count * cpuCount * 8
        let dataAt = attributesAt + count * entry
        let data = packedRecords()
        var features = features()
        if hasTracingData { features.insert((1, parts.tracingData()), at: 0) }
        file.put(raw: Array((byteOrder == .big ? "2ELIFREP" : "PERFILE2").utf8))
        for number in [104, entry, attributesAt, count * entry, dataAt, isUnfinished ? 0 : data.count, 0, 0] {
            file.put(UInt64(number))
        }
        for word in 0..<4 {
            file.put(
                features.reduce(UInt64(0)) { isUnfinished || $1.bit / 64 != UInt64(word) ? $0 : $0 | 1 << ($1.bit % 64) })
        }
        for event in 0..<count { for cpu in 0..<cpuCount { file.put(id(event, cpu: cpu)) } }
        for event in 0..<count {
            file.put(raw: attribute(event))
            file.put(UInt64(idsAt + event * cpuCount * 8))
            file.put(UInt64(cpuCount * 8))
        }
        file.put(raw: data)
        if isUnfinished { return file.bytes }
        var place = file.bytes.count + 16 * features.count
        for feature in features {
            file.put(UInt64(place))
            file.put(UInt64(feature.data.count))
            place += feature.data.count
        }
        for feature in features { file.put(raw: feature.data) }
        return file.bytes
    }

    private func pipe() -> [UInt8] {
        var head = self
        head.records = []
        for feature in features() {
            var body = ByteWriter(byteOrder)
            body.put(feature.bit)
            body.put(raw: feature.data)
            head.record(80, body.bytes)
        }
        var end = ByteWriter(byteOrder)
        end.put(UInt64(32))
        head.record(80, end.bytes)
        for event in 0...names.count {
            var body = ByteWriter(byteOrder)
            body.put(raw: attribute(event))
            for cpu in 0..<cpuCount { body.put(id(event, cpu: cpu)) }
            head.record(64, body.bytes)
        }
        if hasTracingData {
            let tracing = parts.tracingData()
            var body = ByteWriter(byteOrder)
            body.put(UInt32(tracing.count))
            body.put(UInt32(0))
            head.record(66, body.bytes)
            head.records.append(tracing + [UInt8](repeating: 0, count: (8 - tracing.count % 8) % 8))
        }
        var file = ByteWriter(byteOrder)
        file.put(raw: Array((byteOrder == .big ? "2ELIFREP" : "PERFILE2").utf8))
        file.put(UInt64(16))
        file.put(raw: head.records.flatMap { $0 })
        file.put(raw: packedRecords())
        return file.bytes
    }
}
