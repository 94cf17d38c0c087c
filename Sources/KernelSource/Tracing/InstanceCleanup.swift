internal import CLinux
internal import Glibc
internal import Synchronization

/// Removes instances from inside a signal handler, when the program cannot go on.
///
/// All it needs was written to fixed memory before, and it does nothing but what signal-safety(7) allows. Whatever the
/// program was doing, files of an instance may be open that nobody noted: so all files are closed first, for the kernel
/// keeps an instance of which one is open (EBUSY).
public enum InstanceCleanup {
    /// A process has no more instances than this that are removed this way.
    static let slotCount = 8

    /// The addresses of records, 0 for none.
    private static let slots = InlineArray<8, Atomic<UInt>> { _ in Atomic(0) }

    /// The function that puts back what else there is, called after the instances; only calls that signal-safety(7)
    /// allows. Set it when no handler is armed, or to something that is there.
    public nonisolated(unsafe) static var rescue: (@convention(c) () -> Void)?

    /// Handlers have a stack of their own, for the usual one may be what ran out.
    private static let stackByteCount = 64 << 10
    /// Kernels before 5.9 cannot close all files at once; more than this are not open.
    private static let descriptorLimit: UInt32 = 65_536

    /// Removes all instances of this process, which is about to end.
    public static func removeAll() {
        for index in 0..<slotCount {
            let address = slots[index].load(ordering: .acquiring)
            guard address != 0 else { continue }
            unsafe InstanceRecord.release(UnsafeMutableRawPointer(bitPattern: address))
            // After the removal, so that a signal in between finds the record.
            slots[index].store(0, ordering: .releasing)
        }
    }

    /// Closes all files but the standard ones, removes all instances, and puts back what `rescue` puts back: for handlers
    /// of signals that end the process.
    public static func abandonAll() {
        if close_range(3, .max, 0) != 0 {
            for descriptor in 3..<descriptorLimit { close(Int32(descriptor)) }
        }
        removeAll()
        if let rescue = unsafe rescue { rescue() }
    }

    /// Must be called before a handler that calls `abandonAll` is armed: what Swift sets up at first use must be there,
    /// for a signal in the middle of that would wait for itself.
    public static func prepare() {
        _ = slots[0].load(ordering: .relaxed)
        _ = unsafe rescue
        giveStack()
    }

    /// Lets `signals` remove all instances before they do what they did by default, and unblocks them in this thread:
    /// a parent may have left them blocked. What a parent had us ignore stays ignored, as with nohup(1).
    ///
    /// For one thread, as are all commands that have instances.
    public static func install(on signals: [Int32] = EndingSignals.all) {
        prepare()
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_sigaction = { number, information, _ in
            if number == SIGXFSZ, let information = unsafe information,
                unsafe EndingSignals.isFileSizeLimit(number, sender: information.pointee._sifields._kill.si_pid)
            {
                return
            }
            InstanceCleanup.abandonAll()
            if number == SIGILL || number == SIGTRAP || number == SIGSEGV || number == SIGBUS {
                irqscope_say_crash(number)
            }
            signal(number, SIG_DFL)
            raise(number)  // held back until this returns
        }
        action.sa_flags = SA_SIGINFO | SA_ONSTACK
        // A second signal would end the process in the middle.
        unsafe sigfillset(&action.sa_mask)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals {
            if !EndingSignals.crashes.contains(signal), EndingSignals.isIgnored(signal) { continue }
            unsafe sigaction(signal, &action, nil)
            unsafe sigaddset(&set, signal)
        }
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Gives this thread a stack for handlers, if it has none. It stays until the process ends.
    private static func giveStack() {
        var stack = unsafe stack_t()
        guard unsafe sigaltstack(nil, &stack) == 0, unsafe stack.ss_flags & Int32(SS_DISABLE) != 0 else { return }
        unsafe stack = stack_t(ss_sp: malloc(stackByteCount), ss_flags: 0, ss_size: stackByteCount)
        unsafe sigaltstack(&stack, nil)
    }

    /// Notes a record; false if all slots are taken.
    @discardableResult
    static func add(_ record: borrowing InstanceRecord) -> Bool {
        for index in 0..<slotCount {
            let (isFree, _) = slots[index].compareExchange(
                expected: 0, desired: record.address, ordering: .acquiringAndReleasing)
            if isFree { return true }
        }
        return false
    }

    /// Forgets a record.
    static func forget(_ record: borrowing InstanceRecord) {
        for index in 0..<slotCount {
            let (isFound, _) = slots[index].compareExchange(
                expected: record.address, desired: 0, ordering: .acquiringAndReleasing)
            if isFound { return }
        }
    }
}
