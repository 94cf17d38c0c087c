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

    private static func bytes(_ text: borrowing TextBuffer) -> [UInt8] {
        let span = text.bytes
        return unsafe span.withUnsafeBytes { unsafe Array($0) }
    }
}
