/// The places of the fields that we read, from an event's own format text.
public struct EventFormat: Sendable, BitwiseCopyable {
    /// The meaning of the event.
    public let kind: EventKind
    /// common_pid; nil if the recording's events have none.
    public let pid: NumberField?
    /// common_flags; nil if the recording's events have none.
    public let flags: NumberField?
    /// common_preempt_count; nil if the recording's events have none.
    public let preemptCount: NumberField?
    /// The numbers, in the order of the catalogue's fields; none for x86 vectors, whose event's name says it all.
    let numbers: InlineArray<4, NumberField?>
    /// The text.
    public let text: TextField?
    /// The second text.
    public let secondText: TextField?
    /// For x86 vectors the index of the vector's name.
    public let vectorIndex: UInt64

    /// Creates a format; see the properties. At most four numbers.
    public init(
        kind: EventKind, pid: NumberField?, numbers: [NumberField?] = [], text: TextField? = nil,
        secondText: TextField? = nil, vectorIndex: UInt64 = 0, flags: NumberField? = nil,
        preemptCount: NumberField? = nil
    ) {
        precondition(numbers.count <= TraceEvent.numberLimit)
        self.kind = kind
        self.pid = pid
        self.flags = flags
        self.preemptCount = preemptCount
        self.numbers = InlineArray { $0 < numbers.count ? numbers[$0] : nil }
        self.text = text
        self.secondText = secondText
        self.vectorIndex = vectorIndex
    }
}

/// A number of any size, in the form that is read fastest: as eight bytes, of which some are shifted out.
struct WideNumber: BitwiseCopyable {
    private let offset: Int32
    private let byteCount: Int32
    private let shift: UInt8
    private let isSigned: Bool

    init(_ field: NumberField?) {
        offset = field?.offset ?? 0
        byteCount = field?.byteCount ?? 1
        shift = UInt8(64 - 8 * byteCount)
        isSigned = field?.isSigned ?? false
    }

    /// The number in a record that holds it.
    @inline(always)
    func read(_ page: RawSpan, _ start: Int, isSwapped: Bool, isBig: Bool) -> UInt64 {
        guard let word = page.load(at: start &+ Int(offset), as: UInt64.self, isSwapped: isSwapped) else {
            // The last bytes of a page.
            return page.loadInteger(
                at: start &+ Int(offset), byteCount: Int(byteCount), isSigned: isSigned, isSwapped: isSwapped) ?? 0
        }
        let left = isBig ? word : word &<< UInt64(shift)
        return isSigned
            ? UInt64(bitPattern: Int64(bitPattern: left) &>> Int64(shift)) : left &>> UInt64(shift)
    }
}

/// A format in the form that the decoder reads fastest: nearly all events that we read have two numbers at most, of four
/// bytes, and flags and preempt count behind the type as all kernels have them, so they can be read without a branch for
/// each field.
struct RecordLayout: BitwiseCopyable {
    let kind: EventKind
    /// True if there is text; its place is in the format.
    let hasText: Bool
    /// True if there is a second number.
    let hasSecond: Bool
    /// The bytes of common_flags (low) and common_preempt_count that are kept: none of a field that does not exist.
    let contextMask: UInt16
    /// The bytes of a record's data that all fields need; 0 if one is of another size, or if there are more.
    let byteCount: Int32
    let pidOffset: Int32
    let firstOffset: Int32
    let secondOffset: Int32
    /// The part that is kept of a number read with its sign: all, the low 32 bits if it has none, or nothing if there
    /// is no such field; then its offset is that of the pid.
    let firstMask: UInt64
    let secondMask: UInt64
    let vectorIndex: UInt64
    /// The bytes of a record's data that all fields need if only the numbers are unusual; else 0.
    let wideByteCount: Int32
    let numberCount: Int32
    let numbers: InlineArray<4, WideNumber>
    let hasSecondText: Bool

    init(_ format: EventFormat) {
        kind = format.kind
        hasText = format.text != nil
        vectorIndex = format.vectorIndex
        pidOffset = format.pid?.offset ?? 0
        let (first, second) = (format.numbers[0], format.numbers[1])
        hasSecond = second != nil
        firstOffset = first?.offset ?? pidOffset
        secondOffset = second?.offset ?? pidOffset
        firstMask = Self.mask(first)
        secondMask = Self.mask(second)
        contextMask = (format.flags == nil ? 0 : 0x00FF) | (format.preemptCount == nil ? 0 : 0xFF00)
        let isUsual =
            format.pid?.byteCount == 4 && Self.isByte(format.flags, at: 2) && Self.isByte(format.preemptCount, at: 3)
        var (count, wide) = (0, pidOffset + 4)
        while count < TraceEvent.numberLimit, let field = format.numbers[count] {
            wide = max(wide, field.offset + field.byteCount)
            count += 1
        }
        for place in count..<TraceEvent.numberLimit where format.numbers[place] != nil { wide = 0 }
        wideByteCount = isUsual ? wide : 0
        numberCount = Int32(count)
        numbers = InlineArray { WideNumber($0 < count ? format.numbers[$0] : nil) }
        hasSecondText = format.secondText != nil
        let isCommon =
            isUsual && (first?.byteCount ?? 4) == 4
            && (second?.byteCount ?? 4) == 4 && format.numbers[2] == nil && format.numbers[3] == nil
            && format.secondText == nil
        byteCount = isCommon ? max(pidOffset, firstOffset, secondOffset) + 4 : 0
    }

    private static func mask(_ field: NumberField?) -> UInt64 {
        guard let field else { return 0 }
        return field.isSigned ? .max : 0xFFFF_FFFF
    }

    /// True if there is no such field, or if it is the byte at an offset.
    private static func isByte(_ field: NumberField?, at offset: Int32) -> Bool {
        guard let field else { return true }
        return field.byteCount == 1 && field.offset == offset
    }
}

/// The events that a recording describes and the analysis wants, by their number in that recording.
///
/// Offsets come from the recording's own format texts, never from a table of ours: older kernels have
/// further common fields, 32-bit ones shorter pointers.
public struct EventFormats: ~Copyable {
    /// By an event's number: the place of its format and `wantedBit`, or the place where it is only counted: 0 if the
    /// recording does not describe it, else one more than the place of its name in `unusedNames`.
    private var indexByID: GrowableBuffer<UInt16>
    private(set) var formats: GrowableBuffer<EventFormat>
    private(set) var layouts: GrowableBuffer<RecordLayout>
    /// The names of the x86 vectors, in the order of `EventFormat.vectorIndex`.
    public private(set) var vectorNames: [String] = []
    /// Described events that the analysis does not read, as "sched:sched_switch".
    public private(set) var unusedNames: [String] = []
    /// Their number, for loops that must not touch the array.
    private(set) var unusedNameCount = 0
    /// True if the deep analysis is to be made: the recording describes events of the scheduler, and it is wanted.
    public var isDeep = false
    /// common_pid of the events that are not read, which all events of a kernel have in one place.
    public internal(set) var pid: NumberField?
    /// At most this many events are read.
    public static let limit = 1024
    /// At most this many others have a name.
    public static let unusedLimit = 4096
    static let wantedBit: UInt16 = 0x8000

    /// Creates an empty table.
    public init() {
        indexByID = GrowableBuffer(capacity: 1 << 16)
        indexByID.resize(to: 1 << 16, filling: 0)
        formats = GrowableBuffer(capacity: 32)
        layouts = GrowableBuffer(capacity: 32)
    }

    /// Adds an event.
    ///
    /// - Returns: false if the number is taken already or the table is full.
    public mutating func add(_ format: EventFormat, id: Int) -> Bool {
        guard (0...0xFFFF).contains(id), indexByID[id] == 0, formats.count < Self.limit else { return false }
        if pid == nil { pid = format.pid }
        formats.reserve(1)
        formats.append(format)
        layouts.reserve(1)
        layouts.append(RecordLayout(format))
        indexByID[id] = UInt16(formats.count - 1) | Self.wantedBit
        return true
    }

    /// Names an event that the analysis does not read, so that it can be counted by its name.
    public mutating func addUnused(_ name: String, id: Int) {
        guard (0...0xFFFF).contains(id), indexByID[id] == 0, unusedNames.count < Self.unusedLimit else { return }
        unusedNames.append(name)
        unusedNameCount += 1
        indexByID[id] = UInt16(unusedNames.count)
    }

    /// The index of the vector called `name`, new or known; nil if there are more than 64.
    public mutating func vectorIndex(of name: String) -> UInt64? {
        if let known = vectorNames.firstIndex(of: name) { return UInt64(known) }
        guard vectorNames.count < CPUContext.vectorLimit else { return nil }
        vectorNames.append(name)
        return UInt64(vectorNames.count - 1)
    }

    /// True if an event of this kind is described.
    public borrowing func contains(_ kind: EventKind) -> Bool {
        for index in 0..<formats.count where formats[index].kind == kind { return true }
        return false
    }

    /// An event's place in the table; of one that is not wanted the place where it is counted.
    @inline(always)
    borrowing func index(of id: UInt16) -> UInt16 { indexByID[Int(id)] }

    /// True if the event at `index` is one that the analysis reads.
    @inline(always)
    static func isWanted(_ index: UInt16) -> Bool { index & wantedBit != 0 }

    /// Reads the wanted fields of the record whose data lies at `start..<end` of `page` and hands them to `take`, or to
    /// `takeRare` if the numbers are not the usual ones; false if one lies outside.
    ///
    /// Each calls something of its own: a whole pairing that came twice would be too much to be inlined.
    ///
    /// - Parameters:
    ///   - head: the first four bytes of the data: the type and, nearly always, flags and preempt count.
    ///   - isBig: true if the writer's byte order is big-endian.
    @inline(always)
    borrowing func read(
        _ index: UInt16, head: UInt32, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool, isBig: Bool,
        time: UInt64, _ take: (TraceEvent, RawSpan) -> Void, takeRare: (TraceEvent, RawSpan) -> Void
    ) -> Bool {
        let layout = layouts[Int(index & ~Self.wantedBit)]
        guard layout.byteCount > 0 else {
            guard
                let event =
                    layout.wideByteCount > 0
                    ? wideEvent(
                        index, head: head, in: page, at: start, end: end, isSwapped: isSwapped, isBig: isBig, time: time
                    ) : uncommonEvent(index, in: page, at: start, end: end, isSwapped: isSwapped, time: time)
            else { return false }
            takeRare(event, page)
            return true
        }
        guard start &+ Int(layout.byteCount) <= end,
            let pid = page.load(at: start &+ Int(layout.pidOffset), as: Int32.self, isSwapped: isSwapped),
            let first = page.load(at: start &+ Int(layout.firstOffset), as: Int32.self, isSwapped: isSwapped)
        else { return false }
        var second: UInt64 = 0
        if layout.hasSecond {
            guard let number = page.load(at: start &+ Int(layout.secondOffset), as: Int32.self, isSwapped: isSwapped)
            else { return false }
            second = UInt64(bitPattern: Int64(number)) & layout.secondMask
        }
        var text = (offset: 0, byteCount: 0)
        if layout.hasText, let field = formats[Int(index & ~Self.wantedBit)].text {
            guard let found = Self.find(field, in: page, at: start, end: end, isSwapped: isSwapped) else {
                return false
            }
            text = found
        }
        let context =
            (isBig ? UInt16(truncatingIfNeeded: head).byteSwapped : UInt16(truncatingIfNeeded: head >> 16))
            & layout.contextMask
        take(
            TraceEvent(
                layout.kind, time: time, pid: pid,
                numbers: (UInt64(bitPattern: Int64(first)) & layout.firstMask | layout.vectorIndex, second, 0, 0),
                textOffset: Int32(truncatingIfNeeded: text.offset),
                textByteCount: Int32(truncatingIfNeeded: text.byteCount), flags: UInt8(truncatingIfNeeded: context),
                preemptCount: UInt8(truncatingIfNeeded: context >> 8)),
            page)
        return true
    }

    /// The same for more numbers, and larger ones, where task, flags and preempt count are as usual.
    @inline(never)
    borrowing func wideEvent(
        _ index: UInt16, head: UInt32, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool, isBig: Bool,
        time: UInt64
    ) -> TraceEvent? {
        let place = Int(index & ~Self.wantedBit)
        guard start &+ Int(layouts[place].wideByteCount) <= end,
            let pid = page.load(at: start &+ Int(layouts[place].pidOffset), as: Int32.self, isSwapped: isSwapped)
        else { return nil }
        let count = Int(layouts[place].numberCount)
        func number(_ number: Int) -> UInt64 {
            number < count ? layouts[place].numbers[number].read(page, start, isSwapped: isSwapped, isBig: isBig) : 0
        }
        let numbers = (layouts[place].vectorIndex | number(0), number(1), number(2), number(3))
        var text = (offset: 0, byteCount: 0)
        if layouts[place].hasText, let field = formats[place].text {
            guard let found = Self.find(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
            text = found
        }
        let context =
            (isBig ? UInt16(truncatingIfNeeded: head).byteSwapped : UInt16(truncatingIfNeeded: head >> 16))
            & layouts[place].contextMask
        let event = TraceEvent(
            layouts[place].kind, time: time, pid: pid, numbers: numbers,
            textOffset: Int32(truncatingIfNeeded: text.offset),
            textByteCount: Int32(truncatingIfNeeded: text.byteCount), flags: UInt8(truncatingIfNeeded: context),
            preemptCount: UInt8(truncatingIfNeeded: context >> 8))
        guard layouts[place].hasSecondText, let field = formats[place].secondText else { return event }
        guard let second = Self.find(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
        return event.withSecondText(at: second.offset, byteCount: second.byteCount)
    }

    /// The same for any fields.
    @inline(never)
    borrowing func uncommonEvent(
        _ index: UInt16, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool, time: UInt64
    ) -> TraceEvent? {
        let format = formats[Int(index & ~Self.wantedBit)]
        var isWhole = true
        func read(_ field: NumberField?) -> UInt64 {
            guard let field else { return 0 }
            if let number = Self.read(field, in: page, at: start, end: end, isSwapped: isSwapped) { return number }
            isWhole = false
            return 0
        }
        let numbers = (
            format.vectorIndex | read(format.numbers[0]), read(format.numbers[1]), read(format.numbers[2]),
            read(format.numbers[3])
        )
        let (pid, flags, preemptCount) = (read(format.pid), read(format.flags), read(format.preemptCount))
        var text = (offset: 0, byteCount: 0)
        if let field = format.text {
            guard let found = Self.find(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
            text = found
        }
        guard isWhole else { return nil }
        let event = TraceEvent(
            format.kind, time: time, pid: Int32(truncatingIfNeeded: pid), numbers: numbers,
            textOffset: Int32(truncatingIfNeeded: text.offset),
            textByteCount: Int32(truncatingIfNeeded: text.byteCount), flags: UInt8(truncatingIfNeeded: flags),
            preemptCount: UInt8(truncatingIfNeeded: preemptCount))
        guard let field = format.secondText else { return event }
        guard let second = Self.find(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
        return event.withSecondText(at: second.offset, byteCount: second.byteCount)
    }

    /// The task of a record that is not read.
    @inline(always)
    borrowing func pid(of record: PassedRecord, in page: RawSpan, isSwapped: Bool) -> Int32 {
        guard let pid else { return 0 }
        return Int32(
            truncatingIfNeeded: Self.read(pid, in: page, at: record.start, end: record.end, isSwapped: isSwapped) ?? 0)
    }

    @inline(always)
    private static func read(
        _ field: NumberField, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool
    ) -> UInt64? {
        let offset = start &+ Int(field.offset)
        guard offset &+ Int(field.byteCount) <= end else { return nil }
        return page.loadInteger(
            at: offset, byteCount: Int(field.byteCount), isSigned: field.isSigned, isSwapped: isSwapped)
    }

    @inline(always)
    static func find(
        _ field: TextField, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool
    ) -> (offset: Int, byteCount: Int)? {
        var offset = start &+ Int(field.offset)
        var room = Int(field.byteCount)
        guard offset &+ room <= end else { return nil }
        if field.encoding != .array {
            guard let word = page.load(at: offset, as: UInt32.self, isSwapped: isSwapped) else { return nil }
            let origin = field.encoding == .dataLocation ? start : offset &+ 4
            offset = origin &+ Int(word & 0xFFFF)
            room = Int(word >> 16)
            guard offset &+ room <= end else { return nil }
        }
        return (offset, page.textByteCount(at: offset, limit: room))
    }
}
