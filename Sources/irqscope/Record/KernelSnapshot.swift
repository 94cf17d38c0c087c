internal import Glibc
internal import IRQCore
internal import KernelSource

/// Copies /proc/interrupts and /proc/softirqs as they are now.
enum KernelSnapshot {
    /// Adds both files to `attachment`; one that cannot be read is left out.
    static func add(_ moment: String, to attachment: inout SnapshotAttachment) {
        for name in ["interrupts", "softirqs"] {
            var text = TextBuffer(capacity: 64 << 10)
            let start = TopPlan.now()
            do throws(SourceError) {
                try ProcFile.read("/proc/\(name)", into: &text)
            } catch {
                continue
            }
            let time = start + (TopPlan.now() - start) / 2
            attachment.parts.append(
                .init(name: name, moment: moment, timeNanoseconds: time, text: bytes(text)))
        }
    }

    /// Adds what was chosen to be recorded: the rest of the counts is not to be found in the trace.
    static func addChoice(_ plan: TracePlan, to attachment: inout SnapshotAttachment) {
        if let cpus = plan.cpus { add("cpus", cpus.sorted().map { "\($0)" }, to: &attachment) }
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
