internal import ArgumentParser
internal import FilePlaces
internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// `irqscope sample`: handler times of a box for Prometheus, from run to run.
struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Adds the handler times of a moment to histograms that Prometheus collects, as root.")

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the metrics to this file, whole at any time.", valueName: "file"),
        completion: .file(), transform: OptionValue.path)
    var output: String?

    @Option(
        help: ArgumentHelp("How long to trace. (default: 1s)", valueName: "time"), transform: SampleCommand.duration)
    var duration: UInt64?

    @Option(
        help: ArgumentHelp(
            "How many groups of handlers have series of their own, at most. (default: 500)", valueName: "n"),
        transform: SampleCommand.series)
    var series: Int?

    @Option(help: ArgumentHelp("How to write the sums. (default: prometheus)", valueName: "format"))
    var format: SampleFormat?

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Where to keep the sums between runs. (default: /var/lib/irqscope/sample.state)", valueName: "file"),
        completion: .file(), transform: OptionValue.path)
    var state: String?

    @Option(
        help: ArgumentHelp("Where tracefs is. (default: found, and mounted if need be)", valueName: "dir"),
        completion: .directory, transform: OptionValue.path)
    var tracingRoot: String?

    @Sendable private static func duration(_ text: String) throws -> UInt64 {
        let range: ClosedRange<UInt64> = 100_000_000...3_600_000_000_000
        let time = Amount.nanoseconds(text).flatMap { range.contains($0) ? $0 : nil }
        return try OptionValue.known(time, "a time from 100ms to 1h is needed")
    }

    @Sendable private static func series(_ text: String) throws -> Int {
        let range = 1...HandlerSums.mostLimit
        return try OptionValue.known(
            Int(text).flatMap { range.contains($0) ? $0 : nil }, "a number from 1 to \(range.upperBound) is needed")
    }

    func validate() throws {
        if let format, json, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
        if output != nil, chosenFormat == .json {
            throw ValidationError("--output is for Prometheus: leave out --format json, or redirect standard output")
        }
    }

    /// The form asked for.
    var chosenFormat: SampleFormat { json ? .json : format ?? .prometheus }

    func run() throws {
        do throws(SampleFailure) {
            try sample()
        } catch {
            throw CommandFailure([error.message], status: ExitStatus.failed)
        }
    }

    // MARK: A run

    /// The reason why there is no sample.
    private struct SampleFailure: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    private func sample() throws(SampleFailure) {
        guard geteuid() == 0 else { throw SampleFailure("tracing is for root only; run irqscope sample as root") }
        // Nobody shall wait for a sample that has no place to go.
        let metrics = try metricsFile()
        let path = state ?? SampleStore.defaultPath()
        var store = try open(path)
        let sample = try trace()
        // The state is held by one run at a time, and not while another one traces.
        if let failure = store.lock() { throw SampleFailure(failure.words) }
        var sums = try read(store)
        sums.add(
            sample.report, nanoseconds: sample.nanoseconds, lostEvents: sample.lostEvents,
            limit: series ?? HandlerSums.defaultLimit)
        if sample.lostEvents > 0 {
            Diagnostics.say("\(sample.lostEvents) events were lost: the box is busier than they could be read")
        }
        // Counts that were told must not be forgotten: first they are kept.
        do throws(FilePlaceError) {
            try store.write(sums)
        } catch {
            throw SampleFailure("\(path): \(error.problem); \(SampleStore.advice(path, error))")
        }
        try write(sums, sample, metrics)
    }

    private func metricsFile() throws(SampleFailure) -> MetricsFile? {
        guard let output else { return nil }
        do throws(FilePlaceError) {
            return try MetricsFile(output, of: .sample)
        } catch {
            throw SampleFailure("\(output): \(error.problem); \(Self.advice)")
        }
    }

    private static let advice = "name another --output, or leave it out and redirect standard output"

    private func open(_ path: String) throws(SampleFailure) -> SampleStore {
        do throws(FilePlaceError) {
            return try SampleStore(path: path)
        } catch {
            throw SampleFailure("\(path): \(error.problem); \(SampleStore.advice(path, error))")
        }
    }

    private func trace() throws(SampleFailure) -> HandlerSampler.Sample {
        // Whatever ends the process now, nothing of the trace stays behind.
        InstanceCleanup.install()
        do throws(TraceError) {
            return try HandlerSampler.sample(
                nanoseconds: duration ?? 1_000_000_000, tracingRoot: tracingRoot)
        } catch {
            throw SampleFailure(error.description)
        }
    }

    /// The sums of this boot so far.
    private func read(_ store: borrowing SampleStore) throws(SampleFailure) -> HandlerSums {
        let bootID = KernelRelease.bootID(KernelRoots(procRoot: nil, sysRoot: nil))
        var sums = HandlerSums()
        switch store.read() {
        case .none: break
        case .unusable(let problem): throw SampleFailure(problem)
        case .startOver(let message): Diagnostics.say(message)
        case .state(let read): if read.bootID == bootID { sums = read }
        }
        sums.bootID = bootID
        return sums
    }

    private func write(
        _ sums: HandlerSums, _ sample: HandlerSampler.Sample, _ metrics: MetricsFile?
    ) throws(SampleFailure) {
        let run = HandlerFamilies.Run(wallNanoseconds: KernelClock.wall(), cpuCount: sample.cpuCount)
        if chosenFormat == .json {
            StandardOutput.write { HandlerFamilies.write(sums, run: run, to: &$0) }
            return
        }
        let text = HandlerFamilies.text(sums, run: run)
        guard let metrics else {
            StandardOutput.write(Array(text.utf8))
            return
        }
        do throws(FilePlaceError) {
            try metrics.write(text)
        } catch {
            throw SampleFailure("\(output ?? ""): \(error.problem); \(Self.advice)")
        }
    }
}

/// A form of the sums.
enum SampleFormat: String, CaseIterable, ExpressibleByArgument {
    case prometheus, json
}
