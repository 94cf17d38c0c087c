internal import Glibc
internal import Synchronization

/// Removes instances from inside a signal handler, when the program cannot go on.
///
/// All it needs was written to fixed memory before, and it does nothing but close(2) and rmdir(2), which
/// signal-safety(7) allows. If another thread reads an instance just then, the kernel keeps that (EBUSY), and the next
/// run finds it by its name.
public enum InstanceCleanup {
    /// A process has no more instances than this that are removed this way.
    static let slotCount = 8

    /// The addresses of records, 0 for none.
    private static let slots = InlineArray<8, Atomic<UInt>> { _ in Atomic(0) }

    /// What ends a program by its own fault: traps of Swift are SIGILL or SIGTRAP.
    public static let crashSignals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE]

    /// Removes all instances of this process; safe in a signal handler.
    public static func removeAll() {
        for index in 0..<slotCount {
            let address = slots[index].exchange(0, ordering: .acquiringAndReleasing)
            guard address != 0 else { continue }
            unsafe InstanceRecord.release(UnsafeMutableRawPointer(bitPattern: address))
        }
    }

    /// Must be called before a handler that calls `removeAll` is armed: what Swift sets up at first use must be there, for
    /// a signal in the middle of that would wait for itself.
    public static func prepare() { _ = slots[0].load(ordering: .relaxed) }

    /// Lets `signals` remove all instances before they do what they did by default, and unblocks them in this thread:
    /// a parent may have left them blocked.
    public static func install(on signals: [Int32] = crashSignals) {
        prepare()
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { signal in
            InstanceCleanup.removeAll()
            raise(signal)  // SA_RESETHAND: now by default; held back until this returns
        }
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals {
            // What a parent had us ignore stays ignored: nohup(1).
            var before = sigaction()
            if !crashSignals.contains(signal), unsafe sigaction(signal, nil, &before) == 0,
                unsafe unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self)
                    == unsafeBitCast(SIG_IGN, to: Int.self)
            {
                continue
            }
            unsafe sigaction(signal, &action, nil)
            unsafe sigaddset(&set, signal)
        }
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Notes a record; false if all slots are taken.
    static func add(_ record: borrowing InstanceRecord) -> Bool {
        for index in 0..<slotCount {
            let (isFree, _) = slots[index].compareExchange(
                expected: 0, desired: record.address, ordering: .acquiringAndReleasing)
            if isFree { return true }
        }
        return false
    }

    /// Forgets a record; false if a signal handler has it.
    static func forget(_ record: borrowing InstanceRecord) -> Bool {
        for index in 0..<slotCount {
            let (isFound, _) = slots[index].compareExchange(
                expected: record.address, desired: 0, ordering: .acquiringAndReleasing)
            if isFound { return true }
        }
        return false
    }
}

/// The open files and the path of an instance, in memory that does not move.
///
///     | count | capacity | descriptors … | path, 0 |
@safe
struct InstanceRecord: ~Copyable {
    private static let headerCount = 2
    private let block: UnsafeMutablePointer<Int32>

    /// Creates a record with room for `capacity` descriptors.
    init(path: String, capacity: Int) {
        let bytes = path.utf8CString
        let words = Self.headerCount + capacity + (bytes.count + 3) / 4
        unsafe block = .allocate(capacity: words)
        unsafe block.initialize(repeating: 0, count: words)
        unsafe block[1] = Int32(capacity)
        // The words behind the descriptors are enough for the path and its end mark.
        unsafe bytes.withUnsafeBytes { source in
            let target = unsafe UnsafeMutableRawPointer(block + Self.headerCount + capacity)
            guard let base = source.baseAddress else { return }
            unsafe target.copyMemory(from: base, byteCount: source.count)
        }
    }

    deinit { unsafe block.deallocate() }

    /// Where it lies.
    var address: UInt { unsafe UInt(bitPattern: block) }

    /// How many files are open.
    var count: Int { unsafe Int(block[0]) }

    /// Adds an open file; there must be room.
    mutating func append(_ descriptor: Int32) {
        precondition(count < (unsafe Int(block[1])))
        unsafe block[Self.headerCount + count] = descriptor  // checked above
        // Written last: a signal handler sees the descriptor or does not.
        unsafe block[0] += 1
    }

    /// The open file at `index`, in the order in which they were added.
    func descriptor(_ index: Int) -> Int32 {
        precondition(index >= 0 && index < count)
        return unsafe block[Self.headerCount + index]  // checked above
    }

    /// Closes all files and removes the directory.
    func release() { unsafe Self.release(UnsafeMutableRawPointer(block)) }

    /// The same by address; safe in a signal handler.
    static func release(_ address: UnsafeMutableRawPointer?) {
        guard let block = unsafe address?.assumingMemoryBound(to: Int32.self) else { return }
        let count = unsafe Int(block[0])
        for index in 0..<count { close(unsafe block[headerCount + index]) }
        unsafe block[0] = 0
        let path = unsafe UnsafeRawPointer(block + headerCount + Int(block[1])).assumingMemoryBound(to: CChar.self)
        unsafe rmdir(path)
    }
}
