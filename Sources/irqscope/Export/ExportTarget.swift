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
    /// The recordings that were written.
    private(set) var recordingCount = 0

    /// Opens what a command names, before anything is read.
    init(_ command: ExportCommand) throws {
        format = command.chosenFormat
        hasFiles = command.files.count > 1
        slowCount = command.slow ?? 0
        around = command.around ?? 5_000_000
        let path = command.output ?? "-"
        let isPacked = command.gzip || path.hasSuffix(".gz")
        if path == "-", StandardOutput.isTerminal, isPacked {
            throw CommandFailure(
                ["packed bytes do not belong on a terminal; redirect them, or name a file with -o"],
                status: ExitStatus.usage)
        }
        do throws(RecordingWriteError) {
            file = try ExportFile(
                path == "-" ? .descriptor(1, name: "standard output") : .file(path), isPacked: isPacked,
                recordings: command.files, isExport: ExportTarget.isExport)
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }

    /// True if a file that begins so was written by `export`.
    private static func isExport(_ begin: [UInt8]) -> Bool {
        [SpanLines.csvTitle, SpanLines.jsonStart].contains { begin.starts(with: Array($0.utf8)) }
    }

    /// Writes the spans of a recording.
    func add(_ spans: SpanCollection) throws {
        var output = ByteOutput { [file] in file.write($0) }
        let windows = slowCount > 0 ? TimeWindows(around: spans.report.slowest, around) : nil
        let form: SpanLineForm = format == .csv ? .csv : .jsonLines
        if recordingCount == 0 { SpanLines.writeTitle(form, hasFiles: hasFiles, to: &output) }
        recordingCount += 1
        var lines = SpanLines(
            form, titles: spans.titles, names: spans.report.names, file: hasFiles ? spans.report.source.file : nil)
        spans.forEach { span in
            if windows?.overlap(span) ?? true { lines.write(span, to: &output) }
            return output.isOpen
        }
        if !output.flush() { try finish() }
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
