/// The limits of what counts as trouble: the defaults, the options and the rules file, as values.
public struct AlertRules: Sendable {
    /// Interrupts per second on one CPU.
    public struct Rates: Equatable, Sendable {
        /// From here on a warning.
        public var warn: Double
        /// From here on critical.
        public var crit: Double

        /// Creates levels.
        public init(warn: Double, crit: Double) {
            self.warn = warn
            self.crit = crit
        }

        /// The levels unless somebody says otherwise.
        public static let usual = Self(warn: Double(StormCriteria.usualRatePerSecond), crit: 100_000)
    }

    /// The share of a CPU's time that the host takes, from which on it is a warning.
    public static let stealShare = 0.2

    /// The levels of a storm.
    public var rates = Rates.usual
    /// True if somebody asked for these levels: those below the defaults are then meant.
    public var hasOwnRates = false
    /// A condition has to last so long before it counts, and to be gone so long before it is over.
    public var forNanoseconds: UInt64 = 0
    /// An alert ends below this share of the level that it began at.
    public var leaveShare = 0.7
    /// True if an interrupt's own history counts.
    public var usesBaseline = true
    /// Rules for some interrupts; the last that fits and says something counts.
    public var lineRules: [LineRule] = []
    /// Verdicts that are not wanted at all.
    public var ignoredVerdicts: Set<Verdict> = []
    /// The times in which nothing is judged.
    public var maintenance: [MaintenanceWindow] = []

    /// Creates the defaults.
    public init() {}

    /// The rate on a CPU from which on a row is looked at closely, per second.
    var closePerSecond: Double {
        let levels = [rates.warn] + lineRules.flatMap { [$0.warn, $0.crit].compactMap { $0 } }
        return min(1_000, levels.min() ?? 1_000) * leaveShare
    }

    /// The levels and exceptions that the rules give an interrupt.
    public func resolve(irq: Int?, actions: [String], devices: [String]) -> LineLevels {
        var result = LineLevels(rates: rates, isOwn: false, ignored: ignoredVerdicts)
        for rule in lineRules where rule.matches(irq: irq, actions: actions, devices: devices) {
            if let warn = rule.warn { (result.rates.warn, result.isOwn) = (warn, true) }
            if let crit = rule.crit { (result.rates.crit, result.isOwn) = (crit, true) }
            result.ignored.formUnion(rule.ignored)
        }
        // A rule for one of the two levels must not turn them around.
        if result.rates.crit < result.rates.warn { result.rates.crit = result.rates.warn }
        return result
    }
}

/// The levels and exceptions of one interrupt.
public struct LineLevels: Sendable {
    /// Its levels.
    public var rates: AlertRules.Rates
    /// True if a rule names it: such levels are absolute.
    public var isOwn: Bool
    /// Verdicts that are not wanted for it.
    public var ignored: Set<Verdict>
}

/// A line of the rules file that is about some interrupts.
public struct LineRule: Sendable {
    /// The numbers; nil for any.
    public var irqs: [ClosedRange<Int64>]?
    /// A pattern for one of the actions; nil for any.
    public var action: NamePattern?
    /// A pattern for one of the device's names, driver or address; nil for any.
    public var device: NamePattern?
    /// The levels; nil where the rule says nothing.
    public var warn: Double?
    /// The levels; nil where the rule says nothing.
    public var crit: Double?
    /// Verdicts that are not wanted.
    public var ignored: Set<Verdict> = []

    /// Tells whether a name fits a pattern.
    public typealias NamePattern = @Sendable (String) -> Bool

    /// Creates a rule that fits all and says nothing.
    public init() {}

    func matches(irq: Int?, actions: [String], devices: [String]) -> Bool {
        if let irqs {
            guard let irq, irqs.contains(where: { $0.contains(Int64(irq)) }) else { return false }
        }
        if let action, !actions.contains(where: action) { return false }
        if let device, !devices.contains(where: device) { return false }
        return true
    }
}

/// A time in which nothing is judged, in local time.
public struct MaintenanceWindow: Equatable, Sendable {
    /// The days that begin one: 0 is Sunday; nil for any, or where `date` tells.
    public var weekdays: Set<Int>?
    /// Year × 10000 + month × 100 + day; nil for any.
    public var date: Int?
    /// Minutes after midnight; the end may lie on the next day.
    public var startMinute: Int
    /// Minutes after midnight.
    public var endMinute: Int

    /// Creates a window.
    public init(weekdays: Set<Int>? = nil, date: Int? = nil, startMinute: Int, endMinute: Int) {
        self.weekdays = weekdays
        self.date = date
        self.startMinute = startMinute
        self.endMinute = endMinute
    }

    /// True if a local time is in it.
    public func contains(_ time: LocalTime) -> Bool {
        if startMinute < endMinute {
            return (startMinute..<endMinute).contains(time.minute) && isDay(time.weekday, time.date)
        }
        // The period goes over midnight: it holds in the evening of the day and in the morning after it.
        if time.minute >= startMinute { return isDay(time.weekday, time.date) }
        return time.minute < endMinute && isDay((time.weekday + 6) % 7, time.dateBefore)
    }

    private func isDay(_ weekday: Int, _ day: Int) -> Bool {
        (weekdays?.contains(weekday) ?? true) && (date.map { $0 == day } ?? true)
    }
}

/// A time on the wall, as a value.
public struct LocalTime: Sendable {
    /// Minutes after midnight.
    public var minute: Int
    /// 0 is Sunday.
    public var weekday: Int
    /// Year × 10000 + month × 100 + day.
    public var date: Int
    /// The day before, in the same form.
    public var dateBefore: Int

    /// Creates a time.
    public init(minute: Int, weekday: Int, date: Int, dateBefore: Int) {
        (self.minute, self.weekday, self.date, self.dateBefore) = (minute, weekday, date, dateBefore)
    }
}
