internal import ArgumentParser

/// Numbers and ranges as the kernel writes lists of CPUs: `0,2-5`.
struct NumberList: ExpressibleByArgument {
    let ranges: [ClosedRange<Int64>]

    init?(argument: String) {
        var ranges: [ClosedRange<Int64>] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let low = Int64(ends[0]), low >= 0 else { return nil }
            guard ends.count == 2 else {
                ranges.append(low...low)
                continue
            }
            guard let high = Int64(ends[1]), high >= low else { return nil }
            ranges.append(low...high)
        }
        self.ranges = ranges
    }

    /// The numbers up to `limit`.
    func numbers(below limit: Int) -> Set<Int> {
        Set(
            ranges.flatMap { range in
                range.lowerBound < limit
                    ? Array(Int(range.lowerBound)...Int(min(range.upperBound, Int64(limit - 1)))) : []
            })
    }
}
