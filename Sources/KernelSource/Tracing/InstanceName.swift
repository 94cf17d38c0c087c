internal import Glibc

/// The name of an instance, which tells whose it is: `irqscope-PID-START-NAMESPACE`, START being the process's start in
/// clock ticks after boot and NAMESPACE the number of its PID namespace, in which PID is counted; a process's further
/// instances end in `.2`, `.3`, ….
struct InstanceName: Equatable {
    /// The process.
    let pid: Int32
    /// Field 22 of its /proc/PID/stat; 0 where that is not known, or not of the machine's own time.
    let startTicks: UInt64
    /// The inode of its /proc/PID/ns/pid; 0 where that is not known, nil in names of irqscope 0.1.
    let namespace: UInt64?
    /// 1 and up.
    let serial: UInt32

    private static let prefix = "irqscope-"

    /// The name itself.
    var text: String {
        let owner = "\(Self.prefix)\(pid)-\(startTicks)" + (namespace.map { "-\($0)" } ?? "")
        return owner + (serial == 1 ? "" : ".\(serial)")
    }

    init(pid: Int32, startTicks: UInt64, namespace: UInt64?, serial: UInt32) {
        self.pid = pid
        self.startTicks = startTicks
        self.namespace = namespace
        self.serial = serial
    }

    /// Reads a name; nil if it is none that we give.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let ends = text.dropFirst(Self.prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard ends.count <= 2, let serial = ends.count == 2 ? UInt32(ends[1]) : 1 else { return nil }
        let parts = ends[0].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let pid = Int32(parts[0]), pid > 0,
            let startTicks = UInt64(parts[1])
        else { return nil }
        var namespace: UInt64?
        if parts.count == 3 {
            guard let number = UInt64(parts[2]) else { return nil }
            namespace = number
        }
        self.init(pid: pid, startTicks: startTicks, namespace: namespace, serial: serial)
        // Nothing but what we write: no signs, no leading zeros.
        guard self.text == text else { return nil }
    }

    /// This process's name number `serial`.
    static func own(serial: UInt32, _ view: ProcessView = ProcessView()) -> InstanceName {
        InstanceName(
            pid: getpid(), startTicks: view.ownStartTicks, namespace: view.namespace ?? 0, serial: serial)
    }

    /// True if its process is counted where `view` looks from, so that it can be told whether it lives.
    func isJudged(by view: ProcessView) -> Bool { namespace != nil && namespace == view.namespace }

    /// True if its process has certainly ended; false if that cannot be told.
    func isOrphan(_ view: ProcessView) -> Bool {
        guard isJudged(by: view) else { return false }
        if kill(pid, 0) != 0, errno == ESRCH { return true }
        guard startTicks > 0, view.knowsStarts else { return false }
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
