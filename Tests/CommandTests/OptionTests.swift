import Foundation
import TestSupport
import Testing

/// What is said of an option's value that is none: the value, the option, and what is needed.
@Suite struct OptionTests {
    static let wrong: [(words: [String], message: String)] = [
        (["list", "--irq", "5-2"], "--irq '5-2': numbers and ranges are needed, such as 0,2-5"),
        (["list", "--cpu", "a"], "--cpu 'a': numbers and ranges are needed, such as 0,2-5"),
        (["list", "--filter", "("], "--filter '(': it is no regular expression: "),
        (["list", "--sort", "x"], "--sort 'x': it is none of irq, total, name"),
        (["list", "--format", "x"], "--format 'x': it is none of text, json, csv (irqscope list"),
        (["list", "--color", "x"], "--color 'x': it is none of auto, always, never (irqscope list"),
        (["top", "-d", "0.01"], "-d '0.01': seconds from 0.1 to 3600 are needed"),
        (["top", "-n", "0"], "-n '0': a number from 1 on is needed"),
        (["top", "--events", "irq,x"], "--events 'irq,x': 'x' is none of "),
        (["record", "--duration", "5x"], "--duration '5x': a time is needed, such as 10s, 500ms or 2m"),
        (["record", "--flight", "2s", "--trigger-slow", "1"], "--trigger-slow '1': a time with its unit is needed, such as 1ms or 50us"),
        (["record", "--threads", "a\"b"], "--threads 'a\"b': it is none of irq, rt, all, a pid, or a name of up to 15 letters"),
        (["record", "--threads", "irq,"], "--threads 'irq,': '' is none of irq, rt"),
        (["record", "--threads", "rt,0"], "--threads 'rt,0': '0' is none of irq, rt"),
        (["record", "--threads", "99999999999"], "--threads '99999999999': it is none of irq, rt"),
        (["record", "--threads", "rt,abcdefghijklmnop"], "--threads 'rt,abcdefghijklmnop': 'abcdefghijklmnop' is none of irq, rt"),
        (["record", "--threads", "[ab]"], "--threads '[ab]': it is none of irq, rt"),
        (["record", "--threads", Array(repeating: "1", count: 33).joined(separator: ",")], "--threads '1,1,1,"),
        (["record", "--buffer-size", "1k"], "--buffer-size '1k': a size is needed, from 8k to 64G"),
        (["report", "--time", "2,1", "x"], "--time '2,1': the window ends before it begins"),
        (["report", "--jobs", "x", "x"], "--jobs 'x': a whole number is needed"),
        (["report", "--fail-if", "p99", "x"], "--fail-if 'p99': it compares nothing: "),
        (["report", "--fail-if", "p98>1us", "x"], "--fail-if 'p98>1us': it names no metric before the comparison: "),
        (["report", "--fail-if", "p99>fast", "x"], "--fail-if 'p99>fast': 'fast' is no value for p99: "),
        (["report", "--budget", "linux", "x"], "--budget 'linux': it is no preset: write SUBJECT=TIME, of hardirq, "),
        (["report", "--budget", "rt,work=1", "x"], "--budget 'rt,work=1': '1' is no time for work: "),
        (["alert", "--warn-rate", "1e5"], "--warn-rate '1e5': a rate per second is needed, such as 50k"),
        (["alert", "--for", "8d"], "--for '8d': a time is needed"),
        (["alert", "--interval", "1ms"], "--interval '1ms': a time from 100ms to 1h is needed"),
        (["alert", "--state", ""], "--state '': a file's name is empty"),
        (["doctor", "--root", ""], "--root '': a file's name is empty"),
        (["list", "--proc-root", ""], "--proc-root '': a file's name is empty"),
        (["top", "-b", "--sys-root", ""], "--sys-root '': a file's name is empty"),
        (["affinity", "plan", "spread", "--root", ""], "--root '': a file's name is empty"),
        (["record", "--tracing-root", ""], "--tracing-root '': a file's name is empty"),
        (["record", "--cpu", "65536"], "--cpu '65536': CPUs have numbers up to 65535"),
        // Numbers below zero are values, not options.
        (["report", "--jobs", "-1", "x"], "--jobs '-1': a number from 1 to 64 is needed"),
        (["diff", "--jobs", "-1", "x", "y"], "--jobs '-1': a number from 1 to 64 is needed"),
        (["export", "--slow", "-1", "x"], "--slow '-1': a number from 1 to 10000 is needed"),
        (["report", "--slow", "-1", "x"], "--slow '-1': a number from 0 to 10000 is needed"),
        (["report", "--storm-rate", "-5", "x"], "--storm-rate '-5': a whole number is needed"),
        (["top", "-b", "-n", "-1"], "-n '-1': a number from 1 on is needed"),
        (["top", "-b", "-d", "-.5"], "-d '-.5': seconds from 0.1 to 3600 are needed"),
        (["list", "--irq", "-1"], "--irq '-1': numbers and ranges are needed"),
        (["record", "--duration", "-1s"], "--duration '-1s': a time is needed"),
        (["alert", "--warn-rate", "-1"], "--warn-rate '-1': a rate per second is needed"),
        (["report", "--jobs", "0", "x"], "--jobs '0': a number from 1 to 64 is needed"),
        (["report", "--jobs"], "missing value for '--jobs <n>' ("),
        (["report", "--by", "x", "x"], "--by 'x': it can be file only ("),
        (["report", ""], "a file's name is empty ("), (["export", ""], "a file's name is empty ("),
        (["diff", "", "x"], "a file's name is empty ("),
        (["diff", "--fail-if", "p98>1us", "x", "y"], "--fail-if 'p98>1us': it names no value before the comparison: p50, "),
        (["diff", "--fail-if", "p99>1us", "x", "y"], "--fail-if 'p99>1us': '1us' is no change of p99: write for example +50%"),
        (["diff", "--fail-if", "p99", "x", "y"], "--fail-if 'p99': it compares nothing: write for example p99>+50%"),
        (["diff", "--fail-if", "no=x p99>+5%", "x", "y"], "--fail-if 'no=x p99>+5%': 'no=x' selects nothing: write for example "),
        (["doctor", "--explain", "storm-lin"], "--explain 'storm-lin': there is no such check; did you mean 'storm-line'? ("),
        (["doctor", "--explain", "a\nb"], "--explain 'a\\x0ab': there is no such check; the checks are storm-line, "),
        (["affinity", "nosuch"], "unknown command 'affinity nosuch': there are show, plan, apply, verify, undo ("),
        (["affinity", "paln"], "unknown command 'affinity paln'; did you mean 'plan'? ("),
        (["affinity", "plan", "spread", "--nosuch"], "unknown option '--nosuch' (irqscope affinity plan --help tells more)"),
        (["affinity", "verify", "--again", "x"], "--again 'x': a time is needed"),
        (["affinity", "plan", "sprad"], "<goal> 'sprad': it is none of spread, numa, isolate (irqscope affinity plan --help tells more)"),
        (["affinity", "plan", "spread", "--devcie", "x"], "unknown option '--devcie'; did you mean '--device'? (irqscope affinity plan"),
        (["affinity", "undo", "--nosuch"], "unknown option '--nosuch' (irqscope affinity undo --help tells more)"),
        (["affinity", "--nosuch"], "unknown option '--nosuch' (irqscope affinity --help tells more)"),
        (["doctor", "--explain", "storm-line", "--format", "html"], "--explain is written as text or JSON, not as html ("),
        (["doctor", "--format", "nagios", "--explain", "all"], "--explain is written as text or JSON, not as nagios ("),
        (["list", "--nosuch"], "unknown option '--nosuch' ("), (["-V", "x"], "unknown option '-V'"),
    ]

    @Test(arguments: wrong)
    func wrongValuesAreExplained(words: [String], message: String) throws {
        let result = try run(Places.command.path, words)
        #expect(result.status == (words[0] == "alert" ? 3 : 64) && result.text.isEmpty)
        #expect(result.errors.hasPrefix("irqscope: \(message)"), "\(result.errors)")
    }

    /// A newline in a word does not begin another message.
    @Test func messagesAreLines() throws {
        for words in [["doctor", "--explain", "a\nb"], ["report", "--buffer", "a\u{1b}[1m\nb", Places.recording("amd64-v7")], ["a\nb"]] {
            let result = try run(Places.command.path, words)
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            #expect(!result.errors.contains("?[1m") && !result.errors.contains("\u{1b}"), "\(result.errors)")
        }
    }

    /// The help of a part of a command, and the version by the letter that others have for it.
    @Test func wordsThatAreMeant() throws {
        #expect(try irqscope("affinity", "help", "plan").text == irqscope("affinity", "plan", "--help").text)
        let version = try irqscope("-V")
        #expect(try version.status == 0 && version.text == irqscope("--version").text)
    }

    /// The value, or the part that is wrong, stands there once.
    @Test func valuesAreNamedOnce() throws {
        for words in [
            ["list", "--irq", "5-x"], ["report", "--fail-if", "qqq", "x"], ["report", "--section", "qqq", "x"], ["top", "--events", "qqq"],
        ] {
            let result = try run(Places.command.path, words)
            #expect(result.errors.components(separatedBy: words[2]).count == 2, "\(result.errors)")
        }
    }

    /// A command that stands where options do.
    @Test(arguments: [
        (["sleep", "1"], "2 unexpected arguments: 'sleep', '1'; a command stands behind --: irqscope record -- sleep 1 ("),
        (["-o", "x", "--json", "--list-events", "ls"], "a command stands behind --: irqscope record -o x --json --list-events -- ls ("),
        (["--deep", "ls"], "a command stands behind --: irqscope record --deep -- ls ("),
        (["--flight=5s", "ls", "-l"], "; a command stands behind --: irqscope record --flight=5s -- ls -l ("),
    ]) func commandNeedsDashes(words: [String], message: String) throws {
        let result = try run(Places.command.path, ["record"] + words)
        #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
        let bogus = try run(Places.command.path, ["record", "--bogus", "--", "ls"])
        #expect(bogus.status == 64 && !bogus.errors.contains("stands behind"), "\(bogus.errors)")
    }

    @Test(arguments: [["list", "-J"], ["top", "-J", "-n", "1", "-d", "0.1"], ["report", "-J", Places.recording("amd64-v7")]])
    func caseMayBeIgnored(command: [String]) throws {
        func names(_ options: [String]) throws -> Int {
            let source = command[0] == "report" ? [] : ["--proc-root", Places.fixtures.path + "/proc/amd64/s0"]
            let object = try Oracle.json(run(Places.command.path, command + source + options).output)
            return ["irqs", "interrupts"].reduce(0) { $0 + ((object[$1] as? [Any])?.count ?? 0) }
        }
        let exact = try names(["--filter", "nvme"])
        #expect(exact > 0)
        #expect(try names(["--filter", "NVMe"]) == 0)
        #expect(try names(["--filter", "NVMe", "--ignore-case"]) == exact && names(["-i", "--filter", "^NVME"]) > 0)
    }

    /// Values of short options may stand behind them at once, behind flags too; words of a command that is run stay as they are.
    @Test func valuesMayFollowAtOnce() throws {
        let source = ["--proc-root", Places.fixtures.path + "/proc/amd64/s0"]
        func lines(_ words: [String]) throws -> Int {
            let result = try run(Places.command.path, ["top"] + words + source)
            #expect(result.status == 0, "\(words): \(result.errors)")
            return result.text.split(separator: "\n").count
        }
        let apart = try lines(["-b", "-n", "2", "-d", "0.1"])
        #expect(apart > 10)
        for words in [["-b", "-n2", "-d0.1"], ["-bn2", "-d.1"], ["-bn", "2", "-d", ".1"]] { #expect(try lines(words) == apart) }
        let folder = try TestFolder()
        let path = Places.recording("amd64-empty")
        let told = try run(Places.command.path, ["report", "-o\(folder.file("out"))", path])
        #expect(told.status == 0 && told.text.isEmpty, "\(told.errors)")
        #expect(try String(contentsOfFile: folder.file("out"), encoding: .utf8) == run(Places.command.path, ["report", path]).text)
        for words in [["-output", "x"], ["-x1"], ["-bx1"]] {
            #expect(try run(Places.command.path, ["top"] + words + source).status == 64, "\(words)")
        }
    }

    /// The help that an error names is that of the command.
    @Test func helpIsThatOfTheCommand() throws {
        let result = try run(Places.command.path, ["list", "--nope"])
        #expect(result.status == 64 && result.errors.hasSuffix("(irqscope list --help tells more)\n"), "\(result.errors)")
        let none = try run(Places.command.path, ["nope"])
        #expect(none.status == 64 && none.errors.hasSuffix("(irqscope --help tells more)\n"), "\(none.errors)")
        let diff = try run(Places.command.path, ["diff", "a", "b", "--nope"])
        #expect(diff.status == 64 && diff.errors.contains("unknown option '--nope'"), "\(diff.errors)")
    }

    /// Of an option that is given twice the last value counts.
    @Test func theLastValueCounts() throws {
        let words = ["list", "--format", "csv", "--format", "json", "--irq", "1", "--irq", "10-40"]
        let result = try run(Places.command.path, words + ["--proc-root", Places.fixtures.path + "/proc/amd64/s0"])
        #expect(result.status == 0 && result.text.hasPrefix("{") && result.text.contains("\"irq\":3"))
    }
}
