internal import ArgumentParser
internal import Rendering

/// How results are written.
enum OutputFormat: String, CaseIterable {
    case text, json, csv
}

/// When colour is used.
enum ColorChoice: String, CaseIterable {
    case auto, always, never
}

/// The options on output that commands share; see `OptionTexts` for their types.
struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How to write the results. (default: text) (values: text, json, csv)", valueName: "format"),
        completion: .list(OutputFormat.allCases.map(\.rawValue)))
    var format: [String] = []

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "When to use colour; auto honours NO_COLOR. (values: auto, always, never; default: auto)",
            valueName: "when"),
        completion: .list(ColorChoice.allCases.map(\.rawValue)))
    var color: [String] = []

    func validate() throws {
        _ = try OptionTexts.choice(of: color, "--color <when>", as: ColorChoice.self)
        if let format = try OptionTexts.choice(of: format, "--format <format>", as: OutputFormat.self), json,
            format != .json
        {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
    }

    /// The format asked for.
    var chosenFormat: OutputFormat { json ? .json : format.last.flatMap { OutputFormat(rawValue: $0) } ?? .text }

    /// How text is dressed.
    var style: Style {
        let isColored =
            switch color.last.flatMap({ ColorChoice(rawValue: $0) }) ?? .auto {
            case .always: true
            case .never: false
            case .auto:
                StandardOutput.isTerminal && (StandardOutput.environment("NO_COLOR") ?? "").isEmpty
                    && StandardOutput.environment("TERM") != "dumb"
            }
        return Style(isColored: isColored, isUnicode: StandardOutput.isUnicode)
    }
}
