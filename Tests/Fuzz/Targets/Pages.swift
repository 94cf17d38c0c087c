@testable import IRQCore
import TestSupport

/// Any bytes as pages of one CPU: the analysis of all of them, and that of `top`, interval by interval, tell the same.
func decodePages(_ span: RawSpan) {
    guard let bytes = PageBytes(span) else { return }
    let result = bytes.analyze()
    precondition(result.ledger.usedEvents <= result.ledger.events)
    var live = LiveDurations()
    let formats = bytes.formats()
    var sums: [Int: SpanInterval] = [:]
    var (events, lost, gaps): (UInt64, UInt64, UInt64) = (0, 0, 0)
    for index in 0..<bytes.count {
        live.feed(page: bytes.page(index), cpu: 0, decoder: PageDecoder(layout: bytes.layout), formats: formats)
        // An interval may end after any page.
        if index % 3 == 1, index + 1 < bytes.count { continue }
        live.endInterval()
        (events, lost, gaps) = (events &+ live.events, lost &+ live.lost, gaps &+ live.gaps)
        for vector in 0..<32 {
            guard let place = live.place(softirq: vector) else { continue }
            let interval = live.interval(place)
            sums[vector, default: SpanInterval()].calls &+= interval.calls
            sums[vector, default: SpanInterval()].count &+= interval.count
            sums[vector, default: SpanInterval()].totalNanoseconds &+= interval.totalNanoseconds
            if let p50 = interval.p50Nanoseconds, let p99 = interval.p99Nanoseconds {
                precondition(p50 <= p99 && p99 <= interval.maximumNanoseconds)
            }
        }
    }
    precondition(events == live.totalEvents && events == result.ledger.events)
    precondition(lost == result.ledger.lostEvents && gaps == result.ledger.gaps)
    for row in result.namedRows([:]) where row.kind == .softirq {
        let sum = sums[Int(row.number)] ?? SpanInterval()
        precondition(sum.calls == row.calls && sum.count == row.duration.count)
        precondition(sum.totalNanoseconds == row.duration.totalNanoseconds)
    }
}
