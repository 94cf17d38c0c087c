/// The past rates of rows, by slot.
///
/// The first slots have a place from the start, so that nothing is made while a box is watched; of more rows than that
/// only those have one that ever moved, and of those not more than `placeLimit`. What rows had that stood still is the same
/// for all of them; what those had that moved without a place is unknown.
struct RateHistory: ~Copyable {
    /// The number of rates kept for each slot.
    static let length = 128
    /// So many slots have a place from the start: more than most machines have interrupts.
    private static let earlySlotCount = 2_048
    /// Rows that moved beyond have no past: 8 MiB of rates.
    static let placeLimit = 16_384

    private var rates = GrowableBuffer<Float>(capacity: 1)
    /// The place of each slot among the rates; -1 for none.
    private var places = GrowableBuffer<Int32>(capacity: 16)
    /// The sample with which the row in a slot appeared, or moved without a place: before that its rates are unknown.
    private var births = GrowableBuffer<Int32>(capacity: 16)
    private var freePlaces = GrowableBuffer<Int32>(capacity: 16)
    /// The rates of rows that stand still: 0, or NaN where the length of the interval is unknown.
    private var still = GrowableBuffer<Float>(capacity: length)
    private var placeCount: Int32 = 0

    init() { still.resize(to: Self.length, filling: .nan) }

    /// Makes room for so many slots.
    mutating func reserve(slotCount: Int) {
        while places.count < slotCount {
            places.reserve(1)
            births.reserve(1)
            places.append(-1)
            births.append(0)
            if places.count <= Self.earlySlotCount { addPlace(places.count - 1) }
        }
    }

    /// Begins a sample, from 1 on; `isTimed` tells whether the length of its interval is known.
    mutating func begin(sample: Int, isTimed: Bool) { still[sample % Self.length] = isTimed ? 0 : .nan }

    /// A row begins in a slot: its past is unknown. The slot must have room.
    mutating func start(_ slot: Int32, sample: Int) {
        births[Int(slot)] = Int32(truncatingIfNeeded: sample)
        let place = places[Int(slot)]
        guard place >= 0 else { return }
        if Int(slot) >= Self.earlySlotCount {
            freePlaces.reserve(1)
            freePlaces.append(place)
            places[Int(slot)] = -1
        } else {
            for index in 0..<Self.length { rates[Int(place) * Self.length + index] = .nan }
        }
    }

    /// Notes a slot's rate with a sample; NaN if it is unknown.
    @inline(always)
    mutating func note(_ rate: Float, slot: Int32, sample: Int) {
        if places[Int(slot)] < 0 {
            let known = self.rate(slot: slot, sample: sample)
            if rate == known || (rate.isNaN && known.isNaN) { return }
            if freePlaces.count == 0, placeCount >= Self.placeLimit {
                births[Int(slot)] = Int32(truncatingIfNeeded: sample)
                return
            }
            addPlace(Int(slot), sample: sample)
        }
        rates[Int(places[Int(slot)]) * Self.length + sample % Self.length] = rate
    }

    /// A slot's rate with a sample, one of the last `length`; NaN if it is unknown.
    func rate(slot: Int32, sample: Int) -> Float {
        guard Int(slot) < places.count else { return .nan }
        let place = places[Int(slot)]
        if place >= 0 { return rates[Int(place) * Self.length + sample % Self.length] }
        return sample > Int(births[Int(slot)]) ? still[sample % Self.length] : .nan
    }

    /// Gives a slot a place, with what it had so far.
    @inline(never)
    private mutating func addPlace(_ slot: Int, sample: Int = 0) {
        let place: Int32
        if freePlaces.count > 0 {
            place = freePlaces[freePlaces.count - 1]
            freePlaces.removeLast()
        } else {
            place = placeCount
            placeCount += 1
            rates.resize(to: Int(placeCount) * Self.length, filling: .nan)
        }
        for index in 0..<Self.length { rates[Int(place) * Self.length + index] = .nan }
        for past in max(sample - Self.length + 1, 0)..<sample {
            rates[Int(place) * Self.length + past % Self.length] = rate(slot: Int32(slot), sample: past)
        }
        places[slot] = place
    }
}
