/// The place where a page would begin if its older events were not there.
public struct PageCut: Sendable, BitwiseCopyable, Equatable {
    /// The offset of the first record that stays.
    public let offset: Int
    /// The offset behind the last committed byte.
    public let end: Int
    /// The time that the deltas from there on are counted from, in ticks of the trace clock.
    public let time: UInt64

    /// True if nothing stays.
    public var isEmpty: Bool { offset >= end }
}

extension PageDecoder {
    /// The bytes of a page that say something: header, records and the count of events lost before it; of one that
    /// cannot be read, all.
    public func usedByteCount(_ page: RawSpan) -> Int {
        guard let cursor = try? open(page) else { return page.byteCount }
        guard case .counted = cursor.missed else { return cursor.end }
        return min(cursor.end + layout.commitByteCount, page.byteCount)
    }

    /// Finds the first event of a page that is not older than `limit`.
    ///
    /// - Returns: nil if the page cannot be read: better keep it whole.
    public func cut(_ page: RawSpan, before limit: UInt64, formats: borrowing EventFormats) -> PageCut? {
        do throws(PageError) {
            var cursor = try open(page)
            let end = cursor.end
            let page = page.extracting(0..<end)
            while true {
                let (offset, time) = (cursor.offset, cursor.time)
                var isYoung = false
                let isSwapped = layout.byteOrder.isSwapped
                // One event at a time: between two calls the cursor stands at the record of the next one.
                func look(_ event: TraceEvent, _: RawSpan) { isYoung = event.time >= limit }
                let isDone = try decodeRecords(
                    page, from: &cursor, formats: formats, isSwapped: isSwapped, room: 1, look, takeRare: look)
                if isYoung { return PageCut(offset: offset, end: end, time: time) }
                if isDone { return PageCut(offset: end, end: end, time: cursor.time) }
            }
        } catch {
            return nil
        }
    }
}
