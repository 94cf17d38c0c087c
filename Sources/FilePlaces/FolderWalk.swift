internal import CLinux
internal import Glibc

/// A way through directories, one after another, each held open while the next is looked up in it.
struct FolderWalk: ~Copyable {
    /// The directory that was reached.
    private(set) var descriptor: Int32
    /// Its path, for messages.
    private var text: String

    /// O_PATH (open(2)): the same on every architecture that Swift runs on, and not imported. It asks for no permission to
    /// read the directory.
    private static let flags = 0o10_000_000 | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    /// PATH_MAX: no link is longer.
    private static let linkByteLimit = 4096
    /// As many as the kernel follows (path_resolution(7)).
    private static let linkLimit = 40
    /// PROC_SUPER_MAGIC (statfs(2)).
    private static let procMagic = 0x9FA0

    /// Begins at the root or where the process is.
    init(isAbsolute: Bool) throws(FilePlaceError) {
        let start = isAbsolute ? "/" : "."
        let opened = unsafe open(start, Self.flags)
        if opened < 0 { throw FilePlaceError(errno) }
        (descriptor, text) = (opened, start)
    }

    deinit { close(descriptor) }

    /// Goes to the directory of `path`.
    ///
    /// - Parameter followsLink: whether a link at the end is followed too, but for that of an open file in /proc.
    /// - Returns: the name there.
    mutating func go(to path: String, followsLink: Bool) throws(FilePlaceError) -> String {
        // In reverse order: the next part is the last of the array.
        var parts = Self.parts(path)
        if parts.isEmpty { throw FilePlaceError(path.isEmpty ? ENOENT : EISDIR) }
        var linkCount = 0
        while let part = parts.popLast() {
            var link: String?
            if parts.isEmpty, part != ".", part != ".." {
                if followsLink, !isInProc() { link = try self.link(part) }
                if link == nil { return part }
            } else {
                link = try enter(part)
            }
            guard let link else { continue }
            linkCount += 1
            if linkCount > Self.linkLimit { throw FilePlaceError(ELOOP) }
            if link.utf8.first == UInt8(ascii: "/") { self = try FolderWalk(isAbsolute: true) }
            parts += Self.parts(link)
        }
        throw FilePlaceError(EISDIR)
    }

    /// The parts of a path, the last first. What ends in a slash is a directory, and has a dot at its end.
    private static func parts(_ path: String) -> [String] {
        var parts = path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        if path.utf8.last == UInt8(ascii: "/"), !parts.isEmpty { parts.append(".") }
        return parts.reversed()
    }

    /// Goes on to the directory `name`, or returns what the link of that name says.
    private mutating func enter(_ name: String) throws(FilePlaceError) -> String? {
        let next = unsafe openat(descriptor, name, Self.flags)
        if next >= 0 {
            close(descriptor)
            descriptor = next
            text = text == "." ? name : text == "/" ? "/" + name : "\(text)/\(name)"
            return nil
        }
        let number = errno
        if number == ENOTDIR || number == ELOOP, let link = try link(name) { return link }
        throw FilePlaceError(number)
    }

    /// The text of the link `name`; nil if that is no link or not there.
    ///
    /// - Throws: if others can have put it there.
    private borrowing func link(_ name: String) throws(FilePlaceError) -> String? {
        guard try status(name)?.kind == .link else { return nil }
        guard FileStatus(descriptor: descriptor)?.isFolderOfOurs == true else {
            throw FilePlaceError(
                "\(name) is a link in a directory that others may write (\(text)), and such links are not followed")
        }
        var bytes = [CChar](repeating: 0, count: Self.linkByteLimit)
        // Writes at most so many bytes.
        let count = unsafe readlinkat(descriptor, name, &bytes, Self.linkByteLimit)
        guard count > 0, count < Self.linkByteLimit else { throw FilePlaceError(count < 0 ? errno : ENAMETOOLONG) }
        return String(decoding: bytes[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The entry `name`; nil if there is none.
    borrowing func status(_ name: String) throws(FilePlaceError) -> FileStatus? {
        var status = stat()
        if unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
        if errno == ENOENT { return nil }
        throw FilePlaceError(errno)
    }

    /// True if this is in /proc, where links of open files say what they are and not where.
    borrowing func isInProc() -> Bool {
        var status = statfs()
        return unsafe fstatfs(descriptor, &status) == 0 && Int(status.f_type) == Self.procMagic
    }
}
