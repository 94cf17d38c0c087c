/// The facts on screen that come neither from the kernel's counters nor from the person.
public struct TopFacts: Sendable {
    /// The kernel's release.
    public var kernel: String?
    /// The time of the day, `14:22:05`.
    public var clock: String
    /// The time of the day since when the numbers stand still; nil while they do not.
    public var frozen: String?
    /// The directory of the files, if they are not the running kernel's.
    public var root: String?
    /// CLOCK_REALTIME, in nanoseconds since 1970, as the time of the day there and then.
    public var timeOfDay: @Sendable (UInt64) -> String

    /// Creates facts. Without a time zone times are those of UTC.
    public init(
        kernel: String?, clock: String = "", root: String? = nil,
        timeOfDay: @escaping @Sendable (UInt64) -> String = TopFacts.universalTime
    ) {
        self.kernel = kernel
        self.clock = clock
        self.root = root
        self.timeOfDay = timeOfDay
    }

    /// The time of the day in UTC.
    @Sendable public static func universalTime(_ nanoseconds: UInt64) -> String {
        let seconds = nanoseconds / 1_000_000_000 % 86_400
        func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// The time of something that was: of the day, or how many days ago.
    func time(_ nanoseconds: UInt64, now: UInt64) -> String {
        let days = (now - min(nanoseconds, now)) / 86_400_000_000_000
        return days == 0 ? timeOfDay(nanoseconds) : "\(days)d ago"
    }

    /// The same within a sentence.
    func when(_ nanoseconds: UInt64, now: UInt64) -> String {
        let time = time(nanoseconds, now: now)
        return time.hasSuffix("ago") ? time : "at " + time
    }
}
