internal import IRQCore

/// A file for node_exporter's textfile collector: few series, no times, names of our own.
public enum AlertPrometheus {
    /// More findings have no series of their own.
    public static let findingLimit = 20

    /// The text.
    public static func text(_ report: AlertReport) -> String {
        var out = Exposition()
        out.family("irqscope_last_run_timestamp_seconds", "When irqscope alert ran last, in seconds since 1970.")
        out.add(value: Units.fixed(Double(report.time.wall) / 1e9, 3))
        out.family("irqscope_last_run_success", "Whether all that the verdicts need could be read and kept.")
        out.add(value: report.isUnknown ? "0" : "1")
        out.family("irqscope_last_run_interval_seconds", "What the rates are over.")
        out.add(value: report.intervalNanoseconds.map { Units.fixed(Double($0) / 1e9, 3) } ?? "NaN")
        out.family("irqscope_alert_level", "The worst finding of a verdict: 0 none, 1 warning, 2 critical.")
        for verdict in Verdict.allCases {
            let level = report.findings.filter { $0.key.verdict == verdict }.map(\.level).max() ?? .ok
            out.add([("verdict", verdict.name)], value: "\(level.rawValue)")
        }
        out.family("irqscope_alert_findings", "How many findings of a verdict there are.")
        for verdict in Verdict.allCases { out.add([("verdict", verdict.name)], value: "\(report.count(verdict))") }
        out.family("irqscope_device_interrupts_per_second", "Interrupts of all devices per second.")
        out.add(value: report.devicePerSecond.map { Units.fixed($0, 1) } ?? "NaN")
        let active = report.active.prefix(findingLimit)
        guard !active.isEmpty else { return out.text }
        out.family("irqscope_finding_level", "A finding: 1 warning, 2 critical. Gone when it is over.")
        for finding in active { out.add(labels(finding), value: "\(finding.level.rawValue)") }
        let rates = active.filter { $0.evidence.perSecond != nil }
        if !rates.isEmpty {
            out.family("irqscope_finding_per_second", "How often what a finding is about happens, per second.")
            for finding in rates {
                out.add(labels(finding), value: Units.fixed(finding.evidence.perSecond ?? 0, 1))
            }
        }
        // Only storms are looked at: a series or two more for each.
        let looked = active.filter { $0.evidence.handler != nil }
        if !looked.isEmpty {
            out.family("irqscope_finding_handler_cpu_ratio", "What a storm's handlers take of a CPU, 0 to 1.")
            for finding in looked {
                out.add(labels(finding), value: Units.fixed(finding.evidence.handler?.cpuShare ?? 0, 4))
            }
        }
        let judged = looked.filter { $0.evidence.handler?.unhandledShare != nil }
        if !judged.isEmpty {
            out.family("irqscope_finding_unhandled_ratio", "Interrupts of a storm that no handler claims, 0 to 1.")
            for finding in judged {
                out.add(labels(finding), value: Units.fixed(finding.evidence.handler?.unhandledShare ?? 0, 4))
            }
        }
        return out.text
    }

    /// Unique, for a finding's verdict, aspect, row and CPU are; two rows of one label differ in the action or the id.
    ///
    /// The CPU is named where the finding is about it. That of an interrupt line may change while a finding lasts, and a
    /// label that changes would end the series.
    private static func labels(_ finding: AlertFinding) -> [(String, String)] {
        let cpu = finding.key.verdict == .softirq ? finding.subject.cpu : nil
        return [
            ("verdict", finding.key.verdict.name), ("aspect", finding.key.aspect.name),
            ("irq", finding.subject.label), ("action", finding.subject.action),
            ("device", finding.subject.device), ("cpu", cpu.map { "\($0)" } ?? ""),
            ("id", hexadecimal(finding.key.id)),
        ]
    }

    static func hexadecimal(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Metric families in the text format (prometheus.io/docs/instrumenting/exposition_formats).
    private struct Exposition {
        private(set) var text = ""
        private var name = ""

        mutating func family(_ name: String, _ help: String) {
            self.name = name
            text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
        }

        mutating func add(_ labels: [(String, String)] = [], value: String) {
            let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
            text += name + (list.isEmpty ? "" : "{\(list)}") + " \(value)\n"
        }

        /// Backslash, quote and line end have escapes; other control characters are made visible first.
        private static func escaped(_ value: String) -> String {
            var result = String.UnicodeScalarView()
            for scalar in SafeText.escaped(value).unicodeScalars {
                if scalar == "\\" || scalar == "\"" { result.append("\\") }
                result.append(scalar)
            }
            return String(result)
        }
    }
}
