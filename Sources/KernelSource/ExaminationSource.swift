internal import Glibc
public import IRQCore

/// Makes the examination of a box: the running one, or a saved copy.
public enum ExaminationSource {
    /// The first sample of the running kernel.
    public struct FirstSample {
        let files: RunningFiles
        let sampled: SampledFiles
        let firmwareStops: FirmwareStopCounter
        let nanoseconds: UInt64
    }

    /// Takes the first sample of the running kernel.
    ///
    /// - Parameter patterns: the files beside those that all examinations need.
    public static func sample(_ patterns: [String]) -> FirstSample {
        let files = RunningFiles()
        let start = KernelClock.monotonic()
        let sampled = SampledFiles(files, patterns: ExaminationFiles.always + patterns)
        sampled.sampleTasks()
        return FirstSample(
            files: files, sampled: sampled, firmwareStops: FirmwareStopCounter(files), nanoseconds: start)
    }

    /// Takes the second sample of the running kernel, or the only one, and reads all that is to be known.
    public static func examine(
        _ first: FirstSample?, latencyCPUs: CPUSet = CPUSet(), looksAtHandlers: Bool = false, tracingRoot: String? = nil
    ) throws(ExaminationError) -> Examination {
        // The counts are read as soon as possible: the examination reads other files for a while.
        let files = first?.files ?? RunningFiles()
        let second = first == nil ? nil : SecondSample(files, ["proc/interrupts", "proc/softirqs", "proc/stat"])
        var input = ExaminationInput(files: second ?? files, earlier: first?.sampled)
        input.isLive = true
        input.isRoot = geteuid() == 0
        if let first { input.firmwareStops = first.firmwareStops.count }
        input.intervalNanoseconds = first.map { KernelClock.monotonic() - $0.nanoseconds }
        input.ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        input.kernel = KernelRelease.text(KernelRoots(procRoot: nil, sysRoot: nil)) ?? ""
        input.latencyCPUs = latencyCPUs
        input.linkFacts = { files.bounded.link($0) }
        addDevices(of: input.files, to: &input)
        input.applied = AppliedLines(input.files)
        if looksAtHandlers, input.isRoot {
            input.look = { lines in
                // Whatever ends the process now, nothing of the trace stays behind.
                InstanceCleanup.install()
                do throws(TraceError) {
                    return .success(
                        try HandlerProfiler.look(at: lines, nanoseconds: lookNanoseconds, tracingRoot: tracingRoot))
                } catch {
                    return .failure(LookProblem(error.problem))
                }
            }
        }
        return try Examination(input)
    }

    /// A look at handlers takes so long: enough for a thousand calls of any storm.
    private static let lookNanoseconds: UInt64 = 1_000_000_000

    /// Reads a saved copy; where it has `later` beside its proc, that is the second sample.
    public static func examine(
        copy roots: KernelRoots, latencyCPUs: CPUSet = CPUSet()
    ) throws(ExaminationError) -> Examination {
        let tree = SavedFolder(roots)
        return try examine(tree, hasLater: tree.hasLater, hasModes: false, latencyCPUs)
    }

    /// Reads an archive of a copy.
    public static func examine(
        archive: [TarEntry], latencyCPUs: CPUSet = CPUSet()
    ) throws(ExaminationError) -> Examination {
        let tree = SavedArchive(archive)
        return try examine(tree, hasLater: tree.names("later") != nil, hasModes: true, latencyCPUs)
    }

    private static func examine(
        _ tree: any SavedTree, hasLater: Bool, hasModes: Bool, _ latencyCPUs: CPUSet
    ) throws(ExaminationError) -> Examination {
        let base = CopiedFiles(tree, isLater: false, hasModes: hasModes)
        let later = hasLater ? CopiedFiles(tree, isLater: true, hasModes: hasModes) : base
        var input = ExaminationInput(files: later, earlier: hasLater ? base : nil)
        let release = base.read("proc/sys/kernel/osrelease").text
        let words = base.read("proc/version").text?.split(separator: " ") ?? []
        input.kernel = release ?? (words.count > 2 && words[0] == "Linux" ? String(words[2]) : "")
        input.latencyCPUs = latencyCPUs
        addDevices(of: base, to: &input)
        return try Examination(input)
    }

    /// Looks at the running kernel as `doctor` does, and keeps all that it read: a box that can be judged elsewhere.
    ///
    /// Names of hosts and addresses are replaced, the log and the processes cut down to what checks read.
    ///
    /// - Parameter wait: waits for the second sample.
    public static func snapshot(wait: () -> Void) throws(ExaminationError) -> [TarEntry] {
        let tree = RecordingTree()
        let files = CopiedFiles(tree, isLater: false, hasModes: true)
        let start = KernelClock.monotonic()
        let sampled = SampledFiles(files, patterns: ExaminationFiles.always + DoctorChecks.sampled)
        sampled.sampleTasks()
        wait()
        tree.isSecond = true
        var input = ExaminationInput(files: files, earlier: sampled)
        (input.isLive, input.isRoot) = (true, geteuid() == 0)
        input.intervalNanoseconds = KernelClock.monotonic() - start
        input.kernel = KernelRelease.text(KernelRoots(procRoot: nil, sysRoot: nil)) ?? ""
        addDevices(of: files, to: &input)
        let box = try Examination(input)
        // All files that a check wants are read here.
        _ = DoctorRun(box)
        for pattern in listed { _ = SampledFiles(files, patterns: [pattern]) }
        return SnapshotEntries(tree, box).entries()
    }

    /// The files that `list` and `alert` show beside those of the checks.
    private static let listed = [
        "proc/version", "proc/sys/kernel/osrelease", "proc/irq/*/affinity_hint", "proc/irq/*/node",
        "proc/irq/*/smp_affinity_list", "proc/irq/*/effective_affinity_list", "sys/kernel/irq/*/actions",
        "sys/kernel/irq/*/name", "sys/devices/system/cpu/present", "sys/devices/system/cpu/offline",
    ]

    private static func addDevices(of files: any KernelFiles, to input: inout ExaminationInput) {
        let map = DeviceMap(files)
        let places = ClassPlaces(files)
        input.devices = map.devices
        input.setDevices = { irq, details in details.setDevices(of: irq, from: map) }
        input.parts = { devices in places.parts(of: devices) }
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
