internal import Glibc

/// A reason why a place for a file cannot be used.
public struct FilePlaceError: Error, Equatable, Sendable {
    /// The system call's error number (errno(3)); 0 if it is a rule of ours that forbids it.
    public let number: Int32
    /// The reason in words, without the path.
    public let problem: String

    /// The reason of the system's own.
    public init(_ number: Int32) {
        self.number = number
        problem = unsafe String(cString: strerror(number))
    }

    /// A reason of ours.
    public init(_ problem: String) {
        number = 0
        self.problem = problem
    }

    /// True if it is the disk that fails, or the place is no place for files: not how it was named.
    var isOfTheDisk: Bool { [ENOSPC, EDQUOT, EROFS, EIO, ESTALE, EMFILE, ENFILE, ENOMEM].contains(number) }
}
