internal import Glibc
internal import IRQCore

/// The running kernel's files, with a note of everything that somebody wanted to know of them.
final class RecordingTree: SavedTree {
    private let files = RunningFiles()
    /// The answers of the first sample, and those of the second.
    private(set) var (first, second): ([String: [UInt8]], [String: [UInt8]]) = ([:], [:])
    private(set) var folders: [String: [String]] = [:]
    private(set) var links: [String: String] = [:]
    private(set) var modes: [String: Int] = [:]
    /// True from the second sample on.
    var isSecond = false

    func read(_ path: String) -> FileAnswer {
        let answer = files.read(path)
        if case .bytes(let bytes) = answer {
            if isSecond { second[path] = bytes } else { first[path] = bytes }
        }
        return answer
    }

    func names(_ path: String) -> [String]? {
        let names = files.names(path)
        if let names { folders[path] = names }
        return names
    }

    func link(_ path: String) -> String? {
        let text = files.link(path)
        if let text { links[path] = text }
        return text
    }

    /// True if the kernel has a file or directory of that name, such as `irq` or `eth0`: for a box that is called
    /// so the word says nothing, and without it the files would not fit together.
    func hasFile(named name: String) -> Bool {
        let known = [first.keys, second.keys].joined().contains { $0.split(separator: "/").contains { $0 == name } }
        return known || folders.values.contains { $0.contains(name) }
    }

    func mode(_ path: String) -> Int? {
        let mode = files.mode(path)
        if let mode { modes[path] = mode }
        return mode
    }
}

/// The contents of a snapshot, made of what was recorded.
struct SnapshotEntries {
    private let tree: RecordingTree
    private let scrubber: Scrubber
    private let kept: Set<String>

    init(_ tree: RecordingTree, _ box: Examination) {
        self.tree = tree
        let hostName = KernelRelease.hostName()
        scrubber = Scrubber(hostName: tree.hasFile(named: hostName) ? "" : hostName)
        // Processes of users are nobody's business, but for those that a check looked at, and those that take a CPU.
        var kept: Set<String> = []
        for task in box.tasks ?? [] where task.isKernel || task.isRealtime || (task.cpuShare ?? 0) >= 0.05 {
            kept.insert("\(task.process)")
        }
        for path in Array(tree.first.keys) + Array(tree.second.keys) where path.hasPrefix("proc/") {
            let parts = path.split(separator: "/")
            if parts.count == 3, Int(parts[1]) != nil, parts[2] != "stat", parts[2] != "comm" {
                kept.insert(String(parts[1]))
            }
        }
        self.kept = kept
    }

    /// The entries, in the order of their paths.
    func entries() -> [TarEntry] {
        var result: [String: TarEntry] = [:]
        func put(_ path: String, _ contents: TarEntry.Contents, mode: Int = 0o644) {
            result[path] = TarEntry(path, mode: mode, contents)
        }
        for (path, bytes) in tree.second where isKept(path) {
            guard let before = tree.first[path] else {
                put(path, .bytes(scrubber.clean(bytes, path)), mode: mode(path))
                continue
            }
            put(path, .bytes(scrubber.clean(before, path)), mode: mode(path))
            if before != bytes { put("later/" + path, .bytes(scrubber.clean(bytes, path)), mode: mode(path)) }
        }
        for (path, bytes) in tree.first where tree.second[path] == nil && isKept(path) {
            put(path, .bytes(scrubber.clean(bytes, path)), mode: mode(path))
        }
        for (path, text) in tree.links where isKept(path) { put(path, .link(text)) }
        addFolders(&result)
        let readOnly = tree.modes.filter { $0.value & 0o222 == 0 && result[$0.key] != nil }.keys.sorted()
        if !readOnly.isEmpty {
            let text = readOnly.map { "0\(String(tree.modes[$0] ?? 0, radix: 8)) \($0)\n" }.joined()
            put("modes", .bytes(Array(text.utf8)))
        }
        return result.values.sorted { $0.path < $1.path }
    }

    private func mode(_ path: String) -> Int { tree.modes[path] ?? 0o644 }

    private func isKept(_ path: String) -> Bool {
        let parts = path.split(separator: "/", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "proc", Int(parts[1]) != nil else { return true }
        return kept.contains(String(parts[1]))
    }

    /// Directories whose names somebody asked for have them all, as empty directories where nothing else is known.
    private func addFolders(_ result: inout [String: TarEntry]) {
        var prefixes: Set<String> = []
        for path in result.keys {
            var folder = CopiedFiles.split(path).folder
            while !folder.isEmpty, prefixes.insert(folder).inserted { folder = CopiedFiles.split(folder).folder }
        }
        for (folder, names) in tree.folders where isKept(folder) {
            if result[folder] == nil, !prefixes.contains(folder) {
                result[folder] = TarEntry(folder, mode: 0o755, .folder)
            }
            // In /proc there are all processes.
            // So there are in /etc: names of software that are nobody's business.
            guard folder != "proc", folder != "etc", !folder.hasPrefix("proc/") || folder.hasPrefix("proc/irq") else {
                continue
            }
            for name in names {
                let path = folder + "/" + name
                if result[path] == nil, !prefixes.contains(path) {
                    result[path] = TarEntry(path, mode: 0o755, .folder)
                }
            }
        }
    }
}

/// Takes names of hosts and addresses out of texts.
struct Scrubber {
    /// The name with its domain, and its first part: the longer first.
    private let hostNames: [[UInt8]]
    /// The files in which the name of a host can stand; elsewhere the same letters are the kernel's own words.
    private static let filesWithHostNames: Set<Substring> = ["environ", "dmesg", "cmdline", "version", "hostname"]
    private static let filesWithAddresses: Set<Substring> = ["environ", "dmesg", "cmdline"]

    init(hostName: String) {
        let names = [hostName[...], hostName.prefix { $0 != "." }]
        // A host that is called as the kernel's log calls something would take its words with it.
        hostNames = names.filter { $0.utf8.count >= 3 && !LogWords.isWordOfKernel(String($0)) }.map { Array($0.utf8) }
    }

    /// A file's bytes without them. Both are looked for where they can be: in the log, in command lines, in environments and so on.
    func clean(_ bytes: [UInt8], _ path: String) -> [UInt8] {
        let name = path.split(separator: "/").last ?? ""
        var result = bytes
        if Self.filesWithHostNames.contains(name) {
            for host in hostNames { result = Self.replace(host, in: result) }
        }
        switch name {
        case "environ": result = Self.environment(result)
        case "dmesg": result = Self.log(result)
        default: break
        }
        return Self.filesWithAddresses.contains(name) ? Self.withoutAddresses(result) : result
    }

    /// The bytes with "host" for each word `name`.
    private static func replace(_ name: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= name.count else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if bytes[position] == name[0], bytes[position...].starts(with: name),
                isWord(bytes, position..<position + name.count)
            {
                result += "host".utf8
                position += name.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }

    /// True if no letter, digit or underscore is beside the range, nor a further part of a number or version: `box.org` and
    /// `vg-box` have the word `box`, `6.1.0` does not have `6.1`.
    private static func isWord(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        func isDigit(_ index: Int) -> Bool { bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index]) }
        func isPart(_ index: Int) -> Bool {
            guard bytes.indices.contains(index) else { return false }
            return isDigit(index) || bytes[index] == 0x5F || bytes[index] >= 0x80
                || (0x61...0x7A).contains(bytes[index] | 0x20)
        }
        func isDot(_ index: Int) -> Bool { bytes.indices.contains(index) && bytes[index] == 0x2E }
        let (before, after) = (range.lowerBound - 1, range.upperBound)
        if isPart(before) || isPart(after) { return false }
        if isDot(after), isDigit(after + 1), isDigit(after - 1) { return false }
        return !(isDot(before) && isDigit(before - 1) && isDigit(before + 1))
    }

    /// The variables of irqbalance only.
    private static func environment(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.split(separator: 0).filter { $0.starts(with: "IRQBALANCE".utf8) }.joined(separator: [0])) + [0]
    }

    /// The lines of the log that checks look for.
    private static func log(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for line in bytes.split(separator: 0x0A) {
            if LogWords.isWanted(String(decoding: line, as: UTF8.self)) { result += line + [0x0A] }
        }
        return result
    }

    /// Ethernet addresses, dotted quads and addresses of IPv6 become zeros.
    static func withoutAddresses(_ bytes: [UInt8]) -> [UInt8] {
        func isPart(_ byte: UInt8) -> Bool {
            ASCII.hexadecimalDigit(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
        }
        func isWord(_ byte: UInt8) -> Bool { byte == 0x5F || byte == 0x2D || (0x67...0x7A).contains(byte | 0x20) }
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            guard isPart(bytes[position]), position == 0 || !isWord(bytes[position - 1]) else {
                result.append(bytes[position])
                position += 1
                continue
            }
            var end = position
            while end < bytes.count, isPart(bytes[end]) { end += 1 }
            let word = bytes[position..<end]
            let isAddress = !(end < bytes.count && isWord(bytes[end])) && Self.isAddress(word)
            result += isAddress ? word.map { ASCII.hexadecimalDigit($0) != nil ? 0x30 : $0 } : Array(word)
            position = end
        }
        return result
    }

    private static func isAddress(_ word: ArraySlice<UInt8>) -> Bool {
        var trimmed = word
        while let last = trimmed.last, last == 0x2E || last == 0x3A { trimmed = trimmed.dropLast() }
        let colons = trimmed.split(separator: 0x3A, omittingEmptySubsequences: false)
        let dots = trimmed.split(separator: 0x2E, omittingEmptySubsequences: false)
        if colons.count == 6, colons.allSatisfy({ $0.count == 2 && !$0.contains(0x2E) }) { return true }
        if colons.count == 1, dots.count == 4 {
            return dots.allSatisfy { (1...3).contains($0.count) && $0.allSatisfy { (0x30...0x39).contains($0) } }
        }
        // `2001:db8::1` has a double colon or eight parts; `0000:00:02.0` has neither.
        let isShort = trimmed.count > 3 && zip(trimmed, trimmed.dropFirst()).contains { $0 == 0x3A && $1 == 0x3A }
        return colons.count >= 3 && (isShort || colons.count == 8)
    }
}
