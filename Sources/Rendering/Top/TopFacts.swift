/// What the screens show that comes neither from the kernel's counters nor from the person.
public struct TopFacts: Sendable {
    /// The kernel's release.
    public var kernel: String?
    /// The time of the day, `14:22:05`.
    public var clock: String
    /// Where the files are, if not the running kernel's.
    public var root: String?

    /// Creates facts.
    public init(kernel: String?, clock: String = "", root: String? = nil) {
        self.kernel = kernel
        self.clock = clock
        self.root = root
    }
}
