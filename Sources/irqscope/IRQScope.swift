internal import ArgumentParser
internal import CBuild
internal import CLinux

/// The command `irqscope`: its subcommands, and what they share.
@main
struct IRQScope: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "irqscope",
        abstract: "Shows which interrupts cost how much, where, and how far the numbers can be trusted.",
        version: Version.text,
        subcommands: [
            TopCommand.self, ListCommand.self, RecordCommand.self, ReportCommand.self, DiffCommand.self,
            ExportCommand.self, AlertCommand.self, DoctorCommand.self, SnapshotCommand.self, AffinityCommand.self,
            SampleCommand.self,
        ])

    /// True if a monitoring system asks: its statuses are others, wrong usage included.
    private static var isAlert: Bool { Arguments.words.first == "alert" }

    /// The command that words ask for.
    ///
    /// The library makes all options of a subcommand once to find it and once to parse it, which takes some millions of
    /// instructions: so it is asked for that one alone. Whatever is wrong, or is no call of it, goes the usual way.
    static func parse(_ words: [String]) throws -> any ParsableCommand {
        let name = words.first
        if let type = configuration.subcommands.first(where: { $0.configuration.commandName == name }),
            let command = try? type.parseAsRoot(Array(words.dropFirst())), Swift.type(of: command) == type
        {
            return command
        }
        return try parseAsRoot(words)
    }

    /// The words as the parser knows them: `-V` is short for --version, and the parser has no command help below commands.
    private static func meant(_ words: [String]) -> [String] {
        if words == ["-V"] { return ["--version"] }
        return words.starts(with: ["affinity", "help"]) ? ["help", "affinity"] + words.dropFirst(2) : words
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

    /// Without a subcommand there is nothing to do but to say what there is.
    func run() throws { throw CommandFailure(usage: Self.firstWords) }

    /// The words for whoever types nothing more: its use, and what to type first.
    private static let firstWords: StaticString = """
        tells which interrupts fire how fast, on which CPUs, how long handlers take, and what looks wrong
          irqscope top                    live: what fires now (as root, with the times of handlers)
          irqscope list                   the same once, with counts since boot, devices and affinity
          irqscope record --duration 10s  as root: record what happens, into trace.dat
          irqscope report trace.dat       what it cost, which handlers were slow, what the recording missed
          irqscope diff A.dat B.dat       what changed from one recording to another, beyond chance
          irqscope export trace.dat       each run of a handler, for Perfetto, DuckDB, pandas
          irqscope alert                  for cron and monitoring: silent while all is well
          irqscope doctor                 what is wrong here, how one knows, and what to type next
          irqscope affinity               which CPUs serve which interrupts, and how they should
          irqscope sample                 handler times for Prometheus, from run to run, as root
          irqscope snapshot               saves this box in a file, for doctor elsewhere
        irqscope COMMAND --help lists a command's options, man irqscope-COMMAND explains them
        """

    /// The words that print the options of the command that was typed.
    private static var helpWords: String {
        (["irqscope"] + Suggestion.command(Arguments.words).names + ["--help"]).joined(separator: " ")
    }

    /// Runs the command and ends the process with its status.
    static func main() {
        irq_start_done()
        Descriptors.openMissing()
        // Large blocks go back to the system when they are freed: else the C library keeps ever larger ones, and the tables
        // of one sample would take the place of several.
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        Diagnostics.install()
        do {
            try StackLimit.check(status: isAlert ? ExitStatus.unknown : ExitStatus.failed)
            if let word = Arguments.unreadable {
                throw CommandFailure(
                    [
                        "\(word): not UTF-8, so that it would mean another name; rename it, or give a file's content as standard "
                            + "input (irqscope report <FILE)"
                    ], status: isAlert ? ExitStatus.unknown : ExitStatus.usage)
            }
            try refuseHelpOnNothing()
            var command = try parse(meant(Arguments.separated))
            try command.run()
        } catch let failure as CommandFailure {
            if let text = failure.text { Diagnostics.sayText(text) }
            for message in failure.messages { Diagnostics.say(message) }
            StandardOutput.end(failure.status)
        } catch {
            let code = exitCode(for: error).rawValue
            if code == 0 {
                StandardOutput.write(Array((completed(fullMessage(for: error)) + "\n").utf8))
            } else {
                let words = Suggestion.words(for: problem(error), Arguments.words)
                Diagnostics.say("\(OptionMessage.sentence(words))\(hint) (\(helpWords) tells more)")
            }
            StandardOutput.end(isAlert && code != 0 ? ExitStatus.unknown : code)
        }
        StandardOutput.end(ExitStatus.done)
    }

    /// The parser's words on what is wrong; of a number below zero, what is wrong with that.
    private static func problem(_ error: any Error) -> String {
        let words = message(for: error)
        guard words.hasPrefix("Missing value for ") else { return words }
        do {
            _ = try parseAsRoot(Arguments.tyingNegatives(Arguments.separated))
            return words
        } catch {
            return message(for: error)
        }
    }

    /// Throws if `irqscope help` is asked about a command that is not there: the parser would print the general help.
    private static func refuseHelpOnNothing() throws {
        let words = Arguments.words
        guard words.count > 1, words[0] == "help", !words[1].hasPrefix("-") else { return }
        let names = Suggestion.commands.map(\.name) + ["help"]
        if !names.contains(words[1]) { throw ValidationError(Suggestion.unknownCommand(words[1], names)) }
    }
}
