internal import Glibc
public import IRQCore

/// Makes the examination of a box: the running one, or a saved copy.
public enum ExaminationSource {
    /// The files that all examinations have from the first sample on.
    static let always = [
        "proc/interrupts", "proc/softirqs", "proc/stat", "proc/uptime", "proc/diskstats", "proc/net/softnet_stat",
        "proc/irq/*/smp_affinity", "proc/irq/*/effective_affinity", "proc/irq/*/spurious",
        "sys/class/net/*/statistics/rx_packets", "sys/class/net/*/statistics/tx_packets",
        "sys/firmware/acpi/interrupts/*",
    ]

    /// The first sample of the running kernel.
    public struct FirstSample {
        let files: RunningFiles
        let sampled: SampledFiles
        let nanoseconds: UInt64
    }

    /// Takes the first sample of the running kernel.
    ///
    /// - Parameter patterns: the files beside those that all examinations need.
    public static func sample(_ patterns: [String]) -> FirstSample {
        let files = RunningFiles()
        let start = KernelClock.monotonic()
        let sampled = SampledFiles(files, patterns: always + patterns)
        sampled.sampleTasks()
        return FirstSample(files: files, sampled: sampled, nanoseconds: start)
    }

    /// Takes the second sample of the running kernel, or the only one, and reads all that is to be known.
    public static func examine(
        _ first: FirstSample?, latencyCPUs: CPUSet = CPUSet()
    ) throws(ExaminationError) -> Examination {
        // The counts are read as soon as possible: the examination reads other files for a while.
        let files = first?.files ?? RunningFiles()
        let second = first == nil ? nil : SecondSample(files, ["proc/interrupts", "proc/softirqs", "proc/stat"])
        var input = ExaminationInput(files: second ?? files, earlier: first?.sampled)
        input.isLive = true
        input.isRoot = geteuid() == 0
        input.intervalNanoseconds = first.map { KernelClock.monotonic() - $0.nanoseconds }
        input.ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        return try examine(&input, KernelRoots(procRoot: nil, sysRoot: nil), latencyCPUs)
    }

    /// Reads a saved copy.
    ///
    /// - Parameters:
    ///   - roots: the places of its files.
    ///   - later: the folder of what was different later; nil to find `later` beside its proc.
    public static func examine(
        copy roots: KernelRoots, later: String? = nil, latencyCPUs: CPUSet = CPUSet()
    ) throws(ExaminationError) -> Examination {
        let base = CopiedFiles(roots)
        let folder = later ?? base.folder.map { $0 + "/later" }
        let hasLater = folder.map { Folder(path: $0) != nil } ?? false
        var input =
            hasLater
            ? ExaminationInput(files: CopiedFiles(roots, later: [folder ?? ""]), earlier: base)
            : ExaminationInput(files: base)
        return try examine(&input, roots, latencyCPUs)
    }

    private static func examine(
        _ input: inout ExaminationInput, _ roots: KernelRoots, _ latencyCPUs: CPUSet
    ) throws(ExaminationError) -> Examination {
        input.kernel = KernelRelease.text(roots) ?? ""
        input.latencyCPUs = latencyCPUs
        if let sys = roots.sys {
            let map = DeviceMap(sysRoot: sys)
            let places = ClassPlaces(sysRoot: sys)
            input.devices = map.devices
            input.setDevices = { irq, details in details.setDevices(of: irq, from: map) }
            input.parts = { devices in places.parts(of: devices) }
        }
        return try Examination(input)
    }
}

/// The running kernel's files, some of which are as they were at one time.
private final class SecondSample: KernelFiles {
    private let files: RunningFiles
    private var answers: [String: FileAnswer] = [:]

    init(_ files: RunningFiles, _ paths: [String]) {
        self.files = files
        for path in paths { answers[path] = files.read(path) }
    }

    func read(_ path: String) -> FileAnswer { answers[path] ?? files.read(path) }
    func names(_ path: String) -> [String]? { files.names(path) }
    func link(_ path: String) -> String? { files.link(path) }
    func mode(_ path: String) -> Int? { files.mode(path) }
}
