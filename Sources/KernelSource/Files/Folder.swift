internal import Glibc
internal import IRQCore

/// A directory that is kept open, and what is looked up in it by name.
///
/// The tree may be a copy that somebody sent: whatever is not there, cannot be read or is of another kind is nil.
/// Directories may be symbolic links, as most are in /sys; files may not. The kernel ends loops of links.
///
/// It may also be one of a `KernelFiles`, such as an archive that is read in memory.
struct Folder: ~Copyable {
    private let descriptor: Int32
    /// The files that it is one of, and its path there; nil for a directory of the file system.
    private let tree: (files: any KernelFiles, path: String)?

    private static let folderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK
    /// PATH_MAX: no link is longer.
    private static let linkByteLimit = 4096

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Opens the directory at `path`.
    init?(path: String) {
        let opened = unsafe open(path, Self.folderFlags)
        guard opened >= 0 else { return nil }
        (descriptor, tree) = (opened, nil)
    }

    /// Opens a directory of `files`.
    init?(_ files: any KernelFiles, path: String) {
        guard files.names(path) != nil else { return nil }
        (descriptor, tree) = (-1, (files, path))
    }

    private init?(parent: Int32, name: String) {
        var opened = unsafe openat(parent, name, Self.folderFlags)
        if opened < 0, errno == ENOTDIR, let target = Self.writtenLink(parent, name) {
            let place = name.lastIndex(of: "/").map { name[...$0] } ?? ""
            opened = unsafe openat(parent, place + target, Self.folderFlags)
        }
        guard opened >= 0 else { return nil }
        (descriptor, tree) = (opened, nil)
    }

    /// The text of a link that somebody's copy has as a file with that text: programs without symbolic links write such ones.
    private static func writtenLink(_ parent: Int32, _ name: String) -> String? {
        guard let bytes = bytes(parent, name, limit: linkByteLimit), bytes.starts(with: "../".utf8),
            bytes.count < linkByteLimit, !bytes.contains(0x0A), !bytes.contains(0)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The directory `path` below this one.
    borrowing func folder(_ path: String) -> Folder? {
        if let tree { return Folder(tree.files, path: "\(tree.path)/\(path)") }
        return Folder(parent: descriptor, name: path)
    }

    /// The entries, without "." and "..", in no order.
    ///
    /// - Returns: at most `limit` names, and whether these are all; nil if it cannot be read.
    borrowing func names(limit: Int) -> (names: [String], isWhole: Bool)? {
        if let tree {
            return tree.files.names(tree.path).map { (Array($0.prefix(limit)), $0.count <= limit) }
        }
        let again = unsafe openat(descriptor, ".", Self.folderFlags)
        guard var stream = DirectoryStream(owning: again) else { return nil }
        var names: [String] = []
        while let name = stream.next({ $0.text }) {
            if name == "." || name == ".." { continue }
            guard names.count < limit else { return (names, false) }
            names.append(name)
        }
        return (names, true)
    }

    /// The text of the symbolic link `name`; it need not lead anywhere.
    borrowing func link(_ name: String) -> String? {
        if let tree { return tree.files.link("\(tree.path)/\(name)") }
        let limit = Self.linkByteLimit
        var bytes = [CChar](repeating: 0, count: limit)
        let count = unsafe readlinkat(descriptor, name, &bytes, limit)  // writes at most `limit` bytes
        if count < 0, errno == EINVAL { return Self.writtenLink(descriptor, name) }
        guard count > 0, count < limit else { return nil }
        return String(decoding: bytes[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The last part of what the symbolic link `name` says: the driver's or the bus's name.
    borrowing func linkName(_ name: String) -> String? {
        link(name)?.split(separator: "/").last.map { String($0) }
    }

    /// The first bytes of the regular file `name`, at most `limit`; nil for anything else, a pipe or a device.
    borrowing func bytes(_ name: String, limit: Int) -> [UInt8]? {
        guard let tree else { return Self.bytes(descriptor, name, limit: limit) }
        guard case .bytes(let bytes) = tree.files.read("\(tree.path)/\(name)") else { return nil }
        return bytes.count <= limit ? bytes : Array(bytes.prefix(limit))
    }

    private static func bytes(_ parent: Int32, _ name: String, limit: Int) -> [UInt8]? {
        let file = unsafe openat(parent, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard RegularFile.isRegular(file) else { return nil }
        var isRead = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            guard let filled = unsafe RegularFile.read(file, into: target) else { return }
            isRead = true
            count = filled
        }
        return isRead ? bytes : nil
    }

    /// The text of an attribute of /sys without the end of the line: its first 128 bytes.
    borrowing func attribute(_ name: String) -> String? {
        guard let bytes = bytes(name, limit: 128) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0 }, as: UTF8.self)
    }
}

/// The checks of every file before and while it is read.
enum RegularFile {
    /// True if `descriptor` is a plain file: neither a pipe, which may wait, nor a device.
    static func isRegular(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Reads until the end or until `buffer` is full, and returns how many bytes there were; nil after an error.
    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let base = buffer.baseAddress else { return 0 }
        var filled = 0
        while filled < buffer.count {
            // Inside the buffer: `filled` stays below its size.
            let count = unsafe Glibc.read(descriptor, base + filled, buffer.count - filled)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

extension RawSpan {
    /// The bytes as text; what is not UTF-8 becomes U+FFFD.
    var text: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}
