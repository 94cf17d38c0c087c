internal import ArgumentParser
internal import Rendering

/// A form of results.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, csv
}

/// The options on output that commands share.
struct OutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How to write the results. (default: text)", valueName: "format"))
    var format: OutputFormat?

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Flag(name: .customLong("csv"), help: "The same as --format csv.")
    var csv = false

    @OptionGroup var color: ColorOptions

    func validate() throws {
        let flags = [(json, OutputFormat.json), (csv, .csv)].filter { $0.0 }.map { $0.1 }
        if json, csv { throw ValidationError("--json and --csv exclude each other: give one") }
        if let format, let flag = flags.first, format != flag {
            throw ValidationError("--\(flag.rawValue) and --format \(format.rawValue) exclude each other: give one")
        }
    }

    /// The format asked for.
    var chosenFormat: OutputFormat { json ? .json : csv ? .csv : format ?? .text }

    /// The dress of text.
    var style: Style { color.style }
}

/// The cases in which colour is used.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument {
    case auto, always, never
}

/// The option on colour.
struct ColorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("When to use colour; auto honours NO_COLOR.", valueName: "when"))
    var color = ColorChoice.auto

    /// The dress of text.
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
