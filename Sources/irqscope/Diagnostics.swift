internal import FilePlaces
internal import Glibc
internal import KernelSource
internal import Rendering

/// Messages on standard error, and the signals that would end the process without one.
enum Diagnostics {
    /// Writes `irqscope: message` to standard error; control characters in it are made harmless, so that a message is a line
    /// whatever names are in it.
    static func say(_ message: String) { say(message, priority: "") }

    /// The same with one of the journal's priorities, such as `<3>` (sd-daemon(3)), in front.
    static func say(_ message: String, priority: String) {
        writeAll(2, Array((priority + "irqscope: " + SafeText.escaped(message) + "\n").utf8))
    }

    /// Writes a text of several lines, which is all ours.
    static func sayText(_ text: StaticString) { writeAll(2, Array("irqscope: \(text)\n".utf8)) }

    /// Sets up signals: a closed pipe downstream and a limit of file sizes are seen by `write`, and a recording that is
    /// cut short while it is mapped gives a message.
    static func install() {
        signal(SIGPIPE, SIG_IGN)
        InstanceCleanup.install(on: [SIGXFSZ])
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in
            // Only async-signal-safe calls here: write and _exit.
            let message: StaticString =
                "irqscope: the recording was cut short while it was read; copy it when its recorder is done and try again\n"
            _ = unsafe Glibc.write(2, message.utf8Start, message.utf8CodeUnitCount)
            _exit(1)
        }
        unsafe sigaction(SIGBUS, &action, nil)
    }
}

/// The statuses with which the process ends.
enum ExitStatus {
    static let done: Int32 = 0
    /// Unreadable, not permitted, not a recording, damaged beyond use.
    static let failed: Int32 = 1
    /// A --fail-if condition held.
    static let conditionHeld: Int32 = 2
    /// A --fail-if condition could not be tested, or not on all that happened.
    static let untested: Int32 = 3
    /// The recording failed, so that the status is not that of its command; this one and the next two as in env(1).
    static let recordingFailed: Int32 = 125
    /// The command of `record` was found and could not be started.
    static let commandUnusable: Int32 = 126
    /// The command of `record` was not found.
    static let commandAbsent: Int32 = 127
    /// `alert`: nothing can be said, wrong usage included.
    static let unknown: Int32 = 3
    /// EX_USAGE of sysexits.h.
    static let usage: Int32 = 64
}

/// Ends a command: with messages for standard error, and a status.
struct CommandFailure: Error {
    let messages: [String]
    let status: Int32
    /// A text of several lines before the messages.
    private(set) var text: StaticString?

    /// A command without its words: the text says which there are.
    init(usage text: StaticString) {
        self.init([], status: ExitStatus.usage)
        self.text = text
    }

    init(_ messages: [String], status: Int32) {
        self.messages = messages
        self.status = status
    }
}
