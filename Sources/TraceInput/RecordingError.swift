/// Why a recording cannot be read: what is wrong, where, and what to do about it.
public struct RecordingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file's name as the user gave it; "standard input" for a pipe.
    public let path: String
    /// The place in the file, in bytes from its start; nil if it is about the whole file.
    public let offset: Int?
    /// The problem, as in "is empty".
    public let problem: String
    /// The next thing to do.
    public let advice: String

    /// Creates an error; see the properties.
    public init(path: String, offset: Int? = nil, problem: String, advice: String) {
        self.path = path
        self.offset = offset
        self.problem = problem
        self.advice = advice
    }

    /// One sentence: file, place, problem, advice.
    public var description: String {
        let place = offset.map { " at byte \($0)" } ?? ""
        return "\(path)\(place): \(problem); \(advice)"
    }
}

/// A problem at some place of a recording, before the file's name is known.
struct FormatProblem: Error {
    /// Nil if it is about the whole file.
    let offset: Int?
    let problem: String
    var advice = "the recording is damaged or cut short: copy or record it again"
}
