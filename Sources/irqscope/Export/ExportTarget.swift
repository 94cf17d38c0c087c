internal import IRQCore
internal import Rendering
internal import TraceInput
internal import TraceOutput

/// The way from spans to the file or pipe that they are exported to.
final class ExportTarget {
    private let file: ExportFile
    private let format: ExportFormat
    private let hasFiles: Bool
    private let slowCount: Int
    private let around: UInt64
    private let timeline = PerfettoWriter()
    /// The recordings that were written.
    private(set) var recordingCount = 0

    /// Opens what a command names, before anything is read.
    init(_ command: ExportCommand) throws {
        format = command.chosenFormat
        hasFiles = command.files.count > 1
        slowCount = command.slow ?? 0
        around = command.around ?? 5_000_000
        let place = command.place
        let isPacked = command.gzip || place.path.hasSuffix(".gz")
        if !place.isNamed, StandardOutput.isTerminal, isPacked || format == .perfetto {
            let what = isPacked ? "packed bytes do" : "a timeline does"
            throw CommandFailure(
                ["\(what) not belong on a terminal; redirect it, name a file with -o, or choose --format csv"],
                status: ExitStatus.usage)
        }
        do throws(RecordingWriteError) {
            file = try ExportFile(
                place.destination, replacing: place.rule(inputs: command.files), isPacked: isPacked)
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }

    /// Writes the spans of a recording; false if there is something against it, which was said.
    func add(_ spans: SpanCollection) throws -> Bool {
        let source = spans.report.source
        if format == .perfetto, !source.isClockNanoseconds {
            Diagnostics.say(
                "\(source.file): its clock does not count nanoseconds, and a timeline has no other scale; choose --format csv"
            )
            return false
        }
        var output = ByteOutput { [file] in file.write($0) }
        if format == .perfetto {
            writeTimeline(spans, to: &output)
        } else {
            writeLines(spans, format == .csv ? .csv : .jsonLines, to: &output)
        }
        recordingCount += 1
        if !output.flush() { try finish() }
        return true
    }

    private func writeTimeline(_ spans: SpanCollection, to output: inout ByteOutput) {
        let windows = windows(spans)
        timeline.begin(
            spans.report, titles: spans.titles, names: spans.names, unitNanoseconds: spans.unitNanoseconds,
            version: Version.number,
            label: hasFiles ? spans.report.source.file : nil, to: &output)
        spans.forEachItem { item in
            if windows?.overlap(item) ?? true { timeline.write(item, to: &output) }
            return output.isOpen
        }
        timeline.end(to: &output)
    }

    private func writeLines(_ spans: SpanCollection, _ form: SpanLineForm, to output: inout ByteOutput) {
        let windows = windows(spans)
        if recordingCount == 0 { SpanLines.writeTitle(form, hasFiles: hasFiles, to: &output) }
        var lines = SpanLines(
            form, titles: spans.titles, names: spans.names, file: hasFiles ? spans.report.source.file : nil)
        spans.forEach { span in
            if windows?.overlap(span) ?? true { lines.write(span, to: &output) }
            return output.isOpen
        }
    }

    private func windows(_ spans: SpanCollection) -> TimeWindows? {
        slowCount > 0 ? TimeWindows(around: spans.report.slowest, around) : nil
    }

    /// Ends the file and gives it its name.
    func finish() throws {
        do throws(RecordingWriteError) {
            try file.finish()
        } catch {
            // Whoever reads a pipe may stop when he likes.
            if error.isReaderGone { throw CommandFailure([], status: ExitStatus.done) }
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }
}
