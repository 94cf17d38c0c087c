/// The numbers of errors that the kernel answers to writes of masks (errno(3)).
public enum MaskError {
    /// The interrupt is managed, or its controller takes no mask: since Linux 6.12.
    public static let notPermitted: Int32 = 1
    /// There is no such file: the line is gone.
    public static let absent: Int32 = 2
    /// The interrupt is managed, or its controller takes no mask: before Linux 6.12.
    public static let managed: Int32 = 5
    /// Nobody but root may write it.
    public static let denied: Int32 = 13
    /// All CPUs of the mask are offline, or the controller refuses it.
    public static let invalid: Int32 = 22
    /// The CPUs of the mask have no vector left.
    public static let full: Int32 = 28
    /// /proc is mounted for reading only.
    public static let readOnly: Int32 = 30
    /// A CPU that the kernel does not know, in a list.
    public static let range: Int32 = 34
    /// A CPU that the kernel does not know, in a mask.
    public static let overflow: Int32 = 75

    /// True if the error says that nobody can set this line's mask.
    public static func isOfManaged(_ number: Int32) -> Bool { number == notPermitted || number == managed }

    /// The error in words, with what can be done.
    public static func words(_ number: Int32) -> String {
        switch number {
        case notPermitted, managed: "the kernel alone chooses its CPUs (a managed interrupt)"
        case absent: "it is not there any more"
        case denied: "permission denied: root is needed"
        case invalid: "refused: no CPU of it is online, or its controller takes none"
        case full: "those CPUs have no interrupt vector left; choose others (--cpus)"
        case readOnly: "/proc and /sys are for reading only here (a container, or ProtectKernelTunables= of the unit)"
        case range, overflow: "a CPU of it is unknown to this kernel"
        default: "error \(number)"
        }
    }
}

extension KernelFiles {
    /// A list of CPUs; nil if it cannot be read.
    func cpuList(_ path: String) -> CPUSet? {
        guard let text = read(path).text else { return nil }
        return text.isEmpty || text == "(null)" ? CPUSet() : CPUSet.parse(list: text, last: nil)
    }

    /// The mask of a line; nil if it cannot be read.
    func mask(ofLine irq: Int) -> CPUSet? {
        cpuList("proc/irq/\(irq)/smp_affinity_list").flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The CPUs that a line's controller has; nil if it tells none.
    func effective(ofLine irq: Int) -> CPUSet? {
        cpuList("proc/irq/\(irq)/effective_affinity_list").flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The kernel's name for this boot; "" if it has none.
    public var bootID: String { read("proc/sys/kernel/random/boot_id").text ?? "" }
}

/// The keeper of an `AffinityState` outside of this process: a file, or a test.
public struct AffinityKeeper {
    /// Replaces what is kept, so that it is whole whenever the program or the machine stops; says what went wrong.
    public var save: (AffinityState) -> String?
    /// Removes it; says what went wrong.
    public var remove: () -> String?

    /// Creates a keeper.
    public init(save: @escaping (AffinityState) -> String?, remove: @escaping () -> String?) {
        (self.save, self.remove) = (save, remove)
    }
}
