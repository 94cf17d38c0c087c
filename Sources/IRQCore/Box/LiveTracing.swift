/// The facts that a live trace adds to the counters, or the reason why there is none.
public struct LiveTracing: ~Copyable {
    /// The time that an event takes the CPU it happens on, for the kernel to write it. Measured with `perf bench sched pipe`
    /// on a virtual machine: 425,000 events made 0.51 s of switches 0.16 s longer.
    public static let eventNanoseconds = 400.0

    /// True if a trace is on.
    public internal(set) var isOn = false
    /// The reason why no trace is on, one sentence; nil while one is on, or before it was tried.
    public internal(set) var reason: String?
    /// True if there is none because nobody wants one.
    public internal(set) var isSwitchedOff = false
    /// True if vectors of x86 are traced.
    public private(set) var hasVectors = false
    /// Events that were wanted and that this kernel does not have.
    public internal(set) var missingEvents: [String] = []
    /// The durations of the last interval.
    public internal(set) var durations = LiveDurations()
    /// The tasks of the last interval, where they are followed.
    public internal(set) var deep = LiveDeep()
    /// The length of the last interval, in nanoseconds; nil before its end.
    public internal(set) var intervalNanoseconds: UInt64?
    /// CLOCK_REALTIME since when `LiveDurations.total` counts, in nanoseconds since 1970; nil without a trace, and where
    /// that will be the end of the interval.
    public internal(set) var sinceNanoseconds: UInt64?
    private var vectorByLabel: [String: Int] = [:]

    /// Creates the state in which nothing was tried yet.
    public init() {}

    /// A trace is on from now on.
    ///
    /// - Parameters:
    ///   - vectorNames: the names of the x86 vectors that are traced, from `EventFormats`.
    ///   - isDeep: true if interrupts are followed to tasks.
    ///   - wall: CLOCK_REALTIME, in nanoseconds since 1970; nil if that is unknown.
    public mutating func start(
        vectorNames: [String], missingEvents: [String], isDeep: Bool = false, wall: UInt64? = nil
    ) {
        isOn = true
        sinceNanoseconds = wall
        reason = nil
        self.missingEvents = missingEvents
        hasVectors = !vectorNames.isEmpty
        intervalNanoseconds = nil
        vectorByLabel = [:]
        var homes = Array(vectorNames.indices)
        for (index, name) in vectorNames.enumerated() {
            guard let label = Self.labels[name] else { continue }
            if let home = vectorByLabel[label] { homes[index] = home } else { vectorByLabel[label] = index }
        }
        durations = LiveDurations(vectorAliases: homes, isDeep: isDeep)
        deep = isDeep ? LiveDeep(vectorNames: vectorNames) : LiveDeep()
    }

    /// No trace is on from now on.
    ///
    /// - Parameter isWish: whether somebody wanted it so; screens need not tell that.
    public mutating func stop(reason: String?, isWish: Bool = false) {
        isOn = false
        sinceNanoseconds = nil
        isSwitchedOff = isWish
        deep = LiveDeep()
        self.reason = reason
    }

    /// Feeds one sub-buffer of a CPU.
    public mutating func feed(page: RawSpan, cpu: Int, decoder: PageDecoder, formats: borrowing EventFormats) {
        durations.feed(page: page, cpu: cpu, decoder: decoder, formats: formats)
    }

    /// Follows what happened before a time up to which CPUs were read.
    ///
    /// - Parameters:
    ///   - time: nanoseconds of the trace clock.
    ///   - behind: the CPUs of which there is more to read from their last event on.
    public mutating func follow(before time: UInt64, behind: [Int] = []) {
        deep.merge(&durations, before: time, behind: behind)
    }

    /// Names the followed tasks that no event named.
    public mutating func nameTasks(_ find: (Int64) -> String?) { deep.nameTasks(find) }

    /// Ends an interval.
    ///
    /// - Parameters:
    ///   - wallOffset: what makes times of the trace clock those of CLOCK_REALTIME, in nanoseconds.
    ///   - wall: CLOCK_REALTIME, in nanoseconds since 1970; nil if that is unknown.
    public mutating func endInterval(nanoseconds: UInt64?, wallOffset: UInt64 = 0, wall: UInt64? = nil) {
        durations.endInterval(wallOffset: wallOffset)
        deep.endInterval(waitingCount: deep.isOn ? durations.waitingCount : 0)
        intervalNanoseconds = nanoseconds
        if sinceNanoseconds == nil { sinceNanoseconds = wall }
    }

    /// Forgets the maxima, totals and distributions up to the end of the interval that runs.
    public mutating func forgetTotals() {
        guard isOn else { return }
        durations.forgetTotals()
        sinceNanoseconds = nil
    }

    /// The rows of /proc/interrupts where the kernel counts its vectors (arch/x86/kernel/irq.c).
    private static let labels = [
        "local_timer": "LOC", "reschedule": "RES", "call_function": "CAL", "call_function_single": "CAL",
        "irq_work": "IWI", "thermal_apic": "TRM", "threshold_apic": "THR", "deferred_error_apic": "DFR",
        "spurious_apic": "SPU", "x86_platform_ipi": "PLT",
    ]

    /// The row of /proc/interrupts where the kernel counts a vector; nil if it has none.
    static func label(ofVector name: String) -> String? { labels[name] }

    /// True if vectors are counted in the row with this label.
    static func hasVector(_ label: String) -> Bool { labels.values.contains(label) }

    /// True if the vectors that are counted in the row with this label are traced.
    func tracesVector(_ label: String) -> Bool { vectorByLabel[label] != nil }

    /// True if durations of an interval are known.
    public var hasInterval: Bool { isOn && intervalNanoseconds != nil }

    /// True if the tasks of an interval are known: with many events it may take longer than one until the first are followed.
    public var knowsTasks: Bool { hasInterval && deep.hasInterval }

    /// The place of a row of the architecture; nil if it has no events.
    func place(label: String) -> SpanPlace? { vectorByLabel[label].flatMap { durations.place(vector: $0) } }

    /// The share of a CPU's time that the last interval's handlers took, as far as they are traced; nil without a trace.
    public func shares(cpu: Int) -> (irq: Double, softirq: Double)? {
        guard isOn, let intervalNanoseconds, intervalNanoseconds > 0 else { return nil }
        let (time, whole) = (durations.time(cpu: cpu), Double(intervalNanoseconds))
        return (min(Double(time.irqNanoseconds) / whole, 1), min(Double(time.softirqNanoseconds) / whole, 1))
    }

    /// The share of each CPU's time that writing the last interval's events took the kernel, about; nil without an interval.
    ///
    /// - Parameter cpuCount: the CPUs that are traced.
    public func writingShare(cpuCount: Int) -> Double? {
        guard hasInterval, let intervalNanoseconds, intervalNanoseconds > 0, cpuCount > 0 else { return nil }
        let events = Double(durations.events &+ durations.lost)
        return events * Self.eventNanoseconds / Double(intervalNanoseconds) / Double(cpuCount)
    }

    /// A time as a share of one CPU in the last interval, 0…; nil without one.
    public func share(_ nanoseconds: UInt64) -> Double? {
        guard let intervalNanoseconds, intervalNanoseconds > 0 else { return nil }
        return Double(nanoseconds) / Double(intervalNanoseconds)
    }
}
