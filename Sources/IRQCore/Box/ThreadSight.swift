/// What a look at the processes of a box tells of the kernel's threads: the one rule for the live kernel and for copies.
public enum ThreadSight: Equatable, Sendable {
    /// Threads of the kernel were seen: all of them, or some may be missing.
    case seen(isWhole: Bool)
    /// There is no process at all, as only a copy has it that left them out.
    case noProcess
    /// There are processes, but none of the kernel's threads among them (`hidepid=`, a container), or nobody could look.
    case hidden

    /// True if handlers of a line go on in threads; nil if that is unknown.
    ///
    /// A copy without any process hides nothing: most lines have no thread, so there only a kernel that runs all
    /// handlers in threads makes it unknown.
    ///
    /// - Parameters:
    ///   - hasThread: whether one of the line's was seen.
    ///   - isForced: whether the kernel runs all handlers in threads (`KernelFacts.areHandlersThreaded`).
    public func wakesThreads(hasThread: Bool, isForced: @autoclosure () -> Bool) -> Bool? {
        switch self {
        case .seen(let isWhole):
            // One that the look did not come to, or could not read, may be this line's.
            hasThread ? true : isWhole ? false : nil
        case .noProcess: isForced() ? nil : false
        case .hidden: nil
        }
    }
}
