internal import Glibc
internal import IRQCore
internal import KernelSource

/// Copies /proc/interrupts and /proc/softirqs as they are now.
enum KernelSnapshot {
    /// Copies both files before and after `change`, which switches the trace, and adds of each the copy that is nearer to it.
    ///
    /// On a busy box this process may wait between two lines for longer than thousands of interrupts take: then one
    /// of the copies is far off, rarely both. A file that cannot be read is left out.
    static func add<Failure: Error>(
        _ moment: String, around change: () throws(Failure) -> Void, to attachment: inout SnapshotAttachment
    ) throws(Failure) {
        // A few milliseconds ahead of all others: what runs in between would be counted and not traced, or traced
        // and not counted.
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        let priority = getpriority(process, 0)
        setpriority(process, 0, -20)
        defer { setpriority(process, 0, priority) }
        // The one read last is the one that matters most.
        let before = ["softirqs", "interrupts"].map { part($0, moment) }
        let start = KernelClock.monotonic()
        try change()
        let end = KernelClock.monotonic()
        let after = ["interrupts", "softirqs"].map { part($0, moment) }
        for (earlier, later) in zip(before.reversed(), after) {
            guard let earlier, let later else { continue }
            let isEarlierNearer =
                start - min(earlier.timeNanoseconds, start) <= later.timeNanoseconds - min(end, later.timeNanoseconds)
            attachment.parts.append(isEarlierNearer ? earlier : later)
        }
        let middle = start + (end - start) / 2
        attachment.parts.append(.init(name: "switch", moment: moment, timeNanoseconds: middle, text: []))
    }

    /// A file as it is now; nil if it cannot be read.
    private static func part(_ name: String, _ moment: String) -> SnapshotAttachment.Part? {
        var text = TextBuffer(capacity: 64 << 10)
        let start = KernelClock.monotonic()
        do throws(SourceError) {
            try ProcFile.read("/proc/\(name)", into: &text)
        } catch {
            return nil
        }
        let time = start + (KernelClock.monotonic() - start) / 2
        return .init(name: name, moment: moment, timeNanoseconds: time, text: bytes(text))
    }

    /// Adds what was chosen to be recorded: the rest of the counts is not to be found in the trace.
    static func addChoice(_ plan: TracePlan, to attachment: inout SnapshotAttachment) {
        if let cpus = plan.cpus { add("cpus", cpus.sorted().map { "\($0)" }, to: &attachment) }
        if plan.events.contains(.sched), let words = plan.tasks.words { add("tasks", words, to: &attachment) }
        if let irqs = plan.irqs { add("irqs", irqs.map { "\($0.lowerBound)-\($0.upperBound)" }, to: &attachment) }
    }

    private static func add(_ name: String, _ words: [String], to attachment: inout SnapshotAttachment) {
        let text = Array(words.joined(separator: ",").utf8)
        attachment.parts.append(.init(name: name, moment: "choice", timeNanoseconds: 0, text: text))
    }

    private static func bytes(_ text: borrowing TextBuffer) -> [UInt8] {
        let span = text.bytes
        return unsafe span.withUnsafeBytes { unsafe Array($0) }
    }
}
