internal import Glibc

/// The name of an instance, which tells whose it is: `irqscope-PID-START`, START being the process's start in clock
/// ticks after boot; a process's further instances end in `.2`, `.3`, ….
struct InstanceName: Equatable {
    /// The process.
    let pid: Int32
    /// Field 22 of its /proc/PID/stat.
    let startTicks: UInt64
    /// 1 and up.
    let serial: UInt32

    private static let prefix = "irqscope-"

    /// The name itself.
    var text: String { "\(Self.prefix)\(pid)-\(startTicks)" + (serial == 1 ? "" : ".\(serial)") }

    init(pid: Int32, startTicks: UInt64, serial: UInt32) {
        self.pid = pid
        self.startTicks = startTicks
        self.serial = serial
    }

    /// Reads a name; nil if it is none that we give.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let pid = Int32(parts[0]), pid > 0 else { return nil }
        let numbers = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count <= 2, let startTicks = UInt64(numbers[0]),
            let serial = numbers.count == 2 ? UInt32(numbers[1]) : 1
        else { return nil }
        self.init(pid: pid, startTicks: startTicks, serial: serial)
        // Nothing but what we write: no signs, no leading zeros.
        guard self.text == text else { return nil }
    }

    /// This process's name number `serial`; the start is 0 where /proc does not tell it.
    static func own(serial: UInt32) -> InstanceName {
        var reader = StatReader()
        let folder = Directory("/proc")
        var startTicks: UInt64 = 0
        if case .line(let line) = reader.read(pid: getpid(), in: folder.descriptor) { startTicks = line.startTicks }
        return InstanceName(pid: getpid(), startTicks: startTicks, serial: serial)
    }

    /// Whether its process has certainly ended. What cannot be told counts as living.
    var isOrphan: Bool {
        if kill(pid, 0) != 0, errno == ESRCH { return true }
        guard startTicks > 0 else { return false }
        var reader = StatReader()
        let folder = Directory("/proc")
        switch reader.read(pid: pid, in: folder.descriptor) {
        case .line(let line):
            let hasEnded = line.state == UInt8(ascii: "Z") || line.state == UInt8(ascii: "X")
            return line.startTicks != startTicks || hasEnded
        case .gone: return kill(pid, 0) != 0 && errno == ESRCH  // a /proc that hides processes says the same
        case .unreadable: return false
        }
    }
}
