internal import ArgumentParser
internal import Rendering

/// When colour is used.
enum ColorChoice: String, CaseIterable {
    case auto, always, never
}

/// The option on colour; see `OptionParsing` for its type.
struct ColorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When to use colour; auto honours NO_COLOR. (values: auto, always, never; default: auto)",
            valueName: "when"),
        completion: .list(ColorChoice.allCases.map(\.rawValue)))
    var color: [String] = []

    func validate() throws { _ = try OptionParsing.choice(of: color, "--color <when>", as: ColorChoice.self) }

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
