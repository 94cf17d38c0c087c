import Foundation
import IRQCore
import TestSupport
import Testing

/// The alerting rules, by Prometheus' own tools: share/prometheus against Tests/prometheus.
@Suite(.enabled(if: program("promtool") != nil, "needs promtool (make test-tools)")) struct PrometheusRuleTests {
    static let tests = Places.repository.appendingPathComponent("Tests/prometheus/irqscope.rules.test.yml")

    static func promtool(_ arguments: String..., input: Data? = nil) throws -> ProcessResult {
        try run(program("promtool") ?? "", arguments, input: input)
    }

    /// A rule of the file, as its lines.
    struct Rule {
        let name: String
        let severity: String
        let lines: [String]

        /// Cuts the rules out of the file's text; `head` is what is before them.
        static func read(_ text: String) -> (head: [String], rules: [Rule]) {
            var parts: [[String]] = [[]]
            for line in text.components(separatedBy: "\n") {
                if line.hasPrefix("      - alert: ") { parts.append([]) }
                parts[parts.count - 1].append(line)
            }
            let rules = parts.dropFirst().map { lines in
                let isCritical = lines.contains { $0.contains("critical") && $0.contains("*") || $0.contains("severity: critical") }
                return Rule(
                    name: String(lines[0].dropFirst("      - alert: ".count)), severity: isCritical ? "critical" : "warning", lines: lines)
            }
            return (parts[0], rules)
        }

        /// The lines with another expression.
        func with(expression: String) -> [String] {
            var result: [String] = []
            var isInside = false
            for line in lines {
                isInside = line.hasPrefix("        expr:") || isInside && line.hasPrefix("          ")
                if line.hasPrefix("        expr:") { result.append("        expr: \(expression)") }
                if !isInside { result.append(line) }
            }
            return result
        }
    }

    static let source: (head: [String], rules: [Rule]) = {
        let file = Places.repository.appendingPathComponent("share/prometheus/irqscope.rules.yml")
        return Rule.read((try? String(contentsOf: file, encoding: .utf8)) ?? "")
    }()

    @Test func rulesAreInOrder() throws {
        let installation = try Installation()
        let result = try Self.promtool("check", "rules", installation.rules)
        #expect(
            result.status == 0 && result.text.contains("SUCCESS: \(Self.source.rules.count) rules found"), "\(result.text)\(result.errors)")
        #expect(Self.source.rules.count == 13)
    }

    @Test func rulesFireWhenTheyShould() throws {
        let result = try Self.promtool("test", "rules", Self.tests.path)
        #expect(result.status == 0 && result.text.contains("SUCCESS"), "\(result.text)\(result.errors)")
    }

    /// Rules that never fire, and rules that always do, are found by the tests above: each of them.
    @Test(arguments: ["critical", "warning"], ["vector(0) > 1", "vector(1)"])
    func eachRuleIsTested(severity: String, expression: String) throws {
        let folder = try TestFolder()
        let lines = Self.source.head + Self.source.rules.flatMap { $0.severity == severity ? $0.with(expression: expression) : $0.lines }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: folder.file("irqscope.rules.yml")))
        let tests = try String(contentsOf: Self.tests, encoding: .utf8).replacing("../../share/prometheus/", with: "")
        try Data(tests.utf8).write(to: URL(fileURLWithPath: folder.file("test.yml")))
        let result = try Self.promtool("test", "rules", folder.file("test.yml"))
        #expect(result.status != 0)
        let failed = Set((result.text + result.errors).matches(of: /alertname: (\w+), time/).map { String($0.output.1) })
        #expect(failed == Set(Self.source.rules.filter { $0.severity == severity }.map(\.name)), "\(result.text)\(result.errors)")
    }

    /// The names in the rules are those that irqscope writes.
    @Test func namesAreOurs() throws {
        let text = Self.source.rules.flatMap(\.lines).joined(separator: "\n")
        let page = try ManPage(named: "irqscope-alert.1")
        let metrics = Set(page.tags(of: "METRICS").flatMap { $0.components(separatedBy: ", ") })
        let used = Set(text.matches(of: /irqscope_\w+/).map { String($0.output) })
        #expect(!used.isEmpty && used.subtracting(metrics).sorted() == [])
        let labels = Set(text.matches(of: /\$labels\.(\w+)/).map { String($0.output.1) })
        let known = ManPage.boldWords(page.section("METRICS")).union(["job", "instance"])
        #expect(labels.subtracting(known).sorted() == [])
        let verdicts = Set(text.matches(of: /verdict="(\w+)"/).map { String($0.output.1) })
        #expect(verdicts == Set(Verdict.allCases.map(\.name)))
        let aspects = Set(text.matches(of: /aspect "(\w+)"/).map { String($0.output.1) })
        #expect(aspects.subtracting(AlertAspect.allCases.map(\.name)).sorted() == [])
    }

    @Test func metricsAreInOrder() throws {
        let box = try FakeBox()
        for rate in [0, 0, 150_000] {
            box.pass(60, ["36": (0, Double(rate))])
            let text = try box.alert("--format", "prometheus").output
            let result = try Self.promtool("check", "metrics", input: text)
            #expect(result.status == 0 && result.text.isEmpty && result.errors.isEmpty, "\(result.text)\(result.errors)")
        }
        let wrong = try Self.promtool("check", "metrics", input: Data("x_total 1\nx_total 1\n".utf8))
        #expect(wrong.status != 0)
    }
}
