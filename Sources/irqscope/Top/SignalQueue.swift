internal import CLinux
internal import Glibc

/// Signals that are read like data (signalfd(2)), so that nothing runs in the middle of anything else.
struct SignalQueue: ~Copyable {
    /// Readable while a signal waits.
    let descriptor: Int32

    /// Holds these signals back from now on; they wait in the queue.
    init(_ numbers: [Int32]) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    }

    /// The next signal that came; nil if none waits.
    func next() -> Int32? { nextWithSender()?.number }

    /// The next signal, and whether a process sent it to this one: not the terminal to all that run in it.
    func nextWithSender() -> (number: Int32, isSent: Bool)? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(descriptor, &information, size) == size else { return nil }
        // SI_USER and below; the kernel's own are positive (sigaction(2)).
        return (Int32(information.ssi_signo), information.ssi_code <= 0)
    }

    /// Whether a signal was ignored by whoever started this process, as nohup(1) does.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Lets a signal do what it does by itself: the process stops, or ends.
    static func deliver(_ number: Int32) {
        signal(number, SIG_DFL)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, number)
        raise(number)
        unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
    }
}
