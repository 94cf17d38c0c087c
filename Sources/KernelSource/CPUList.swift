/// A set of CPUs as the kernel prints it: "0-3,8" with an end of line.
///
/// An empty line means none, and so does "(null)", which nohz_full says where the option was not given.
public struct CPUList: Equatable, Sendable {
    /// CPU numbers stay below this; the largest kernels are built for 8,192.
    public static let cpuLimit = 65_536

    /// The CPUs, ascending, in ranges that do not touch or overlap beyond what the kernel wrote.
    public let ranges: [ClosedRange<Int>]

    /// Creates an empty set.
    public init() { ranges = [] }

    /// Reads a list; nil if it is none: other characters, ranges that go backwards or overlap, numbers of
    /// `cpuLimit` or more.
    public init?(_ text: some Sequence<UInt8>) {
        var bytes = Array(text)
        while let last = bytes.last, last == 0x0A || last == 0 { bytes.removeLast() }
        if bytes.isEmpty || bytes.elementsEqual("(null)".utf8) {
            ranges = []
            return
        }
        var ranges: [ClosedRange<Int>] = []
        var next = 0
        for part in bytes.split(separator: 0x2C, omittingEmptySubsequences: false) {
            let ends = part.split(separator: 0x2D, omittingEmptySubsequences: false)
            guard ends.count <= 2, let firstEnd = ends.first, let lastEnd = ends.last,
                let first = Self.number(firstEnd), let last = Self.number(lastEnd),
                first >= next, first <= last
            else { return nil }
            ranges.append(first...last)
            next = last + 1
        }
        self.ranges = ranges
    }

    /// How many CPUs there are.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Whether there are none.
    public var isEmpty: Bool { ranges.isEmpty }

    /// Whether `cpu` is one of them.
    public func contains(_ cpu: Int) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < cpu { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(cpu)
    }

    /// The CPUs one by one, ascending.
    public var cpus: [Int] { ranges.flatMap { Array($0) } }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...5).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value < cpuLimit ? value : nil
    }
}
