internal import IRQCore

/// A saved box in an archive, in memory.
final class SavedArchive: SavedTree {
    private var entries: [String: TarEntry] = [:]
    /// The names in each directory.
    private var folders: [String: Set<String>] = [:]

    /// Takes the entries of an archive. Folders around the one that has `proc/interrupts` do not matter.
    init(_ entries: [TarEntry]) {
        let ending = "proc/interrupts"
        let found = entries.map(\.path).filter { $0 == ending || $0.hasSuffix("/" + ending) }
        let shortest = found.min { $0.utf8.count < $1.utf8.count } ?? ending
        let prefix = String(shortest.dropLast(ending.count))
        for var entry in entries where entry.path.hasPrefix(prefix) {
            entry.path = String(entry.path.dropFirst(prefix.count))
            if case .folder = entry.contents { folders[entry.path, default: []].formUnion([]) }
            self.entries[entry.path] = entry
            var path = entry.path
            while !path.isEmpty {
                let (folder, name) = CopiedFiles.split(path)
                guard folders[folder, default: []].insert(name).inserted else { break }
                path = folder
            }
        }
    }

    func read(_ path: String) -> FileAnswer {
        switch entries[path]?.contents {
        case .bytes(let bytes): .bytes(bytes)
        default: .missing
        }
    }

    func names(_ path: String) -> [String]? { folders[path].map(Array.init) }

    func link(_ path: String) -> String? {
        switch entries[path]?.contents {
        case .link(let text): text
        // A program that keeps no links writes their texts into files.
        case .bytes(let bytes) where bytes.starts(with: "../".utf8) && bytes.count < 4_096 && !bytes.contains(0x0A):
            String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    func mode(_ path: String) -> Int? { entries[path]?.mode }
}
