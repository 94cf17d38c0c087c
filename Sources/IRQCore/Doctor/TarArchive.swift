/// A file, directory or link in an archive.
public struct TarEntry: Equatable, Sendable {
    /// Its path, without a slash in front or behind.
    public var path: String
    /// The permission bits.
    public var mode: Int
    /// Its contents.
    public var contents: Contents

    /// The kinds of entries.
    public enum Contents: Equatable, Sendable {
        /// A file's bytes.
        case bytes([UInt8])
        /// The text of a symbolic link.
        case link(String)
        /// A directory.
        case folder
    }

    /// Creates an entry.
    public init(_ path: String, mode: Int = 0o644, _ contents: Contents) {
        (self.path, self.mode, self.contents) = (path, mode, contents)
    }
}

/// Archives as tar(1) has them: POSIX.1-1988 headers with pax and GNU's long names, read, and POSIX.1-1988 with pax
/// written (POSIX.1-2017, pax; tar(5)).
public enum TarArchive {
    /// More entries are read from no archive.
    public static let entryLimit = 400_000
    private static let blockByteCount = 512
    private static let nameByteLimit = 4_096

    /// A reason why something is no archive.
    public struct Damage: Error, CustomStringConvertible {
        /// The reason in words.
        public let description: String
    }

    // MARK: Reading

    /// Reads an archive. Entries of other kinds than files, directories and symbolic links are passed over.
    public static func read(_ bytes: [UInt8]) throws(Damage) -> [TarEntry] {
        var result: [TarEntry] = []
        var position = 0
        var (longName, longLink): (String?, String?)
        var hasEnd = false
        while position + blockByteCount <= bytes.count {
            let head = bytes[position..<(position + blockByteCount)]
            if head.allSatisfy({ $0 == 0 }) {
                hasEnd = true
                break
            }
            guard isChecked(head) else {
                throw Damage(description: "byte \(position) begins no entry of a tar archive")
            }
            guard let size = octal(head, 124, 12), size <= bytes.count - position - blockByteCount else {
                throw Damage(description: "the entry at byte \(position) is longer than the archive: it was cut short")
            }
            let start = position + blockByteCount
            let data = bytes[start..<(start + size)]
            position = start + (size + blockByteCount - 1) / blockByteCount * blockByteCount
            let kind = head[head.startIndex + 156]
            switch kind {
            case UInt8(ascii: "L"): longName = text(data)
            case UInt8(ascii: "K"): longLink = text(data)
            case UInt8(ascii: "x"): (longName, longLink) = paxNames(data)
            default:
                guard result.count < entryLimit else {
                    throw Damage(description: "it has more than \(entryLimit) entries")
                }
                let path = clean(longName ?? name(head))
                let mode = (octal(head, 100, 8) ?? 0o644) & 0o777
                if !path.isEmpty {
                    switch kind {
                    case 0, UInt8(ascii: "0"): result.append(TarEntry(path, mode: mode, .bytes(Array(data))))
                    case UInt8(ascii: "5"): result.append(TarEntry(path, mode: mode, .folder))
                    case UInt8(ascii: "2"):
                        result.append(TarEntry(path, mode: mode, .link(longLink ?? field(head, 157, 100))))
                    default: break
                    }
                }
                (longName, longLink) = (nil, nil)
            }
        }
        // Whoever writes an archive puts blocks of zeros behind the last entry.
        guard hasEnd || result.isEmpty else {
            throw Damage(description: "the archive has no end: it was cut short")
        }
        return result
    }

    private static func isChecked(_ head: ArraySlice<UInt8>) -> Bool {
        guard let told = octal(head, 148, 8) else { return false }
        var sum = 0
        for (offset, byte) in head.enumerated() { sum += (148..<156).contains(offset) ? 0x20 : Int(byte) }
        return sum == told
    }

    private static func octal(_ head: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> Int? {
        var value = 0
        var hasDigit = false
        for byte in head[(head.startIndex + offset)..<(head.startIndex + offset + count)] {
            if byte == 0x20, !hasDigit { continue }
            if byte == 0 || byte == 0x20 { break }
            guard (0x30...0x37).contains(byte) else { return nil }
            value = value << 3 | Int(byte & 7)
            hasDigit = true
        }
        return value
    }

    private static func field(_ head: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> String {
        text(head[(head.startIndex + offset)..<(head.startIndex + offset + count)])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.prefix(nameByteLimit), as: UTF8.self)
    }

    private static func name(_ head: ArraySlice<UInt8>) -> String {
        let name = field(head, 0, 100)
        let prefix = field(head, 257, 5) == "ustar" ? field(head, 345, 155) : ""
        return prefix.isEmpty ? name : prefix + "/" + name
    }

    /// `27 path=proc/interrupts\n`, and the like.
    private static func paxNames(_ data: ArraySlice<UInt8>) -> (String?, String?) {
        var (path, link): (String?, String?)
        var rest = data
        while let blank = rest.firstIndex(of: 0x20),
            let length = Int(String(decoding: rest[..<blank], as: UTF8.self)), length > 3, length <= rest.count
        {
            let record = rest[(blank + 1)..<max(rest.startIndex + length - 1, blank + 1)]
            if record.starts(with: "path=".utf8) { path = text(record.dropFirst(5)) }
            if record.starts(with: "linkpath=".utf8) { link = text(record.dropFirst(9)) }
            rest = rest[(rest.startIndex + length)...]
        }
        return (path, link)
    }

    /// A path without `.` and empty parts; one with `..` is none.
    private static func clean(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return parts.contains("..") ? "" : parts.joined(separator: "/")
    }

    /// True if an archive that begins so is a snapshot of `irqscope snapshot`: written by `write`, which gives it neither
    /// times nor owners, with a path that such a snapshot has.
    public static func isSnapshot(_ begin: [UInt8]) -> Bool {
        guard begin.count >= blockByteCount else { return false }
        let head = begin[..<blockByteCount]
        let folders: Set<Substring> = ["dmesg", "etc", "later", "modes", "proc", "sys"]
        let first = name(head).split(separator: "/").first
        return isChecked(head) && first.map { folders.contains($0) } == true && field(head, 257, 5) == "ustar"
            && octal(head, 136, 12) == 0 && octal(head, 108, 8) == 0 && field(head, 265, 32).isEmpty
    }

    // MARK: Writing

    /// Writes an archive. All entries have the same time and no owner: equal contents make equal archives.
    public static func write(_ entries: [TarEntry]) -> [UInt8] {
        var result: [UInt8] = []
        for entry in entries {
            var target = ""
            if case .link(let text) = entry.contents { target = text }
            if entry.path.utf8.count > 99 || target.utf8.count > 99 {
                var records: [UInt8] = []
                if entry.path.utf8.count > 99 { records += record("path", entry.path) }
                if target.utf8.count > 99 { records += record("linkpath", target) }
                append(&result, "pax", 0o644, "x", "", records)
            }
            switch entry.contents {
            case .bytes(let bytes): append(&result, entry.path, entry.mode, "0", "", bytes)
            case .link: append(&result, entry.path, 0o777, "2", target, [])
            case .folder: append(&result, entry.path, 0o755, "5", "", [])
            }
        }
        return result + [UInt8](repeating: 0, count: 2 * blockByteCount)
    }

    private static func record(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count + 1
        while "\(length)".utf8.count + rest.utf8.count != length { length += 1 }
        return Array("\(length)\(rest)".utf8)
    }

    private static func append(
        _ result: inout [UInt8], _ path: String, _ mode: Int, _ kind: Character, _ link: String, _ data: [UInt8]
    ) {
        var head = [UInt8](repeating: 0, count: blockByteCount)
        func put(_ text: String, _ offset: Int, _ count: Int) {
            for (index, byte) in text.utf8.prefix(count).enumerated() { head[offset + index] = byte }
        }
        func number(_ value: Int, _ offset: Int, _ count: Int) {
            let digits = String(value, radix: 8)
            put(String(repeating: "0", count: max(0, count - 1 - digits.utf8.count)) + digits, offset, count - 1)
        }
        put(path, 0, 99)
        number(mode, 100, 8)
        number(0, 108, 8)
        number(0, 116, 8)
        number(data.count, 124, 12)
        number(0, 136, 12)
        put("        ", 148, 8)
        put(String(kind), 156, 1)
        put(link, 157, 99)
        put("ustar", 257, 5)
        put("00", 263, 2)
        let sum = head.reduce(0) { $0 + Int($1) }
        number(sum, 148, 7)
        head[155] = 0x20
        result += head + data
        let rest = data.count % blockByteCount
        if rest > 0 { result += [UInt8](repeating: 0, count: blockByteCount - rest) }
    }
}
