/// What the process says when it ends.
enum ExitStatus {
    static let done: Int32 = 0
    /// Unreadable, not permitted, not a recording, damaged beyond use.
    static let failed: Int32 = 1
    /// A --fail-if condition held.
    static let conditionHeld: Int32 = 2
    /// `alert`: nothing can be said, wrong usage included.
    static let unknown: Int32 = 3
    /// EX_USAGE of sysexits.h.
    static let usage: Int32 = 64
}

/// Ends a command: with messages for standard error, and a status.
struct CommandFailure: Error {
    let messages: [String]
    let status: Int32

    init(_ messages: [String], status: Int32) {
        self.messages = messages
        self.status = status
    }
}
