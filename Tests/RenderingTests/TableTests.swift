import IRQCore
import Foundation
import Testing

@testable import Rendering

/// A section with each kind of cell, through each writer.
@Suite struct TableTests {
    struct Row: Sendable {
        var name: String? = "plain"
        var count: UInt64? = 1_234_567
        var nanoseconds: UInt64? = 12_345
        var mean: Double? = 1234.56
        var parts: [Part] = []
    }

    struct Part: Sendable {
        let cpu: Int?
        let calls: UInt64?
    }

    static let parts = Columns<Part>([.init("cpu") { .number($0.cpu) }, .init("calls") { .count($0.calls) }])

    static let section = Section<Row>(
        "rows", "Rows",
        [
            .init("name", .left("NAME")) { .text($0.name) },
            .init("calls", .init("CALLS", before: "n ", after: "/x")) { .count($0.count) },
            .init("irq", "IRQ") { _ in .number(-7) },
            .init("taken_ns", .init("TOOK", dispensability: 2)) { .nanoseconds($0.nanoseconds) },
            .init("mean_ns", .init("MEAN", dispensability: 1)) { .mean($0.mean) },
            .init("start_ns", "START") { _ in .stamp(5_000_000_001) },
            .init("cpu_share", "SHARE") { _ in .share(0.125) }, .init("per_s", "RATE") { _ in .perSecond(2500) },
            .init("on", "ON") { _ in .flag(true) }, .init("level", "LEVEL") { _ in .value(1.5) },
            .init("names", .left("NAMES")) { row in .texts(row.name.map { [$0, "b"] }) },
            .init("cpus") { _ in .numbers([0, 3]) }, .init("counts") { _ in .counts([0, .max]) },
            .init("rates") { _ in .rates([nil, 0.5]) },
            .init("odd", .init("ODD", isOptional: true), shown: { .count($0.count == 1 ? 1 : nil) }) { .count($0.count) },
            .init(screen: .left("SEEN")) { _ in .text("only on screen") },
            .init("part", parts) { $0.parts.first }, .init("all", each: parts) { $0.parts },
        ])

    static func text(_ rows: [Row], width: Int? = nil, isUnicode: Bool = true) -> [String] {
        let blocks = Blocks()
        var output = blocks.output()
        TextTable(section.columns, units: Units(isUnicode: isUnicode), width: width)
            .write(rows.count, to: &output, row: { rows[$0] })
        output.flush()
        return String(decoding: blocks.bytes, as: UTF8.self).split(separator: "\n").map { String($0) }
    }

    static func csv(_ rows: [Row]) -> [String] {
        let blocks = Blocks()
        var output = blocks.output()
        let table = CSVTable([("file", .text("a,b"))], section.columns, parts: parts, after: "irq")
        table.writeTitle(to: &output)
        for row in rows { table.write(row, row.parts, to: &output) }
        output.flush()
        return String(decoding: blocks.bytes, as: UTF8.self).components(separatedBy: "\n")
    }

    static func json(_ rows: [Row]) throws -> [[String: Any]] {
        let document = Blocks.document { $0.member(section, rows.count) { rows[$0] } }
        let object = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any]
        return try #require(object?["rows"] as? [[String: Any]])
    }

    @Test func textHasUnitsAndWords() {
        let lines = Self.text([Row(), Row(name: nil, count: nil, nanoseconds: nil, mean: nil)])
        #expect(
            lines[0].split(separator: " ").joined(separator: " ")
                == "NAME CALLS IRQ TOOK MEAN START SHARE RATE ON LEVEL NAMES SEEN")
        #expect(
            lines[1].split(separator: " ").joined(separator: " ")
                == "plain n 1,234,567/x -7 12.3 µs 1.23 µs 5.000000001 12.5% 2.50k yes 1.50 plain, b only on screen")
        #expect(
            lines[2].split(separator: " ").joined(separator: " ")
                == "- n -/x -7 - - 5.000000001 12.5% 2.50k yes 1.50 - only on screen")
        #expect(Set(lines.map { $0.prefix(2) }) == ["  "] && lines.allSatisfy { !$0.hasSuffix(" ") })
        #expect(Self.text([Row()], isUnicode: false)[1].contains("12.3 us"))
    }

    @Test func columnsWithoutValuesAreLeftOut() {
        #expect(!Self.text([Row()])[0].contains("ODD"))
        #expect(Self.text([Row(), Row(count: 1)])[0].contains("ODD"))
    }

    @Test func dispensableColumnsGoWhereTheLineIsNarrow() {
        let full = Self.text([Row()])[1].count
        let narrower = Self.text([Row()], width: full - 1)
        #expect(!narrower[0].contains("TOOK") && narrower[0].contains("MEAN") && narrower[1].count < full)
        let narrow = Self.text([Row()], width: 10)
        #expect(!narrow[0].contains("MEAN") && narrow[0].contains("NAME"), "what is needed stays")
    }

    /// More rows than are kept between measuring and writing.
    @Test func manyRowsLineUp() {
        let rows = (0..<3000).map { Row(count: UInt64($0)) }
        let lines = Self.text(rows)
        #expect(lines.count == 3001 && lines.last?.contains("n 2,999/x") == true)
        #expect(Set(lines.dropFirst().map(\.count)).count == 1)
    }

    @Test func csvHasALineForEachPart() {
        let lines = Self.csv([Row(parts: [Part(cpu: 0, calls: 5), Part(cpu: nil, calls: nil)]), Row()])
        #expect(
            lines[0]
                == "file,name,calls,irq,cpu,calls,taken_ns,mean_ns,start_ns,cpu_share,per_s,on,level,names,cpus,counts,rates,odd"
        )
        let tail = "12345,1234.6,5000000001,0.125,2500.0,true,1.5,plain b,0 3,0 18446744073709551615,- 0.5,1234567"
        #expect(lines[1] == #""a,b",plain,1234567,-7,0,5,"# + tail)
        #expect(lines[2] == #""a,b",plain,1234567,-7,,,"# + tail)
        #expect(lines.count == 4 && lines[3] == "")
    }

    @Test func jsonHasObjectsAndNulls() throws {
        let rows = try Self.json([
            Row(parts: [Part(cpu: 1, calls: .max)]), Row(name: nil, count: nil, nanoseconds: nil, mean: nil),
        ])
        #expect(rows[0]["calls"] as? UInt64 == 1_234_567 && rows[0]["mean_ns"] as? Double == 1234.56)
        #expect((rows[0]["part"] as? [String: UInt64]) == ["cpu": 1, "calls": .max])
        #expect((rows[0]["all"] as? [Any])?.count == 1 && rows[0]["names"] as? [String] == ["plain", "b"])
        #expect(rows[0]["cpus"] as? [Int] == [0, 3] && rows[0]["counts"] as? [UInt64] == [0, .max])
        #expect((rows[0]["rates"] as? [Any])?.first is NSNull && rows[0]["on"] as? Bool == true)
        for key in ["name", "calls", "taken_ns", "mean_ns", "part", "names"] {
            #expect(rows[1][key] is NSNull, "\(key)")
        }
        #expect(rows[0].keys.contains("SEEN") == false && (rows[1]["all"] as? [Any])?.isEmpty == true)
    }

    /// Names are foreign bytes: none of them ends a line, leaves its cell, or reaches a terminal raw.
    @Test(arguments: ["a\u{1B}[31m\u{7}", "x\r\ny", "\"q\",\u{301}", "\u{202E}abc", "a|b`${c}", "\u{9B}2J", ""])
    func hostileNamesStayInTheirCells(name: String) throws {
        let row = Row(name: name, parts: [Part(cpu: 0, calls: 1)])
        let (text, csv) = (Self.text([row]), Self.csv([row]))
        #expect(text.count == 2 && csv.count == 3)
        for scalar in (text + csv).joined().unicodeScalars { #expect(SafeText.isHarmless(scalar)) }
        #expect(csv[1].hasPrefix("\"a,b\",") && csv[1].contains(",-7,0,1,12345,"))
        let quoteCount = csv[1].unicodeScalars.count { $0 == "\"" }
        #expect(quoteCount.isMultiple(of: 2))
        #expect(try Self.json([row])[0]["name"] as? String == name)
    }

    /// What nobody reads any more is not made.
    @Test func nothingIsMadeForNobody() {
        let blocks = Blocks()
        blocks.limit = 2
        var madeCount = 0
        var output = blocks.output()
        TextTable(Self.section.columns, units: Units()).write(20_000, to: &output) { _ in
            madeCount += 1
            return Row()
        }
        output.flush()
        #expect(madeCount < 25_000 && blocks.sizes.count == 2)
    }
}
