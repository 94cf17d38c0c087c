internal import IRQCore

/// Reads /proc/interrupts and /proc/softirqs bit by bit: of their text only the names are kept, not a copy of the whole.
enum CounterFile {
    /// Reads a table; a torn one once more.
    ///
    /// - Parameters:
    ///   - room: memory for a piece of the text; used again for each.
    ///   - clock: CLOCK_MONOTONIC, in nanoseconds.
    /// - Throws: `SourceError`; of the sample nothing is left then.
    static func read(
        _ path: String, into sample: inout CounterSample, room: inout TextBuffer, clock: () -> UInt64
    ) throws(SourceError) {
        try readOnce(path, into: &sample, room: &room, clock: clock)
        if sample.table.isTorn { try readOnce(path, into: &sample, room: &room, clock: clock) }
    }

    private static func readOnce(
        _ path: String, into sample: inout CounterSample, room: inout TextBuffer, clock: () -> UInt64
    ) throws(SourceError) {
        sample.startNanoseconds = clock()
        var isBegun = false
        try ProcFile.readPieces(path, room: &room) { (piece, byteCount, isLast) throws(ProcTextError) in
            if !isBegun { sample.begin(expecting: byteCount) }
            isBegun = true
            return try sample.readLines(piece, isLast: isLast)
        }
        sample.endNanoseconds = clock()
    }
}
