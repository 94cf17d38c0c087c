import IRQCore
@testable import TraceInput

/// Spans made of any bytes, in two piles that spool what is more than a few, merged again: all of them, in the order of time.
///
/// The first byte chooses the length of runs; each span has eight.
func mergePiles(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let piles = (0..<2).map { place in
        SpanPile(path: "fuzz", buffer: "\(place)", RowSelection(), runCount: 1 + Int(choice & 15))
    }
    var given: [FinishedSpan] = []
    var times: [UInt64] = [0, 0]
    for offset in stride(from: 1, to: span.byteCount - 7, by: 8) {
        func byte(_ place: Int) -> UInt64 { UInt64(span.byte(at: offset + place) ?? 0) }
        let pile = Int(byte(0) & 1)
        // Spans come in the order in which they end, and begin in any.
        times[pile] &+= byte(1) << (byte(2) & 55)
        let made = FinishedSpan(
            row: Int32(pile), cpu: UInt32(byte(3)), pid: Int32(byte(4)), startNanoseconds: times[pile],
            durationNanoseconds: byte(5) << (byte(6) & 55), selfNanoseconds: UInt64(given.count))
        given.append(made)
        piles[pile].put(made)
    }
    for pile in piles { pile.finish(vectorNames: []) }
    guard piles.allSatisfy({ $0.failure == nil }) else { return }
    for pile in piles where pile.base != nil {
        precondition(given.allSatisfy { $0.row != (pile === piles[0] ? 0 : 1) || isMultiple($0, of: pile) })
    }
    var merge = SpanMerge(piles)
    var last: SpanRecord?
    var seen = [Bool](repeating: false, count: given.count)
    while let (record, pile) = merge.next() {
        if let last { precondition(!record.isBefore(last)) }
        last = record
        let number = Int(record.selfTime)
        precondition(given.indices.contains(number) && !seen[number])
        seen[number] = true
        precondition(given[number].startNanoseconds == record.start && given[number].durationNanoseconds == record.duration)
        precondition(Int(given[number].row) == pile && given[number].cpu == record.cpu && given[number].pid == record.pid)
    }
    precondition(seen.allSatisfy { $0 }, "a span is gone")
}

private func isMultiple(_ span: FinishedSpan, of pile: SpanPile) -> Bool {
    guard let base = pile.base, pile.unit > 0 else { return true }
    let distance = max(span.startNanoseconds, base) - min(span.startNanoseconds, base)
    return distance % pile.unit == 0 && span.durationNanoseconds % pile.unit == 0
}
