internal import Glibc

/// The command that runs while a recording is made.
struct ChildCommand {
    private let pid: pid_t
    /// Its end in words; nil while it runs or if it ended well.
    private(set) var ending: String?
    /// Its status as shells have it: 128 and the number of the signal that ended it; nil while it runs.
    private(set) var status: Int32?
    /// True if it has ended.
    private(set) var isDone = false

    /// Starts a program; it is looked for in PATH, and all signals do to it what they do by themselves.
    ///
    /// - Parameter keepsOffOutput: whether standard output is taken: what the program prints goes to standard error.
    init(_ words: [String], keepsOffOutput: Bool) throws(CommandFailure) {
        // Who ignores the end of children is not told how they ended (wait(2)).
        signal(SIGCHLD, SIG_DFL)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if keepsOffOutput { unsafe posix_spawn_file_actions_adddup2(&actions, 2, 1) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let status = unsafe posix_spawnp(&child, words[0], &actions, &attributes, arguments, environ)
        guard status == 0 else {
            let reason = unsafe String(cString: strerror(status))
            throw CommandFailure(
                ["\(words[0]): \(reason); check the command behind --"],
                status: status == ENOENT ? ExitStatus.commandAbsent : ExitStatus.commandUnusable)
        }
        pid = child
    }

    /// Passes a signal on.
    func send(_ number: Int32) { if !isDone { kill(pid, number) } }

    /// Looks whether it has ended.
    mutating func check() {
        var status: Int32 = 0
        guard !isDone, unsafe waitpid(pid, &status, WNOHANG) == pid else { return }
        isDone = true
        let signal = status & 0x7F
        let code = status >> 8 & 0xFF
        if signal != 0 {
            ending = "was ended by signal \(signal)"
            self.status = 128 + signal
        } else if code != 0 {
            ending = "ended with status \(code)"
            self.status = code
        } else {
            self.status = 0
        }
    }
}
