import Foundation
import TestSupport
import Testing

/// The rules for the metrics of `sample`, by Prometheus' own tools.
@Suite(.enabled(if: program("promtool") != nil, "needs promtool (make test-tools)")) struct SampleRuleTests {
    static let tests = Places.repository.appendingPathComponent("Tests/prometheus/irqscope-sample.rules.test.yml")
    static let file = Places.repository.appendingPathComponent("share/prometheus/irqscope-sample.rules.yml")

    @Test func rulesAreInOrder() throws {
        let installation = try Installation()
        let result = try PrometheusRuleTests.promtool("check", "rules", installation.sampleRules)
        #expect(result.status == 0 && result.text.contains("SUCCESS: 10 rules found"), "\(result.text)\(result.errors)")
    }

    @Test func rulesSayWhatTheyShould() throws {
        let result = try PrometheusRuleTests.promtool("test", "rules", Self.tests.path)
        #expect(result.status == 0 && result.text.contains("SUCCESS"), "\(result.text)\(result.errors)")
    }

    static let names: [String] = {
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.matches(of: /\n      - (?:record|alert): (\S+)/).map { String($0.output.1) }
    }()

    /// A rule that says something else is found by the tests above: each of them.
    @Test(arguments: names, ["vector(0) > 1", "vector(1)"]) func eachRuleIsTested(name: String, expression: String) throws {
        #expect(Self.names.count == 10)
        let folder = try TestFolder()
        var (lines, isThere, isInside) = ([String](), false, false)
        for line in try String(contentsOf: Self.file, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("      - ") { isThere = line.hasSuffix(": " + name) }
            isInside = isThere && (line.hasPrefix("        expr:") || isInside && line.hasPrefix("          "))
            if isThere, line.hasPrefix("        expr:") { lines.append("        expr: \(expression)") }
            if !isInside { lines.append(line) }
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: folder.file("irqscope-sample.rules.yml")))
        let tests = try String(contentsOf: Self.tests, encoding: .utf8).replacing("../../share/prometheus/", with: "")
        try Data(tests.utf8).write(to: URL(fileURLWithPath: folder.file("test.yml")))
        let result = try PrometheusRuleTests.promtool("test", "rules", folder.file("test.yml"))
        #expect(result.status != 0 && (result.text + result.errors).contains(name), "\(result.text)\(result.errors)")
    }

    /// Metrics and labels are those that irqscope writes, alerts those that the manual names.
    @Test func namesAreOurs() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let page = try ManPage(named: "irqscope-sample.1")
        let metrics = Set(page.tags(of: "METRICS").flatMap { $0.components(separatedBy: ", ") })
        let used = Set(
            text.matches(of: /[^:]\b(irqscope_\w+)\b[^:]/).map { String($0.output.1).replacing(/_(bucket|sum|count)$/, with: "") })
        #expect(used.count > 6 && used.subtracting(metrics).sorted() == [])
        let labels = Set(text.matches(of: /\$labels\.(\w+)/).map { String($0.output.1) })
        #expect(labels.subtracting(metrics).subtracting(["instance"]).sorted() == [])
        for name in Self.names where !name.contains(":") { #expect(page.plainText.contains(name)) }
    }
}
