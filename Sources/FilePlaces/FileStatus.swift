internal import Glibc

/// A directory's entry as it is found there, links not followed.
public struct FileStatus: Equatable, Sendable {
    /// A kind of file.
    public enum Kind: Sendable {
        case regular, folder, link, pipe, characterDevice, disk, socket

        /// The kind in words, such as "a link".
        public var words: String {
            switch self {
            case .regular: "a file"
            case .folder: "a directory"
            case .link: "a link"
            case .pipe: "a pipe"
            case .characterDevice: "a device"
            case .disk: "a disk"
            case .socket: "a socket"
            }
        }
    }

    /// Its kind.
    public let kind: Kind
    /// Its size in bytes.
    public let byteCount: Int
    /// The user it belongs to.
    public let owner: UInt32
    /// The group it belongs to.
    public let group: UInt32
    /// Its permissions, without those of a program that runs as its owner.
    public let mode: UInt32
    /// The number of names it has.
    public let linkCount: Int
    /// The file system's number and the file's number there: equal for the same file only.
    public let identity: [UInt64]

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .pipe
            case S_IFBLK: .disk
            case S_IFSOCK: .socket
            case S_IFCHR: .characterDevice
            default: .regular
            }
        byteCount = Int(status.st_size)
        (owner, group) = (status.st_uid, status.st_gid)
        mode = status.st_mode & 0o777
        linkCount = Int(status.st_nlink)
        identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    /// The open file of a descriptor; nil if there is none.
    public init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The file at a path, links followed; nil if there is none.
    public init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// True if nobody but root and this user may put files into it: it belongs to one of them, and neither its group
    /// nor others may write, sticky bit or not.
    public var isFolderOfOurs: Bool {
        kind == .folder && (owner == 0 || owner == geteuid()) && mode & 0o022 == 0
    }
}
