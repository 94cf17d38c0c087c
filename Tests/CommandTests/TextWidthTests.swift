import Foundation
import TestSupport
import Testing

/// COLUMNS: sentences are broken between words and lose none; what is to be copied stays in one piece.
@Suite struct TextWidthTests {
    private static let box = Places.fixtures.appendingPathComponent("doctor/one-cpu-nic.tar.zst").path
    private static let recordings = ["amd64", "amd64-rt"].map { Places.fixtures.appendingPathComponent("recordings/\($0)-v7.dat").path }

    private static func lines(_ columns: Int?, _ words: [String]) throws -> [String] {
        let told = columns.map { ["COLUMNS=\($0)"] } ?? ["-u", "COLUMNS"]
        let result = try run("/usr/bin/env", told + [Places.command.path] + words)
        #expect(result.status == 0, "\(words): \(result.errors)")
        return result.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// True for lines that are copied, or columns of a table: they are as wide as they are.
    private static func isWhole(_ line: String) -> Bool {
        ["  next ", "  undo ", "         irqscope ", "  echo ", "nothing written; "].contains { line.hasPrefix($0) }
            || line.contains("/s") && line.contains("   now on ") || line.contains("# ")
    }

    @Test(
        arguments: [
            ["doctor", "-v", "--root", box], ["doctor", "--explain", "storm-line"], ["affinity", "plan", "spread", "--root", box],
            ["affinity", "plan", "isolate", "--away", "0-3", "--root", box],
        ], [60, 80])
    func sentencesFit(_ words: [String], _ columns: Int) throws {
        let whole = try Self.lines(nil, words)
        let broken = try Self.lines(columns, words)
        // A command of many words may leave no room for the first one behind it.
        let long = broken.filter { line in
            line.count > columns && !Self.isWhole(line) && !line.hasPrefix("irqscope doctor: ") && !line.contains(" >/sys/")
        }
        #expect(long.isEmpty, "\(long)")
        #expect(broken.count > whole.count)
        // The same words in the same order.
        func split(_ lines: [String]) -> [Substring] { lines.flatMap { $0.split(separator: " ") } }
        #expect(split(broken) == split(whole))
        // Commands stand in one line, as they do without a width.
        let commands = whole.filter(Self.isWhole)
        #expect(!commands.isEmpty || words.contains("--explain"))
        #expect(commands.allSatisfy { broken.contains($0) }, "\(commands)")
    }

    @Test(arguments: [60, 80]) func purposesOfEventsFit(_ columns: Int) throws {
        let words = ["record", "--list-events", "--tracing-root", "/nonesuch"]
        func groups(_ columns: Int?) throws -> [String] { Array(try Self.lines(columns, words).prefix { !$0.isEmpty }) }
        let (whole, broken) = (try groups(nil), try groups(columns))
        #expect(broken.allSatisfy { $0.count <= columns } && whole.contains { $0.count > columns }, "\(broken)")
        #expect(broken.flatMap { $0.split(separator: " ") } == whole.flatMap { $0.split(separator: " ") })
        // They go on below where they begin.
        let start = try #require(whole.first?.range(of: "PURPOSE")?.lowerBound.utf16Offset(in: whole[0]))
        #expect(broken.contains { $0.hasPrefix(String(repeating: " ", count: start)) })
    }

    @Test func sentencesOfComparisonsFit() throws {
        let words = ["diff"] + Self.recordings
        let (whole, broken) = (try Self.lines(nil, words), try Self.lines(72, words))
        let notes = broken.filter { $0.hasPrefix("note: ") || $0.hasPrefix("      ") && !$0.contains("  ->") }
        #expect(notes.allSatisfy { $0.count <= 72 }, "\(notes)")
        #expect(whole.contains { $0.count > 72 && $0.hasPrefix("note: ") } == (broken.contains { $0.hasPrefix("      ") }))
    }
}
