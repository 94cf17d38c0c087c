// A sample of perf (PERF_RECORD_SAMPLE) is a header of eight bytes and the fields that its event asked for, in the order of
// include/uapi/linux/perf_event.h, which is not that of their bits:
//
//     type u32 | misc u16 | size u16 | IDENTIFIER | IP | TID | TIME | ADDR | ID | STREAM_ID | CPU | PERIOD | READ | CALLCHAIN | RAW | …
//
// Those before READ take eight bytes each. RAW is a size (u32) and the record as the kernel's ring buffer would hold it,
// without the word before it: common_type, common_flags and so on.

/// The bits of an event's sample_type, as far as they matter for finding its fields.
public enum SampleField {
    /// The address of the instruction.
    public static let ip: UInt64 = 1 << 0
    /// The process and the task.
    public static let tid: UInt64 = 1 << 1
    /// The time.
    public static let time: UInt64 = 1 << 2
    /// An address that belongs to the event.
    public static let address: UInt64 = 1 << 3
    /// The values of counters.
    public static let read: UInt64 = 1 << 4
    /// The chain of calls.
    public static let callchain: UInt64 = 1 << 5
    /// The id of the event on its CPU.
    public static let id: UInt64 = 1 << 6
    /// The CPU.
    public static let cpu: UInt64 = 1 << 7
    /// The number of events that the sample stands for.
    public static let period: UInt64 = 1 << 8
    /// The id of the stream.
    public static let streamID: UInt64 = 1 << 9
    /// The event's own record.
    public static let raw: UInt64 = 1 << 10
    /// The id once more, at a place that is the same for all events.
    public static let identifier: UInt64 = 1 << 16

    /// The fields of eight bytes, in the order of a sample.
    static let head = [identifier, ip, tid, time, address, id, streamID, cpu, period]
    /// The fields that end other records, in their order.
    static let tail = [tid, time, id, streamID, cpu, identifier]
}

/// The places of the fields in the samples of one event of perf.
public struct SampleLayout: Sendable, BitwiseCopyable {
    /// The treatment of the samples.
    public enum Use: Sendable, BitwiseCopyable {
        /// They are tracepoints, whose records are read.
        case record
        /// They are counted under the name at this place of `SampleTable.otherNames`.
        case count(Int)
    }

    let isRecord: Bool
    /// The place where samples that are only counted are counted.
    let otherPlace: Int32
    let timeOffset: Int32
    let cpuOffset: Int32
    /// The place of READ, CALLCHAIN or RAW, whatever comes first.
    let bodyOffset: Int32
    /// True if READ or CALLCHAIN stands before RAW.
    let isVariable: Bool
    private let hasRead: Bool
    private let hasCallchain: Bool
    private let readFormat: UInt64

    /// Creates the layout of an event's samples; those without time, CPU or RAW can only be counted.
    public init(sampleType: UInt64, readFormat: UInt64, use: Use) {
        func place(of field: UInt64) -> Int32? {
            guard sampleType & field != 0 else { return nil }
            return Int32(8 + 8 * SampleField.head.prefix { $0 != field }.count { sampleType & $0 != 0 })
        }
        let needed = SampleField.time | SampleField.cpu | SampleField.raw
        switch use {
        case .record:
            precondition(sampleType & needed == needed, "a record needs a time and a CPU")
            (isRecord, otherPlace) = (true, 0)
        case .count(let place): (isRecord, otherPlace) = (false, Int32(place))
        }
        timeOffset = place(of: SampleField.time) ?? 0
        cpuOffset = place(of: SampleField.cpu) ?? 0
        bodyOffset = Int32(8 + 8 * SampleField.head.count { sampleType & $0 != 0 })
        hasRead = sampleType & SampleField.read != 0
        hasCallchain = sampleType & SampleField.callchain != 0
        isVariable = hasRead || hasCallchain
        self.readFormat = readFormat
    }

    /// True if samples of this type have all that a record needs.
    public static func isEnough(sampleType: UInt64) -> Bool {
        let needed = SampleField.time | SampleField.cpu | SampleField.raw
        return sampleType & needed == needed
    }

    /// The place of RAW behind READ and CALLCHAIN of the sample at `start..<end`; nil if they do not fit.
    @inline(never)
    func rawOffset(_ bytes: RawSpan, at start: Int, end: Int, isSwapped: Bool) -> Int? {
        var offset = start &+ Int(bodyOffset)
        // Checked before each multiplication: a count that could not lie in the record ends it.
        let limit = UInt64(max(end &- offset, 0) / 8)
        if hasRead {
            // PERF_FORMAT_*: 1 time enabled, 2 time running, 4 id, 8 group, 16 lost.
            let times = (readFormat & 1) &+ (readFormat >> 1 & 1)
            let ofEach = 1 &+ (readFormat >> 2 & 1) &+ (readFormat >> 4 & 1)
            if readFormat & 8 != 0 {
                guard let count = bytes.load(at: offset, as: UInt64.self, isSwapped: isSwapped), count <= limit else {
                    return nil
                }
                offset &+= 8 &* Int(1 &+ times &+ count &* ofEach)
            } else {
                offset &+= 8 &* Int(times &+ ofEach)
            }
        }
        if hasCallchain {
            guard offset <= end, let count = bytes.load(at: offset, as: UInt64.self, isSwapped: isSwapped),
                count <= limit
            else { return nil }
            offset &+= 8 &* Int(1 &+ count)
        }
        return offset <= end ? offset : nil
    }
}
