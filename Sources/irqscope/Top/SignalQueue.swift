internal import CLinux
internal import Glibc
internal import KernelSource

/// Signals that are read like data (signalfd(2)), so that nothing runs in the middle of anything else.
struct SignalQueue: ~Copyable {
    /// Readable while a signal waits.
    let descriptor: Int32

    /// Holds these signals back from now on; they wait in the queue.
    ///
    /// A signal that is held back waits even if it is ignored: leave those out that are to stay ignored.
    init(_ numbers: [Int32]) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next signal that came; nil if none waits.
    func next() -> Int32? { nextWithSender()?.number }

    /// The next signal, and whether a process sent it to this one: not the terminal to all that run in it.
    func nextWithSender() -> (number: Int32, isSent: Bool)? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while unsafe read(descriptor, &information, size) == size {
            let number = Int32(information.ssi_signo)
            if EndingSignals.isFileSizeLimit(number, sender: Int32(bitPattern: information.ssi_pid)) { continue }
            // SI_USER and below; the kernel's own are positive (sigaction(2)).
            return (number, information.ssi_code <= 0)
        }
        return nil
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
