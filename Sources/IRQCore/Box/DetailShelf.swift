/// The details that are known of rows from sample to sample, by slot.
///
/// The text of a row is told anew each time it is asked for, so not all of a million rows have details here: those of which
/// more was found out, and some others, so that a box can be watched without making anything again and again.
struct DetailShelf: Sendable {
    private var kept: [InterruptDetails] = []
    private var owners: [Owner] = []
    private var freePlaces: [Int32] = []

    /// So many rows have details here in any case: more than most machines have interrupts.
    static let roomyCount = 2_048

    private struct Owner: Sendable {
        var serial: UInt32 = 0
        /// -1 for a row without details here.
        var place: Int32 = -1
    }

    /// True if a row was learnt.
    func knows(_ interval: RowInterval) -> Bool {
        let slot = Int(interval.slot)
        return slot < owners.count && owners[slot].serial == interval.serial
    }

    /// The place of a row's details; nil if they are not here.
    func place(_ interval: RowInterval) -> Int? {
        guard knows(interval), owners[Int(interval.slot)].place >= 0 else { return nil }
        return Int(owners[Int(interval.slot)].place)
    }

    subscript(place: Int) -> InterruptDetails {
        get { kept[place] }
        _modify { yield &kept[place] }
    }

    /// Learns a row, whose slot belonged to nobody or to a row that is gone.
    ///
    /// - Parameter details: what is known of it; nil for no more than its text tells.
    mutating func learn(_ interval: RowInterval, _ details: InterruptDetails?) {
        let slot = Int(interval.slot)
        while owners.count <= slot { owners.append(Owner()) }
        var place = owners[slot].place
        owners[slot].serial = interval.serial
        guard let details else {
            if place >= 0 { freePlaces.append(place) }
            owners[slot].place = -1
            return
        }
        if place < 0 {
            if let free = freePlaces.popLast() {
                place = free
            } else {
                place = Int32(kept.count)
                kept.append(details)
            }
        }
        kept[Int(place)] = details
        owners[slot].place = place
    }

    /// True if details are kept that tell no more than the row's text.
    var isRoomy: Bool { kept.count - freePlaces.count < Self.roomyCount }
}
