internal import Glibc

/// The limit of the stack's size (`ulimit -s`), below which a command would crash somewhere in the middle.
enum StackLimit {
    /// Measured: with 128 KiB all commands run, in debug builds too; with 96 KiB not all of them.
    private static let leastByteCount: rlim_t = 256 << 10

    /// Throws if the limit is too small.
    ///
    /// - Parameter status: for the end of the process.
    static func check(status: Int32) throws(CommandFailure) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0,
            limit.rlim_cur < leastByteCount
        else { return }
        throw CommandFailure(
            [
                "the stack may have \(limit.rlim_cur >> 10) KiB, and \(leastByteCount >> 10) are needed; "
                    + "raise the limit (ulimit -s \(leastByteCount >> 10))"
            ], status: status)
    }
}
