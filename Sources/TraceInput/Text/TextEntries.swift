/// The lines of a text beside the number of events that the kernel says are in it.
struct TextEntries {
    /// Lines that are events, of any kind.
    var read: UInt64 = 0
    /// Lines that are none, or not known as one: each may be an event, or a part of one, as those of a stack are.
    var other: UInt64 = 0
    /// Events that the text says were lost while it was printed: the kernel had counted them before.
    var toldLost: UInt64 = 0
    /// True if the text ends inside of a line.
    var isCut = false
    private var cpu: Int?
    /// True if events of several CPUs were read. The head of per_cpu/cpuN/trace counts those of all CPUs as well
    /// (kernel/trace/trace.c `print_event_info`), so the text of one CPU says nothing of what it lacks.
    private var isOfSeveralCPUs = false

    /// Counts a line that is an event.
    @inline(always)
    mutating func add(cpu: Int) {
        read += 1
        if self.cpu != cpu {
            isOfSeveralCPUs = self.cpu != nil || isOfSeveralCPUs
            self.cpu = cpu
        }
    }

    /// Events that the kernel counted and the text does not have.
    struct Shortage {
        /// The kernel's count, and the number of lines.
        let counted: UInt64
        let read: UInt64
        /// The events that are missing at least.
        let missing: UInt64
        /// False if there may be more.
        let isExact: Bool
        /// True if the end of the text is missing; else lines may have been taken out on purpose.
        let isCut: Bool

        /// The sentence for the reader.
        var sentence: String {
            let head = "the kernel counted \(counted) events in this trace, and \(read) are here: "
            if missing == 0 { return "the text ends inside of a line, it was cut short" }
            return isCut
                ? head + "the text ends inside of a line, it was cut short"
                : head + "the others were cut off or filtered out; if that was meant, take out the line "
                    + "# entries-in-buffer"
        }
    }

    /// The events that the kernel counted and are missing; nil if none is known to be.
    ///
    /// - Parameter cpuCount: the CPUs of the machine; nil if the text does not tell.
    func shortage(of counted: UInt64, cpuCount: Int?) -> Shortage? {
        let known = read &+ other &+ toldLost
        guard counted > known else { return nil }
        if !isOfSeveralCPUs, cpuCount != 1 {
            return isCut ? Shortage(counted: counted, read: read, missing: 0, isExact: false, isCut: true) : nil
        }
        return Shortage(
            counted: counted, read: read, missing: counted - known, isExact: other == 0, isCut: isCut)
    }
}
