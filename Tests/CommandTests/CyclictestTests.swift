import Foundation
import TestSupport
import Testing

/// The wake-ups of cyclictest against what it measured itself, loop by loop (Tests/oracle/cyclictest-compare.py).
@Suite struct CyclictestTests {
    private static let isReady = program("trace-cmd") != nil && program("python3") != nil
    private static let output = Places.fixtures.appendingPathComponent("deep/cyclictest-6.18.txt").path

    private static func compare(_ output: String) throws -> ProcessResult {
        try run(
            "/usr/bin/env",
            [
                "python3", Places.repository.appendingPathComponent("Tests/oracle/cyclictest-compare.py").path,
                Places.command.path, DeepOracleTests.recording("cyclictest-6.18"), output,
            ])
    }

    @Test(.enabled(if: isReady, "trace-cmd or python3 is not installed"))
    func partsFitIntoWhatItMeasured() throws {
        let result = try Self.compare(Self.output)
        #expect(result.status == 0, "\(result.text)\(result.errors)")
        #expect(result.text.contains("300 with a wake-up, 0 broken relations"), "\(result.text)")
    }

    @Test(.enabled(if: isReady, "trace-cmd or python3 is not installed"))
    func comparisonSeesWhatIsWrong() throws {
        try withFolder { folder in
            // Loops that are shorter than the time until the thread ran.
            let path = folder + "/short.txt"
            _ = try shell("sed 's/^ *0: *\\([0-9]*\\): *[0-9]*$/0: \\1: 9000/' '\(Self.output)' >'\(path)'")
            let result = try Self.compare(path)
            #expect(result.status == 1 && result.text.contains("300 broken relations"), "\(result.text)")
        }
    }
}
