internal import Glibc
internal import IRQCore

/// Reads what this process costs: CPU time from getrusage(2), resident memory from /proc/self/statm (proc(5)).
struct CostReader: ~Copyable {
    private var text = TextBuffer(capacity: 4096)
    private var isFirst = true

    /// Replaces `cost` by what it is now.
    mutating func read(into cost: inout OwnCost) {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let total = Self.nanoseconds(usage.ru_utime) + Self.nanoseconds(usage.ru_stime)
        cost.intervalCPUNanoseconds = isFirst ? nil : total - min(total, cost.cpuNanoseconds)
        cost.cpuNanoseconds = total
        isFirst = false
        do throws(SourceError) {
            try ProcFile.read("/proc/self/statm", into: &text)
            cost.residentByteCount = Self.residentPages(text) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
        } catch {
            cost.residentByteCount = 0
        }
    }

    private static func nanoseconds(_ time: timeval) -> UInt64 {
        UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1000
    }

    /// The second number of the line.
    private static func residentPages(_ text: borrowing TextBuffer) -> UInt64 {
        let bytes = text.bytes
        var position = 0
        while position < bytes.byteCount, bytes.byte(at: position) != UInt8(ascii: " ") { position += 1 }
        var value: UInt64 = 0
        position += 1
        while let byte = bytes.byte(at: position), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
            position += 1
        }
        return value
    }
}
