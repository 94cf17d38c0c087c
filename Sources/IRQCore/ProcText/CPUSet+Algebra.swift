extension CPUSet {
    /// The CPUs that are in either.
    public func union(_ other: CPUSet) -> CPUSet {
        var result = self
        var start = 0
        while let run = other.run(from: start) {
            for cpu in run { result.insert(cpu) }
            start = run.upperBound + 1
        }
        return result
    }

    /// The CPUs that are in both.
    public func intersection(_ other: CPUSet) -> CPUSet { CPUSet(cpus.filter { other.contains($0) }) }

    /// The CPUs of this one that are not in the other.
    public func subtracting(_ other: CPUSet) -> CPUSet { CPUSet(cpus.filter { !other.contains($0) }) }

    /// True if no CPU is in both.
    public func isDisjoint(with other: CPUSet) -> Bool {
        if isEmpty || other.isEmpty { return true }
        return !cpus.contains { other.contains($0) }
    }

    /// True if all CPUs of this one are in the other.
    public func isSubset(of other: CPUSet) -> Bool { cpus.allSatisfy { other.contains($0) } }

    /// The lowest CPU; nil if there are none.
    public var lowest: Int? { run(from: 0)?.lowerBound }

    /// The set as the kernel's masks are written, in words of 32 bits with commas: `00000001,00000000`; a set below 32 CPUs
    /// has as many digits as it needs.
    public var mask: String {
        let wordCount = max((highest ?? 0) / 32 + 1, 1)
        var parts: [String] = []
        for word in (0..<wordCount).reversed() {
            var value: UInt32 = 0
            for bit in 0..<32 where contains(word * 32 + bit) { value |= 1 << UInt32(bit) }
            let digits = String(value, radix: 16)
            parts.append(
                parts.isEmpty ? digits : String(repeating: "0", count: 8 - digits.utf8.count) + digits)
        }
        return parts.joined(separator: ",")
    }

    /// Reads a list as boot options and files have it, which know more than the kernel prints: `0-3,8`, `4-N`, `all`,
    /// `0-31:2/8` (lib/bitmap.c, `bitmap_parselist`).
    ///
    /// - Parameter last: the CPU that `N` stands for; nil makes `N` unreadable.
    /// - Returns: nil if it is no such list.
    public static func parse(list: String, last: Int?) -> CPUSet? {
        var result = CPUSet()
        func number(_ text: Substring) -> Int? {
            if text == "N" { return last }
            guard let value = Int(text), (0...ProcTextLimits.highestCPU).contains(value), text.first != "+" else {
                return nil
            }
            return value
        }
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            if part == "all" {
                guard let last else { return nil }
                for cpu in 0...last { result.insert(cpu) }
                continue
            }
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            let ends = pieces.first?.split(separator: "-", omittingEmptySubsequences: false) ?? []
            guard pieces.count <= 2, (1...2).contains(ends.count), let first = number(ends[0]),
                let end = number(ends[ends.count - 1]), first <= end
            else { return nil }
            var (used, group) = (1, 1)
            if pieces.count == 2 {
                let numbers = pieces[1].split(separator: "/", omittingEmptySubsequences: false).compactMap { Int($0) }
                guard numbers.count == 2, numbers[0] > 0, numbers[1] >= numbers[0] else { return nil }
                (used, group) = (numbers[0], numbers[1])
            }
            for cpu in first...end where (cpu - first) % group < used { result.insert(cpu) }
        }
        return result
    }

    /// Reads a mask of hexadecimal words with commas; nil if it is none.
    public static func parse(mask: String) -> CPUSet? {
        var result = CPUSet()
        let bytes = Array(mask.utf8)
        // The span ends with this expression, before the array it looks into.
        return unsafe result.readMask(bytes.span.bytes) ? result : nil
    }
}
