import Foundation
import IRQCore
import TestSupport
import Testing

/// The man pages say what the command does: no option, command, key or status is missing, none is made up.
@Suite struct ManPageTests {
    /// What `irqscope --help` lists under SUBCOMMANDS.
    static let subcommands: [String] = {
        let lines = helpLines([]).drop { $0 != "SUBCOMMANDS:" }.dropFirst()
        return lines.prefix { !$0.isEmpty }.compactMap { line in
            guard line.hasPrefix("  "), !line.hasPrefix("   ") else { return nil }
            return line.split(separator: " ").first.map { String($0) }
        }
    }()

    /// The command itself, and each subcommand: the words after `irqscope`.
    static let commands = [[]] + subcommands.map { [$0] }

    static func helpLines(_ command: [String]) -> [String] {
        let text = (try? run(Places.command.path, command + ["--help"]))?.text ?? ""
        return text.components(separatedBy: "\n")
    }

    static func page(_ command: [String]) throws -> ManPage {
        try ManPage(named: (["irqscope"] + command).joined(separator: "-") + ".1")
    }

    /// The same of a command and of the commands that it has in turn, which share its page.
    static func allHelpLines(_ command: [String]) -> [String] {
        let lines = helpLines(command)
        if command.isEmpty { return lines }
        let more = lines.drop { $0 != "SUBCOMMANDS:" }.dropFirst().prefix { !$0.isEmpty }.compactMap { line in
            line.hasPrefix("  ") && !line.hasPrefix("   ") ? line.split(separator: " ").first.map { String($0) } : nil
        }
        return lines + more.flatMap { helpLines(command + [$0]) }
    }

    // MARK: - Options and commands

    @Test(arguments: commands)
    func optionsAreThoseOfTheHelp(command: [String]) throws {
        let heads = Self.allHelpLines(command).filter { $0.hasPrefix("  -") }
            .compactMap { $0.dropFirst(2).components(separatedBy: "  ").first }
        let helped = Set(heads.flatMap(ManPage.options))
        #expect(helped.isSuperset(of: ["--version", "--help", "-h"]))
        let page = try Self.page(command)
        let documented = Set(page.tags(of: "OPTIONS").flatMap(ManPage.options))
        #expect(helped.subtracting(documented).sorted() == [], "not in OPTIONS of \(page.name)")
        #expect(documented.subtracting(helped).sorted() == [], "in OPTIONS of \(page.name), but not in the help")
    }

    @Test(arguments: subcommands)
    func textNamesNoOtherOptions(command: String) throws {
        let page = try Self.page([command])
        let known = Set(page.tags(of: "OPTIONS").flatMap(ManPage.options))
        // Options of other programs in the examples have one dash, but for those that write the texts that are read.
        let texts = ["--deltatime", "--ns", "--show-lost-events", "--ts-diff", "--raw-ts", "--txt"]
        // Of the program's own other commands, in what a page tells to type.
        let others = ["report": texts, "doctor": ["--deep"], "snapshot": ["--root"], "export": ["--deep"]][command] ?? []
        let named = Set(page.plainText.split(separator: " ").flatMap { ManPage.options(String($0)) })
            .filter { $0.hasPrefix("--") }
        #expect(named.subtracting(known).subtracting(others).sorted() == [])
    }

    @Test func everyCommandHasItsPage() throws {
        #expect(!Self.subcommands.isEmpty)
        let tags = try Self.page([]).tags(of: "COMMANDS").map { String($0.prefix { $0 != " " }) }
        #expect(tags.sorted() == Self.subcommands.sorted())
        let pages = try ManPage.files().filter { $0.hasPrefix("irqscope-") && $0.hasSuffix(".1") }
        #expect(pages.sorted() == Self.subcommands.map { "irqscope-\($0).1" }.sorted())
        let text = try Self.page([]).plainText
        for command in Self.subcommands { #expect(text.contains("irqscope-\(command) (1)")) }
    }

    @Test(arguments: commands)
    func versionIsTheCommands(command: [String]) throws {
        let version = try irqscope("--version").text.prefix { $0 != " " }
        let page = try Self.page(command)
        #expect(page.source.contains("\"irqscope \(version)\""), "the .TH line of \(page.name) names another version")
    }

    // MARK: - Keys, metrics, columns

    @Test func sortKeysAreListed() throws {
        let entry = try #require(try Self.page(["report"]).entry("OPTIONS") { $0.contains("--sort") })
        #expect(ManPage.firstCells(entry).sorted() == SortKey.allCases.map(\.rawValue).sorted())
    }

    @Test func sectionsOfCSVAreListed() throws {
        let entry = try #require(try Self.page(["report"]).entry("OPTIONS") { $0.contains("--section") })
        #expect(ManPage.firstCells(entry) == ReportSectionTests.names)
    }

    @Test func metricsAreListed() throws {
        let cells = ManPage.firstCells(try Self.page(["report"]).section("CONDITIONS"))
        let metrics = cells.filter { !$0.contains("=") && $0 != "METRIC" }
        #expect(metrics.sorted() == FailCondition.Metric.allCases.map(\.rawValue).sorted())
        for cell in cells where cell.contains("=") {
            let selector = cell.replacing("=NAME", with: "=x").replacing("=N", with: "=1")
            #expect(throws: Never.self) { try FailCondition(selector + " calls>1") }
        }
        #expect(cells.filter { $0.contains("=") }.count == RowKind.allCases.count + 2, "each kind, action and cpu")
    }

    @Test func keysOfJSONAreNamed() throws {
        let page = try Self.page(["report"])
        let data = try irqscope("report", "-J", "--slow", "9", "--storm-rate", "500", "--budget", "rt", Places.recording("amd64-v7")).output
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object.keys.sorted() == page.tags(of: "JSON").filter { $0 != "sources" }.sorted())
        #expect((object["storms"] as? [Any])?.isEmpty == false, "the keys of storms are not looked at")
        let bold = ManPage.boldWords(page.section("JSON"))
        #expect(Self.keys(object).subtracting(bold).sorted() == [])
    }

    @Test(arguments: [[], ["--by", "file"]]) func keysOfSeveralRecordingsAreNamed(words: [String]) throws {
        let page = try Self.page(["report"])
        let paths = [Places.recording("amd64-v7"), Places.recording("coverage-hotplug")]
        let options = ["report", "-J", "--slow", "9", "--storm-rate", "500", "--budget", "rt"] + words
        let data = try run(Places.command.path, options + paths).output
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object.keys.sorted() == page.tags(of: "JSON").sorted())
        let bold = ManPage.boldWords(page.section("JSON"))
        #expect(Self.keys(object).subtracting(bold).sorted() == [])
    }

    /// Only recordings of `record` have coverage.
    @Test func keysOfCoverageAreNamed() throws {
        let path = Places.recording("coverage-hotplug")
        let coverage = try #require(try Oracle.report(path)["coverage"] as? [String: Any])
        let bold = ManPage.boldWords(try Self.page(["report"]).section("JSON"))
        let keys = Self.keys(coverage)
        #expect(keys.isSuperset(of: ["counted", "traced", "rows", "reason", "cpus", "uncompared_cpus", "cpu"]))
        #expect(keys.subtracting(bold).sorted() == [])
    }

    @Test func groupsOfEventsAreListed() throws {
        let entry = try #require(try Self.page(["record"]).entry("OPTIONS") { $0.contains("--events") })
        let listed = ManPage.firstCells(entry)
        #expect(listed == EventGroup.allCases.map(\.rawValue))
        let words = entry.map(ManPage.plain).joined(separator: " ")
        for group in EventGroup.allCases { #expect(words.contains(group.purpose)) }
    }

    @Test func keysOfEventListsAreNamed() throws {
        let object = try JSONSerialization.jsonObject(with: irqscope("record", "--list-events", "--json").output)
        let lines = try Self.page(["record"]).section("JSON")
        let named = ManPage.boldWords(lines).filter { $0.wholeMatch(of: /[a-z][a-z_]*/) != nil }
        #expect(Self.keys(object).sorted() == named.sorted())
    }

    @Test func columnsOfCSVAreNamed() throws {
        let text = try irqscope("report", "--format", "csv", Places.recording("s390x-v6")).text
        let columns = text.prefix { !$0.isNewline }.split(separator: ",").map { String($0) }
        let tags = try Self.page(["report"]).tags(of: "CSV")
        #expect(tags.flatMap { $0.components(separatedBy: ", ") } == columns)
    }

    @Test func keysAndMetricsOfAlertAreNamed() throws {
        let page = try Self.page(["alert"])
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (1, 50_000)])
        let metrics = box.root + "/m.prom"
        let data = try box.alert("-J", "--output", metrics).output
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect((object["findings"] as? [Any])?.isEmpty == false, "the keys of findings are not looked at")
        let tags = page.tags(of: "JSON").flatMap { $0.components(separatedBy: ", ") }
        #expect(object.keys.sorted() == tags.sorted())
        #expect(Self.keys(object).subtracting(ManPage.boldWords(page.section("JSON"))).sorted() == [])
        let names = try String(contentsOfFile: metrics, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("# TYPE ") }.compactMap { $0.split(separator: " ").dropFirst(2).first.map { String($0) } }
        let documented = page.tags(of: "METRICS").flatMap { $0.components(separatedBy: ", ") }
        // A saved copy has no handlers to look at: AlertLookTests has these.
        let looks = ["irqscope_finding_handler_cpu_ratio", "irqscope_finding_unhandled_ratio"]
        #expect((names + looks).sorted() == documented.sorted())
        #expect(page.tags(of: "VERDICTS").isEmpty == false)
        for verdict in Verdict.allCases { #expect(page.source.contains(".SS \(verdict.name)\n")) }
    }

    static func keys(_ value: Any) -> Set<String> {
        if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys($1)) } }
        guard let object = value as? [String: Any] else { return [] }
        return object.reduce(into: []) { $0.formUnion(keys($1.value).union([$1.key])) }
    }

    // MARK: - Statuses

    @Test(arguments: [[], ["report"]])
    func exitStatusesAreListed(command: [String]) throws {
        let sample = Places.recording("s390x-v6")
        let statuses = try [
            irqscope("report", sample), irqscope("report", "/nowhere.dat"),
            irqscope("report", "--fail-if", "max>1ns", sample), irqscope("report", "--fail-if", "irq=9999 max>1ns", sample),
            irqscope("report", "--bogus"),
        ].map { String($0.status) }
        #expect(try Self.page(command).tags(of: "EXIT STATUS") == statuses)
    }

    @Test func exitStatusesOfAlertAreListed() throws {
        let box = try FakeBox()
        var statuses = [try box.alert().status]
        for rate in [30_000.0, 300_000] {
            box.pass(1, ["36": (1, rate)])
            statuses.append(try box.alert().status)
        }
        statuses.append(try box.alert("--bogus").status)
        #expect(try Self.page(["alert"]).tags(of: "EXIT STATUS") == statuses.map { "\($0)" })
    }

    @Test(arguments: ["list", "top"])
    func exitStatusesOfLiveCommandsAreListed(command: String) throws {
        let box = try SavedBox()
        let ending = command == "top" ? ["-n", "1", "-d", "0.1"] : []
        let statuses = try [
            [command, "--proc-root", box.root] + ending, [command, "--proc-root", "/nowhere"] + ending,
            [command, "--bogus"],
        ].map { try String(run(Places.command.path, $0).status) }
        #expect(try Self.page([command]).tags(of: "EXIT STATUS") == statuses)
    }

    @Test func exitStatusesOfRecordAreListed() throws {
        let statuses = try [["--tracing-root", "/nowhere"], ["--bogus"]].map {
            try String(run(Places.command.path, ["record"] + $0).status)
        }
        #expect(try Self.page(["record"]).tags(of: "EXIT STATUS") == ["0"] + statuses + ["125", "126", "127", "N"])
    }

    // MARK: - Form

    @Test(.enabled(if: program("mandoc") != nil, "needs mandoc"))
    func mandocHasNothingToSay() throws {
        for file in try ManPage.files() {
            let path = ManPage.folder.appendingPathComponent(file).path
            let result = try run(program("mandoc") ?? "", ["-T", "lint", "-W", "warning", path])
            #expect(result.status == 0 && result.text.isEmpty && result.errors.isEmpty, "\(result.text)\(result.errors)")
        }
    }
}

/// A page's source, man(7), cut into sections and tagged paragraphs.
struct ManPage {
    static let folder = Places.repository.appendingPathComponent("man")

    let name: String
    let source: String

    init(named name: String) throws {
        self.name = name
        source = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
    }

    static func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    /// The lines below `.SH title`; none if there is no such section.
    func section(_ title: String) -> [String] {
        let lines = source.components(separatedBy: "\n").drop { $0 != ".SH \(title)" }
        return Array(lines.dropFirst().prefix { !$0.hasPrefix(".SH ") })
    }

    /// The tags (`.TP`) of a section, as they are read.
    func tags(of title: String) -> [String] {
        let lines = section(title)
        return zip(lines, lines.dropFirst()).filter { $0.0 == ".TP" }.map { Self.plain($0.1) }
    }

    /// The lines of the first tagged paragraph whose tag `isWanted`.
    func entry(_ title: String, _ isWanted: (String) -> Bool) -> [String]? {
        section(title).split(separator: ".TP").first { isWanted(Self.plain($0.first ?? "")) }.map { Array($0) }
    }

    /// All lines as they are read, more or less.
    var plainText: String { source.components(separatedBy: "\n").map(Self.plain).joined(separator: " ") }

    /// What tables (tbl(1)) have in the first cell of each row, cut at commas.
    static func firstCells(_ lines: [String]) -> [String] {
        var cells: [String] = []
        for table in lines.split(separator: ".TS").dropFirst() {
            let rows = table.drop { !$0.hasSuffix(".") }.dropFirst().prefix { $0 != ".TE" }
            for row in rows where row.contains("\t") && !row.hasPrefix("T}") {
                cells += plain(String(row.prefix { $0 != "\t" })).components(separatedBy: ", ")
            }
        }
        return cells
    }

    /// The words that are printed bold by the macros B, BR, BI and RB: all, or every other argument.
    static func boldWords(_ lines: [String]) -> Set<String> {
        var words: Set<String> = []
        for line in lines {
            let arguments = arguments(line)
            switch arguments.first {
            case ".B": words.formUnion(arguments.dropFirst())
            case ".BR", ".BI", ".RB":
                let first = arguments[0] == ".RB" ? 2 : 1
                for index in stride(from: first, to: arguments.count, by: 2) {
                    words.insert(unescaped(arguments[index]))
                }
            default: break
            }
        }
        return words
    }

    /// The options in a text: "-h" and "--help" in "-h, --help".
    static func options(_ text: String) -> [String] {
        text.split { " ,=<>()[]'\"/".contains($0) }.map { String($0) }
            .filter { $0.wholeMatch(of: /-[A-Za-z]|--[a-z][a-z-]*/) != nil }
    }

    /// A line as it is read: without macros, fonts and escapes.
    static func plain(_ line: String) -> String {
        guard line.hasPrefix(".") else { return unescaped(line) }
        let arguments = arguments(line)
        guard let macro = arguments.first, macro.count == 3 || macro == ".B" || macro == ".I" else { return "" }
        // Two letters alternate between fonts and set no blanks.
        let separator = macro.count == 3 && ".SH.SS".contains(macro) == false ? "" : " "
        let text = arguments.dropFirst().map(unescaped).joined(separator: separator)
        return text.replacing("(1)", with: " (1)")
    }

    /// The words of a macro line; quotes hold blanks together.
    private static func arguments(_ line: String) -> [String] {
        var arguments: [String] = []
        for (index, part) in line.components(separatedBy: "\"").enumerated() {
            if index % 2 == 1 {
                arguments.append(part)
            } else {
                arguments += part.split(separator: " ").map { String($0) }
            }
        }
        return arguments
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing(/\\f[BIRP]/, with: "").replacing("\\-", with: "-").replacing("\\~", with: " ")
            .replacing("\\ ", with: " ").replacing("\\&", with: "").replacing("\\e", with: "\\")
    }
}
