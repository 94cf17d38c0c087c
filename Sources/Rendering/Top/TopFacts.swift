/// The facts on screen that come neither from the kernel's counters nor from the person.
public struct TopFacts: Sendable {
    /// The kernel's release.
    public var kernel: String?
    /// The time of the day, `14:22:05`.
    public var clock: String
    /// The directory of the files, if they are not the running kernel's.
    public var root: String?

    /// Creates facts.
    public init(kernel: String?, clock: String = "", root: String? = nil) {
        self.kernel = kernel
        self.clock = clock
        self.root = root
    }
}
