public import IRQCore

/// The course of a rate over time.
///
/// The rate of a minute is that of a daily curve, times a noise that has a memory, and what bursts add, which come by chance
/// and last for a while. It is uneven within the minute, too.
public struct RateModel {
    /// Bursts: so many a day, of so many minutes at the mean, which add a rate of so much, with a deviation of its logarithm.
    public struct Bursts {
        public var (perDay, minutes, perSecond, noise): (Double, Double, Double, Double)
        /// The hours in which they come.
        public var hours: Range<Int>

        public init(perDay: Double, minutes: Double, perSecond: Double, noise: Double = 0.5, hours: Range<Int> = 0..<24) {
            (self.perDay, self.minutes, self.perSecond, self.noise, self.hours) = (perDay, minutes, perSecond, noise, hours)
        }
    }

    /// Per second in the afternoon and at night.
    public var (day, night): (Double, Double)
    /// The deviation of the logarithm from minute to minute, and how much of it stays for the next.
    public var (noise, memory): (Double, Double)
    public var bursts: [Bursts]
    /// The deviation of the logarithm from one fifth of a second to the next.
    public var unevenness: Double

    public init(
        _ day: Double, night: Double? = nil, noise: Double = 0.3, memory: Double = 0.9, bursts: [Bursts] = [],
        unevenness: Double = 0.3
    ) {
        (self.day, self.night, self.noise, self.memory) = (day, night ?? day, noise, memory)
        (self.bursts, self.unevenness) = (bursts, unevenness)
    }
}

/// What follows the interrupts of a line, for each of them.
public struct Following {
    /// Softirqs on its CPU: NET_RX, BLOCK, TASKLET.
    public var (netRX, block, tasklet) = (0.0, 0.0, 0.0)
    /// Packets of its interface, requests of its disk.
    public var (packets, requests) = (0.0, 0.0)
    /// CPU time of its thread, in nanoseconds; nil without a thread.
    public var threadNanoseconds: Double?

    public init(
        netRX: Double = 0, block: Double = 0, tasklet: Double = 0, packets: Double = 0, requests: Double = 0,
        threadNanoseconds: Double? = nil
    ) {
        (self.netRX, self.block, self.tasklet) = (netRX, block, tasklet)
        (self.packets, self.requests, self.threadNanoseconds) = (packets, requests, threadNanoseconds)
    }
}

/// A line of a model box.
public struct ModelLine {
    public var irq: Int
    /// The words behind the counts: chip, number, trigger, actions.
    public var text: String
    public var rate: RateModel
    public var following = Following()
    /// Lines of one group share the course of their rate: the queues of a device.
    public var group: String
    /// The CPU that serves it, and those that may; by default all.
    public var cpu: Int
    public var mask: [Int]?
    public var device: Device?
    /// Its disk or interface.
    public var (disk, link): (String?, String?) = (nil, nil)
    /// The share of a CPU that one interrupt takes, in nanoseconds.
    public var handlerNanoseconds = 2_000.0
    /// The share of interrupts that nobody claims: of shared lines.
    public var unhandledShare = 0.0
    /// From this minute of the year on it is there, and up to that one.
    public var life = 0..<Int.max

    public init(
        _ irq: Int, _ text: String, _ rate: RateModel, on cpu: Int = 0, group: String? = nil, following: Following = Following(),
        device: Device? = nil, disk: String? = nil, link: String? = nil
    ) {
        (self.irq, self.text, self.rate, self.cpu, self.group) = (irq, text, rate, cpu, group ?? text)
        (self.following, self.device, self.disk, self.link) = (following, device, disk, link)
    }
}

/// A model of a box.
public struct BoxKind {
    public var name: String
    /// The model in words.
    public var words: String
    public var cpuCount: Int
    public var lines: [ModelLine]
    /// The share of each CPU in programs, by day.
    public var userShare = 0.1
    /// The share of a CPU that the host takes: a mean, and bursts a day in which it takes so much for some minutes.
    public var (steal, stealBursts): (Double, RateModel.Bursts?) = (0, nil)
    /// Boots a year.
    public var bootsPerYear = 12.0
    /// Times a day that it goes to sleep, and the hours that it sleeps.
    public var (sleepsPerDay, sleepHours) = (0.0, 0.0)
    /// Times a day that a CPU goes offline for some minutes.
    public var offlinesPerDay = 0.0
    /// The probability that irqbalance moves a line at each of its turns, every ten seconds.
    public var movesPerTurn = 0.0
    /// Rows of errors and how often they move in a month: SPU, ERR, MIS, MCE.
    public var errorsPerMonth: [String: Double] = [:]
    /// Bursts of drops and squeezes on a CPU a week, and how many at once.
    public var (dropsPerWeek, dropCount, squeezesPerWeek, squeezeCount) = (0.0, 0.0, 0.0, 0.0)
    /// The share of its CPU that each ksoftirqd takes of the softirqs.
    public var ksoftirqdShare = 0.0
    /// Nanoseconds that a softirq of the network takes.
    public var softirqNanoseconds = 1_500.0
    /// The CPUs that are isolated.
    public var isolated: [Int] = []
    /// Changes what the box does from a minute on: a sickness.
    public var sickness: Sickness?

    public init(_ name: String, _ words: String, cpus: Int, lines: [ModelLine]) {
        (self.name, self.words, cpuCount, self.lines) = (name, words, cpus, lines)
    }
}

/// A sickness that begins at some time.
public struct Sickness {
    public enum Kind {
        /// A line comes so often, with nothing behind it, above what it did.
        case storm(irq: Int, perSecond: Double)
        /// A share of a line's interrupts is claimed by nobody, at a rate.
        case unhandled(irq: Int, share: Double, perSecond: Double)
        /// A machine check so many times a month.
        case errors(row: String, perMonth: Double)
        /// The host takes such a share of each CPU.
        case steal(share: Double)
        /// All lines of a group come to one CPU.
        case oneCPU(group: String, perSecond: Double)
        /// ksoftirqd takes such a share of a CPU.
        case ksoftirqd(share: Double)
        /// The line is served outside of its mask.
        case outside(irq: Int)
        /// Packets are dropped, so many a second.
        case drops(perSecond: Double)
    }
    public var name: String
    public var kind: Kind
    /// The verdict that tells of it.
    public var verdict: Verdict
    public init(_ name: String, _ kind: Kind, _ verdict: Verdict) { (self.name, self.kind, self.verdict) = (name, kind, verdict) }
}
