internal import ArgumentParser
internal import Rendering
internal import TraceOutput

/// A form of what recordings tell: those that flags stand for, and whether it is a page.
protocol ResultFormat: CaseIterable, ExpressibleByArgument, RawRepresentable<String> {
    /// The kind of the results.
    associatedtype Kind: OutputKind
    static var text: Self { get }
    static var json: Self { get }
    static var csv: Self { get }
    static var html: Self { get }
}

/// A form of a report.
enum ReportFormat: String, ResultFormat {
    typealias Kind = ReportKind
    case text, json, csv, html, prometheus
}

/// A form of a comparison.
enum DiffFormat: String, ResultFormat {
    typealias Kind = ComparisonKind
    case text, json, csv, html
}

/// The options on the output of `report` and `diff`.
struct ResultOptions<Format: ResultFormat>: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How to write the results; html is a page with pictures. (default: text)", valueName: "format"))
    var format: Format?

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Flag(name: .customLong("csv"), help: "The same as --format csv.")
    var csv = false

    @OptionGroup var place: PlaceOptions<Format.Kind>
    @OptionGroup var color: ColorOptions

    func validate() throws {
        let flags = [(json, Format.json), (csv, .csv)].filter { $0.0 }.map { $0.1 }
        if json, csv { throw ValidationError("--json and --csv exclude each other: give one") }
        if let format, let flag = flags.first, format != flag {
            throw ValidationError("--\(flag.rawValue) and --format \(format.rawValue) exclude each other: give one")
        }
    }

    /// The format asked for.
    var chosenFormat: Format { json ? .json : csv ? .csv : format ?? .text }

    /// The dress of text.
    var style: Style { place.isNamed ? Style(isColored: color.color == .always) : color.style }

    /// The columns that text may take; nil if that does not matter.
    var width: Int? { place.isNamed ? nil : StandardOutput.width }

    /// Opens what the results go to, before there are any.
    ///
    /// - Parameter inputs: the paths of the recordings.
    func open(inputs: [String]) throws -> ResultOutput { try ResultOutput(place, inputs) }
}

/// The place that results go to: standard output, or what -o names.
final class ResultOutput {
    private var file: ResultFile?
    private var problem: RecordingWriteError?
    /// True if anything was written to it.
    private(set) var isWritten = false

    /// Opens what options name.
    init<Kind>(_ place: PlaceOptions<Kind>, _ inputs: [String]) throws {
        guard place.isNamed else { return }
        do throws(RecordingWriteError) {
            file = try ResultFile(place.destination, replacing: place.rule(inputs: inputs))
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }

    /// Writes what `body` makes, as it is made; may be called several times.
    ///
    /// - Returns: false if nobody takes any more.
    @discardableResult
    func write(_ body: (inout ByteOutput) -> Void) -> Bool {
        isWritten = true
        if file == nil, problem == nil { return StandardOutput.write(body) }
        var output = ByteOutput { [self] bytes in
            guard problem == nil else { return false }
            do throws(RecordingWriteError) {
                try file?.write(unsafe bytes.withUnsafeBytes { unsafe Array($0) })
            } catch {
                problem = error
            }
            return problem == nil
        }
        body(&output)
        return output.flush()
    }

    /// Gives a file its name, if all of it could be written.
    func finish() throws {
        do throws(RecordingWriteError) {
            if let problem { throw problem }
            if let whole = file.take() { try whole.commit() }
        } catch {
            file = nil
            // As on standard output: who closes a pipe has read enough.
            if error.isReaderGone { return }
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }
}
