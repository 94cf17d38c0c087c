internal import Glibc
internal import IRQCore

/// The files of a saved box, wherever they are kept: paths as `KernelFiles` has them, and nothing followed.
protocol SavedTree: AnyObject {
    /// Reads a file.
    func read(_ path: String) -> FileAnswer
    /// The names in a directory, in any order; nil if it is none.
    func names(_ path: String) -> [String]?
    /// The text of a symbolic link, or of a file that stands for one; nil if it is neither.
    func link(_ path: String) -> String?
    /// The permission bits of a file; nil if there is none.
    func mode(_ path: String) -> Int?
}

/// A saved box: `proc`, `sys`, perhaps `etc`, `dmesg` and `modes`, and `later` with what was different in a second sample.
///
/// Links in directories are followed within the copy, so that a file is found by each of its paths, in `later` too, which has
/// it by one of them only.
final class CopiedFiles: KernelFiles {
    private let tree: any SavedTree
    private let hasLater: Bool
    /// True if the tree knows modes for certain.
    private let hasModes: Bool
    /// The modes that `modes` tells, by path.
    private var modes: [String: Int]?
    /// True if modes differ among the masks: then they were kept.
    private var areModesKept: Bool?
    /// Directories, and where they really are.
    private var resolved: [String: String] = ["": ""]

    /// Creates a view of a copy.
    ///
    /// - Parameters:
    ///   - isLater: whether a file in `later` counts rather.
    ///   - hasModes: whether the tree's modes are those of the box.
    init(_ tree: any SavedTree, isLater: Bool, hasModes: Bool = false) {
        (self.tree, hasLater, self.hasModes) = (tree, isLater, hasModes)
    }

    func read(_ path: String) -> FileAnswer {
        let real = resolve(path)
        if hasLater {
            let answer = tree.read("later/" + real)
            if answer != .missing { return answer }
        }
        return tree.read(real)
    }

    func names(_ path: String) -> [String]? {
        let real = resolveFolder(path)
        let late = hasLater ? tree.names("later/" + real) : nil
        let early = tree.names(real)
        guard late != nil || early != nil else { return nil }
        return NameOrder.sorted(Array(Set((early ?? []) + (late ?? [])).subtracting([".keep"])))
    }

    func link(_ path: String) -> String? { tree.link(resolve(path)) }

    func mode(_ path: String) -> Int? {
        if modes == nil { readModes() }
        if let mode = modes?[path] { return mode }
        let mode = tree.mode(resolve(path))
        // Where modes were written down, those that were not are the usual ones.
        if modes?.isEmpty == false { return mode == nil ? nil : 0o644 }
        return hasModes || areKept() ? mode : nil
    }

    // MARK: Modes

    private func readModes() {
        var found: [String: Int] = [:]
        for line in tree.read("modes").text?.split(separator: "\n") ?? [] {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2, let mode = Int(words[0], radix: 8) { found[String(words[1])] = mode }
        }
        modes = found
    }

    /// A copy whose masks all have one mode has lost them: git, zip and sos do not keep them.
    private func areKept() -> Bool {
        if let areModesKept { return areModesKept }
        var seen: Set<Bool> = []
        for name in tree.names("proc/irq") ?? [] where Int(name) != nil && seen.count < 2 {
            if let mode = tree.mode("proc/irq/\(name)/smp_affinity") { seen.insert(mode & 0o222 == 0) }
        }
        areModesKept = seen.count > 1
        return seen.count > 1
    }

    // MARK: Places

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    /// The path without links in the directories on the way. Only sys has such ones.
    private func resolve(_ path: String) -> String {
        let (folder, name) = Self.split(path)
        return path.hasPrefix("sys/") && !folder.isEmpty ? resolveFolder(folder) + "/" + name : path
    }

    private func resolveFolder(_ path: String, depth: Int = 0) -> String {
        guard path.hasPrefix("sys/") else { return path }
        if let known = resolved[path] { return known }
        let (parent, name) = Self.split(path)
        let real = resolveFolder(parent, depth: depth) + "/" + name
        var result = real
        if depth < 16, let text = tree.link(real) {
            let target = Self.join(Self.split(real).folder, text)
            if target.hasPrefix("sys/") { result = resolveFolder(target, depth: depth + 1) }
        }
        resolved[path] = result
        return result
    }

    /// A path with the steps of a link behind it; one that leads out of the copy leads nowhere.
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
}

/// A saved box in directories.
///
/// Copies are often made by programs that keep no symbolic links, or write the text of the link into a file instead: such a
/// file is taken for the link.
final class SavedFolder: SavedTree {
    private static let linkByteLimit = 4_096
    private let proc: String
    private let sys: String?
    private let base: String?

    init(_ roots: KernelRoots) {
        (proc, sys) = (roots.proc, roots.sys)
        let trimmed = roots.proc.hasSuffix("/") ? String(roots.proc.dropLast()) : roots.proc
        base = trimmed.hasSuffix("/proc") ? String(trimmed.dropLast(5)) : nil
    }

    /// True if it has a second sample.
    var hasLater: Bool { base.map { Folder(path: $0 + "/later") != nil } ?? false }

    func read(_ path: String) -> FileAnswer {
        guard let place = place(path) else { return .missing }
        var text = TextBuffer(capacity: 4096)
        do throws(SourceError) {
            try ProcFile.read(place, into: &text)
        } catch {
            return FileAnswer(error)
        }
        return FileAnswer(text)
    }

    func names(_ path: String) -> [String]? {
        place(path).flatMap { Folder(path: $0)?.names(limit: RunningFiles.nameLimit)?.names }
    }

    func link(_ path: String) -> String? {
        guard let place = place(path) else { return nil }
        let (folder, name) = CopiedFiles.split(place)
        return Folder(path: folder.isEmpty ? "/" : folder)?.link(name)
    }

    func mode(_ path: String) -> Int? {
        guard let place = place(path) else { return nil }
        var status = stat()
        return unsafe stat(place, &status) == 0 ? Int(status.st_mode & 0o777) : nil
    }

    private func place(_ path: String) -> String? {
        if path == "proc" { return proc }
        if path.hasPrefix("proc/") { return proc + path.dropFirst(4) }
        if path == "sys" { return sys }
        if path.hasPrefix("sys/") { return sys.map { $0 + path.dropFirst(3) } }
        return base.map { $0 + "/" + path }
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
