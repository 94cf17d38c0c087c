import Foundation
import TestSupport
import Testing

/// The wake-ups of a recording by perf, one by one, against `perf sched timehist` (Tests/oracle/timehist-compare.py).
@Suite struct TimehistTests {
    private static func compare(_ name: String, rows: String) throws -> ProcessResult {
        try run(
            "/usr/bin/env",
            [
                "python3", Places.repository.appendingPathComponent("Tests/oracle/timehist-compare.py").path,
                Places.command.path, "\(file(name)).perf.data.xz", rows, "\(file(name)).script.txt.xz",
            ])
    }

    private static func file(_ name: String) -> String { Places.fixtures.appendingPathComponent("perf/\(name)").path }

    @Test(.enabled(if: program("python3") != nil, "python3 is not installed"))
    func wakeUpsAreThoseOfPerf() throws {
        let result = try Self.compare("sched", rows: Self.file("sched") + ".timehist.txt.xz")
        #expect(result.status == 0, "\(result.text)\(result.errors)")
        #expect(result.text.contains("3384 wake-ups the same"), "\(result.text)")
        #expect(result.text.contains("0 without a reason"), "\(result.text)")
    }

    @Test(.enabled(if: program("python3") != nil && program("xz") != nil, "python3 or xz is not installed"))
    func comparisonSeesWhatIsWrong() throws {
        try withFolder { folder in
            // A wake-up of dd that took 4 microseconds more.
            let change = "s/ dd\\[\\([0-9]*\\)\\] *\\([0-9.]*\\) *0.00[5-9]/ dd[\\1] \\2 0.004/"
            let path = folder + "/rows.txt"
            _ = try shell("xz -dc '\(Self.file("sched")).timehist.txt.xz' | sed '100,$ \(change)' >'\(path)'")
            #expect(try Self.compare("sched", rows: path).status == 1)
        }
    }
}
