/// The events of a recording of perf: which one a sample belongs to, and where its fields are.
public struct SampleTable: ~Copyable {
    let byteOrder: ByteOrder
    private var layouts = GrowableBuffer<SampleLayout>(capacity: 32)
    /// By the id of an event on a CPU: its layout's place.
    private var placeByID = IntegerMap<Int32>(filler: -1)
    /// The place of the id in a sample; 0 if samples have none, and then all are the first event's.
    private let idOffset: Int
    /// The places of time and CPU in all samples, if these are the same.
    private(set) var (timeOffset, cpuOffset) = (0, 0)
    private(set) var isUniform = true
    /// The place of RAW in the samples of all tracepoints, with which the quick loop reads them; 0 if they have no common one.
    private(set) var uniformBody = 0
    /// By an id less `firstID`: 1 if its samples are records of such a kind. Empty if ids lie too far apart.
    private var isQuick = GrowableBuffer<UInt8>(capacity: 64)
    private var firstID: UInt64 = 0
    private var (lowestID, highestID) = (UInt64.max, UInt64(0))

    /// The names of samples that are counted only.
    public let otherNames: [String]

    /// More ids than this are not told apart: an event has one for each CPU.
    public static let idLimit = 1 << 20
    /// The ids of one recording follow each other, nearly.
    private static let quickLimit: UInt64 = 1 << 16

    /// Creates a table without events.
    ///
    /// - Parameters:
    ///   - sampleType: that of some event. All have the fields before their id alike; `isAmbiguous` tells if not.
    ///   - isSingle: true if there is one event only, so that no id is needed.
    public init(byteOrder: ByteOrder, sampleType: UInt64, isSingle: Bool, otherNames: [String] = []) {
        self.byteOrder = byteOrder
        self.otherNames = otherNames
        idOffset = isSingle ? 0 : Self.idOffset(sampleType) ?? 0
    }

    /// The place of the id in samples of this type; nil if they have none.
    public static func idOffset(_ sampleType: UInt64) -> Int? {
        if sampleType & SampleField.identifier != 0 { return 8 }
        guard sampleType & SampleField.id != 0 else { return nil }
        return 8 + 8 * SampleField.head.prefix { $0 != SampleField.id }.count { sampleType & $0 != 0 }
    }

    /// Adds an event and the ids of its samples. An id that is known stays what it is.
    public mutating func add(_ layout: SampleLayout, ids: [UInt64]) {
        let place = Int32(layouts.count)
        layouts.reserve(1)
        layouts.append(layout)
        if layout.isRecord {
            let places = (Int(layout.timeOffset), Int(layout.cpuOffset))
            if timeOffset == 0 { (timeOffset, cpuOffset) = places }
            if places != (timeOffset, cpuOffset) { isUniform = false }
            if uniformBody == 0 { uniformBody = Int(layout.bodyOffset) }
            if layout.isVariable || uniformBody != Int(layout.bodyOffset) { uniformBody = -1 }
        }
        for id in ids.prefix(max(Self.idLimit - placeByID.count, 0)) where placeByID.value(for: id) == nil {
            placeByID.reserve(1)
            placeByID.set(place, for: id)
            (lowestID, highestID) = (min(lowestID, id), max(highestID, id))
        }
    }

    /// Prepares for reading, when all events were added.
    public mutating func finish() {
        isQuick.removeAll()
        guard isUniform, uniformBody > 0, idOffset > 0, lowestID <= highestID,
            highestID &- lowestID < Self.quickLimit
        else {
            uniformBody = 0
            return
        }
        firstID = lowestID
        isQuick.resize(to: Int(highestID &- lowestID) + 1, filling: 0)
        for place in 0..<isQuick.count {
            if let layout = placeByID.value(for: firstID &+ UInt64(place)), layouts[Int(layout)].isRecord {
                isQuick[place] = 1
            }
        }
    }

    /// True if the sample at `start` is one that the quick loop reads.
    @inline(always)
    borrowing func isQuick(_ bytes: RawSpan, at start: Int) -> Bool {
        guard let id = bytes.load(at: start &+ idOffset, as: UInt64.self, isSwapped: false) else { return false }
        let place = id &- firstID
        return place < UInt64(truncatingIfNeeded: isQuick.count) && isQuick[Int(truncatingIfNeeded: place)] != 0
    }

    /// The layout of the sample at `start`; nil if its id is no event's.
    @inline(always)
    borrowing func layout(_ bytes: RawSpan, at start: Int, isSwapped: Bool) -> SampleLayout? {
        guard idOffset > 0 else { return layouts[0] }
        guard let id = bytes.load(at: start &+ idOffset, as: UInt64.self, isSwapped: isSwapped),
            let place = placeByID.value(for: id)
        else { return nil }
        return layouts[Int(place)]
    }

    /// The place among the events that were added; nil for an unknown id.
    public borrowing func place(of id: UInt64) -> Int? { placeByID.value(for: id).map { Int($0) } }
}

/// The counts of samples that are not read, beside those that the ledger counts by event.
public struct SampleCounts: Sendable, BitwiseCopyable, Equatable {
    /// Samples of guests: their interrupts are another machine's.
    public var guests: UInt64 = 0
    /// Samples with an id that no event has.
    public var unknown: UInt64 = 0
    /// Samples whose fields do not fit into them.
    public var malformed: UInt64 = 0
    /// Samples that came so late that their CPU had been read on.
    public var late: UInt64 = 0
    /// The time of the sample that was read last.
    public var lastTime: UInt64 = 0

    /// Creates counts of nothing.
    public init() {}
}

/// The reason why a run of samples is not read on.
public enum SampleStop: Sendable, Equatable {
    /// No sample follows, or not all of it is there.
    case otherRecord
    /// The sample's CPU has no slot yet; the shard makes one.
    case newCPU(Int)
    /// The sample is earlier than the last one of its CPU.
    case late
    /// There is no room for more.
    case full
}

/// A record's header and what follows from it.
public struct SampleHeader: Sendable, BitwiseCopyable, Equatable {
    /// PERF_RECORD_*.
    public let type: UInt32
    /// Further facts: the processor's mode in the lowest three bits.
    public let misc: UInt16
    /// The size of the record, this header included.
    public let byteCount: Int

    /// PERF_RECORD_SAMPLE.
    public static let sample: UInt32 = 9

    /// The header of eight bytes at `offset`; nil if they are not there.
    @inline(__always)
    public static func read(_ bytes: RawSpan, at offset: Int, isSwapped: Bool) -> SampleHeader? {
        guard let word = bytes.load(at: offset, as: UInt64.self, isSwapped: isSwapped) else { return nil }
        #if _endian(little)
            let isBig = isSwapped
        #else
            let isBig = !isSwapped
        #endif
        return SampleHeader(
            type: UInt32(truncatingIfNeeded: isBig ? word >> 32 : word),
            misc: UInt16(truncatingIfNeeded: isBig ? word >> 16 : word >> 32),
            byteCount: Int(isBig ? word & 0xFFFF : word >> 48))
    }

    /// True for what ran inside of a virtual machine (PERF_RECORD_MISC_GUEST_KERNEL, _USER).
    @inline(__always)
    public var isGuest: Bool { misc & 7 == 4 || misc & 7 == 5 }
}
