import Foundation
import TestSupport
import Testing

/// The hardware that a recording carries is that of this machine, as /proc/irq and `list` tell it.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct RecordHardwareTests {
    typealias Object = [String: Any]

    /// The content of a file of /proc/irq/N; nil if there is none, or -1, which is no node.
    static func text(_ irq: Int, _ name: String) -> String? {
        let text = try? String(contentsOfFile: "/proc/irq/\(irq)/\(name)", encoding: .utf8)
        return text.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { $0 == "-1" ? nil : $0 }
    }

    static func list() throws -> [Int: Object] {
        let document = try JSONSerialization.jsonObject(with: irqscope("list", "--json").output) as? Object
        var rows: [Int: Object] = [:]
        for row in document?["interrupts"] as? [Object] ?? [] {
            if let irq = row["irq"] as? Int { rows[irq] = row }
        }
        return rows
    }

    static func same(_ row: Object, _ listed: Object, _ key: String) -> Bool {
        "\(row[key] ?? "missing")" == "\(listed[key] ?? "missing")"
    }

    @Test(arguments: [[], ["--file-version", "6"], ["--flight", "5s"]]) func eachRowIsThatOfList(form: [String]) throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        try DiskLoad.during {
            let command = form.contains("--flight") ? ["--", "sleep", "0.5"] : ["--duration", "500ms"]
            let recorder = try Recorder(record: ["-o", path] + form + command)
            #expect(recorder.status(seconds: 60) == 0, "\(recorder.errors)")
        }
        let listed = try Self.list()
        let rows = try #require(try Oracle.report(path)["irqs"] as? [Object])
        #expect(!rows.isEmpty)
        for row in rows {
            let irq = try #require(row["irq"] as? Int)
            let other = try #require(listed[irq])
            for key in ["chip", "hwirq", "trigger", "node", "affinity", "effective_affinity"] {
                #expect(Self.same(row, other, key), "\(irq) \(key): \(row[key] ?? "missing"), \(other[key] ?? "missing")")
            }
            #expect(row["affinity"] as? String == Self.text(irq, "smp_affinity_list"))
            #expect(row["effective_affinity"] as? String == Self.text(irq, "effective_affinity_list"))
            #expect((row["node"] as? Int).map { "\($0)" } == Self.text(irq, "node"))
            let device = (other["devices"] as? [Object])?.first
            #expect(row["driver"] as? String == device?["driver"] as? String)
            let title = ["name", "driver", "address"].lazy.compactMap { device?[$0] as? String }.first
            #expect(row["device"] as? String == title)
        }
    }

    /// Rows with and without events, as text that anybody can read.
    @Test func allLinesAreThere() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        #expect(try RecordTests.record("--duration", "100ms", "-o", path, "--compression", "none").status == 0)
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        let part = try #require(text.components(separatedBy: "\nlines start 0 ").last)
        let irqs = part.components(separatedBy: "\n\n")[0].split(separator: "\n").dropFirst(2).compactMap {
            $0.split(separator: "\t", omittingEmptySubsequences: false).first.flatMap { Int($0) }
        }
        #expect(try Set(irqs) == Set(Self.list().keys))
        if program("trace-cmd") != nil { #expect(try shell("trace-cmd report '\(path)'").errors.isEmpty) }
    }
}
