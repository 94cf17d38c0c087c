import Foundation
import IRQCore
import Rendering
import TestSupport
import Testing

/// `report --format prometheus`, and what `sample` writes: exact, and text that Prometheus takes whatever the names are.
@Suite struct HandlerMetricsTests {
    /// Series of the text format: the name with its labels in order, and the value.
    static func series(_ text: String) -> [String: Double] {
        var result: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " ") else { continue }
            let name = String(line[..<blank])
            #expect(result[name] == nil, "twice: \(name)")
            result[name] = Double(line[line.index(after: blank)...])
        }
        return result
    }

    static let limits = [
        "5e-07", "1e-06", "2.5e-06", "5e-06", "1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.001", "0.0025", "0.01", "+Inf",
    ]

    /// Each bucket, each sum and each count, against durations from trace-cmd's text counted one by one.
    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: ["amd64-v7", "arm64-v7", "armhf-v6", "armhf-v7", "ppc64el-v6", "ppc64el-v7", "s390x-v6", "s390x-v7"])
    func bucketsAreExact(name: String) throws {
        let path = Places.recording(name)
        let script = Places.oracle.deletingLastPathComponent().appendingPathComponent("buckets.py").path
        let exact = try Oracle.exact(path, script: script)
        let result = try irqscope("report", "--format", "prometheus", path)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let text = result.text
        let series = Self.series(text)
        var compared = 0
        for (label, value) in exact {
            let value = value as? Oracle.Object ?? [:]
            let parts = label.split(separator: " ", maxSplits: 1).map { String($0) }
            let family = ["handler": "handler_duration", "softirq": "softirq_duration", "raise": "softirq_raise_latency"][parts[0]] ?? ""
            let start =
                parts[0] == "handler"
                ? "{action=\"\(parts[1])\"" : "{softirq=\"\(SoftirqNames.name(of: Int64(parts[1]) ?? -1))\""
            func ours(_ ending: String, _ more: String = "") -> Double? {
                let found = series.filter {
                    $0.key.hasPrefix("irqscope_\(family)_seconds_\(ending)\(start)") && $0.key.hasSuffix(more + "}")
                }
                return found.count == 1 ? found.first?.value : nil
            }
            for (limit, count) in zip(Self.limits, value["le"] as? [Double] ?? []) {
                #expect(ours("bucket", "le=\"\(limit)\"") == count, "\(label) le \(limit)")
                compared += 1
            }
            #expect(ours("count") == (value["le"] as? [Double])?.last, "\(label)")
            let total = Oracle.number(value["total_ns"]) ?? 0
            #expect(ours("sum").map { UInt64(($0 * 1e9).rounded()) } == total, "\(label)")
            if parts[0] != "raise" {
                let calls = series.filter { $0.key.hasPrefix("irqscope_\(parts[0])_calls_total\(start)") }
                #expect(calls.count == 1 && calls.first?.value == value["calls"] as? Double, "\(label)")
            }
        }
        #expect(compared >= 13 * 4 && exact.count * 13 == series.keys.filter { $0.contains("_bucket{") }.count)
        if let promtool = program("promtool") {
            let checked = try TestSupport.run(promtool, ["check", "metrics"], input: Data(text.utf8))
            #expect(checked.status == 0 && checked.text.isEmpty && checked.errors.isEmpty, "\(checked.errors)")
        }
    }

    /// All that a device could call itself. Those that look the same are one series.
    static let names = [
        "a\"b", "back\\slash", "line\nend", "\u{1b}]0;x\u{7}", "tab\there", "\u{FFFD}\u{FFFD}", "</script>", "{evil=\"1\"} 5", "", "\\",
        "žluť",
        "x\u{1}", "x\\x01", "eth0-TxRx-\"3", "\u{202e}gnp.exe", "NaN", "+Inf", "#", String(repeating: "long", count: 60),
    ]

    static func sums(_ names: [String]) -> HandlerSums {
        var sums = HandlerSums()
        for name in names {
            var handlers = HandlerSums.Handlers(HandlerGroup(action: name, kind: "other", driver: name))
            handlers.calls = 2
            handlers.durations.record(1_500)
            handlers.durations.record(20_000_000)
            sums.handlers.append(handlers)
        }
        sums.softirqs = [HandlerSums.Softirq(vector: 3)]
        sums.sampledNanoseconds = 1_000_000_001
        return sums
    }

    static let lastRun = HandlerFamilies.Run(wallNanoseconds: 1_790_000_000_123_000_000, cpuCount: 4)

    @Test func namesAreEscaped() throws {
        let text = HandlerFamilies.text(Self.sums(Self.names), run: Self.lastRun)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7F) })
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            // name{label="…",…} value, in which a quote and a backslash have one in front.
            let form = /[a-z_]+(\{[a-z]+="([^"\\]|\\["\\n])*"(,[a-z]+="([^"\\]|\\["\\n])*")*\})? [0-9+.eInfNa]+/
            #expect(line.wholeMatch(of: form) != nil, "\(line)")
        }
        let series = Self.series(text)
        #expect(series["irqscope_sampled_seconds_total"] == 1.000000001 && text.contains("\nirqscope_sampled_seconds_total 1.000000001\n"))
        #expect(
            series["irqscope_handler_calls_total{action=\"x\\\\x01\",kind=\"other\",driver=\"x\\\\x01\"}"] == 4, "two that look the same")
        #expect(series["irqscope_handler_duration_seconds_bucket{action=\"#\",kind=\"other\",driver=\"#\",le=\"0.01\"}"] == 1)
        #expect(series["irqscope_handler_duration_seconds_sum{action=\"#\",kind=\"other\",driver=\"#\"}"] == 0.0200015)
        for (kind, marker) in [("HELP", "# HELP "), ("TYPE", "# TYPE ")] {
            let heads = text.split(separator: "\n").filter { $0.hasPrefix(marker) }.map { $0.split(separator: " ")[2] }
            #expect(Set(heads).count == heads.count && heads.count > 8, "\(kind) stands once for each family")
        }
        if let promtool = program("promtool") {
            let checked = try TestSupport.run(promtool, ["check", "metrics"], input: Data(text.utf8))
            #expect(checked.status == 0 && checked.text.isEmpty && checked.errors.isEmpty, "\(checked.errors)")
        }
    }

    /// Names of a recording reach the text by the same way.
    @Test func recordingsOfStrangeNames() throws {
        let text = """
            # tracer: nop
            #
                      <idle>-0     [000] d.h1.   100.000001000: irq_handler_entry: irq=5 name=a"b\\c
                      <idle>-0     [000] d.h1.   100.000003500: irq_handler_exit: irq=5 ret=handled
                      <idle>-0     [000] d.h1.   100.000010000: irq_handler_entry: irq=6 name=eth0-TxRx-6
                      <idle>-0     [000] d.h1.   100.000010501: irq_handler_exit: irq=6 ret=unhandled
                      <idle>-0     [000] d.h1.   100.000020000: irq_handler_entry: irq=7 name=eth0-TxRx-7

            """
        let result = try TestSupport.run(Places.command.path, ["report", "--format", "prometheus"], input: Data(text.utf8))
        #expect(result.status == 0, "\(result.errors)")
        let series = Self.series(result.text)
        let queues = "{action=\"eth0-TxRx-*\",kind=\"network\",driver=\"\"}"
        #expect(series["irqscope_handler_calls_total\(queues)"] == 2 && series["irqscope_handler_duration_seconds_count\(queues)"] == 1)
        #expect(series["irqscope_handler_unhandled_total\(queues)"] == 1)
        #expect(series["irqscope_handler_duration_seconds_sum{action=\"a\\\"b\\\\c\",kind=\"other\",driver=\"\"}"] == 0.0000025)
        #expect(series["irqscope_sampled_seconds_total"] == 0.000019)
    }

    @Test func whatHasNoMetricsSaysSo() throws {
        let path = Places.recording("amd64-v7")
        for (words, part) in [(["--every", "1s"], "leave out --every"), (["--by", "file"], "leave out --by file")] {
            let result = try TestSupport.run(Places.command.path, ["report", "--format", "prometheus", path] + words)
            #expect(result.status == 64 && result.text.isEmpty && result.errors.contains(part), "\(result.errors)")
        }
        let ticks = try irqscope(
            "report", "--format", "prometheus", Places.repository.appendingPathComponent("Fixtures/texts/c-uptime.tgid.txt.xz").path)
        #expect(ticks.status == 1 && ticks.text.isEmpty && ticks.errors.contains("does not count nanoseconds"), "\(ticks.errors)")
        let several = try irqscope("report", "--format", "prometheus", path, Places.recording("arm64-v7"))
        #expect(several.status == 0 && several.text.hasPrefix("# HELP irqscope_sampled_seconds_total "))
        let held = try irqscope("report", "--format", "prometheus", "--fail-if", "max>1ns", path)
        #expect(held.status == 2 && held.text.hasPrefix("# HELP "))
    }

    /// Buffers are never summed: the same interrupt in two of them has two series.
    @Test func buffersStayApart() throws {
        let text = try irqscope("report", "--format", "prometheus", Places.recording("s390x-instances")).text
        let series = Self.series(text)
        let counts = series.filter { $0.key.hasPrefix("irqscope_handler_calls_total{") }
        #expect(counts.contains { $0.key.contains("buffer=\"second\"") } && counts.contains { !$0.key.contains("buffer=") }, "\(counts)")
    }

    // MARK: The command

    /// Said before anything is done.
    @Test(.enabled(if: geteuid() == 0 && program("setpriv") != nil, "needs root and setpriv")) func onlyRootMaySample() throws {
        try withFolder { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
            let copy = folder + "/irqscope"
            try FileManager.default.copyItem(atPath: Places.command.path, toPath: copy)
            let words = ["--reuid", "65534", "--clear-groups", copy, "sample", "--state", folder + "/s", "-o", folder + "/m.prom"]
            let result = try TestSupport.run(program("setpriv") ?? "", words)
            #expect(result.status == 1 && result.text.isEmpty && result.errors.contains("tracing is for root only"), "\(result.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["irqscope"])
        }
    }

    @Test(arguments: [
        ["--duration", "1ms"], ["--duration", "2h"], ["--duration", "x"], ["--series", "0"], ["--series", "10001"], ["--format", "csv"],
        ["-J", "--output", "x"], ["--bogus"], ["more"],
    ]) func wrongUsage(words: [String]) throws {
        let result = try TestSupport.run(Places.command.path, ["sample"] + words)
        #expect(result.status == 64 && result.text.isEmpty && result.errors.hasPrefix("irqscope: "), "\(result.errors)")
    }

    /// The manual names each metric, each label and each key.
    @Test func theManualNamesThem() throws {
        let page = try ManPage(named: "irqscope-sample.1")
        var sums = Self.sums(["a"])
        sums.softirqs[0].raiseLatencies.record(1)
        (sums.lastNanoseconds, sums.bootID) = (1, "x")
        let text = HandlerFamilies.text(sums, run: Self.lastRun)
        let families = text.matches(of: #/# TYPE (\w+) /#).map { String($0.output.1) }
        let documented = page.tags(of: "METRICS").flatMap { $0.components(separatedBy: ", ") }
        let labels = Set(text.matches(of: /([a-z]+)="/).map { String($0.output.1) })
        #expect(Set(documented) == Set(families).union(labels.subtracting(["le"])))
        var bytes: [UInt8] = []
        var output = ByteOutput { span in
            for index in 0..<span.byteCount { bytes.append(unsafe span.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
            return true
        }
        HandlerFamilies.write(sums, run: Self.lastRun, to: &output)
        output.flush()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(object["schema"] as? String == "irqscope.sample.v1")
        let named = page.tags(of: "JSON").flatMap { $0.components(separatedBy: ", ") }
        #expect(named.sorted() == object.keys.sorted())
        #expect(ManPageTests.keys(object).subtracting(ManPage.boldWords(page.section("JSON"))).sorted() == [])
    }
}
