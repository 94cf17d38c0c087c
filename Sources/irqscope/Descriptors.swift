internal import Glibc

/// The three descriptors that every program relies on.
enum Descriptors {
    /// Opens /dev/null for those that are closed: else the next file that is opened would be standard output.
    ///
    /// For standard output it is opened for reading, so that writing to it fails as it would have.
    static func openMissing() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            let opened = unsafe open("/dev/null", descriptor == 1 ? O_RDONLY : O_RDWR)
            if opened >= 0, opened != descriptor {
                dup2(opened, descriptor)
                close(opened)
            }
        }
    }

    /// True if systemd reads a descriptor into its journal: JOURNAL_STREAM names its device and inode
    /// (systemd.exec(5)).
    static func isJournal(_ descriptor: Int32) -> Bool {
        guard let parts = StandardOutput.environment("JOURNAL_STREAM")?.split(separator: ":"), parts.count == 2 else {
            return false
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return UInt64(parts[0]) == UInt64(status.st_dev) && UInt64(parts[1]) == UInt64(status.st_ino)
    }
}
