internal import ArgumentParser
internal import Rendering

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
