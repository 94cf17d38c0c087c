/// A box as `doctor` and `affinity` see it: its files in two samples, and what they say, read once.
///
/// All that is not asked for is not read: what is expensive or rare is a lazy property. A value that a file does not tell is nil;
/// `require` makes a reason of that for the checks.
public final class Examination {
    /// The files of the last sample.
    public let files: any KernelFiles
    /// The files of the first sample; nil with one sample.
    public let earlier: (any KernelFiles)?
    /// True for the running kernel.
    public let isLive: Bool
    /// True if root looks at the running kernel.
    public let isRoot: Bool
    /// The kernel: its release, its options, where its handlers run.
    public let kernel: KernelFacts
    /// True if there is one sample only: rates are means since boot.
    public let isSinceBoot: Bool
    /// The time between the samples, or since boot with one, in nanoseconds; any time if that is not known.
    public let intervalNanoseconds: UInt64
    /// False if nothing tells that time: then rates mean nothing.
    public let isIntervalKnown: Bool
    /// The problems with rows of /proc/interrupts in either sample, a sentence each.
    public let tableProblems: [String]
    /// False if the table does not name the CPUs: then nobody knows where interrupts came.
    public let namesCPUs: Bool
    /// The words for that.
    static let unnamedCPUs = "proc/interrupts has no line that names the CPUs"
    /// True if lines are missing for them: what is told of the others may not be all.
    public let missesLines: Bool
    /// The time since boot, in seconds; nil if unknown.
    public let uptimeSeconds: Double?
    /// The counters of both samples.
    public let box: Box
    /// The box as the checks of `alert` see it.
    public let seen: BoxInterval
    /// The verdicts of `alert` over the two samples.
    public let verdicts: [AlertFinding]
    /// The interrupts that have a number, in the order of the file.
    public let lines: [ExaminedLine]
    /// The rows of the architecture.
    public let rows: [ExaminedRow]
    /// The CPUs.
    public let cpus: CPUMap
    /// The processes and threads; nil where they cannot be seen.
    public let tasks: [ExaminedTask]?
    /// The kernel's log of this boot; nil where it cannot be read.
    public let log: [LogLine]?
    /// The devices of all buses that were found in sys.
    public let devices: [Device]
    /// The lines that `affinity apply` moved; nil if it did not, or nobody knows.
    public let applied: AppliedLines?
    /// The number of times that the firmware stopped the box between the samples.
    public let firmwareStops: FirmwareStops

    /// The queues of devices, by device, in the order of their first lines.
    public private(set) lazy var groups: [QueueGroup] = QueueGroup.find(lines)
    /// The network interfaces of devices, sorted; nil where they cannot be seen.
    public private(set) lazy var interfaces: [String]? = findInterfaces()
    /// The network interfaces of devices with their queues and lines, in the order of their names.
    private(set) lazy var networks: [ExaminedInterface] = findNetworks()
    /// Asks the driver of an interface, where the running kernel is examined.
    private let askLink: (String) -> LinkFacts
    private var linkFacts: [String: LinkFacts] = [:]
    /// The PCI functions with a driver that are wired to a line and send no messages, by the line's number.
    private(set) lazy var wiredFunctions: [Int: [Device]] = findWiredFunctions()
    /// Values that a check has worked out and others need: by a name, for the time of the run.
    var linesByNumber: [Int: Int] = [:]

    /// The time between the samples, in seconds.
    public var seconds: Double { Double(intervalNanoseconds) / 1e9 }

    /// Reads a box.
    ///
    /// - Throws: `ExaminationError` if /proc/interrupts cannot be read: there is nothing to go by then.
    public init(_ input: ExaminationInput) throws(ExaminationError) {
        var builder = try ExaminationBuilder(input)
        (files, earlier, isLive, isRoot) = (input.files, input.earlier, input.isLive, input.isRoot)
        askLink = input.linkFacts
        (kernel, firmwareStops) = (builder.kernel, input.firmwareStops)
        (devices, applied) = (input.devices, input.applied)
        (isSinceBoot, intervalNanoseconds) = (builder.isSinceBoot, builder.intervalNanoseconds)
        (isIntervalKnown, uptimeSeconds) = (builder.isIntervalKnown, builder.uptimeSeconds)
        (tableProblems, missesLines) = (builder.tableProblems, builder.missesLines)
        namesCPUs = builder.namesCPUs
        cpus = builder.cpus
        tasks = builder.tasks
        log = builder.log
        builder.judge()
        (box, seen, verdicts) = (builder.box, builder.seen, builder.verdicts)
        (lines, rows) = (builder.lines, builder.rows)
        for index in lines.indices where linesByNumber[lines[index].irq] == nil {
            linesByNumber[lines[index].irq] = index
        }
    }

    // MARK: Files

    /// The text of a file without blanks around it; nil if it cannot be read.
    public func text(_ path: String) -> String? { files.read(path).text }

    /// The text of a file without blanks around it.
    ///
    /// - Throws: the reason why there is none.
    public func require(_ path: String) throws(Unjudged) -> String {
        let answer = files.read(path)
        if let text = answer.text { return text }
        throw Unjudged("\(path) \(answer.problem ?? "could not be read")")
    }

    /// The number that a file holds; nil if it holds none.
    public func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

    /// The list of CPUs that a file holds; nil if it holds none. `(null)` is the empty one.
    public func list(_ path: String) -> CPUSet? { Self.list(files.read(path)) }

    /// The mask of CPUs that a file holds; nil if it holds none.
    public func mask(_ path: String) -> CPUSet? { text(path).flatMap { CPUSet.parse(mask: $0) } }

    static func list(_ answer: FileAnswer) -> CPUSet? {
        guard let text = answer.text else { return nil }
        return text.isEmpty || text == "(null)" ? CPUSet() : CPUSet.parse(list: text, last: nil)
    }

    /// The number by which a counting file moved between the samples, or its number with one sample; nil if it cannot be read
    /// or went back.
    public func delta(_ path: String, first word: Bool = false) -> UInt64? {
        func value(_ answer: FileAnswer) -> UInt64? {
            answer.text.flatMap { text in UInt64(word ? String(text.split(separator: " ").first ?? "") : text) }
        }
        guard let now = value(files.read(path)) else { return nil }
        guard let earlier else { return now }
        guard let before = value(earlier.read(path)), now >= before else { return nil }
        return now - before
    }

    /// A number per second of the interval.
    public func perSecond(_ delta: UInt64) -> Double { Double(delta) / seconds }

    // MARK: Lookups

    /// The numbers of queues of an interface, highest and now; nil where the driver does not tell.
    public func channels(_ interface: String) -> (maximum: LinkChannels, now: LinkChannels)? {
        let facts = link(interface)
        guard let maximum = facts.maximumChannels, let now = facts.channels else { return nil }
        return (maximum, now)
    }

    /// The wait of an interface before interrupts; nil where the driver does not tell.
    public func coalescing(_ interface: String) -> LinkCoalescing? { link(interface).coalescing }

    /// The receive queue of each entry of the table by which an interface spreads packets; nil where the driver does not tell.
    public func indirection(_ interface: String) -> [Int]? { link(interface).indirection }

    func link(_ interface: String) -> LinkFacts {
        if let known = linkFacts[interface] { return known }
        let facts = askLink(interface)
        linkFacts[interface] = facts
        return facts
    }

    /// The interrupt with a number; nil if there is none.
    public func line(_ irq: Int) -> ExaminedLine? { linesByNumber[irq].map { lines[$0] } }

    /// The rows of the architecture with a label.
    public func rows(_ label: String) -> [ExaminedRow] { rows.filter { $0.label == label } }

    /// The shares of a CPU's time between the samples; nil if unknown.
    public func shares(_ cpu: Int) -> CPUTimeIntervals.Shares? { box.cpuTimes.shares(cpu: cpu) }

    /// The share of a CPU that is not idle, 0…1; nil if unknown.
    public func busyShare(_ cpu: Int) -> Double? {
        // 1 - 0.8 is a little less than 0.2.
        shares(cpu).map { ((1 - $0.idle) * 1e9).rounded() / 1e9 }
    }

    /// The share of a CPU in hard interrupts and softirqs, ksoftirqd included, 0…1; nil if unknown.
    public func interruptShare(_ cpu: Int) -> Double? {
        guard let shares = shares(cpu) else { return nil }
        // Kernels that count by ticks book the softirqs of ksoftirqd as softirq already.
        return min(max(shares.irq + shares.softirq, seen.cpus[cpu]?.ksoftirqdShare ?? 0), 1)
    }

    /// The rate of a softirq on a CPU, per second; nil if unknown.
    public func softirqRate(_ name: String, cpu: Int) -> Double? {
        guard let vector = SoftirqNames.all.firstIndex(of: name), let rates = seen.cpus[cpu]?.softirqsPerSecond,
            rates.indices.contains(vector)
        else { return nil }
        return rates[vector]
    }

    /// The queues of the device of a network interface or address; nil if it has none.
    public func group(_ name: String) -> QueueGroup? {
        groups.first { $0.interface == name || $0.title == name || $0.key == name }
    }

    /// The verdicts of one kind of `alert`.
    func verdicts(_ verdict: Verdict, _ aspect: AlertAspect? = nil) -> [AlertFinding] {
        verdicts.filter { $0.key.verdict == verdict && (aspect == nil || $0.key.aspect == aspect) && $0.level > .ok }
    }

    /// The lines of the log that hold a text; nil where there is no log.
    func logLines(with text: String) -> [LogLine]? { log?.filter { $0.text.has(text) } }

    /// The processes with a name, by the whole name.
    func tasks(named name: String) -> [ExaminedTask] { (tasks ?? []).filter { $0.name == name } }

    /// True if the box is an x86 PC: by the rows and chips that only those have.
    public private(set) lazy var isX86: Bool =
        rows.contains { $0.label == "LOC" || $0.label == "MCP" }
        || lines.contains { $0.details.chip?.contains("IO-APIC") == true || $0.details.chip == "XT-PIC" }

    /// True if the box is a guest, as far as a CPU's flags, the command line or the firmware's words tell; nil if nothing does.
    public private(set) lazy var isGuest: Bool? = {
        if let info = text("proc/cpuinfo") { return info.contains(" hypervisor") }
        if text("sys/hypervisor/type")?.isEmpty == false { return true }
        return nil
    }()

    private func findInterfaces() -> [String]? {
        guard let names = files.names("sys/class/net") else { return nil }
        return names.filter { name in
            guard name != "lo", name != "bonding_masters" else { return false }
            return files.link("sys/class/net/\(name)")?.contains("/virtual/") != true
        }
    }
}

/// The sources of an examination.
public struct ExaminationInput {
    /// The files of the last sample.
    public var files: any KernelFiles
    /// The files of the first sample; nil with one sample.
    public var earlier: (any KernelFiles)?
    /// The kernel's release; "" if unknown.
    public var kernel = ""
    /// The devices that were found.
    public var devices: [Device] = []
    /// Adds the devices behind an interrupt to its details.
    public var setDevices: (Int, inout InterruptDetails) -> Void = { _, _ in }
    /// Tells the disks and interfaces of devices.
    public var parts: ([Device]) -> LineParts = { _ in LineParts() }
    /// Asks the driver of an interface; nothing in copies.
    public var linkFacts: (String) -> LinkFacts = { _ in LinkFacts() }
    /// The CPUs that the user named as those where latency matters.
    public var latencyCPUs = CPUSet()
    /// The lines that `affinity apply` moved; nil if it did not, or nobody knows.
    public var applied: AppliedLines?
    /// The number of times that the firmware stopped the box between the samples.
    public var firmwareStops = FirmwareStops.unknown("SMIs are counted on a running box only, by root")
    /// True for the running kernel.
    public var isLive = false
    /// True if root looks at the running kernel.
    public var isRoot = false
    /// The time between the samples in nanoseconds, where it was measured; else proc/uptime tells it.
    public var intervalNanoseconds: UInt64?
    /// Looks at the handlers of some lines for a moment, and tells what that showed or why it could not; nil if nobody may.
    public var look: (([HandlerProfileAnalysis.Line]) -> Result<[Int: HandlerProfile], LookProblem>)?
    /// The clock ticks of a second in times of processes (USER_HZ).
    public var ticksPerSecond: UInt64 = 100

    /// Creates an input of files only.
    public init(files: any KernelFiles, earlier: (any KernelFiles)? = nil) {
        (self.files, self.earlier) = (files, earlier)
    }
}

/// A reason why handlers could not be looked at.
public struct LookProblem: Error, Sendable {
    /// The reason in words.
    public let reason: String

    /// Creates a reason.
    public init(_ reason: String) { self.reason = reason }
}

/// A reason why a box cannot be examined at all.
public enum ExaminationError: Error, CustomStringConvertible {
    /// A file that everything depends on could not be read.
    case unreadable(path: String, FileAnswer)
    /// It is no such file.
    case text(path: String, ProcTextError)

    /// The reason in words.
    public var description: String {
        switch self {
        case .unreadable(let path, let answer): "\(path) \(answer.problem ?? "could not be read")"
        case .text(let path, let error): "\(path), \(error)"
        }
    }
}
