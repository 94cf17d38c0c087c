/// The counts of /proc/net/softnet_stat for a CPU (net/core/net-procfs.c `softnet_seq_show`): counts of 32 bits.
public struct SoftnetCounts: BitwiseCopyable, Equatable, Sendable {
    /// The CPU.
    public var cpu: Int32
    /// Packets that were taken off the wire.
    public var processed: UInt32
    /// Packets that were dropped because the backlog was full.
    public var dropped: UInt32
    /// The number of times the network softirq stopped with work left: its 2 jiffies or its budget were used up.
    public var squeezed: UInt32

    /// Creates counts.
    public init(cpu: Int32, processed: UInt32, dropped: UInt32, squeezed: UInt32) {
        (self.cpu, self.processed, self.dropped, self.squeezed) = (cpu, processed, dropped, squeezed)
    }
}

/// /proc/net/softnet_stat: a line for each CPU online, hexadecimal numbers of eight digits.
///
/// ```
/// 0041c6ce 00000000 00000001 … 00000001 …     <- processed, dropped, squeezed; the 13th is the CPU, since Linux 5.10
/// ```
///
/// Older kernels do not tell the CPU: the lines are then those of the CPUs online, in order, which the caller gives.
public enum SoftnetStat {
    /// Reads a text.
    ///
    /// - Parameter cpus: the CPUs online, ascending.
    /// - Returns: the counts; nil if the text is none of the kernel's.
    public static func read(_ text: RawSpan, cpus: [Int]) -> [SoftnetCounts]? {
        var result: [SoftnetCounts] = []
        var position = 0
        while position < text.byteCount {
            let end = text.endOfLine(from: position)
            var fields: [UInt32] = []
            while fields.count < 16 {
                position = text.skippingBlanks(from: position)
                if position >= end { break }
                guard let value = number(text, at: &position) else { return nil }
                fields.append(value)
            }
            position = end &+ 1
            if fields.isEmpty { continue }
            guard fields.count >= 3, result.count <= ProcTextLimits.highestCPU else { return nil }
            var cpu = result.count < cpus.count ? cpus[result.count] : result.count
            if fields.count >= 13, fields[12] <= UInt32(ProcTextLimits.highestCPU) { cpu = Int(fields[12]) }
            result.append(
                SoftnetCounts(
                    cpu: Int32(truncatingIfNeeded: cpu), processed: fields[0], dropped: fields[1],
                    squeezed: fields[2]))
        }
        return result.isEmpty ? nil : result
    }

    private static func number(_ text: RawSpan, at position: inout Int) -> UInt32? {
        var value: UInt32 = 0
        let start = position
        while true {
            let byte = text.text(at: position)
            guard let digit = ASCII.hexadecimalDigit(byte) else {
                let isEnd = byte == ASCII.newline || ASCII.isBlank(byte)
                return isEnd && position > start ? value : nil
            }
            guard position &- start < 8 else { return nil }
            value = value << 4 | UInt32(digit)
            position &+= 1
        }
    }
}
