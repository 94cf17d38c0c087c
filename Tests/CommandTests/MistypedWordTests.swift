import Foundation
import TestSupport
import Testing

/// What is said of words that are no commands and no options.
@Suite struct MistypedWordTests {
    @Test(arguments: [
        ("tpo", "top"), ("topp", "top"), ("TOP", "top"), ("lsit", "list"), ("reprot", "report"), ("rec", "record"), ("alrt", "alert"),
        ("hlep", "help"), ("help tpo", "top"), ("--versoin", "--version"), ("--hepl", "--help"), ("report --sotr total", "--sort"),
        ("report --histgram", "--histogram"), ("top --hideidle", "--hide-idle"), ("list --procroot /", "--proc-root"),
        ("list --proc_root /", "--proc-root"), ("record --event irq", "--events"), ("alert --stat x", "--state"),
        ("report --slwo 3", "--slow"),
    ])
    func nearestWordIsNamed(line: String, meant: String) throws {
        let result = try run(Places.command.path, line.components(separatedBy: " "))
        #expect(result.errors.contains("did you mean '\(meant)'?") && result.output.isEmpty, "\(result.errors)")
        #expect(result.status == (line.hasPrefix("alert ") ? 3 : 64))
    }

    /// Words that are like none, or like one only by their length.
    @Test(arguments: [
        "nonsense", "list --time 1", "list --tim 1", "top --xyz", "report -x", "list --nosuch", "re", "top foo", "help nonsense",
    ])
    func nothingIsMadeUp(line: String) throws {
        let result = try run(Places.command.path, line.components(separatedBy: " "))
        #expect(result.status == 64 && result.output.isEmpty)
        #expect(!result.errors.contains("did you mean"), "\(result.errors)")
    }

    @Test func anotherCommandsOptionIsCalledThat() throws {
        #expect(try irqscope("list", "--time", "1").errors.contains("it is one of irqscope report"))
    }

    @Test func aFileAloneWantsAReport() throws {
        let file = Places.recording("amd64-v7")
        #expect(try irqscope(file).errors.contains("did you mean 'irqscope report \(file)'?"))
    }

    @Test func aloneItSaysWhatToType() throws {
        let result = try irqscope()
        let lines = result.errors.split(separator: "\n")
        #expect(result.status == 64 && result.output.isEmpty && lines.count <= 13)
        for command in ManPageTests.subcommands where command != "help" {
            #expect(result.errors.contains("irqscope \(command)"), "\(command)")
        }
        for line in lines { #expect(line.count <= 110) }
    }

    /// A word that is no UTF-8 would become another one: no file has its name, and a command would get another argument.
    @Test(arguments: ["report $'r\\xe9.dat'", "list --proc-root $'\\xff'", "record --duration 1s -- touch $'t\\xe9ch'"])
    func otherBytesAreRefused(_ line: String) throws {
        let folder = try TestFolder()
        let result = try shell("cd '\(folder.path)' && '\(Places.command.path)' \(line)")
        #expect(result.status == 64 && result.output.isEmpty && result.errors.contains("not UTF-8"), "\(result.errors)")
        #expect(folder.names.isEmpty)
    }
}
