/// Names of tasks, devices and actions, each once, known by their place.
///
/// A place stands for a name in all that waits or is counted. The first name is empty; it also stands for those beyond
/// the limit, which are counted.
struct DeepNames: ~Copyable {
    // Not private: see SpanTable.Row.
    struct Entry: BitwiseCopyable {
        let offset: Int32
        let byteCount: Int32
        /// The next name with the same hash, or -1.
        let next: Int32
    }

    /// A name of at most 16 bytes, in two words.
    struct RecentName: BitwiseCopyable {
        let first: UInt64
        let second: UInt64
        let byteCount: Int32
        let place: Int32
    }

    /// More names than this are not told apart; a recording may have 100,000 tasks.
    static let limit = 1 << 17
    /// Longer names are cut to this many bytes.
    static let byteLimit = 255

    private var entries = GrowableBuffer<Entry>(capacity: 256)
    private var bytes = GrowableBuffer<UInt8>(capacity: 4096)
    /// The names that were met last, each at the place that its first bytes say: nearly all are found here.
    private var recent = GrowableBuffer<RecentName>(capacity: Self.recentCount)
    private static let recentCount = 256
    /// The same for fields of sixteen bytes, with what lies behind the end of the name: such a name need not be measured.
    private var recentFields = GrowableBuffer<RecentName>(capacity: Self.recentCount)
    private var placeByHash = IntegerMap<Int32>(filler: -1, minimumCapacity: 256)
    /// The uses of names beyond the limit.
    private(set) var usesBeyondLimit: UInt64 = 0

    init() {
        entries.append(Entry(offset: 0, byteCount: 0, next: -1))
        let none = RecentName(first: 0, second: 0, byteCount: 0, place: 0)
        recent.resize(to: Self.recentCount, filling: none)
        recentFields.resize(to: Self.recentCount, filling: none)
    }

    /// The number of names.
    var count: Int { entries.count }

    /// The place of the name at `start` in `page`, made if it is new.
    @inline(always)
    mutating func place(of page: RawSpan, at start: Int, byteCount: Int) -> Int32 {
        let length = min(byteCount, Self.byteLimit)
        guard length > 0 else { return 0 }
        // The names of tasks have fifteen bytes at most.
        guard length <= 16 else { return search(page, start, length) }
        let first = Self.word(page, start, min(length, 8))
        let second = length > 8 ? Self.word(page, start &+ 8, length &- 8) : 0
        let hash = (first ^ second &* 0xC2B2_AE3D_27D4_EB4F) &* 0x9E37_79B9_7F4A_7C15
        let index = Int(truncatingIfNeeded: hash &>> 56)
        if recent[index].first == first, recent[index].second == second, Int(recent[index].byteCount) == length {
            return recent[index].place
        }
        let place = search(page, start, length)
        // Those beyond the limit are counted each time.
        if place > 0 {
            recent[index] = RecentName(
                first: first, second: second, byteCount: Int32(truncatingIfNeeded: length), place: place)
        }
        return place
    }

    /// The place of the name in the sixteen bytes at `start` in `page`, which ends before their first null byte.
    @inline(always)
    mutating func place(ofField page: RawSpan, at start: Int) -> Int32 {
        guard let first = page.load(at: start, as: UInt64.self, isSwapped: false),
            let second = page.load(at: start &+ 8, as: UInt64.self, isSwapped: false)
        else { return 0 }
        let hash = (first ^ second &* 0xC2B2_AE3D_27D4_EB4F) &* 0x9E37_79B9_7F4A_7C15
        let index = Int(truncatingIfNeeded: hash &>> 56)
        if recentFields[index].first == first, recentFields[index].second == second { return recentFields[index].place }
        return searchField(page, start, (first, second), index)
    }

    /// The same for bytes that were not met lately.
    @inline(never)
    private mutating func searchField(
        _ page: RawSpan, _ start: Int, _ words: (first: UInt64, second: UInt64), _ index: Int
    ) -> Int32 {
        let place = self.place(of: page, at: start, byteCount: page.textByteCount(at: start, limit: 16))
        // Those beyond the limit are counted each time.
        if place > 0 {
            recentFields[index] = RecentName(first: words.first, second: words.second, byteCount: 16, place: place)
        }
        return place
    }

    /// The same as `place(of:)` for names that were not met lately.
    @inline(never)
    private mutating func search(_ page: RawSpan, _ start: Int, _ length: Int) -> Int32 {
        var hash: UInt64 = UInt64(length)
        var index = 0
        while index < length {
            hash = (hash ^ Self.word(page, start &+ index, min(length &- index, 8))) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            index &+= 8
        }
        let first = placeByHash.value(for: hash) ?? -1
        var found = first
        while found >= 0 {
            if isSame(entries[Int(found)], page, start, length) { return found }
            found = entries[Int(found)].next
        }
        return add(page, start, length, hash: hash, next: first)
    }

    /// Up to eight bytes as a number, the first the lowest.
    @inline(always)
    private static func word(_ page: RawSpan, _ offset: Int, _ count: Int) -> UInt64 {
        if let word = page.load(at: offset, as: UInt64.self, isSwapped: false) {
            let bytes = UInt64(littleEndian: word)
            return count == 8 ? bytes : bytes & (1 &<< UInt64(8 &* count) &- 1)
        }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(page.byte(at: offset &+ index) ?? 0) << UInt64(8 &* index) }
        return word
    }

    @inline(always)
    private func isSame(_ entry: Entry, _ page: RawSpan, _ start: Int, _ length: Int) -> Bool {
        guard Int(entry.byteCount) == length else { return false }
        var index = 0
        while index < length {
            let count = min(length &- index, 8)
            let known = UInt64(littleEndian: bytes.word(at: Int(entry.offset) &+ index))
            if known != Self.word(page, start &+ index, count) { return false }
            index &+= 8
        }
        return true
    }

    @inline(never)
    private mutating func add(_ page: RawSpan, _ start: Int, _ length: Int, hash: UInt64, next: Int32) -> Int32 {
        guard entries.count < Self.limit else {
            usesBeyondLimit &+= 1
            return 0
        }
        entries.reserve(1)
        // Filled up with zeros to whole words, so that it can be compared in words.
        let stored = (length &+ 7) & ~7
        bytes.reserve(stored)
        let place = Int32(truncatingIfNeeded: entries.count)
        entries.append(
            Entry(
                offset: Int32(truncatingIfNeeded: bytes.count), byteCount: Int32(truncatingIfNeeded: length), next: next
            ))
        for index in 0..<stored { bytes.append(index < length ? page.byte(at: start &+ index) ?? 0 : 0) }
        placeByHash.reserve(1)
        placeByHash.set(place, for: hash)
        return place
    }

    /// The place of a name, made if it is new.
    mutating func place(of name: [UInt8]) -> Int32 {
        let span = name.span
        return place(of: unsafe span.bytes, at: 0, byteCount: name.count)  // plain bytes have no padding
    }

    /// The bytes of a name: untrusted.
    borrowing func bytes(of place: Int32) -> [UInt8] {
        let entry = entries[Int(place)]
        return (0..<Int(entry.byteCount)).map { bytes[Int(entry.offset) + $0] }
    }

    /// The name as text.
    borrowing func text(of place: Int32) -> String { String(decoding: bytes(of: place), as: UTF8.self) }
}
