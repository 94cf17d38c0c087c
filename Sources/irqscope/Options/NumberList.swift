internal import ArgumentParser

/// Numbers and ranges as the kernel writes lists of CPUs: `0,2-5`.
struct NumberList {
    let ranges: [ClosedRange<Int64>]

    @Sendable init(_ text: String) throws {
        ranges = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = ends.first, let low = Int64(first), let high = Int64(ends.last ?? first), low >= 0,
                high >= low
            else { throw ValidationError("numbers and ranges are needed, such as 0,2-5") }
            return low...high
        }
    }

    /// The numbers up to `limit`.
    func numbers(below limit: Int) -> Set<Int> {
        let last = Int64(limit - 1)
        return Set(ranges.filter { $0.lowerBound <= last }.flatMap { $0.clamped(to: 0...last).map { Int($0) } })
    }
}
