internal import Glibc
internal import IRQCore

/// The files of a saved box: a folder with `proc`, `sys`, perhaps `etc`, `dmesg` and `modes`, and folders before it that have
/// what was different later.
///
/// Copies are often made by programs that keep no symbolic links, or write the text of the link into a file instead: such a file is
/// taken for the link, so that `sys/class/net/eth0/queues` is found either way.
final class CopiedFiles: KernelFiles {
    /// More of a file is not read: what is longer is none of the kernel's.
    private static let byteLimit = 64 << 20
    private static let nameLimit = 65_536
    private static let linkByteLimit = 4_096

    private let proc: String
    private let sys: String?
    private let base: String?
    private let later: [String]
    private var modes: [String: Int]?
    /// True if modes differ among the masks: then they were kept.
    private var areModesKept: Bool?
    /// Folders below the root, and where they really are.
    private var resolved: [String: String] = ["": ""]

    /// Creates a view of a copy.
    ///
    /// - Parameters:
    ///   - roots: the copies of /proc and /sys.
    ///   - later: folders like the one that holds both, the last one first: a file that is there counts.
    init(_ roots: KernelRoots, later: [String] = []) {
        (proc, sys, self.later) = (roots.proc, roots.sys, later)
        let trimmed = roots.proc.hasSuffix("/") ? String(roots.proc.dropLast()) : roots.proc
        base = trimmed.hasSuffix("/proc") ? String(trimmed.dropLast(5)) : nil
    }

    /// The folder that holds proc and sys; nil if they are not in one.
    var folder: String? { base }

    // MARK: KernelFiles

    func read(_ path: String) -> FileAnswer {
        let real = resolve(path)
        for folder in later {
            let answer = Self.read(file: folder + "/" + real)
            if answer != .missing { return answer }
        }
        guard let place = place(real) else { return .missing }
        return Self.read(file: place)
    }

    func names(_ path: String) -> [String]? {
        let real = resolve(path)
        var found: Set<String> = []
        var isThere = false
        for place in later.map({ $0 + "/" + real }) + [place(real)].compactMap({ $0 }) {
            guard let names = Folder(path: place)?.names(limit: Self.nameLimit) else { continue }
            isThere = true
            found.formUnion(names.names)
        }
        found.remove(".keep")
        return isThere ? NameOrder.sorted(Array(found)) : nil
    }

    func link(_ path: String) -> String? {
        let (folder, name) = Self.split(path)
        guard let place = place(resolve(folder)) else { return nil }
        return Self.linkText("\(place)/\(name)")
    }

    func mode(_ path: String) -> Int? {
        if modes == nil { readModes() }
        if let mode = modes?[path] { return mode }
        // Where modes were written down, those that were not are the usual ones.
        if modes?.isEmpty == false { return path.hasPrefix("proc/irq/") && exists(path) ? 0o644 : nil }
        guard areKept() else { return nil }
        return place(resolve(path)).flatMap { Self.fileMode($0) }
    }

    // MARK: Modes

    private func readModes() {
        var found: [String: Int] = [:]
        if let base, let text = Self.read(file: base + "/modes").text {
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 1)
                if words.count == 2, let mode = Int(words[0], radix: 8) { found[String(words[1])] = mode }
            }
        }
        modes = found
    }

    /// A copy whose masks all have one mode has lost them: git, zip and sos do not keep them.
    private func areKept() -> Bool {
        if let areModesKept { return areModesKept }
        var seen: Set<Int> = []
        for name in names("proc/irq") ?? [] where Int(name) != nil {
            if let mode = Self.fileMode("\(proc)/irq/\(name)/smp_affinity") { seen.insert(mode & 0o222 == 0 ? 0 : 1) }
            if seen.count > 1 { break }
        }
        areModesKept = seen.count > 1
        return seen.count > 1
    }

    private func exists(_ path: String) -> Bool { place(resolve(path)).map { Self.fileMode($0) != nil } ?? false }

    private static func fileMode(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_mode & 0o777) : nil
    }

    // MARK: Places

    /// The place of a resolved path in the copy itself.
    private func place(_ path: String) -> String? {
        if path == "proc" { return proc }
        if path.hasPrefix("proc/") { return proc + path.dropFirst(4) }
        if path == "sys" { return sys }
        if path.hasPrefix("sys/") { return sys.map { $0 + path.dropFirst(3) } }
        return base.map { $0 + "/" + path }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    /// The path without links in folders on the way.
    private func resolve(_ path: String, depth: Int = 0) -> String {
        let (folder, name) = Self.split(path)
        if !path.hasPrefix("sys/") || folder.isEmpty { return path }
        return resolveFolder(folder, depth: depth) + "/" + name
    }

    private func resolveFolder(_ path: String, depth: Int) -> String {
        if let known = resolved[path] { return known }
        let (parent, name) = Self.split(path)
        let real = (parent.isEmpty ? "" : resolveFolder(parent, depth: depth) + "/") + name
        var result = real
        if depth < 16, let place = place(real), let text = Self.linkText(place) {
            let target = Self.join(Self.split(real).folder, text)
            if target.hasPrefix("sys/") { result = resolveFolder(target, depth: depth + 1) }
        }
        resolved[path] = result
        return result
    }

    /// A path with the steps of a link behind it; links out of the copy end at its root.
    private static func join(_ folder: String, _ link: String) -> String {
        var parts = link.hasPrefix("/") ? [] : folder.split(separator: "/")
        for part in link.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": if !parts.isEmpty { parts.removeLast() }
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    /// The text of a link, or of a file that holds one.
    private static func linkText(_ path: String) -> String? {
        let (folder, name) = split(path)
        guard let opened = Folder(path: folder) else { return nil }
        if let text = opened.link(name) { return text }
        guard let bytes = opened.bytes(name, limit: linkByteLimit), bytes.starts(with: "../".utf8),
            bytes.count < linkByteLimit,
            !bytes.contains(0x0A)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func read(file path: String) -> FileAnswer {
        var text = TextBuffer(capacity: 4096)
        do throws(SourceError) {
            try ProcFile.read(path, into: &text)
        } catch {
            return FileAnswer(error)
        }
        return FileAnswer(text)
    }
}

/// The order of names: as people count, `cpu2` before `cpu10`.
enum NameOrder {
    static func sorted(_ names: [String]) -> [String] {
        let keyed: [(key: Key, name: String)] = names.map { (key($0), $0) }
        return keyed.sorted { $0.key < $1.key }.map(\.name)
    }

    private struct Key: Comparable {
        let word: String
        let number: Int
        static func < (left: Key, right: Key) -> Bool { (left.word, left.number) < (right.word, right.number) }
    }

    private static func key(_ name: String) -> Key {
        let digits = name.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        guard digits > 0, digits <= 18 else { return Key(word: name, number: -1) }
        return Key(word: String(name.dropLast(digits)), number: Int(name.suffix(digits)) ?? -1)
    }
}

extension FileAnswer {
    init(_ error: SourceError) {
        switch error.reason {
        case .system(let number) where number == ENOENT || number == ENOTDIR || number == ENODEV || number == ESRCH:
            self = .missing
        case .system(let number) where number == EACCES || number == EPERM: self = .denied
        case .system(let number) where number == ETIMEDOUT: self = .slow
        case .system(let number): self = .failed(number)
        default: self = .failed(EINVAL)
        }
    }

    init(_ text: borrowing TextBuffer) {
        let bytes = text.bytes
        self = .bytes(unsafe bytes.withUnsafeBytes { unsafe Array($0) })
    }
}
