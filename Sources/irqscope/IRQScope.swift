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
            var command = try parseAsRoot(Arguments.words)
            try command.run()
        } catch let failure as CommandFailure {
            for message in failure.messages { Diagnostics.say(message) }
            StandardOutput.end(failure.status)
        } catch {
            let code = exitCode(for: error).rawValue
            if code == 0 {
                StandardOutput.write(Array((fullMessage(for: error) + "\n").utf8))
            } else {
                Diagnostics.say("\(message(for: error)) (irqscope --help tells more)")
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
