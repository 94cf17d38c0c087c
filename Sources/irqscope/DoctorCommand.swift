internal import ArgumentParser
internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceInput

/// `irqscope doctor`: what is wrong with the interrupts of a box, how one knows, and what to type next.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what is wrong with the interrupts of a box, how one knows, and what to type next.")

    @Option(
        help: ArgumentHelp("How to write findings. (default: text)", valueName: "format"))
    var format: DoctorFormat?

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Flag(name: .shortAndLong, help: "Tell the trust and the files of each finding, and what could not be judged.")
    var verbose = false

    @Flag(help: "Wait 2 s between the two samples instead of 12: says what that costs.")
    var quick = false

    @Option(
        help: ArgumentHelp("Exit with 2 from this severity on: warn or crit.", valueName: "severity"),
        completion: Completions.choice(FailLevel.self), transform: OptionValue.choice)
    var failOn: FailLevel?

    @Option(
        help: ArgumentHelp(
            "CPUs where latency matters, such as 4-7: set aside like those of isolcpus=.", valueName: "list"),
        completion: Completions.cpus, transform: OptionValue.cpus)
    var latencyCpus: CPUSet?

    @Option(
        help: ArgumentHelp("Explain a check, or all, and do nothing else.", valueName: "check"),
        completion: .list(["all"] + DoctorChecks.all.map { $0.about.name }), transform: OptionValue.check)
    var explain: String?

    @Flag(inversion: .prefixedNo, help: "Look at what is suspected through tracefs for a second (as root).")
    var trace = true

    @Option(
        help: ArgumentHelp("Where tracefs is. (default: found, and mounted if need be)", valueName: "dir"),
        completion: .directory, transform: OptionValue.path)
    var tracingRoot: String?

    @OptionGroup var color: ColorOptions
    @OptionGroup var copy: CopyOptions

    /// The severities that end with 2.
    enum FailLevel: String, CaseIterable {
        case warn, crit
    }

    func validate() throws {
        if let format, json, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
        if explain != nil, chosenFormat == .html || chosenFormat == .nagios {
            throw ValidationError("--explain is written as text or JSON, not as \(chosenFormat.rawValue)")
        }
    }

    /// The form asked for.
    var chosenFormat: DoctorFormat { json ? .json : format ?? .text }

    func run() throws {
        if let explain {
            let texts = DoctorChecks.all.map { $0.about }.filter { explain == "all" || $0.name == explain }
            switch chosenFormat {
            case .json: StandardOutput.write { DoctorJSON.write(texts, to: &$0) }
            default:
                let style = color.style
                let parts = texts.map { DoctorText.explanation($0, style: style, width: StandardOutput.width) }
                StandardOutput.write(Array(parts.joined(separator: "\n").utf8))
            }
            return
        }
        if trace, copy.isLive { TracingOptions.sayAbsent(tracingRoot, "handlers are not looked at") }
        let box = try copy.examine(
            latencyCPUs: latencyCpus, isQuick: quick, isProgressShown: chosenFormat == .text, looksAtHandlers: trace,
            tracingRoot: tracingRoot)
        let absent = (latencyCpus ?? CPUSet()).subtracting(box.cpus.online)
        if !absent.isEmpty {
            Diagnostics.say(
                "CPU \(absent.list) of --latency-cpus is not online here, which has \(box.cpus.online.list); it is passed over"
            )
        }
        let host = copy.isLive ? KernelRelease.hostName() : ""
        let report = DoctorReport(DoctorRun(box), box, host: host, isQuick: quick && copy.isLive)
        switch chosenFormat {
        case .text:
            let units = Units(isUnicode: StandardOutput.isUnicode)
            StandardOutput.write(
                Array(
                    DoctorText.text(
                        report, isVerbose: verbose, style: color.style, units: units, width: StandardOutput.width
                    ).utf8))
        case .json: StandardOutput.write { DoctorJSON.write(report, to: &$0) }
        case .nagios: StandardOutput.write(Array(DoctorNagios.text(report).utf8))
        case .html: StandardOutput.write { DoctorHTML.write(report, to: &$0) }
        }
        let failing: DoctorSeverity? =
            switch failOn {
            case .warn: .warn
            case .crit: .crit
            case nil: nil
            }
        if let failing, report.run.findings.contains(where: { $0.severity >= failing }) {
            throw CommandFailure([], status: ExitStatus.conditionHeld)
        }
    }
}

/// A form of findings.
enum DoctorFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, nagios, html
}

extension OptionValue {
    /// The name of a check of `doctor`.
    @Sendable static func check(_ text: String) throws -> String {
        let names = DoctorChecks.all.map { $0.about.name }
        if names.contains(text) || text == "all" { return text }
        if let meant = Suggestion.nearest(to: text, of: names) {
            throw ValidationError("there is no such check; did you mean '\(meant)'?")
        }
        throw ValidationError("there is no such check; the checks are \(names.joined(separator: ", "))")
    }
}

/// The box that is examined: the running one, or a saved copy.
struct CopyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read a saved copy: a folder that holds proc and sys, or a snapshot.", valueName: "dir"),
        completion: .file(), transform: OptionValue.path)
    var root: String?

    @OptionGroup var source: SourceOptions

    func validate() throws {
        if root != nil, source.procRoot != nil || source.sysRoot != nil {
            throw ValidationError("--root names the folder of both: leave out --proc-root and --sys-root")
        }
    }

    /// The places of the files.
    var roots: KernelRoots {
        KernelRoots(procRoot: root.map { $0 + "/proc" } ?? source.procRoot, sysRoot: source.sysRoot)
    }

    /// True if the running kernel is examined.
    var isLive: Bool { roots.isLive }

    /// An archive is a file of at most so many bytes, unpacked.
    private static let archiveByteLimit = 256 << 20

    /// The entries of the archive that `--root` names; nil if it names none.
    private func archive() throws -> [TarEntry]? {
        guard let root, FileKind.isFile(root) else { return nil }
        do {
            return try TarArchive.read(PackedBytes.read(root, limit: Self.archiveByteLimit))
        } catch {
            throw CommandFailure(
                ["\(root): \(error); give a folder, or an archive that irqscope snapshot made"],
                status: ExitStatus.failed)
        }
    }

    /// Throws if a place that options name is not there, or may not be read.
    private func checkPlaces() throws {
        for (option, path) in [("--root", root), ("--proc-root", source.procRoot)] {
            guard let path else { continue }
            var number = unsafe access(path, R_OK) == 0 ? 0 : errno
            if number == 0, option == "--proc-root", !FileKind.isFolder(path) { number = ENOTDIR }
            if number == 0 { continue }
            let advice =
                number == EACCES ? "run as a user who may read it, or with sudo" : "check \(option)"
            throw CommandFailure(
                ["\(SafeText.escaped(path)): \(unsafe String(cString: strerror(number))); \(advice)"],
                status: ExitStatus.failed)
        }
    }

    /// The words for a running kernel that cannot be examined.
    static func liveProblem(_ error: ExaminationError) -> String {
        guard case .unreadable(let path, let answer) = error else { return "/\(error)" }
        let number: Int32? =
            switch answer {
            case .missing: ENOENT
            case .denied: EACCES
            case .failed(let number): number
            case .bytes, .slow: nil
            }
        return number.map { SourceError(path: "/" + path, reason: .system($0)).description } ?? "/\(error); try again"
    }

    /// Examines the box, and says what of its table could not be read.
    func examine(
        latencyCPUs: CPUSet?, isQuick: Bool, isProgressShown: Bool, looksAtHandlers: Bool = false,
        tracingRoot: String? = nil
    ) throws -> Examination {
        let box = try look(latencyCPUs, isQuick, isProgressShown, looksAtHandlers, tracingRoot)
        let place = root ?? source.procRoot ?? "/proc"
        for problem in box.tableProblems { Diagnostics.say("\(place): \(problem); save or read it again") }
        return box
    }

    private func look(
        _ latencyCPUs: CPUSet?, _ isQuick: Bool, _ isProgressShown: Bool, _ looksAtHandlers: Bool,
        _ tracingRoot: String?
    ) throws -> Examination {
        source.sayAbsent()
        try checkPlaces()
        let entries = try archive()
        if let root, entries?.isEmpty == true {
            throw CommandFailure(
                [
                    "\(root): this is no archive that irqscope snapshot made; give such a one, or a folder that holds proc/interrupts"
                ],
                status: ExitStatus.failed)
        }
        do throws(ExaminationError) {
            if let entries {
                return try ExaminationSource.examine(archive: entries, latencyCPUs: latencyCPUs ?? CPUSet())
            }
            guard isLive else {
                return try ExaminationSource.examine(copy: roots, latencyCPUs: latencyCPUs ?? CPUSet())
            }
            let first = ExaminationSource.sample(DoctorChecks.sampled)
            SampleWait.wait(isQuick: isQuick, isProgressShown: isProgressShown)
            return try ExaminationSource.examine(
                first, latencyCPUs: latencyCPUs ?? CPUSet(), looksAtHandlers: looksAtHandlers, tracingRoot: tracingRoot)
        } catch {
            if isLive { throw CommandFailure([Self.liveProblem(error)], status: ExitStatus.failed) }
            let place = root ?? source.procRoot ?? "/proc"
            throw CommandFailure(
                ["\(place): \(error); give a folder that holds proc/interrupts, or run it on the box"],
                status: ExitStatus.failed)
        }
    }
}

/// The time between the two samples of the running kernel.
enum SampleWait {
    /// Longer than the 10 s after which irqbalance looks again; and the short form, in nanoseconds.
    private static let (interval, quickInterval): (UInt64, UInt64) = (12_000_000_000, 2_000_000_000)

    /// Waits, and counts down on a terminal.
    static func wait(isQuick: Bool, isProgressShown: Bool) {
        let isShown = isProgressShown && isatty(2) == 1
        let end = KernelClock.monotonic() + (isQuick ? quickInterval : interval)
        while true {
            let now = KernelClock.monotonic()
            guard now < end else { break }
            if isShown {
                ProgressLine.put("\rirqscope: looking for \((end - now + 999_999_999) / 1_000_000_000) s more … ")
            }
            var time = timespec(tv_sec: 0, tv_nsec: 0)
            let rest = min(end - now, isShown ? 1_000_000_000 : end - now)
            (time.tv_sec, time.tv_nsec) = (Int(rest / 1_000_000_000), Int(rest % 1_000_000_000))
            unsafe nanosleep(&time, nil)
        }
        if isShown { ProgressLine.put("\r\u{1B}[K") }
    }
}

/// A line on the terminal that is written over again and again.
private enum ProgressLine {
    static func put(_ text: String) {
        let bytes = Array(text.utf8)
        // Nothing is lost if it does not arrive.
        _ = unsafe Glibc.write(2, bytes, bytes.count)
    }
}
