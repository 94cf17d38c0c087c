/// Counts how often each label of a table came, without a place for each: the kernel's numbers ascend, and one that is
/// above all before it is new.
struct LabelOrdinals: ~Copyable {
    private var counts = IntegerMap<Int32>(filler: 0, minimumCapacity: 64)
    private var highest: Int32 = -1
    /// True if a number came that is not above all before it: they have to be added, and it has to be asked for again.
    private(set) var needsNumbers = false
    /// True if numbers are among the labels that are looked for.
    var areNumbersKnown = false {
        didSet { needsNumbers = false }
    }

    /// Forgets all labels and keeps the memory.
    mutating func removeAll() {
        counts.removeAll()
        highest = -1
        areNumbersKnown = false
    }

    /// Makes room for one more label.
    mutating func reserve() { counts.reserve(1) }

    /// The number of labels before this one that are the same. There must be room.
    ///
    /// - Parameter irq: the label as a number, or -1.
    @inline(always)
    mutating func next(_ text: RawSpan, _ start: Int, _ end: Int, irq: Int32) -> Int32 {
        if irq >= 0, !areNumbersKnown {
            needsNumbers = irq <= highest
            highest = max(highest, irq)
            return 0
        }
        let key = Self.key(text, start, end)
        let ordinal = counts.value(for: key) ?? 0
        counts.set(ordinal &+ 1, for: key)
        return ordinal
    }

    /// Adds a number that was above all before it.
    mutating func addNumber(_ key: UInt64) {
        counts.reserve(2)
        counts.set(1, for: key)
    }

    /// A key for a label: its bytes behind a 1 if there are at most seven, so that zeros in front count too, else a hash,
    /// which has the highest bit set.
    @inline(always)
    static func key(_ text: RawSpan, _ start: Int, _ end: Int) -> UInt64 {
        if end &- start <= 7 {
            var key: UInt64 = 1
            for position in start..<end { key = key << 8 | UInt64(text.text(at: position)) }
            return key
        }
        var hash = StableHash()
        for position in start..<end { hash.add(UInt64(text.text(at: position))) }
        return hash.value | 1 << 63
    }
}
