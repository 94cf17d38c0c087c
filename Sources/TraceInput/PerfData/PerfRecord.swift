import IRQCore

/// The types of records in a perf.data (include/uapi/linux/perf_event.h, tools/lib/perf/include/perf/event.h). All others are
/// passed over by their size.
enum PerfRecordType {
    static let lost: UInt32 = 2
    static let comm: UInt32 = 3
    static let fork: UInt32 = 7
    static let sample = SampleHeader.sample
    static let lostSamples: UInt32 = 13
    static let attribute: UInt32 = 64
    static let tracingData: UInt32 = 66
    static let finishedRound: UInt32 = 68
    static let auxiliaryTrace: UInt32 = 71
    static let eventUpdate: UInt32 = 78
    static let feature: UInt32 = 80
    static let compressed: UInt32 = 81
    static let compressed2: UInt32 = 83

    static func isCompressed(_ type: UInt32) -> Bool { type == compressed || type == compressed2 }
    /// Records of this type and above are no kernel's and no perf's; simpleperf begins here.
    static let foreign: UInt32 = 32_768
}

/// The time and the CPU that stand at the end of a record that is no sample.
struct PerfTail {
    let time: UInt64?
    let cpu: Int?

    /// Reads the fields of `sampleType` backwards from `end`.
    init(_ bytes: RawSpan, from start: Int, to end: Int, sampleType: UInt64, isSwapped: Bool) {
        var (time, cpu): (UInt64?, Int?) = (nil, nil)
        var offset = end
        for field in [
            SampleField.identifier, SampleField.cpu, SampleField.streamID, SampleField.id, SampleField.time,
            SampleField.tid,
        ] where sampleType & field != 0 {
            offset -= 8
            guard offset >= start + 8 else { break }
            if field == SampleField.time { time = bytes.load(at: offset, as: UInt64.self, isSwapped: isSwapped) }
            if field == SampleField.cpu {
                cpu = bytes.load(at: offset, as: UInt32.self, isSwapped: isSwapped).map { Int($0) }
            }
        }
        (self.time, self.cpu) = (time, cpu)
    }
}

/// The extent of records.
enum PerfRecord {
    /// The place behind a record and what belongs to it; nil if that cannot be told or be.
    static func end(of header: SampleHeader, at offset: Int, in bytes: RawSpan, isSwapped: Bool) -> Int? {
        let end = offset + header.byteCount
        switch header.type {
        case PerfRecordType.tracingData:
            guard let count = bytes.load(at: offset + 8, as: UInt32.self, isSwapped: isSwapped) else { return nil }
            return end + (Int(count) + 7) / 8 * 8
        case PerfRecordType.auxiliaryTrace:
            guard let count = bytes.load(at: offset + 8, as: UInt64.self, isSwapped: isSwapped), count < 1 << 48 else {
                return nil
            }
            return end + Int(count)
        default: return end
        }
    }

    /// The packed bytes of the compressed record at `offset`, and the place behind it; nil if they do not fit into `bytes`.
    ///
    /// COMPRESSED holds packed bytes to its end, COMPRESSED2 their number (u64), the bytes and padding. Of several pieces that
    /// were packed together perf 6.16 to 7.2 wrote the size of all into the 16 bits of the first header, which wraps; those
    /// behind have the right size and no number:
    ///
    ///     header, size wrapped | number of all that follows | 65,519 bytes | header, size | nonsense u64 | bytes | header …
    static func packed(
        of header: SampleHeader, at offset: Int, in bytes: RawSpan, isSwapped: Bool
    ) -> (pieces: [Range<Int>], end: Int)? {
        guard header.type == PerfRecordType.compressed2 else {
            guard header.byteCount >= 8, bytes.holds(header.byteCount, at: offset) else { return nil }
            return ([offset + 8..<offset + header.byteCount], offset + header.byteCount)
        }
        guard let number = bytes.load(at: offset + 8, as: UInt64.self, isSwapped: isSwapped),
            number <= UInt64(bytes.byteCount), bytes.holds(Int(number), at: offset + 16)
        else { return nil }
        let count = Int(number)
        let end = offset + 16 + count
        let padded = offset + (16 + count + 7) / 8 * 8
        if padded <= offset + header.byteCount {
            guard bytes.holds(header.byteCount, at: offset) else { return nil }
            return ([offset + 16..<end], offset + header.byteCount)
        }
        var pieces = [offset + 16..<offset + 16 + min(count, pieceLimit)]
        while let last = pieces.last, last.upperBound < end {
            guard let inner = SampleHeader.read(bytes, at: last.upperBound, isSwapped: isSwapped),
                inner.type == PerfRecordType.compressed2, inner.byteCount > 16,
                last.upperBound + inner.byteCount <= end
            else { return nil }
            pieces.append(last.upperBound + 16..<last.upperBound + inner.byteCount)
        }
        return (pieces, end)
    }

    /// No record is larger: its size has 16 bits.
    static let byteLimit = 1 << 16
    /// The most bytes that perf packs into one record: PERF_SAMPLE_MAX_SIZE without the head of COMPRESSED2 and one.
    private static let pieceLimit = 65_519
}
