/// The machine that a recording was made on, as it describes it; the caller reads it from tracefs and /proc.
///
/// Texts are the kernel's files as they are. One that cannot be read stays empty: every reader takes that.
public struct RecordingMachine: Sendable {
    /// The size of `long` in user space, in bytes.
    public var longByteCount = MemoryLayout<Int>.size
    /// The highest CPU number + 1. If there are pages of a higher CPU, that counts.
    public var cpuCount: Int
    /// events/header_page: the layout of a sub-buffer. Needed: without it nobody can read the pages.
    public var headerPage: [UInt8]
    /// events/header_event.
    public var headerEvent: [UInt8] = []
    /// events/ftrace/*/format, one after another.
    public var ftraceFormats: [[UInt8]] = []
    /// The format files of the recorded events, by system.
    public var eventFormats: [(system: String, formats: [[UInt8]])]
    /// /proc/kallsyms, or the part of it that a reader needs.
    public var kallsyms: [UInt8] = []
    /// printk_formats.
    public var printkFormats: [UInt8] = []
    /// saved_cmdlines: lines of "pid name".
    public var savedCommandLines: [UInt8] = []
    /// The trace_clock file with the chosen clock in brackets, or only the clock's name.
    public var traceClock = "mono"
    /// System, node, release and machine of uname(2), with blanks between them as trace-cmd has it.
    public var uname = ""
    /// Which program recorded.
    public var version = ""
    /// Distinguishes this recording from others; nil leaves it out.
    public var traceID: UInt64?
    /// per_cpu/cpuN/stats of the CPUs that were recorded.
    public var cpuStatistics: [(cpu: Int, text: [UInt8])] = []

    /// True if the recorded events themselves hold addresses of the kernel.
    public var eventsHaveAddresses = false

    /// True if a recording of it tells where the kernel's code and data lie, which is for root only.
    public var hasKernelAddresses: Bool { eventsHaveAddresses || !kallsyms.isEmpty || !printkFormats.isEmpty }

    /// Creates a description with what a recording cannot do without.
    public init(cpuCount: Int, headerPage: [UInt8], eventFormats: [(system: String, formats: [[UInt8]])]) {
        self.cpuCount = cpuCount
        self.headerPage = headerPage
        self.eventFormats = eventFormats
    }

    /// The number of CPUs of a file with these sections, the last of which has the highest CPU.
    func cpuCount(with sections: [RecordingLayout.Section]) -> Int { max(cpuCount, (sections.last?.cpu ?? -1) + 1) }

    /// The chosen clock: "mono" of "local [mono] boot", or all of a text without brackets.
    var clockName: String {
        if let open = traceClock.firstIndex(of: "["), let end = traceClock[open...].firstIndex(of: "]") {
            return String(traceClock[traceClock.index(after: open)..<end])
        }
        return String(traceClock.filter { !$0.isWhitespace })
    }

    /// The text of the TRACECLOCK option: readers look for the brackets.
    var clockText: String { traceClock.contains("[") ? traceClock : "[\(clockName)]\n" }
}
