/// A process or thread, as /proc/PID/stat has it (proc_pid_stat(5)).
public struct ExaminedTask: Sendable {
    /// Its number.
    public let pid: Int
    /// The number of its process: the same for a process of one thread.
    public let process: Int
    /// Its name. Untrusted text.
    public let name: String
    /// True if it is a thread of the kernel.
    public let isKernel: Bool
    /// The state's letter: `D` waits for a disk or a device.
    public let state: Character
    /// CPU time in ticks since its start.
    public let cpuTicks: UInt64
    /// The start, in ticks after boot.
    public let startTicks: UInt64
    /// The CPU that it ran on last; the only one that it may run on, where that was asked.
    public internal(set) var lastCPU: Int
    /// 1 (low) to 99 under a real-time policy, else 0.
    public let realtimePriority: Int
    /// The policy: 0 OTHER, 1 FIFO, 2 RR, 3 BATCH, 5 IDLE, 6 DEADLINE.
    public let policy: Int
    /// Minor and major page faults.
    public let (minorFaults, majorFaults): (UInt64, UInt64)
    /// The number of threads of its process.
    public let threadCount: Int
    /// The share of a CPU that it took between the samples, 0…1; nil if unknown.
    public var cpuShare: Double?

    /// True under FIFO or RR.
    public var isRealtime: Bool { policy == 1 || policy == 2 }
    /// `FIFO 50`, `OTHER`.
    public var policyText: String {
        let names = [0: "OTHER", 1: "FIFO", 2: "RR", 3: "BATCH", 5: "IDLE", 6: "DEADLINE"]
        let name = names[policy] ?? "policy \(policy)"
        return isRealtime ? "\(name) \(realtimePriority)" : name
    }
    /// The folder of its files below `proc/`.
    public var folder: String { pid == process ? "proc/\(pid)" : "proc/\(process)/task/\(pid)" }

    /// PF_KTHREAD of include/linux/sched.h.
    private static let kernelThreadFlag: UInt64 = 0x20_0000

    /// Reads the line of a stat file; nil if it is none.
    init?(stat: String, process: Int) {
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close,
            let pid = Int(stat[..<open].trimmingBlanks)
        else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        // Field 3 is the first here.
        func number(_ field: Int) -> UInt64 { fields.indices.contains(field - 3) ? UInt64(fields[field - 3]) ?? 0 : 0 }
        guard fields.count >= 20, let letter = fields[0].first else { return nil }
        self.pid = pid
        self.process = process
        name = String(stat[stat.index(after: open)..<close])
        // Copies that were made by hand may have no flags: the parent tells then.
        let flags = number(9)
        isKernel = flags == 0 ? number(4) == 2 || pid == 2 : flags & Self.kernelThreadFlag != 0
        state = letter
        cpuTicks = number(14) &+ number(15)
        startTicks = number(22)
        lastCPU = Int(clamping: number(39))
        // -2 to -100 in field 18 is a real-time priority that it runs with, its own or one that it inherited.
        let running = fields.indices.contains(15) ? Int(fields[15]) ?? 0 : 0
        if number(41) == 0, running < -1, running >= -100 {
            (realtimePriority, policy) = (-running - 1, 1)
        } else {
            (realtimePriority, policy) = (Int(clamping: number(40)), Int(clamping: number(41)))
        }
        (minorFaults, majorFaults) = (number(10), number(12))
        threadCount = Int(clamping: number(20))
    }
}

extension StringProtocol {
    /// The text without blanks and ends of lines around it.
    var trimmingBlanks: String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" || first == "\n" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" || last == "\n" { rest = rest.dropLast() }
        return String(rest)
    }
}
