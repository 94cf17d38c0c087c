/// Stretches of time around some spans.
public struct TimeWindows: Sendable {
    /// They do not overlap, and are in the order of time.
    private var ranges: [ClosedRange<UInt64>] = []

    /// The stretches of the slowest spans, and so much before and behind each.
    public init(around spans: [SlowestSpan], _ nanoseconds: UInt64) {
        let all = spans.map { span in
            let start = span.startNanoseconds - min(nanoseconds, span.startNanoseconds)
            let (end, isBeyond) = (span.startNanoseconds &+ span.durationNanoseconds)
                .addingReportingOverflow(nanoseconds)
            return start...max(isBeyond ? .max : end, start)
        }
        for range in all.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = ranges.last, range.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
    }

    /// True if a part of a span lies in one of them.
    public func overlap(_ span: FinishedSpan) -> Bool {
        overlap(from: span.startNanoseconds, to: max(span.endNanoseconds, span.startNanoseconds))
    }

    /// True if a part of a span or run, or the beginning of an arrow, lies in one of them.
    public func overlap(_ item: TimelineItem) -> Bool {
        switch item {
        case .span(let span), .run(let span, _), .gap(let span, _): overlap(span)
        case .arrow(let arrow, _): overlap(from: arrow.startNanoseconds, to: arrow.startNanoseconds)
        }
    }

    /// True if a part of the time from `start` to `end` lies in one of them.
    public func overlap(from start: UInt64, to end: UInt64) -> Bool {
        // The first that ends at the start or later.
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < start { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= end
    }
}
