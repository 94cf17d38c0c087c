internal import ArgumentParser
internal import Rendering

/// How results are written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, csv
}

/// When colour is used.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}

/// The options on output that commands share.
struct OutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How to write the results. (default: text)", valueName: "format"))
    var format: OutputFormat?

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Option(help: ArgumentHelp("When to use colour; auto honours NO_COLOR.", valueName: "when"))
    var color: ColorChoice = .auto

    func validate() throws {
        if json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
    }

    /// The format asked for.
    var chosenFormat: OutputFormat { json ? .json : format ?? .text }

    /// How text is dressed.
    var style: Style {
        let isColored =
            switch color {
            case .always: true
            case .never: false
            case .auto:
                StandardOutput.isTerminal && (StandardOutput.environment("NO_COLOR") ?? "").isEmpty
                    && StandardOutput.environment("TERM") != "dumb"
            }
        return Style(isColored: isColored, isUnicode: StandardOutput.isUnicode)
    }
}
