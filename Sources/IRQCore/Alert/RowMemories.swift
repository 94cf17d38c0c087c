/// The memories of rows, by key: in the order of keys, for a dictionary of so many takes twice the memory.
public struct RowMemories: Equatable, Sendable {
    /// A row's memory, and its key.
    public struct Entry: Equatable, Sendable {
        /// The row's key (`LiveState.key`).
        public var key: UInt64
        /// Its memory.
        public var row: RowMemory
    }

    /// All of them, by key.
    public private(set) var entries: [Entry] = []

    /// Creates an empty memory.
    public init() {}

    /// Takes entries in any order; of several with one key the last counts.
    init(_ entries: consuming [Entry]) {
        var entries = entries
        if !zip(entries, entries.dropFirst()).allSatisfy({ $0.key < $1.key }) {
            entries.sort { $0.key < $1.key }
            var kept = 0
            for index in entries.indices {
                if kept > 0, entries[kept - 1].key == entries[index].key { kept -= 1 }
                entries[kept] = entries[index]
                kept += 1
            }
            entries.removeSubrange(kept...)
        }
        self.entries = entries
    }

    /// The number of rows.
    public var count: Int { entries.count }
    /// True if there are none.
    public var isEmpty: Bool { entries.isEmpty }

    /// The memory of a row; nil for none.
    public subscript(key: UInt64) -> RowMemory? {
        get {
            let place = place(of: key)
            return place < entries.count && entries[place].key == key ? entries[place].row : nil
        }
        set {
            let place = place(of: key)
            let isThere = place < entries.count && entries[place].key == key
            switch (newValue, isThere) {
            case (let row?, true): entries[place].row = row
            case (let row?, false): entries.insert(Entry(key: key, row: row), at: place)
            case (nil, true): entries.remove(at: place)
            case (nil, false): break
            }
        }
    }

    /// The first place whose key is not below `key`.
    private func place(of key: UInt64) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
