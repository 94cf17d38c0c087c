extension EventFormats {
    /// The event of a record as nearly all are, in this machine's byte order; nil if it is another one, or a field lies outside.
    @inline(always)
    borrowing func commonEvent(
        _ index: UInt16, head: UInt32, in page: RawSpan, at start: Int, end: Int, time: UInt64
    ) -> TraceEvent? {
        let layout = layouts[Int(index & ~Self.wantedBit)]
        guard layout.byteCount > 0, start &+ Int(layout.byteCount) <= end,
            let pid = page.load(at: start &+ Int(layout.pidOffset), as: Int32.self, isSwapped: false),
            let first = page.load(at: start &+ Int(layout.firstOffset), as: Int32.self, isSwapped: false),
            let second = page.load(at: start &+ Int(layout.secondOffset), as: Int32.self, isSwapped: false)
        else { return nil }
        var text = (offset: 0, byteCount: 0)
        if layout.hasText, let field = formats[Int(index & ~Self.wantedBit)].text {
            guard let found = Self.find(field, in: page, at: start, end: end, isSwapped: false) else { return nil }
            text = found
        }
        #if _endian(little)
            let context = UInt16(truncatingIfNeeded: head >> 16) & layout.contextMask
        #else
            let context = UInt16(truncatingIfNeeded: head).byteSwapped & layout.contextMask
        #endif
        return TraceEvent(
            layout.kind, time: time, pid: pid,
            numbers: (
                UInt64(bitPattern: Int64(first)) & layout.firstMask | layout.vectorIndex,
                UInt64(bitPattern: Int64(second)) & layout.secondMask, 0, 0
            ),
            textOffset: Int32(truncatingIfNeeded: text.offset),
            textByteCount: Int32(truncatingIfNeeded: text.byteCount), flags: UInt8(truncatingIfNeeded: context),
            preemptCount: UInt8(truncatingIfNeeded: context >> 8))
    }
}
