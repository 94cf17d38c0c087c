internal import ArgumentParser
internal import Rendering

/// How results are written.
enum OutputFormat: String, CaseIterable {
    case text, json, csv
}

/// The options on output that commands share; see `OptionParsing` for their types.
struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How to write the results. (default: text) (values: text, json, csv)", valueName: "format"),
        completion: .list(OutputFormat.allCases.map(\.rawValue)))
    var format: [String] = []

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @OptionGroup var color: ColorOptions

    func validate() throws {
        if let format = try OptionParsing.choice(of: format, "--format <format>", as: OutputFormat.self), json,
            format != .json
        {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
    }

    /// The format asked for.
    var chosenFormat: OutputFormat { json ? .json : format.last.flatMap { OutputFormat(rawValue: $0) } ?? .text }

    /// How text is dressed.
    var style: Style { color.style }
}
