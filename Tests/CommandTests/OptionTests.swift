import TestSupport
import Testing

/// What is said of an option's value that is none: the value, the option, and what is needed.
@Suite struct OptionTests {
    static let wrong: [(words: [String], message: String)] = [
        (["list", "--irq", "5-2"], "The value '5-2' is invalid for '--irq <list>': numbers and ranges are needed, such as 0,2-5"),
        (["list", "--cpu", "a"], "The value 'a' is invalid for '--cpu <list>': numbers and ranges are needed, such as 0,2-5"),
        (["list", "--filter", "("], "The value '(' is invalid for '--filter <regex>': it is no regular expression: "),
        (["list", "--sort", "x"], "The value 'x' is invalid for '--sort <key>': it is none of irq, total, name"),
        (["list", "--format", "x"], "The value 'x' is invalid for '--format <format>'. Please provide one of 'text', 'json' or 'csv'."),
        (["list", "--color", "x"], "The value 'x' is invalid for '--color <when>'. Please provide one of 'auto', 'always' or 'never'."),
        (["top", "-d", "0.01"], "The value '0.01' is invalid for '-d <seconds>': seconds from 0.1 to 3600 are needed"),
        (["top", "-n", "0"], "The value '0' is invalid for '-n <n>': a number from 1 on is needed"),
        (["top", "--events", "irq,x"], "The value 'irq,x' is invalid for '--events <list>': 'x' is none of "),
        (["record", "--duration", "5x"], "The value '5x' is invalid for '--duration <time>': a time is needed, such as 10s, 500ms or 2m"),
        (["record", "--buffer-size", "1k"], "The value '1k' is invalid for '--buffer-size <size>': a size is needed, from 8k to 64G"),
        (["report", "--time", "2,1", "x"], "The value '2,1' is invalid for '--time <from,to>': the window ends before it begins"),
        (["report", "--jobs", "x", "x"], "The value 'x' is invalid for '--jobs <n>'"),
        (["report", "--fail-if", "p99", "x"], "The value 'p99' is invalid for '--fail-if <condition>': "),
        (["alert", "--warn-rate", "1e5"], "The value '1e5' is invalid for '--warn-rate <rate>': a rate per second is needed, such as 50k"),
        (["alert", "--for", "8d"], "The value '8d' is invalid for '--for <time>': a time is needed"),
        (["alert", "--interval", "1ms"], "The value '1ms' is invalid for '--interval <time>': a time from 100ms to 1h is needed"),
        (["alert", "--state", ""], "The value '' is invalid for '--state <file>': a file's name is empty"),
    ]

    @Test(arguments: wrong)
    func wrongValuesAreExplained(words: [String], message: String) throws {
        let result = try run(Places.command.path, words)
        #expect(result.status == (words[0] == "alert" ? 3 : 64) && result.text.isEmpty)
        #expect(result.errors.hasPrefix("irqscope: \(message)"), "\(result.errors)")
    }

    /// Of an option that is given twice the last value counts.
    @Test func theLastValueCounts() throws {
        let words = ["list", "--format", "csv", "--format", "json", "--irq", "1", "--irq", "10-40"]
        let result = try run(Places.command.path, words + ["--proc-root", Places.fixtures.path + "/proc/amd64/s0"])
        #expect(result.status == 0 && result.text.hasPrefix("{") && result.text.contains("\"irq\":3"))
    }
}
