/// The names of a table's rows: labels, and what follows the counts. A name that the table before had is not kept again.
struct RowNames: ~Copyable {
    private var kept = TextBuffer(capacity: 4096)
    /// The rows of the table before, while this one is read.
    private var known = GrowableBuffer<PackedRow>(capacity: 1)
    /// The known row that is expected next.
    private var expected = 0
    /// The place where the names begin that came with the text that is read.
    private var firstNew = 0

    /// So many known rows are looked through for a name that is not the expected one.
    private static let searchedRowCount = 64
    /// Names that nobody uses may take so many bytes more than those in use.
    private static let slackByteCount = 64 << 10

    /// The bytes of all names.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get { kept.bytes }
    }

    /// Forgets the names that came with a text: it is read from its beginning.
    mutating func begin() {
        kept.truncate(to: firstNew)
        expected = 0
    }

    /// The key of a row's label.
    func key(_ row: PackedRow) -> UInt64 { LabelOrdinals.key(bytes, row.label.start, row.label.end) }

    /// Makes room for names of so many bytes.
    mutating func reserve(_ byteCount: Int) { kept.reserve(byteCount) }

    /// Makes room for so many rows with names like this one, unless they are known.
    mutating func reserve(rows: Int, like row: PackedRow) {
        if known.count == 0 { kept.reserve(rows &* row.nameByteCount &+ Self.slackByteCount * 2) }
    }

    /// The place of a row's name: where it is known from, or at the end. There must be room.
    @inline(always)
    mutating func place(_ text: RawSpan, _ label: TextRange, _ tail: TextRange) -> Int {
        if let found = find(text, label, tail) { return found }
        let place = kept.byteCount
        kept.appendInRoom(text, label.start, label.byteCount)
        kept.appendInRoom(text, tail.start, tail.byteCount)
        return place
    }

    @inline(always)
    private mutating func find(_ text: RawSpan, _ label: TextRange, _ tail: TextRange) -> Int? {
        let end = min(known.count, expected &+ Self.searchedRowCount)
        var row = expected
        while row < end {
            let other = known[row]
            if Int(other.labelByteCount) == label.byteCount, kept.isSame(at: other.label.start, as: text, label) {
                // One of this label is all there is to look for.
                expected = row &+ 1
                if Int(other.tailByteCount) == tail.byteCount, kept.isSame(at: other.tail.start, as: text, tail) {
                    return Int(other.nameStart)
                }
                return nil
            }
            row &+= 1
        }
        return nil
    }

    // MARK: From table to table

    /// Takes the rows of the table before, whose names are kept here.
    mutating func borrow(_ rows: inout GrowableBuffer<PackedRow>) {
        swap(&known, &rows)
        firstNew = kept.byteCount
        expected = 0
    }

    /// Gives them back; without a text that was read, what came with it is forgotten.
    mutating func giveBack(_ rows: inout GrowableBuffer<PackedRow>, isRead: Bool) {
        swap(&known, &rows)
        if !isRead { kept.truncate(to: firstNew) }
        firstNew = 0
    }

    /// Drops names that no row uses, once they are more than those in use.
    ///
    /// - Parameter rows: those that use names; they learn where their names are then.
    mutating func dropUnused(_ rows: inout GrowableBuffer<PackedRow>) {
        var used = 0
        for row in 0..<rows.count { used &+= rows[row].nameByteCount }
        guard kept.byteCount > used * 2 + Self.slackByteCount else { return }
        var fresh = TextBuffer(capacity: used)
        for row in 0..<rows.count {
            let place = fresh.byteCount
            fresh.appendInRoom(kept.bytes, Int(rows[row].nameStart), rows[row].nameByteCount)
            rows[row].nameStart = UInt32(place)
        }
        swap(&kept, &fresh)
    }
}
