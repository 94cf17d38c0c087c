internal import FilePlaces
internal import Glibc

/// Why a recording cannot be written, and what to do.
public struct RecordingWriteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file or directory that it is about.
    public let path: String
    /// The problem.
    public let problem: String
    /// The next thing to do.
    public let advice: String
    /// The system call's error number (errno(3)); 0 if none failed.
    public let number: Int32

    /// True if nobody reads the pipe any more.
    public var isReaderGone: Bool { number == EPIPE || number == ECONNRESET }

    /// One sentence: file, problem, advice.
    public var description: String { "\(path): \(problem); \(advice)" }

    init(path: String, problem: String, advice: String, number: Int32 = 0) {
        self.path = path
        self.problem = problem
        self.advice = advice
        self.number = number
    }

    /// A system call on `path` failed.
    init(_ number: Int32, path: String, _ what: String, isSpool: Bool = false) {
        let reason = unsafe String(cString: strerror(number))
        self.init(
            path: path, problem: "\(what): \(reason)", advice: Self.advice(number, isSpool: isSpool), number: number)
    }

    /// There is no way to a place, or a rule forbids to use what is there.
    init(_ error: FilePlaceError, path: String) {
        if error.number == 0 {
            self.init(path: path, problem: error.problem, advice: "choose another place with -o")
        } else {
            self.init(error.number, path: path, "cannot be written")
        }
    }

    private static func advice(_ number: Int32, isSpool: Bool) -> String {
        let elsewhere = isSpool ? "set TMPDIR to a directory with room" : "choose another place with -o"
        switch number {
        case ENOSPC, EDQUOT: return "free some space, or \(elsewhere)"
        case EFBIG: return "raise the limit of file sizes (ulimit -f)"
        case EACCES, EPERM: return "run as a user who may write there, or \(elsewhere)"
        case ENAMETOOLONG: return "choose a shorter name with -o"
        case ENOENT, ENOTDIR: return "make the directory first, or \(elsewhere)"
        case EROFS: return "it cannot be written to: \(elsewhere)"
        case EISDIR: return "name a file in it with -o"
        case EMFILE, ENFILE: return "raise the limit of open files (ulimit -n)"
        case EPIPE, ECONNRESET: return "look at the messages of the command behind the pipe, or write to a file"
        default: return "check the disk, or \(elsewhere)"
        }
    }
}
