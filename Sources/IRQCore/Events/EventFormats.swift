/// Where one number of an event's record lies.
public struct NumberField: Sendable, BitwiseCopyable, Equatable {
    /// Bytes from the start of the record's data.
    public let offset: Int32
    /// 1, 2, 4 or 8.
    public let byteCount: Int32
    /// Whether it is signed.
    public let isSigned: Bool

    /// Creates a field; nil if no kernel writes such a number.
    public init?(offset: Int, byteCount: Int, isSigned: Bool) {
        guard (0...0xFFFF).contains(offset), [1, 2, 4, 8].contains(byteCount) else { return nil }
        self.offset = Int32(offset)
        self.byteCount = Int32(byteCount)
        self.isSigned = isSigned
    }
}

/// Where the text of an event's record lies.
public struct TextField: Sendable, BitwiseCopyable, Equatable {
    /// How the text is found.
    public enum Encoding: UInt8, Sendable, BitwiseCopyable {
        /// `__data_loc`: a 32-bit word, the length above 16 bits of offset from the record's start.
        case dataLocation
        /// `__rel_loc`: the same, with the offset counted from behind the word.
        case relativeLocation
        /// `char name[N]`: the bytes themselves.
        case array
    }

    /// Bytes from the start of the record's data.
    public let offset: Int32
    /// The size of the array; 4 for the other encodings.
    public let byteCount: Int32
    /// How the text is found.
    public let encoding: Encoding

    /// Creates a field; nil if it could not lie in a record.
    public init?(offset: Int, byteCount: Int, encoding: Encoding) {
        guard (0...0xFFFF).contains(offset), (1...0xFFFF).contains(byteCount),
            encoding == .array || byteCount == 4
        else { return nil }
        self.offset = Int32(offset)
        self.byteCount = Int32(byteCount)
        self.encoding = encoding
    }
}

/// What an event's own format text says about the fields that we read.
public struct EventFormat: Sendable, BitwiseCopyable {
    /// What the event means.
    public let kind: EventKind
    /// common_pid; nil if the recording's events have none.
    public let pid: NumberField?
    /// The main number; nil for x86 vectors, whose event says it all.
    public let value: NumberField?
    /// The second number.
    public let extra: NumberField?
    /// The text.
    public let text: TextField?
    /// For x86 vectors the index of the vector's name.
    public let vectorIndex: UInt64

    /// Creates a format; see the properties.
    public init(
        kind: EventKind, pid: NumberField?, value: NumberField? = nil, extra: NumberField? = nil,
        text: TextField? = nil, vectorIndex: UInt64 = 0
    ) {
        self.kind = kind
        self.pid = pid
        self.value = value
        self.extra = extra
        self.text = text
        self.vectorIndex = vectorIndex
    }
}

/// A format in the form that the decoder reads fastest: the numbers of nearly all events that we read have
/// four bytes, so they can be read without a branch for each field.
struct RecordShape: BitwiseCopyable {
    let kind: EventKind
    /// The bytes of a record's data that all numbers need; 0 if one does not have four bytes, or if there is text.
    let byteCount: Int32
    let pidOffset: Int32
    let valueOffset: Int32
    let extraOffset: Int32
    /// What is kept of a number read with its sign: all, the low 32 bits if it has none, or nothing if there
    /// is no such field; then its offset is that of the pid.
    let valueMask: UInt64
    let extraMask: UInt64
    let vectorIndex: UInt64

    init(_ format: EventFormat) {
        kind = format.kind
        vectorIndex = format.vectorIndex
        pidOffset = format.pid?.offset ?? 0
        valueOffset = format.value?.offset ?? pidOffset
        extraOffset = format.extra?.offset ?? pidOffset
        valueMask = Self.mask(format.value)
        extraMask = Self.mask(format.extra)
        let isCommon =
            format.text == nil && format.pid?.byteCount == 4 && (format.value?.byteCount ?? 4) == 4
            && (format.extra?.byteCount ?? 4) == 4
        byteCount = isCommon ? max(pidOffset, valueOffset, extraOffset) + 4 : 0
    }

    private static func mask(_ field: NumberField?) -> UInt64 {
        guard let field else { return 0 }
        return field.isSigned ? .max : 0xFFFF_FFFF
    }
}

/// The events that a recording describes and the analysis wants, by their number in that recording.
///
/// Offsets come from the recording's own format texts, never from a table of ours: older kernels have
/// further common fields, 32-bit ones shorter pointers.
public struct EventFormats: ~Copyable {
    private var indexByID: GrowableBuffer<UInt8>
    private var formats: GrowableBuffer<EventFormat>
    private var shapes: GrowableBuffer<RecordShape>
    /// Where common_type, a 16-bit number, lies in every record.
    public let typeOffset: Int
    /// The names of the x86 vectors, in the order of `EventFormat.vectorIndex`.
    public private(set) var vectorNames: [String] = []
    /// Events of one kind that share one number; at most this many kinds of event fit.
    public static let limit = 255

    /// Creates an empty table; records have their type at `typeOffset`.
    public init(typeOffset: Int = 0) {
        self.typeOffset = typeOffset
        indexByID = GrowableBuffer(capacity: 1 << 16)
        indexByID.resize(to: 1 << 16, filling: 0)
        formats = GrowableBuffer(capacity: 32)
        shapes = GrowableBuffer(capacity: 32)
    }

    /// Adds an event.
    ///
    /// - Returns: false if the number is taken already or the table is full.
    public mutating func add(_ format: EventFormat, id: Int) -> Bool {
        guard (0...0xFFFF).contains(id), indexByID[id] == 0, formats.count < Self.limit else { return false }
        formats.reserve(1)
        formats.append(format)
        shapes.reserve(1)
        shapes.append(RecordShape(format))
        indexByID[id] = UInt8(formats.count)
        return true
    }

    /// The index of the vector called `name`, new or known; nil if there are more than 64.
    public mutating func vectorIndex(of name: String) -> UInt64? {
        if let known = vectorNames.firstIndex(of: name) { return UInt64(known) }
        guard vectorNames.count < CPUContext.vectorLimit else { return nil }
        vectorNames.append(name)
        return UInt64(vectorNames.count - 1)
    }

    /// Whether an event of this kind is described.
    public borrowing func contains(_ kind: EventKind) -> Bool {
        for index in 0..<formats.count where formats[index].kind == kind { return true }
        return false
    }

    /// The place of an event's format, or 0 if the analysis does not want it.
    @inline(__always)
    borrowing func index(of id: UInt16) -> UInt8 { indexByID[Int(id)] }

    /// Reads the wanted fields of the record whose data lies at `start..<end` of `page` and hands them to `take`;
    /// false if one lies outside.
    @inline(__always)
    borrowing func read(
        _ index: UInt8, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool, time: UInt64,
        _ take: (TraceEvent, RawSpan) -> Void
    ) -> Bool {
        let shape = shapes[Int(index) &- 1]
        guard shape.byteCount > 0 else {
            guard
                let event = uncommonEvent(index, in: page, at: start, end: end, isSwapped: isSwapped, time: time)
            else { return false }
            take(event, page)
            return true
        }
        guard start &+ Int(shape.byteCount) <= end,
            let pid = page.load(at: start &+ Int(shape.pidOffset), as: Int32.self, isSwapped: isSwapped),
            let value = page.load(at: start &+ Int(shape.valueOffset), as: Int32.self, isSwapped: isSwapped),
            let extra = page.load(at: start &+ Int(shape.extraOffset), as: Int32.self, isSwapped: isSwapped)
        else { return false }
        take(
            TraceEvent(
                time: time, value: UInt64(bitPattern: Int64(value)) & shape.valueMask | shape.vectorIndex,
                extra: UInt64(bitPattern: Int64(extra)) & shape.extraMask, textOffset: 0, textByteCount: 0, pid: pid,
                kind: shape.kind), page)
        return true
    }

    /// The same for numbers of any size, and text.
    @inline(never)
    private borrowing func uncommonEvent(
        _ index: UInt8, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool, time: UInt64
    ) -> TraceEvent? {
        let format = formats[Int(index) &- 1]
        var value = format.vectorIndex
        var extra: UInt64 = 0
        var pid: UInt64 = 0
        var text = (offset: 0, byteCount: 0)
        if let field = format.value {
            guard let number = Self.read(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
            value = number
        }
        if let field = format.extra {
            guard let number = Self.read(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
            extra = number
        }
        if let field = format.pid {
            guard let number = Self.read(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
            pid = number
        }
        if let field = format.text {
            guard let found = Self.find(field, in: page, at: start, end: end, isSwapped: isSwapped) else { return nil }
            text = found
        }
        return TraceEvent(
            time: time, value: value, extra: extra, textOffset: Int32(truncatingIfNeeded: text.offset),
            textByteCount: Int32(truncatingIfNeeded: text.byteCount), pid: Int32(truncatingIfNeeded: pid),
            kind: format.kind)
    }

    @inline(__always)
    private static func read(
        _ field: NumberField, in page: RawSpan, at start: Int, end: Int, isSwapped: Bool
    ) -> UInt64? {
        let offset = start &+ Int(field.offset)
        guard offset &+ Int(field.byteCount) <= end else { return nil }
        return page.loadInteger(
            at: offset, byteCount: Int(field.byteCount), isSigned: field.isSigned, isSwapped: isSwapped)
    }

    @inline(__always)
    private static func find(
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
        // The text ends at its null byte. The kernel counts that in, so look at the last byte first.
        if room > 0, page.byte(at: offset &+ room &- 1) == 0 { room &-= 1 }
        var length = 0
        while length &+ 8 <= room {
            guard let word = page.load(at: offset &+ length, as: UInt64.self, isSwapped: false) else { return nil }
            if (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 { break }
            length &+= 8
        }
        while length < room, page.byte(at: offset &+ length) != 0 { length &+= 1 }
        return (offset, length)
    }
}
