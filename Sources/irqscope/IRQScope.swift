internal import ArgumentParser
internal import CLinux

/// The command `irqscope`: its subcommands, and what they share.
@main
struct IRQScope: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "irqscope",
        abstract: "Shows which interrupts cost how much, where, and how far the numbers can be trusted.",
        version: Version.text,
        subcommands: [
            TopCommand.self, ListCommand.self, RecordCommand.self, ReportCommand.self, AlertCommand.self,
        ])

    /// True if a monitoring system asks: its statuses are others, wrong usage included.
    private static var isAlert: Bool { Arguments.words.first == "alert" }

    /// The command that words ask for.
    ///
    /// The library makes all options of a subcommand once to find it and once to parse it, which takes some millions of
    /// instructions: so it is asked for that one alone. Whatever is wrong, or is no call of it, goes the usual way.
    private static func parse(_ words: [String]) throws -> any ParsableCommand {
        let name = words.first
        if let type = configuration.subcommands.first(where: { $0.configuration.commandName == name }),
            let command = try? type.parseAsRoot(Array(words.dropFirst())), Swift.type(of: command) == type
        {
            return command
        }
        return try parseAsRoot(words)
    }

    /// A script for bash that leaves to it what the script has no words for, such as files; anything else as it is.
    private static func completed(_ text: String) -> String {
        let last = "\ncomplete -o filenames -F _irqscope irqscope"
        return text.hasSuffix(last)
            ? text.dropLast(last.count) + "\ncomplete -o default -o filenames -F _irqscope irqscope" : text
    }

    /// A hint at a common mistake; mostly none.
    private static var hint: String {
        let words = Arguments.words
        guard words.first == "record", let command = RecordCommand.strayCommand(words.dropFirst()) else { return "" }
        let options = words.dropFirst().dropLast(command.count)
        return "; a command stands behind --: "
            + (["irqscope record"] + options + ["--"] + command).joined(separator: " ")
    }

    /// Without a subcommand there is nothing to do.
    func run() throws { throw ValidationError("name a command, such as irqscope top or irqscope report trace.dat") }

    /// Runs the command and ends the process with its status.
    static func main() {
        Descriptors.openMissing()
        // Large blocks go back to the system when they are freed: else the C library keeps ever larger ones, and the tables
        // of one sample would take the place of several.
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        Diagnostics.install()
        do {
            try StackLimit.check(status: isAlert ? ExitStatus.unknown : ExitStatus.failed)
            var command = try parse(Arguments.words)
            try command.run()
        } catch let failure as CommandFailure {
            for message in failure.messages { Diagnostics.say(message) }
            StandardOutput.end(failure.status)
        } catch {
            let code = exitCode(for: error).rawValue
            if code == 0 {
                StandardOutput.write(Array((completed(fullMessage(for: error)) + "\n").utf8))
            } else {
                Diagnostics.say("\(OptionMessage.sentence(message(for: error)))\(hint) (irqscope --help tells more)")
            }
            StandardOutput.end(isAlert && code != 0 ? ExitStatus.unknown : code)
        }
        StandardOutput.end(ExitStatus.done)
    }
}

/// The version of the program.
enum Version {
    static let text = "0.1.0"
}
