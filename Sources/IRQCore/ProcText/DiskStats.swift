/// A count of the kernel's, and the name of what it counts for: untrusted text.
public struct NamedCount: Equatable, Sendable {
    /// The name, without blanks.
    public var name: String
    /// The count.
    public var count: UInt64

    /// Creates one.
    public init(name: String, count: UInt64) { (self.name, self.count) = (name, count) }
}

/// /proc/diskstats (block/genhd.c `diskstats_show`, Documentation/admin-guide/iostats.rst), of which the requests that were
/// completed matter:
///
///     259       0 nvme0n1 1200 3 9600 80 400 … 11 numbers, 15 since Linux 4.18, 17 since 5.5
///                         reads          writes       12th: discards, 16th: flushes
public enum DiskStats {
    /// With more disks than this nothing is told of any: no box that is known has so many.
    public static let diskLimit = 4_096
    /// Disks that raise no interrupts of their own: they are made of others, or of memory.
    private static let madeOfOthers: [StaticString] = ["dm-", "md", "loop", "ram", "zram", "nbd", "drbd"]
    private static let nameByteLimit = 64

    /// Reads a text.
    ///
    /// - Returns: the completed requests of each whole disk that raises interrupts; nil if the text is none of the kernel's or
    ///   has too many.
    public static func read(_ text: RawSpan) -> [NamedCount]? {
        var result: [NamedCount] = []
        var disk: [UInt8] = []
        var isKnown = text.byteCount == 0
        var position = 0
        while position < text.byteCount {
            let end = text.endOfLine(from: position)
            if let (name, count) = line(text, position) {
                isKnown = true
                if !isPart(name, of: disk) {
                    disk = name
                    if !madeOfOthers.contains(where: { begins(name, with: $0) }) {
                        guard result.count < diskLimit else { return nil }
                        result.append(NamedCount(name: String(decoding: name, as: UTF8.self), count: count))
                    }
                }
            }
            position = end &+ 1
        }
        return isKnown ? result : nil
    }

    /// The name and the completed requests of a line; nil for lines that are cut, and for those of partitions of old kernels.
    private static func line(_ text: RawSpan, _ start: Int) -> (name: [UInt8], count: UInt64)? {
        var position = text.skippingBlanks(from: start)
        var isTooLarge = false
        for _ in 0..<2 {
            guard text.decimal(at: &position, isTooLarge: &isTooLarge) != nil else { return nil }
            position = text.skippingBlanks(from: position)
        }
        let nameEnd = text.endOfToken(from: position)
        guard nameEnd > position, nameEnd - position <= nameByteLimit else { return nil }
        let name = (position..<nameEnd).map { text.text(at: $0) }
        position = nameEnd
        var (count, field): (UInt64, Int) = (0, 0)
        while field < 17 {
            position = text.skippingBlanks(from: position)
            guard let value = text.decimal(at: &position, isTooLarge: &isTooLarge) else { break }
            if [0, 4, 11, 15].contains(field) { count &+= value }
            field += 1
        }
        return field >= 11 && !isTooLarge ? (name, count) : nil
    }

    /// True for `sda1` after `sda`, and for `nvme0n1p2` after `nvme0n1`.
    private static func isPart(_ name: [UInt8], of disk: [UInt8]) -> Bool {
        guard let last = disk.last, name.count > disk.count, name.starts(with: disk) else { return false }
        var rest = name[disk.count...]
        if ASCII.digit(last) < 10 {
            guard rest.first == UInt8(ascii: "p") else { return false }
            rest = rest.dropFirst()
        }
        return !rest.isEmpty && rest.allSatisfy { ASCII.digit($0) < 10 }
    }

    private static func begins(_ name: [UInt8], with word: StaticString) -> Bool {
        guard name.count >= word.utf8CodeUnitCount else { return false }
        // Inside the literal: below its count.
        return (0..<word.utf8CodeUnitCount).allSatisfy { unsafe name[$0] == word.utf8Start[$0] }
    }
}
