import Foundation
import TestSupport
import Testing

/// The whole way, with the real programs: a storm, `irqscope alert`, node_exporter, Prometheus with the installed rules, an
/// alert; and back.
@Suite(
    .enabled(
        if: program("prometheus") != nil && program("prometheus-node-exporter") != nil,
        "needs prometheus and prometheus-node-exporter (make test-tools)"), .timeLimit(.minutes(10)))
struct PrometheusServerTests {
    /// Both servers, fed by a box.
    final class Monitoring {
        let box: FakeBox
        let exporter: Server
        let prometheus: Server
        private let folder: TestFolder
        private let installation: Installation

        init() throws {
            box = try FakeBox()
            // By this machine's clock, or all is stale.
            box.clock.wall = Date().timeIntervalSince1970
            folder = try TestFolder()
            installation = try Installation()
            let textfiles = folder.file("textfiles")
            try FileManager.default.createDirectory(atPath: textfiles, withIntermediateDirectories: true)
            exporter = try Server(program("prometheus-node-exporter") ?? "", log: folder.file("exporter.log")) { port in
                [
                    "--web.listen-address=127.0.0.1:\(port)", "--collector.disable-defaults", "--collector.textfile",
                    "--collector.textfile.directory=\(textfiles)",
                ]
            }
            let configuration = """
                global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
                rule_files: [ "\(installation.rules)" ]
                scrape_configs:
                  - job_name: node
                    static_configs: [ { targets: [ "127.0.0.1:\(exporter.port)" ] } ]
                """
            let file = folder.file("prometheus.yml")
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: file))
            let data = folder.file("data")
            prometheus = try Server(program("prometheus") ?? "", log: folder.file("prometheus.log")) { port in
                [
                    "--config.file=\(file)", "--storage.tsdb.path=\(data)", "--web.listen-address=127.0.0.1:\(port)",
                    "--log.level=warn",
                ]
            }
        }

        deinit {
            // Before their files go.
            prometheus.stop()
            exporter.stop()
        }

        /// A run of `irqscope alert`; its status.
        func look() throws -> Int32 { try box.alert("--output", folder.file("textfiles/irqscope.prom"), "--quiet").status }

        struct Alert: Decodable {
            let labels: [String: String]
            let annotations: [String: String]
            let state: String
            var name: String { labels["alertname"] ?? "" }
        }

        func alerts() -> [Alert] {
            struct Answer: Decodable {
                struct Content: Decodable { let alerts: [Alert] }
                let data: Content
            }
            return prometheus.get("/api/v1/alerts").flatMap { try? JSONDecoder().decode(Answer.self, from: $0) }?.data.alerts ?? []
        }

        /// The value of a metric in Prometheus; nil if it has none.
        func value(_ metric: String) -> String? {
            guard let data = prometheus.get("/api/v1/query?query=\(metric)"),
                let answer = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
                let results = (answer["data"] as? [String: Any])?["result"] as? [[String: Any]]
            else { return nil }
            return (results.first?["value"] as? [Any])?.last as? String
        }

        /// Waits for something to be; what the servers said if it does not come.
        func wait(for what: String, seconds: Double = 45, _ isThere: () -> Bool) throws {
            let end = Date().addingTimeInterval(seconds)
            while Date() < end {
                if isThere() { return }
                usleep(200_000)
            }
            throw Installation.Failure(words: "no \(what)\n\(alerts())\n\(exporter.messages)\(prometheus.messages)")
        }
    }

    @Test func stormFiresAndResolves() throws {
        let monitoring = try Monitoring()
        let box = monitoring.box
        #expect(try monitoring.look() == 0)
        box.pass(1)
        #expect(try monitoring.look() == 0)
        try monitoring.wait(for: "metrics") { monitoring.value("irqscope_last_run_success") == "1" }
        #expect(monitoring.value("node_textfile_scrape_error") == "0")
        #expect(monitoring.alerts().isEmpty)

        box.pass(60, ["36": (1, 150_000)])
        #expect(try monitoring.look() == 2)
        func storm(_ severity: String) -> Monitoring.Alert? {
            monitoring.alerts().first { $0.name == "IrqscopeStorm" && $0.labels["severity"] == severity }
        }
        try monitoring.wait(for: "storm") { storm("critical")?.state == "firing" }
        let critical = try #require(storm("critical"))
        let expected = [
            "verdict": "storm", "aspect": "plain", "irq": "36", "action": "gadget0", "job": "node",
            "instance": "127.0.0.1:\(monitoring.exporter.port)",
        ]
        #expect(critical.labels.merging(expected) { $1 } == critical.labels, "\(critical.labels)")
        #expect(critical.annotations["summary"]?.hasSuffix(": irq 36 gadget0") == true, "\(critical.annotations)")
        #expect(critical.annotations["description"]?.contains("150k times a second") == true, "\(critical.annotations)")
        #expect(storm("warning")?.state == "pending")

        box.pass(60)
        #expect(try monitoring.look() == 0)
        try monitoring.wait(for: "end of the storm") { storm("critical") == nil && storm("warning") == nil }
        #expect(monitoring.value("irqscope_last_run_success") == "1" && monitoring.alerts().isEmpty)

        // Nobody has looked for a while.
        box.clock.wall -= 1_000
        box.pass(60)
        #expect(try monitoring.look() == 0)
        try monitoring.wait(for: "stale metrics") { monitoring.alerts().map(\.name) == ["IrqscopeStale"] }
    }
}
