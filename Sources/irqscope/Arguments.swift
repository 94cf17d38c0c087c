internal import Glibc

/// The arguments the process was started with.
///
/// `CommandLine` reads it out of /proc/self/cmdline, and without /proc, as in a chroot or an early boot, there would be
/// nothing. The C library hands it to each function of `.init_array`.
enum Arguments {
    /// The words behind the program's name; bytes that are no UTF-8 become U+FFFD.
    static var words: [String] {
        guard let all = unsafe handedVector else { return Array(CommandLine.arguments.dropFirst()) }
        return (1..<max(unsafe Int(handedCount), 1)).compactMap { index in
            // Inside: the C library says how many there are.
            guard let word = unsafe all[index] else { return nil }
            return unsafe String(cString: word)
        }
    }
}

private typealias CStrings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

// Written once, before `main` and any thread.
nonisolated(unsafe) private var handedCount: CInt = 0
nonisolated(unsafe) private var handedVector: CStrings?

@section(".init_array") @used
private let keepArguments: @convention(c) (CInt, CStrings?, CStrings?) -> Void = { count, vector, _ in
    unsafe handedCount = count
    unsafe handedVector = vector
}
