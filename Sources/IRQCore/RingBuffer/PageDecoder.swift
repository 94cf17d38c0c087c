// One record of the ring buffer is a 32-bit word and its data (include/linux/ring_buffer.h):
//
//     little-endian: | time delta, 27 bits | type_len, 5 bits |     big-endian: | type_len | time delta |
//
//     type_len 1…28   data of type_len * 4 bytes follows
//     type_len 0      array[0] = length of the data + 4, then the data, padded to 4 bytes
//     type_len 29     padding: array[0] = bytes to skip; with a delta of 0 the rest of the page is unused
//     type_len 30     time extend: time += array[0] << 27 | delta
//     type_len 31     absolute time stamp: time = array[0] << 27 | delta (59 bits)
//
// A discarded event is turned into padding with its own delta, or 1 if that was 0; like
// libtraceevent's kbuffer we add that delta to the time, so that both read the same times.

/// Reads the sub-buffers of one machine's ring buffer.
///
/// Stateless: the position inside a page is a `PageCursor` of the caller, so that one decoder serves
/// every CPU and thread.
public struct PageDecoder: Sendable {
    /// The layout of the pages.
    public let layout: PageLayout
    /// Turns the trace clock's ticks into nanoseconds, if it does not count these.
    public let timeScale: TimeScale?

    /// Creates a decoder for pages of `layout`.
    public init(layout: PageLayout, timeScale: TimeScale? = nil) {
        self.layout = layout
        self.timeScale = timeScale
    }

    /// Reads the header of a page and returns the position of its first record.
    #if !DEBUG
        @_noAllocation
    #endif
    public func open(_ page: RawSpan) throws(PageError) -> PageCursor {
        let isSwapped = layout.byteOrder.isSwapped
        guard let time = page.load(at: 0, as: UInt64.self, isSwapped: isSwapped) else {
            throw .shortHeader(byteCount: page.byteCount)
        }
        let word: UInt64
        if layout.commitByteCount == 8 {
            guard let wide = page.load(at: PageLayout.commitOffset, as: UInt64.self, isSwapped: isSwapped) else {
                throw .shortHeader(byteCount: page.byteCount)
            }
            word = wide
        } else {
            guard let narrow = page.load(at: PageLayout.commitOffset, as: UInt32.self, isSwapped: isSwapped) else {
                throw .shortHeader(byteCount: page.byteCount)
            }
            word = UInt64(narrow)
        }
        let committed = Int(truncatingIfNeeded: word & PageCursor.commitMask)
        let end = layout.dataOffset &+ committed
        guard end <= page.byteCount else {
            throw .commitExceedsPage(commitByteCount: committed, pageByteCount: page.byteCount)
        }
        // Records are aligned to four bytes in any kernel (RB_ALIGNMENT).
        guard committed & 3 == 0, PageCursor.isPossible(word) else { throw .commitImpossible(word: word) }
        var missed = MissedEvents.none
        if word & PageCursor.missedEventsFlag != 0 {
            missed = .unknown
            if word & PageCursor.missedStoredFlag != 0,
                let count = page.loadInteger(
                    at: end, byteCount: layout.commitByteCount, isSigned: false, isSwapped: isSwapped)
            {
                missed = .counted(count)
            }
        }
        return PageCursor(offset: layout.dataOffset, end: end, time: time, missed: missed)
    }

    /// The time of a page's first event, in ticks of the clock; nil if it has none, but padding.
    ///
    /// The two are the same in pages that the kernel hands out whole. Of one that was read in part before, as by `trace_pipe`,
    /// it hands out the rest: the header then has the time of the last event that is gone
    /// (ring_buffer_read_page in kernel/trace/ring_buffer.c).
    public func timeOfFirstRecord(_ page: RawSpan, _ cursor: PageCursor) -> UInt64? {
        let isSwapped = layout.byteOrder.isSwapped
        var (offset, time) = (cursor.offset, cursor.time)
        while offset < cursor.end, let word = page.load(at: offset, as: UInt32.self, isSwapped: isSwapped) {
            let kind = layout.byteOrder == .big ? word >> 27 : word & 31
            let delta = UInt64(layout.byteOrder == .big ? word & 0x07FF_FFFF : word >> 5)
            guard kind >= RecordKind.padding else { return time &+ delta }
            let next = page.load(at: offset &+ 4, as: UInt32.self, isSwapped: isSwapped) ?? 0
            switch kind {
            case RecordKind.padding:
                if delta == 0 { return nil }
                time &+= delta
                offset &+= 4 &+ Int(next)
            case RecordKind.timeExtend:
                time &+= UInt64(next) << 27 | delta
                offset &+= 8
            default:
                time = Self.absoluteTime(UInt64(next) << 27 | delta, after: time)
                offset &+= 8
            }
        }
        return nil
    }

    /// The number of events a page holds; of a damaged one, those before the damage.
    public func eventCount(_ page: RawSpan) -> Int {
        guard var cursor = try? open(page) else { return 0 }
        let none = EventFormats()
        try? decode(page, from: &cursor, formats: none) { _, _ in }
        return cursor.recordCount
    }

    /// Decodes all records from `cursor` on and hands the wanted ones to `take`.
    func decode(
        _ page: RawSpan, from cursor: inout PageCursor, formats: borrowing EventFormats,
        _ take: (TraceEvent, RawSpan) -> Void
    ) throws(PageError) {
        _ = try decodeRecords(
            page.extracting(0..<cursor.end), from: &cursor, formats: formats, isSwapped: layout.byteOrder.isSwapped,
            room: .max, take, takeRare: take)
    }

    /// Decodes records from `cursor` on and hands the wanted ones to `take`, `room` of them at the most.
    ///
    /// Every data record counts in `cursor.recordCount`; wanted are the events that `formats` reads, the index of each
    /// other one goes to `pass`. On an error the events before the bad record have been handed over and the rest of the
    /// page must be given up: where the next record starts is unknown. Inlined into its callers, so that the processor
    /// works on an event while it waits for the place of the next; `isSwapped` is a constant there.
    ///
    /// - Parameter page: the page without what lies behind the last committed byte, `cursor.end`.
    /// - Returns: whether the page has been read to its end.
    @inline(always)
    func decodeRecords(
        _ page: RawSpan, from cursor: inout PageCursor, formats: borrowing EventFormats, isSwapped: Bool, room: Int,
        _ take: (TraceEvent, RawSpan) -> Void, takeRare: (TraceEvent, RawSpan) -> Void,
        pass: (UInt16, PassedRecord) -> Void = { _, _ in }
    ) throws(PageError) -> Bool {
        try decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: isSwapped, room: room,
            read: { index, record, page, isBig in
                formats.read(
                    index, head: record.head, in: page, at: record.start, end: record.end, isSwapped: isSwapped,
                    isBig: isBig, time: record.time, take, takeRare: takeRare)
            }, pass: pass)
    }

    /// The same for a caller that reads the fields itself: `read` gets the index of a wanted event, its record with the
    /// time in nanoseconds, the page, and whether the writer was big-endian; false if a field lies outside of the record.
    @inline(always)
    func decodeRecords(
        _ page: RawSpan, from cursor: inout PageCursor, formats: borrowing EventFormats, isSwapped: Bool, room: Int,
        read: (UInt16, PassedRecord, RawSpan, Bool) -> Bool, pass: (UInt16, PassedRecord) -> Void
    ) throws(PageError) -> Bool {
        var left = room
        #if _endian(little)
            let isBig = isSwapped
        #else
            let isBig = !isSwapped
        #endif
        let end = page.byteCount
        guard end == cursor.end else { preconditionFailure("the page does not end where the cursor says") }
        var offset = cursor.offset
        var time = cursor.time
        var passed = 0
        defer {
            cursor.offset = offset
            cursor.time = time
            cursor.recordCount &+= room &- left &+ passed
            cursor.wantedCount &+= room &- left
        }
        // The word and the first four bytes of data in one load: every record has these, but for the end of the page.
        while let pair = page.load(at: offset, as: UInt64.self, isSwapped: isSwapped) {
            let word = UInt32(truncatingIfNeeded: isBig ? pair >> 32 : pair)
            var head = UInt32(truncatingIfNeeded: isBig ? pair : pair >> 32)
            let kind = isBig ? word >> 27 : word & 31
            let delta = UInt64(isBig ? word & 0x07FF_FFFF : word >> 5)
            var data = offset &+ 4
            let next: Int
            if kind &- 1 < 28 {
                next = data &+ Int(kind) &* 4
                guard next <= end else { throw .recordExceedsCommit(offset: offset) }
            } else {
                if kind == RecordKind.timeExtend {
                    time &+= UInt64(head) << 27 | delta
                    offset &+= 8
                    continue
                }
                if kind == RecordKind.timeStamp {
                    let stamp = Self.absoluteTime(UInt64(head) << 27 | delta, after: time)
                    if stamp < time { throw .timeGoesBack(offset: offset) }
                    time = stamp
                    offset &+= 8
                    continue
                }
                if kind == RecordKind.padding {
                    if delta == 0 { break }
                    offset = data &+ Int(head)
                    if offset > end { throw .recordExceedsCommit(offset: cursor.offset) }
                    // What fills a page up has a delta of 1 that is no time: the next page may begin with that of the last event.
                    if offset < end { time &+= delta }
                    continue
                }
                guard head >= 4 else { throw .recordExceedsCommit(offset: offset) }
                data = offset &+ 8
                next = data &+ ((Int(head) &- 4 &+ 3) & ~3)
                guard next <= end else { throw .recordExceedsCommit(offset: offset) }
                guard let first = page.load(at: data, as: UInt32.self, isSwapped: isSwapped) else {
                    throw .recordTooShort(offset: offset, eventID: -1)
                }
                head = first
            }
            let index = formats.index(of: UInt16(truncatingIfNeeded: isBig ? head >> 16 : head))
            if EventFormats.isWanted(index) {
                if left == 0 { return false }
                let shown = timeScale?.nanoseconds(time &+ delta) ?? (time &+ delta)
                guard read(index, PassedRecord(time: shown, head: head, start: data, end: next), page, isBig) else {
                    throw .recordTooShort(offset: offset, eventID: Int(isBig ? head >> 16 : head & 0xFFFF))
                }
                left &-= 1
            } else {
                passed &+= 1
                pass(index, PassedRecord(time: time &+ delta, head: head, start: data, end: next))
            }
            time &+= delta
            offset = next
        }
        // The last bytes of a page may be too few for a record: alignment or padding, not an error.
        if let word = page.load(at: offset, as: UInt32.self, isSwapped: isSwapped),
            (isBig ? word >> 27 : word & 31) != RecordKind.padding || (isBig ? word << 5 : word >> 5) != 0
        {
            throw .recordExceedsCommit(offset: offset)
        }
        offset = end
        return true
    }

    /// Absolute stamps have 59 bits; the missing top five come from the time before them
    /// (rb_fix_abs_ts in kernel/trace/ring_buffer.c).
    @inline(always)
    private static func absoluteTime(_ stamp: UInt64, after time: UInt64) -> UInt64 {
        let topBits = time & (0xF8 << 56)
        guard topBits != 0 else { return stamp }
        let full = stamp | topBits
        return full < time ? full &+ (1 << 59) : full
    }
}

/// A record: its time in ticks, its first bytes, and where its data lies.
struct PassedRecord: BitwiseCopyable {
    let time: UInt64
    let head: UInt32
    let start: Int
    let end: Int
}

/// The values of `type_len` that are not data (include/linux/ring_buffer.h).
enum RecordKind {
    static let padding: UInt32 = 29
    static let timeExtend: UInt32 = 30
    static let timeStamp: UInt32 = 31
}

/// A position inside one page, and what its header said.
public struct PageCursor: Sendable, BitwiseCopyable {
    /// The offset of the next record.
    public internal(set) var offset: Int
    /// The offset behind the last committed byte.
    public let end: Int
    /// The time so far, in ticks of the trace clock.
    public internal(set) var time: UInt64
    /// Events that the kernel dropped between the page before and this one.
    public let missed: MissedEvents
    /// Events handed over so far.
    public internal(set) var wantedCount = 0
    /// Data records seen so far, wanted or not.
    public internal(set) var recordCount = 0

    static let commitMask: UInt64 = (1 << 27) - 1
    static let missedEventsFlag: UInt64 = 1 << 31
    static let missedStoredFlag: UInt64 = 1 << 30

    /// True if a commit word has no other bits than these. The kernel adds the first flag as a negative int, which also
    /// sets all bits above it where the word is long.
    @inline(always)
    static func isPossible(_ word: UInt64) -> Bool {
        let flags = word & ~commitMask
        let (high, low) = (flags >> 32, flags & 0xFFFF_FFFF)
        if low & missedEventsFlag == 0 { return flags == 0 }
        return low & ~(missedEventsFlag | missedStoredFlag) == 0 && (high == 0 || high == 0xFFFF_FFFF)
    }
}

/// The number of events the kernel could not keep.
public enum MissedEvents: Sendable, BitwiseCopyable, Equatable {
    /// None.
    case none
    /// Some, and the kernel did not say how many.
    case unknown
    /// This many.
    case counted(UInt64)
}
