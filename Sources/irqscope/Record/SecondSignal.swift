internal import Glibc
internal import KernelSource
internal import Synchronization

/// Lets a second Ctrl-C end the process while a recording is put together, wherever that hangs.
enum SecondSignal {
    /// CLOCK_MONOTONIC of the first; 0 before it.
    private static let firstNanoseconds = Atomic<UInt64>(0)
    /// timeout(1) sends its signal twice at once and means one.
    private static let leastNanoseconds: UInt64 = 250_000_000

    /// From now on signals are no data any more: the first (if `isFirstOver`, the second) that comes ends the process.
    ///
    /// - Parameter isFirstOver: whether a signal was what ended the recording.
    static func install(isFirstOver: Bool) {
        firstNanoseconds.store(isFirstOver ? now() : 0, ordering: .relaxed)
        var action = sigaction()
        // Only calls that signal-safety(7) allows.
        unsafe action.__sigaction_handler.sa_handler = { number in
            let first = SecondSignal.firstNanoseconds.load(ordering: .relaxed)
            let now = SecondSignal.now()
            if first == 0 {
                SecondSignal.firstNanoseconds.store(now, ordering: .relaxed)
                return
            }
            if now &- first < SecondSignal.leastNanoseconds { return }
            InstanceCleanup.abandonAll()
            signal(number, SIG_DFL)
            raise(number)  // held back until this returns
        }
        action.sa_flags = SA_RESTART | SA_ONSTACK
        unsafe sigfillset(&action.sa_mask)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        // Not SIGHUP: a terminal that goes away sends it more than once.
        for number in [SIGINT, SIGTERM, SIGQUIT] {
            unsafe sigaction(number, &action, nil)
            unsafe sigaddset(&set, number)
        }
        unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
    }

    private static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
