/// Numbers for names: each name that differs gets the next one, and stays the same as long as the table lives.
struct NameTable: ~Copyable {
    /// The place of a name by its hash. Names of the same hash stand under the next free one.
    private var places = IntegerMap<Int32>(filler: 0)
    private var bytes = TextBuffer()
    private var ranges = GrowableBuffer<TextRange>(capacity: 64)
    private let limit: Int

    /// Creates an empty table, for at most `limit` names.
    init(limit: Int) { self.limit = limit }

    /// The number of names.
    var count: Int { ranges.count }

    /// The number of a name; nil if there are too many. `isNew` is set if it was not known.
    mutating func number(of text: RawSpan, _ range: TextRange, isNew: inout Bool) -> Int? {
        var hash = Self.hash(text, range)
        if let known = find(text, range, &hash) { return known }
        guard ranges.count < limit else { return nil }
        return add(text, range, hash, isNew: &isNew)
    }

    /// The number of a name; nil if it is not known.
    @inline(always)
    func known(_ text: RawSpan, _ range: TextRange) -> Int? {
        var hash = Self.hash(text, range)
        return find(text, range, &hash)
    }

    /// The number of a name by its hash, which moves to the place where it would stand.
    @inline(always)
    private func find(_ text: RawSpan, _ range: TextRange, _ hash: inout UInt64) -> Int? {
        while let place = places.value(for: hash) {
            let known = ranges[Int(place)]
            if known.byteCount == range.byteCount, bytes.isSame(at: known.start, as: text, range) { return Int(place) }
            hash &+= 1
        }
        return nil
    }

    /// The name of a number, which must exist. Untrusted text.
    func name(_ number: Int) -> String {
        let range = ranges[number]
        return bytes.bytes.string(range)
    }

    @inline(never)
    private mutating func add(_ text: RawSpan, _ range: TextRange, _ hash: UInt64, isNew: inout Bool) -> Int {
        places.reserve(1)
        ranges.reserve(1)
        bytes.reserve(range.byteCount)
        let start = bytes.byteCount
        bytes.appendInRoom(text, range.start, range.byteCount)
        places.set(Int32(ranges.count), for: hash)
        ranges.append(TextRange(start: start, end: start + range.byteCount))
        isNew = true
        return ranges.count - 1
    }

    /// Eight bytes at a step.
    @inline(always)
    private static func hash(_ text: RawSpan, _ range: TextRange) -> UInt64 {
        var hash = StableHash()
        var position = range.start
        while position &+ 8 <= range.end, let word = text.load(at: position, as: UInt64.self, isSwapped: false) {
            hash.add(word)
            position &+= 8
        }
        if range.byteCount >= 8 {
            // The last eight bytes, of which some were added already.
            if position < range.end { hash.add(text.load(at: range.end &- 8, as: UInt64.self, isSwapped: false) ?? 0) }
        } else {
            while position < range.end {
                hash.add(UInt64(text.text(at: position)))
                position &+= 1
            }
        }
        hash.add(UInt64(truncatingIfNeeded: range.byteCount))
        return hash.value
    }
}
