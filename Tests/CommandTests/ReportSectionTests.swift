import Foundation
import IRQCore
import Testing
import TestSupport

/// The tables of `report --format csv --section`: the numbers of JSON.
@Suite struct ReportSectionTests {
    typealias Object = [String: Any]
    typealias Line = [String: String]

    static let kinds = RowKind.allCases.map { "\($0.traits.json.rows)" }
    static let names =
        ["rows"] + kinds + [
            "per_cpu", "histograms", "cpus", "storms", "slowest", "budgets", "events", "unused", "coverage",
            "coverage_cpus", "uncompared_cpus",
        ]
    static let recordings = ["amd64-v7", "amd64-tasklets", "coverage-hotplug", "s390x-lost", "ppc64el-instances"]
    static let options = ["--slow", "5", "--storm-rate", "500", "--budget", "seed,thread=20us,raise=50us"]

    /// The lines of all sections, by name.
    static func sections(_ path: String, _ names: [String] = names) throws -> [String: [Line]] {
        let result = try run(
            Places.command.path, ["report", "--format", "csv", "--section", names.joined(separator: ","), path] + options)
        try #require(result.status == 0, "\(result.errors)")
        let tables = result.text.components(separatedBy: "\n\n")
        try #require(tables.count == names.count)
        return Dictionary(
            uniqueKeysWithValues: zip(names, tables).map { name, table in
                let lines = table.components(separatedBy: "\n").filter { !$0.isEmpty }.map(cells)
                return (name, lines.dropFirst().map { Line(uniqueKeysWithValues: zip(lines[0], $0)) })
            })
    }

    /// The cells of a line.
    static func cells(_ line: String) -> [String] {
        var (cells, isQuoted) = ([""], false)
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: cells.append("")
            default: cells[cells.count - 1].unicodeScalars.append(scalar)
            }
        }
        return cells
    }

    /// The same tables, from JSON.
    static func expected(_ report: Object) -> [String: [Object]] {
        func list(_ value: Any?) -> [Object] { value as? [Object] ?? [] }
        let (events, coverage) = (report["events"] as? Object ?? [:], report["coverage"] as? Object ?? [:])
        var tables: [String: [Object]] = [
            "storms": list(report["storms"]), "slowest": list(report["slowest"]), "events": [events],
            "unused": list(events["unused"]), "coverage": list(coverage["rows"]),
            "uncompared_cpus": list(coverage["uncompared_cpus"]),
            "budgets": list((report["budget"] as? Object)?["rows"]),
        ]
        tables["coverage_cpus"] = list(coverage["rows"]).flatMap { row in
            list(row["cpus"]).map { $0.merging(row.filter { ["table", "label"].contains($0.key) }) { $1 } }
        }
        for kind in RowKind.allCases {
            let names = kind.traits.json
            let latency = kind.traits.latency.map { "\($0.measure.jsonName)" }
            for row in list(report["\(names.rows)"]) {
                let durations = row["duration"] as? Object ?? [:]
                let waits = latency.flatMap { row[$0] as? Object } ?? [:]
                let isWaited = waits["count"] as? Int ?? 0 > 0
                var identity: Object = ["kind": kind.rawValue, "buffer": row["buffer"] ?? "", "name": row["\(names.name)"] ?? ""]
                identity["number"] = names.number.flatMap { row["\($0)"] }
                let flat = row.merging(durations) { $1 }
                tables["\(names.rows)", default: []].append(
                    flat.merging(waits.map { ("\(latency ?? "")_\($0.key)", $0.value) }) { $1 })
                var mixed = flat.merging(identity) { $1 }
                mixed["calls"] = row["\(names.calls)"]
                if isWaited { mixed.merge(waits.map { ("latency_\($0.key)", $0.value) }) { $1 } }
                tables["rows", default: []].append(mixed)
                tables["per_cpu", default: []] += list(row["cpus"]).map { $0.merging(identity) { $1 } }
                for (measure, values) in [("duration", durations), (latency ?? "", waits)] {
                    tables["histograms", default: []] += list(values["histogram"]).map {
                        $0.merging(identity) { $1 }.merging(["measure": measure]) { $1 }
                    }
                }
            }
        }
        return tables
    }

    static func isSame(_ cell: String, _ value: Any?) -> Bool {
        switch value {
        case nil, is NSNull: cell.isEmpty
        case let text as String: cell == text
        case let number as NSNumber where cell.contains("."):
            // Means have a digit behind the point.
            abs((Double(cell) ?? .nan) - number.doubleValue) <= 0.0501
        case let number as NSNumber: cell == number.stringValue
        default: false
        }
    }

    @Test func eachSectionHasTheNumbersOfJSON() throws {
        var seen: Set<String> = []
        for recording in Self.recordings {
            let path = Places.recording(recording)
            let tables = try Self.sections(path)
            let report = try Oracle.json(run(Places.command.path, ["report", "-J", path] + Self.options).output)
            let expected = Self.expected(report)
            for name in Self.names where name != "cpus" {
                let (lines, rows) = (tables[name] ?? [], expected[name] ?? [])
                #expect(lines.count == rows.count, "\(recording) \(name)")
                if !lines.isEmpty { seen.insert(name) }
                for (line, row) in zip(lines, rows) {
                    let wrong = line.filter { $0.key == "file" ? $0.value != path : !Self.isSame($0.value, row[$0.key]) }
                    #expect(wrong.isEmpty, "\(recording) \(name): \(wrong)")
                }
            }
        }
        #expect(seen == Set(Self.names).subtracting(["cpus"]), "some were empty in all recordings")
    }

    /// The time of a CPU is the sum of the self times of its rows.
    @Test func cpusAreSumsOfSelfTimes() throws {
        let path = Places.recording("amd64-v7")
        let tables = try Self.sections(path, ["cpus", "per_cpu"])
        for line in try #require(tables["cpus"]) {
            var total: UInt64 = 0
            for kind in RowKind.allCases where kind.traits.loadTitle != nil {
                let sum = (tables["per_cpu"] ?? []).filter { $0["kind"] == kind.rawValue && $0["cpu"] == line["cpu"] }
                    .compactMap { UInt64($0["self_ns"] ?? "") }.reduce(0, +)
                #expect(line["\(kind.rawValue)_ns"] == "\(sum)")
                total += sum
            }
            #expect(line["total_ns"] == "\(total)" && total > 0)
        }
        let lost = try Self.sections(Places.recording("s390x-lost"), ["cpus", "events"])
        #expect(lost["cpus"]?.first?["vector_ns"] == "", "what was not recorded is unknown")
    }

    @Test func noneIsTheSameAsRows() throws {
        let path = Places.recording("amd64-v7")
        let plain = try irqscope("report", "--format", "csv", path)
        #expect(try irqscope("report", "--format", "csv", "--section", "rows", path).output == plain.output)
    }

    @Test func sectionsOfSeveralRecordings() throws {
        let paths = [Places.recording("amd64-v7"), Places.recording("s390x-lost")]
        let one = try run(Places.command.path, ["report", "--format", "csv", "--section", "cpus"] + paths)
        #expect(one.text.components(separatedBy: "file,cpu,").count == 2, "lines continue under one title")
        #expect(one.errors.contains("events were lost"))
        let two = try run(
            Places.command.path, ["report", "--format", "csv", "--section", "cpus", "--section", "events"] + paths)
        #expect(two.text.components(separatedBy: "file,cpu,").count == 2 && two.errors.isEmpty)
        let tables = two.text.components(separatedBy: "\n\n")
        #expect(tables.count == 2, "each table once, an empty line between them")
        let events = tables[1].split(separator: "\n")
        #expect(events.count == 3 && zip(events.dropFirst(), paths).allSatisfy { $0.hasPrefix($1 + ",") })
    }

    @Test func unknownSectionsAreUsage() throws {
        let path = Places.recording("amd64-v7")
        for list in ["nonsense", "rows,", "irqs,Storms", ""] {
            let result = try irqscope("report", "--format", "csv", "--section", list, path)
            #expect(result.status == 64 && result.output.isEmpty)
            #expect(result.errors.contains("is none of " + Self.names.joined(separator: ", ")), "\(result.errors)")
        }
        for format in [[], ["--json"], ["--format", "text"]] {
            let result = try run(Places.command.path, ["report", "--section", "storms", path] + format)
            #expect(result.status == 64 && result.output.isEmpty && result.errors.contains("--format csv"))
        }
    }
}
