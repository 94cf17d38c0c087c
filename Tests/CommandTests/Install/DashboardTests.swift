import Foundation
import IRQCore
import Rendering
import TestSupport
import Testing

/// The dashboard for Grafana: its form, and each of its queries in a real Prometheus that collects two different boxes.
@Suite(.timeLimit(.minutes(10))) struct DashboardTests {
    typealias Object = [String: Any]

    static func dashboard() throws -> Object {
        let file = Places.repository.appendingPathComponent("share/grafana/irqscope.json")
        return try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? Object ?? [:]
    }

    static func panels() throws -> [Object] {
        (try dashboard()["panels"] as? [Object] ?? []).filter { $0["type"] as? String != "row" }
    }

    static func queries(_ panel: Object) -> [String] {
        (panel["targets"] as? [Object] ?? []).compactMap { $0["expr"] as? String }
    }

    @Test func formIsGrafanas() throws {
        let dashboard = try Self.dashboard()
        #expect(dashboard["uid"] as? String == "irqscope" && (dashboard["schemaVersion"] as? Int ?? 0) >= 36 && dashboard["id"] is NSNull)
        let variables = (dashboard["templating"] as? Object)?["list"] as? [Object] ?? []
        #expect(variables.compactMap { $0["name"] as? String } == ["datasource", "job", "instance", "window"])
        let panels = try Self.panels()
        #expect(panels.count > 20)
        let all = dashboard["panels"] as? [Object] ?? []
        let ids = all.compactMap { $0["id"] as? Int }
        #expect(Set(ids).count == ids.count && ids.count == all.count)
        for panel in panels {
            let title = panel["title"] as? String ?? ""
            #expect(!title.isEmpty && (panel["description"] as? String)?.hasSuffix(".") == true, "\(title)")
            for source in [panel["datasource"]] + (panel["targets"] as? [Object] ?? []).map({ $0["datasource"] }) {
                #expect((source as? Object)?["uid"] as? String == "${datasource}", "\(title)")
            }
            let queries = Self.queries(panel)
            #expect(!queries.isEmpty && queries.allSatisfy { $0.contains("job=~\"$job\"") }, "\(title)")
            let defaults = (panel["fieldConfig"] as? Object)?["defaults"] as? Object
            let axis = ((panel["options"] as? Object)?["yAxis"] as? Object)?["unit"]
            #expect(defaults?["unit"] is String || axis is String, "\(title) has no unit")
        }
        // No two panels lie on each other.
        var taken: Set<[Int]> = []
        for panel in all {
            let place = panel["gridPos"] as? [String: Int] ?? [:]
            for x in 0..<(place["w"] ?? 0) {
                for y in 0..<(place["h"] ?? 0) {
                    #expect(taken.insert([x + (place["x"] ?? 0), y + (place["y"] ?? 0)]).inserted, "\(panel["title"] ?? "")")
                }
            }
            #expect((place["x"] ?? 0) + (place["w"] ?? 0) <= 24)
        }
    }

    /// The metrics in it are those that the manual pages name.
    @Test func namesAreOurs() throws {
        let pages = try ["irqscope-alert.1", "irqscope-sample.1"].map { try ManPage(named: $0) }
        let metrics = Set(pages.flatMap { $0.tags(of: "METRICS") }.flatMap { $0.components(separatedBy: ", ") })
        let used = Set(
            try Self.panels().flatMap(Self.queries).joined(separator: "\n").matches(of: /irqscope_\w+/).map {
                String($0.output).replacing(/_(bucket|sum|count)$/, with: "")
            })
        #expect(used.count > 12 && used.subtracting(metrics).sorted() == [])
        for family in ["irqscope_handler_duration_seconds", "irqscope_softirq_duration_seconds", "irqscope_finding_level"] {
            #expect(used.contains(family))
        }
    }

    // MARK: A fleet

    /// Two boxes, each with its textfile, which a small server hands out, and a Prometheus that collects them.
    final class Fleet {
        let boxes: [FakeBox]
        let folder: TestFolder
        let files: Server
        let prometheus: Server
        private var sums = [HandlerSums(), HandlerSums()]
        private let groups = [
            [
                HandlerGroup(action: "ice-eth0-TxRx-*", kind: "network", driver: "ice"),
                HandlerGroup(action: "nvme0q*", kind: "storage", driver: "nvme"),
            ],
            [
                HandlerGroup(action: "mlx5_comp*@pci:0000:3b:00.0", kind: "network", driver: "mlx5_core"),
                HandlerGroup(action: "xhci_hcd", kind: "usb", driver: "xhci_hcd"), .other,
            ],
        ]

        init() throws {
            folder = try TestFolder()
            boxes = [try FakeBox(), try FakeBox()]
            let path = folder.path
            files = try Server("/usr/bin/python3", log: folder.file("files.log")) { port in
                ["-m", "http.server", "\(port)", "--bind", "127.0.0.1", "--directory", path]
            }
            let port = files.port
            let targets = (0..<2).map { place in
                """
                      - { targets: [ "127.0.0.1:\(port)" ], labels: { __metrics_path__: /\(place).prom, instance: "box\(place):9100" } }
                """
            }
            let rules = ["irqscope.rules.yml", "irqscope-sample.rules.yml"].map {
                "\"" + Places.repository.appendingPathComponent("share/prometheus/" + $0).path + "\""
            }
            let configuration = """
                global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
                rule_files: [ \(rules.joined(separator: ", ")) ]
                scrape_configs:
                  - job_name: node
                    static_configs:
                \(targets.joined(separator: "\n"))
                """
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder.file("prometheus.yml")))
            let (file, data) = (folder.file("prometheus.yml"), folder.file("data"))
            prometheus = try Server(program("prometheus") ?? "", log: folder.file("prometheus.log")) { port in
                [
                    "--config.file=\(file)", "--storage.tsdb.path=\(data)", "--web.listen-address=127.0.0.1:\(port)",
                    "--log.level=warn",
                ]
            }
        }

        deinit {
            prometheus.stop()
            files.stop()
        }

        /// What `irqscope alert` says of boxes with a storm, an interrupt on an isolated CPU, and packets that are dropped.
        func judge() throws -> [String] {
            try boxes.enumerated().map { place, box in
                let folder = box.root + "/sys/devices/system/cpu"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data("3\n".utf8).write(to: URL(fileURLWithPath: folder + "/isolated"))
                func softnet(_ dropped: Int, _ squeezed: Int) throws {
                    let lines = (0..<4).map { cpu in
                        String(format: "00000100 %08x %08x", cpu == 2 ? dropped : 0, cpu == 2 ? squeezed : 0)
                            + String(repeating: " 00000000", count: 9) + String(format: " %08x 00000000 00000000", cpu)
                    }
                    try box.write("net/softnet_stat", lines.joined(separator: "\n") + "\n")
                }
                box.add("40", "PCI-MSIX-0000:3b:00.0   1-edge      eth\(place)-TxRx-0")
                box.clock.wall = Date().timeIntervalSince1970 - 60
                try softnet(0, 0)
                _ = try box.alert("--sys-root", box.root + "/sys", "--format", "prometheus")
                box.pass(60, ["36": (place, 150_000), "40": (3, 50)])
                try softnet(6_000, 60_000)
                return try box.alert("--sys-root", box.root + "/sys", "--format", "prometheus").text
            }
        }

        /// A sample more of each box, and the textfiles as node_exporter would hand them out.
        func pass(_ alerts: [String]) throws {
            for place in 0..<2 {
                sums[place].sampledNanoseconds += 1_000_000_000
                sums[place].lastNanoseconds = 1_000_000_000
                sums[place].sampleCount += 1
                for group in groups[place] {
                    var handlers = HandlerSums.Handlers(group)
                    handlers.calls = UInt64(1_000 * (place + 1))
                    (handlers.lastCalls, handlers.unhandled) = (handlers.calls, 3)
                    for step in 0..<handlers.calls { handlers.durations.record(1_000 + step * 20 * UInt64(1 + 4 * place)) }
                    if let known = sums[place].handlers.firstIndex(where: { $0.group == group }) {
                        sums[place].handlers[known].lastCalls = 0
                        sums[place].handlers[known].add(handlers)
                    } else {
                        sums[place].handlers.append(handlers)
                    }
                }
                if sums[place].softirqs.isEmpty { sums[place].softirqs = [3, 9].map { HandlerSums.Softirq(vector: $0) } }
                for softirq in 0..<2 {
                    sums[place].softirqs[softirq].calls += 100
                    for step in 0..<100 {
                        sums[place].softirqs[softirq].durations.record(UInt64(step) * 3_000)
                        sums[place].softirqs[softirq].raiseLatencies.record(UInt64(step) * 700)
                    }
                }
                let run = HandlerFamilies.Run(wallNanoseconds: UInt64(Date().timeIntervalSince1970 * 1e9), cpuCount: 4)
                let text = alerts[place] + HandlerFamilies.text(sums[place], run: run)
                try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("\(place).prom")), options: .atomic)
            }
        }

        struct Answer {
            var series: [[String: String]] = []
            var values: [Double] = []
        }

        func ask(_ query: String) throws -> Answer {
            let allowed = CharacterSet.alphanumerics
            let words = query.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
            guard let data = prometheus.get("/api/v1/query?query=\(words)"),
                let object = try JSONSerialization.jsonObject(with: data) as? Object
            else { throw Installation.Failure(words: "no answer to \(query)\n\(prometheus.messages)\(files.messages)") }
            var answer = Answer()
            for row in (object["data"] as? Object)?["result"] as? [Any] ?? [] {
                guard let row = row as? Object else { continue }
                answer.series.append(row["metric"] as? [String: String] ?? [:])
                answer.values.append(Double((row["value"] as? [Any])?.last as? String ?? "") ?? .nan)
            }
            return answer
        }
    }

    /// A query as Grafana sends it.
    static func filled(_ query: String, box: Int) -> String {
        query.replacing("$job", with: "node").replacing("$instance", with: "box\(box):9100").replacing("$window", with: "15s")
    }

    @Test(.enabled(if: program("prometheus") != nil, "needs prometheus (make test-tools)")) func eachQueryHasAnAnswer() throws {
        let fleet = try Fleet()
        let alerts = try fleet.judge()
        for text in alerts {
            for part in ["verdict=\"storm\"", "verdict=\"placement\"", "verdict=\"softirq\""] { #expect(text.contains(part), "\(text)") }
        }
        for _ in 0..<12 {
            try fleet.pass(alerts)
            usleep(1_000_000)
        }
        for panel in try Self.panels() {
            for query in Self.queries(panel) {
                for box in 0..<(query.contains("$instance") ? 2 : 1) {
                    let answer = try fleet.ask(Self.filled(query, box: box))
                    #expect(!answer.values.isEmpty, "\(panel["title"] ?? ""): \(query)")
                    #expect(answer.values.allSatisfy { $0.isFinite && $0 >= 0 }, "\(panel["title"] ?? ""): \(answer)")
                }
            }
        }
        // What it shows is so: calls up to 21 µs on one box, up to 201 µs on the other.
        func answer(_ title: String) throws -> Fleet.Answer {
            let panel = try #require(try Self.panels().first { $0["title"] as? String == title }, "\(title)")
            return try fleet.ask(Self.filled(Self.queries(panel)[0], box: 0))
        }
        let worst = try answer("Worst boxes: 99th percentile of handlers")
        let byBox = Dictionary(uniqueKeysWithValues: zip(worst.series.map { $0["instance"] ?? "" }, worst.values))
        #expect(byBox.count == 2)
        #expect((10e-6...25e-6).contains(byBox["box0:9100"] ?? 0) && (100e-6...250e-6).contains(byBox["box1:9100"] ?? 0), "\(byBox)")
        #expect(try answer("Boxes sampled").values == [2] && answer("Critical").values == [2])
        let drivers = Set(try answer("99th percentile of handlers, by driver").series.compactMap { $0["driver"] })
        #expect(drivers == ["ice", "nvme", "mlx5_core", "xhci_hcd", "other"])
        let rates = try answer("Interrupts per second").values
        #expect(rates.allSatisfy { abs($0 - 1_000) < 1 }, "calls of a second that was traced: \(rates)")
        // A second of 100 runs of 0 to 297 µs each: 14.85 ms, of four CPUs, of two softirqs.
        let share = try answer("Worst boxes: time in softirqs").values
        #expect(share.allSatisfy { abs($0 - 0.01485 * 2 / 4) < 0.0002 }, "\(share)")
        for rule in ["kind_driver:irqscope_handler_duration_seconds:p99", "job_instance:irqscope_softirq_duration_seconds:cpu_ratio"] {
            #expect(try !fleet.ask(rule).values.isEmpty, "\(rule)")
        }
    }
}
