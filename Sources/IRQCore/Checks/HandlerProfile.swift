/// What a short look through tracefs tells of an interrupt's handlers.
///
/// It is about what runs in interrupt context: the entry and exit of the interrupt itself are not in it, nor are threads.
public struct HandlerProfile: Equatable, Sendable {
    /// How long it took.
    public var nanoseconds: UInt64
    /// Handler calls that began in it; a line that is shared has one for each of its actions and interrupts.
    public var calls: UInt64 = 0
    /// The CPU on which they took most of the time; nil without any.
    public var cpu: Int?
    /// What they took of that CPU, 0…1.
    public var cpuShare = 0.0
    /// The mean of a call; nil if none ended.
    public var meanNanoseconds: Double?
    /// The 99th percentile; nil if none ended.
    public var p99Nanoseconds: UInt64?
    /// The longest, one that still ran at the end included; nil without any.
    public var maximumNanoseconds: UInt64?
    /// The share of interrupts that no action of the line claimed; nil if none was seen whole, or if two actions have the
    /// same name, so that it cannot be told where an interrupt begins.
    public var unhandledShare: Double?
    /// The share of interrupts for which an action woke its thread; nil where `unhandledShare` is.
    public var threadShare: Double?
    /// Events that were lost; then all counts and shares of time are lower bounds. At least 1 if any was.
    public var lostEvents: UInt64 = 0
    /// Each action, the one that took most first.
    public var actions: [Action] = []

    /// One action of the line.
    public struct Action: Equatable, Sendable {
        /// The name that its driver gave: untrusted text of at most 255 bytes.
        public var name: String
        /// Calls that began.
        public var calls: UInt64
        /// Calls that said that the interrupt was not theirs.
        public var unhandled: UInt64
        /// Calls that woke the action's thread.
        public var wokeThread: UInt64
        /// The sum of calls that ended.
        public var totalNanoseconds: UInt64

        /// Creates one.
        public init(
            name: String, calls: UInt64 = 0, unhandled: UInt64 = 0, wokeThread: UInt64 = 0,
            totalNanoseconds: UInt64 = 0
        ) {
            (self.name, self.calls, self.unhandled, self.wokeThread) = (name, calls, unhandled, wokeThread)
            self.totalNanoseconds = totalNanoseconds
        }
    }

    /// Creates a look that saw nothing.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Calls per second; nil if it took no time.
    public var callsPerSecond: Double? {
        nanoseconds > 0 ? Double(calls) * 1e9 / Double(nanoseconds) : nil
    }
}
