/// A hash map from 64-bit keys to small plain values that allocates only in `reserve`.
///
/// Open addressing with linear probing and backward-shift deletion, so that it never fills with
/// tombstones however many keys come and go. At most seven eighths full.
struct IntegerMap<Value: BitwiseCopyable>: ~Copyable {
    // Not private: Swift 6.3.1 crashes in debug builds when another file specialises a generic for it.
    struct Slot: BitwiseCopyable {
        var key: UInt64
        var value: Value
        var isUsed: Bool
    }

    private var slots: GrowableBuffer<Slot>
    private var mask: Int
    /// The number of keys in the map.
    private(set) var count = 0
    private let filler: Value

    /// Creates an empty map. `filler` is what unused slots hold; it is never returned.
    init(filler: Value, minimumCapacity: Int = 16) {
        var size = 16
        while size * 7 / 8 < minimumCapacity { size *= 2 }
        slots = GrowableBuffer(capacity: size)
        slots.resize(to: size, filling: Slot(key: 0, value: filler, isUsed: false))
        mask = size - 1
        self.filler = filler
    }

    @inline(always)
    private func home(of key: UInt64) -> Int {
        // Fibonacci hashing: the golden ratio spreads keys that differ in low bits (pointers, pids).
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
    }

    /// The slot of `key`, or the free slot where it belongs.
    @inline(always)
    private func find(_ key: UInt64) -> Int {
        var index = home(of: key)
        while slots[index].isUsed, slots[index].key != key { index = (index &+ 1) & mask }
        return index
    }

    /// The value of `key`, or nil.
    @inline(always)
    func value(for key: UInt64) -> Value? {
        let slot = slots[find(key)]
        return slot.isUsed ? slot.value : nil
    }

    /// Sets or replaces the value of `key`. There must be room (`reserve`).
    @inline(always)
    mutating func set(_ value: Value, for key: UInt64) {
        let index = find(key)
        if !slots[index].isUsed {
            precondition(count < slots.count &- slots.count / 8)
            count &+= 1
        }
        slots[index] = Slot(key: key, value: value, isUsed: true)
    }

    /// Removes `key` and returns the value it had, or nil; also nil, and nothing removed, if it is not the wanted one.
    @inline(always)
    mutating func remove(_ key: UInt64, where isWanted: (Value) -> Bool = { _ in true }) -> Value? {
        var hole = find(key)
        guard slots[hole].isUsed, isWanted(slots[hole].value) else { return nil }
        let removed = slots[hole].value
        var next = (hole &+ 1) & mask
        while slots[next].isUsed {
            // Move back what would no longer be found past the hole.
            let distance = (next &- home(of: slots[next].key)) & mask
            if distance >= (next &- hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next &+ 1) & mask
        }
        slots[hole].isUsed = false
        count &-= 1
        return removed
    }

    /// Makes room for `additional` more keys.
    mutating func reserve(_ additional: Int) {
        guard (count + additional) > slots.count * 7 / 8 else { return }
        var size = slots.count
        while (count + additional) > size * 7 / 8 { size *= 2 }
        var larger = GrowableBuffer<Slot>(capacity: size)
        larger.resize(to: size, filling: Slot(key: 0, value: filler, isUsed: false))
        swap(&slots, &larger)
        mask = size - 1
        count = 0
        for index in 0..<larger.count where larger[index].isUsed { set(larger[index].value, for: larger[index].key) }
    }

    /// Removes all keys and keeps the memory; costs nothing if there are none.
    mutating func removeAll() {
        guard count > 0 else { return }
        for index in 0..<slots.count { slots[index].isUsed = false }
        count = 0
    }
}
