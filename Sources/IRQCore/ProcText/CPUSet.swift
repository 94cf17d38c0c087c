/// A set of CPUs, as the kernel prints it in masks and lists.
///
/// It keeps its memory when it is read again, so that reading the same file each second allocates nothing.
public struct CPUSet: Equatable, Sendable {
    /// 64 CPUs a word, the lowest first. Equal sets may differ in words of zeros at the end.
    private var words: [UInt64]

    /// Creates an empty set.
    public init() { words = [] }

    /// Creates a set of these CPUs; those out of 0…`ProcTextLimits.highestCPU` are left out.
    public init(_ cpus: some Sequence<Int>) {
        self.init()
        for cpu in cpus { insert(cpu) }
    }

    /// True if two sets hold the same CPUs.
    public static func == (left: CPUSet, right: CPUSet) -> Bool {
        for index in 0..<max(left.words.count, right.words.count) where left.word(index) != right.word(index) {
            return false
        }
        return true
    }

    private func word(_ index: Int) -> UInt64 { index < words.count ? words[index] : 0 }

    /// The number of CPUs in it.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    /// True if there are none.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
    /// The highest CPU; nil if there are none.
    public var highest: Int? {
        guard let index = words.lastIndex(where: { $0 != 0 }) else { return nil }
        return index * 64 + 63 - words[index].leadingZeroBitCount
    }

    /// True if a CPU is in it.
    public func contains(_ cpu: Int) -> Bool {
        cpu >= 0 && cpu >> 6 < words.count && words[cpu >> 6] & (1 << UInt64(cpu & 63)) != 0
    }

    /// Adds a CPU; one out of 0…`ProcTextLimits.highestCPU` is left out.
    public mutating func insert(_ cpu: Int) {
        guard (0...ProcTextLimits.highestCPU).contains(cpu) else { return }
        while words.count <= cpu >> 6 { words.append(0) }
        words[cpu >> 6] |= 1 << UInt64(cpu & 63)
    }

    /// Removes all CPUs and keeps the memory.
    public mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    /// The first run of CPUs at or above `start`, both ends included; nil if there is none.
    public func run(from start: Int) -> ClosedRange<Int>? {
        var first = max(start, 0)
        let end = words.count * 64
        while first < end, !contains(first) { first += 1 }
        if first >= end { return nil }
        var last = first
        while contains(last + 1) { last += 1 }
        return first...last
    }

    /// The CPUs in ascending order.
    public var cpus: [Int] {
        words.indices.flatMap { index in
            (0..<64).filter { words[index] & (1 << UInt64($0)) != 0 }.map { index * 64 + $0 }
        }
    }

    /// The set as the kernel's lists are written: `0-3,8`; empty for none.
    public var list: String {
        var parts: [String] = []
        var start = 0
        while let run = run(from: start) {
            parts.append(run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)")
            start = run.upperBound + 1
        }
        return parts.joined(separator: ",")
    }

    /// Reads a mask as /proc/irq/N/smp_affinity has it: words of 32 bits in hex, the highest first,
    /// separated by commas (lib/bitmap.c, `%*pb`).
    ///
    /// - Returns: false if the text is none; the set is then empty.
    @discardableResult
    public mutating func readMask(_ text: RawSpan) -> Bool {
        removeAll()
        var end = text.byteCount
        while end > 0, ASCII.isBlank(text.text(at: end - 1)) || text.text(at: end - 1) == ASCII.newline { end -= 1 }
        var position = end - 1
        var cpu = 0
        var digitCount = 0
        var isComma = false
        while position >= 0 {
            let byte = text.text(at: position)
            position -= 1
            if byte == ASCII.comma {
                // A word has eight digits: a short one may stand at the front only.
                guard digitCount > 0, digitCount & 7 == 0, position >= 0, !isComma else { return fail() }
                isComma = true
                continue
            }
            isComma = false
            guard let value = ASCII.hexadecimalDigit(byte) else { return fail() }
            digitCount += 1
            if value != 0 {
                guard cpu + 3 <= ProcTextLimits.highestCPU else { return fail() }
                for bit in 0..<4 where value & (1 << UInt8(bit)) != 0 { insert(cpu + bit) }
            }
            cpu += 4
        }
        return digitCount > 0 ? true : fail()
    }

    /// Reads a list as /sys/devices/system/cpu/online and smp_affinity_list have it: `0-3,8`, ascending, with or without
    /// an end of line (lib/vsprintf.c, `%*pbl`). An empty text is the empty set.
    ///
    /// - Returns: false if the text is none; the set is then empty.
    @discardableResult
    public mutating func readList(_ text: RawSpan) -> Bool {
        removeAll()
        let end =
            text.byteCount > 0 && text.text(at: text.byteCount - 1) == ASCII.newline
            ? text.byteCount - 1 : text.byteCount
        var position = 0
        var next: UInt64 = 0
        if end == 0 { return true }
        while true {
            var isTooLarge = false
            guard let first = text.decimal(at: &position, isTooLarge: &isTooLarge) else { return fail() }
            var last = first
            if position < end, text.text(at: position) == ASCII.hyphen {
                position += 1
                guard let number = text.decimal(at: &position, isTooLarge: &isTooLarge) else { return fail() }
                last = number
            }
            guard !isTooLarge, next <= first, first <= last, last <= UInt64(ProcTextLimits.highestCPU) else {
                return fail()
            }
            for cpu in Int(first)...Int(last) { insert(cpu) }
            next = last + 1
            if position >= end { return true }
            guard text.text(at: position) == ASCII.comma else { return fail() }
            position += 1
        }
    }

    private mutating func fail() -> Bool {
        removeAll()
        return false
    }
}
