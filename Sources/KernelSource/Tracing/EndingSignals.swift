internal import Glibc

/// The signals that end a process unless somebody catches them (signal(7)).
///
/// Missing are SIGKILL, which nobody can catch; SIGPIPE, which irqscope ignores; and the two real-time signals that the C
/// library keeps for itself.
public enum EndingSignals {
    /// The signals a program brings upon itself: traps of Swift are SIGILL or SIGTRAP, and a sandbox sends SIGSYS. Held
    /// back, such a signal ends the process all the same, so these never wait in a queue.
    public static let crashes: [Int32] = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS]

    /// All others, which somebody sends, a timer or a limit of resources among them.
    public static let others: [Int32] =
        [
            SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGIO,
            SIGPWR, SIGSTKFLT,
        ] + Array(__libc_current_sigrtmin()...__libc_current_sigrtmax())

    /// All of them.
    public static var all: [Int32] { crashes + others }

    /// True if whoever started this process had it ignore a signal, as nohup(1) does.
    public static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// True if a SIGXFSZ tells that a write of our own went past the limit of file sizes (`ulimit -f`): the kernel
    /// sends it in our name, and the write fails with EFBIG, which has its message.
    ///
    /// - Parameters:
    ///   - number: the signal.
    ///   - sender: the process that sent it.
    public static func isFileSizeLimit(_ number: Int32, sender: Int32) -> Bool {
        number == SIGXFSZ && sender == getpid()
    }
}
