public import IRQCore

/// Files of a box that are only in memory: a dictionary of texts, and what else a file system tells.
public final class MemoryFiles: KernelFiles {
    /// The answers, by path without a `/` in front.
    public var answers: [String: FileAnswer] = [:]
    /// The texts of symbolic links, by path.
    public var links: [String: String] = [:]
    /// The permission bits of files; a file that is not here has none that are known.
    public var modes: [String: Int] = [:]
    /// Directories that may be empty.
    public var folders: Set<String> = []
    /// The patterns of files that can be read; nil for all. A first sample has only what was asked for.
    public var patterns: [String]?

    /// Creates files of texts.
    public init(_ texts: [String: String] = [:]) {
        for (path, text) in texts { self[path] = text }
    }

    /// The text of a file; nil removes it.
    public subscript(path: String) -> String? {
        get { answers[path]?.text }
        set { answers[path] = newValue.map { .bytes(Array($0.utf8)) } }
    }

    /// Removes a file or a directory with all that is in it.
    public func remove(_ path: String) {
        func isIn(_ other: String) -> Bool { other == path || other.hasPrefix(path + "/") }
        answers = answers.filter { !isIn($0.key) }
        links = links.filter { !isIn($0.key) }
        folders = folders.filter { !isIn($0) }
    }

    public func read(_ path: String) -> FileAnswer {
        if let patterns, !patterns.contains(where: { ExaminationFiles.fits(path, $0) }) { return .missing }
        return answers[path] ?? .missing
    }

    public func names(_ path: String) -> [String]? {
        var found: Set<String> = []
        for other in Array(answers.keys) + Array(links.keys) + Array(folders) where other.hasPrefix(path + "/") {
            found.insert(String(other.dropFirst(path.count + 1).prefix { $0 != "/" }))
        }
        if found.isEmpty { return folders.contains(path) ? [] : nil }
        // As people count: cpu2 before cpu10.
        return found.sorted { ($0.count, $0) < ($1.count, $1) }
    }

    public func link(_ path: String) -> String? { links[path] }

    public func mode(_ path: String) -> Int? { modes[path] }
}
