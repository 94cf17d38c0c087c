internal import Glibc

/// A place for a file that is to be written: its directory, held open, and its name there.
///
/// Other users who may write a directory of the path could put a link there that leads to somebody else's file, also
/// after it was checked. So the path is walked one directory at a time, and a symbolic link is followed only in a
/// directory that belongs to root or to this user and that nobody else may write; /tmp, which is sticky, is not such a
/// directory. From then on, everything is done by name in the open directory.
///
///     let place = try FilePlace("/var/lib/x/y")
///     let file = openat(place.folder, place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
public final class FilePlace: Sendable {
    /// The path as it was given, for messages.
    public let path: String
    /// The name in the directory.
    public let name: String
    /// True if nobody but root and this user may put files into the directory.
    public let isOnlyOurs: Bool
    /// True if it is the link of a process's open file in /proc: that is never followed.
    public let isOpenFile: Bool
    private let walk: FolderWalk
    private let folderOwner: UInt32

    /// The directory, for openat(2) and the like. It is open as long as this lives, and not for reading.
    public var folder: Int32 { walk.descriptor }

    /// Goes to the directory of `path`.
    ///
    /// - Parameter followsLink: whether a link at the end is followed too; else it is found as what it is.
    public init(_ path: String, followsLink: Bool = false) throws(FilePlaceError) {
        var walk = try FolderWalk(isAbsolute: path.utf8.first == UInt8(ascii: "/"))
        let name = try walk.go(to: path, followsLink: followsLink)
        // Fails now if the name is too long, before any work is done.
        let status = try walk.status(name)
        let folder = FileStatus(descriptor: walk.descriptor)
        isOpenFile = status?.kind == .link && walk.isInProc()
        isOnlyOurs = folder?.isFolderOfOurs == true
        folderOwner = folder?.owner ?? 0
        self.path = path
        self.name = name
        self.walk = walk
    }

    /// The file that is there, or under another name in the same directory; nil if there is nothing.
    public func status(of other: String? = nil) throws(FilePlaceError) -> FileStatus? {
        try walk.status(other ?? name)
    }

    /// The open descriptor that the link `isOpenFile` stands for; nil if it is another process's.
    public var ownDescriptor: Int32? {
        guard isOpenFile, let number = Int32(name) else { return nil }
        let own = unsafe open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return nil }
        defer { close(own) }
        return FileStatus(descriptor: own)?.identity == FileStatus(descriptor: folder)?.identity ? number : nil
    }

    /// True if what is there may be written or replaced as far as its owner goes: where others may put files, it must
    /// belong to this user, root, or the directory's owner.
    public func isTrusted(_ status: FileStatus) -> Bool {
        isOnlyOurs || status.owner == geteuid() || status.owner == 0 || status.owner == folderOwner
    }

    /// The reason why `isTrusted` is false.
    public static func distrust(_ status: FileStatus) -> FilePlaceError {
        FilePlaceError("it belongs to user \(status.owner), in a directory that others may write, and is left alone")
    }

    /// Makes sure that files can be made in the directory.
    public func checkFolder() throws(FilePlaceError) {
        if unsafe faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) != 0 { throw FilePlaceError(errno) }
    }

    /// Makes a rename in the directory last; file systems that cannot do that are not asked twice.
    public func sync() {
        let opened = unsafe openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return }
        fsync(opened)
        close(opened)
    }
}
