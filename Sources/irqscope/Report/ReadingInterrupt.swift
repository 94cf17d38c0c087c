internal import Glibc
internal import KernelSource

/// Ctrl-C while a pipe is read: the first ends the reading, and what was read is reported; a second one ends the program.
final class ReadingInterrupt {
    private let queue: SignalQueue
    private let signals: [Int32]

    /// Holds the signals back from now on, but for those that are ignored and are to stay so.
    init() {
        signals = [SIGINT, SIGTERM].filter { !EndingSignals.isIgnored($0) }
        queue = SignalQueue(signals)
    }

    deinit { end() }

    /// Readable when one has come.
    var descriptor: Int32 { queue.descriptor }

    /// Lets a signal that came do what it does: nothing could be reported.
    func deliver() {
        if let number = queue.next() { SignalQueue.deliver(number) }
    }

    /// Lets signals do what they do by themselves again, and forgets those that came.
    func end() {
        while queue.next() != nil {}
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in signals { unsafe sigaddset(&set, number) }
        unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
    }
}
