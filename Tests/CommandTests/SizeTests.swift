import Foundation
import TestSupport
import Testing

/// What a large input takes: at most three times its own size, whatever is written of it. Tests/bench/size.sh measures
/// inputs of 300,000 rows, and how fast they are written.
@Suite struct SizeTests {
    /// A child's peak is also that of the process it was forked from: this one is small.
    private static let measure = """
        import os, sys
        child = os.fork()
        if child == 0:
            os.dup2(os.open('/dev/null', os.O_WRONLY), 1)
            os.execv(sys.argv[1], sys.argv[1:])
        _, status, usage = os.wait4(child, 0)
        print(usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status))
        """

    /// The most memory that a run needs to have resident, in bytes: the least of three runs, as up to 5 % more come and go
    /// with the pages of the program's file that the kernel happens to map around those that are read. `prepare` goes
    /// before each run.
    private static func peak(_ arguments: [String], prepare: () throws -> Void = {}) throws -> Int {
        var least = Int.max
        for _ in 0..<3 {
            try prepare()
            least = min(least, try peakOnce(arguments))
        }
        return least
    }

    private static func peakOnce(_ arguments: [String]) throws -> Int {
        let result = try run("/usr/bin/env", ["python3", "-c", measure, Places.command.path] + arguments)
        let words = result.text.split(whereSeparator: \.isWhitespace)
        // Of `alert` any verdict will do.
        try #require(words.count == 2 && ["0", "1", "2"].contains(words[1]), "\(arguments): \(result.text) \(result.errors)")
        return try #require(Int(words[0]))
    }

    /// Writes /proc/interrupts of a machine, and returns its size.
    private static func write(_ folder: String, cpus: Int, rows: Int, movedBy: Int = 0) throws -> Int {
        let script = Places.repository.appendingPathComponent("Tests/bench/make-snapshot.py").path
        let text = try run("/usr/bin/env", ["python3", script, "\(cpus)", "\(rows)", "1", "\(movedBy)"]).output
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(to: URL(fileURLWithPath: folder + "/interrupts"))
        return text.count
    }

    /// Runs with the large input take no more than three times its size above what they take with the tiny one.
    private static func check(_ arguments: [String], _ large: String, _ tiny: String, _ byteCount: Int) throws {
        let more = try peak(arguments + ["--proc-root", large]) - peak(arguments + ["--proc-root", tiny])
        #expect(more <= 3 * byteCount, "\(arguments): \(Double(more) / Double(byteCount)) times the input")
    }

    @Test func manyRowsTakeThreeTimesTheirSize() throws {
        try withFolder { folder in
            let (tiny, large, later) = ("\(folder)/tiny", "\(folder)/large", "\(folder)/later")
            _ = try Self.write(tiny, cpus: 16, rows: 10)
            let byteCount = try Self.write(large, cpus: 16, rows: 14_000)
            try Self.check(["list", "--json"], large, tiny, byteCount)
            try Self.check(["top", "-b", "-n", "1", "-d", "0.1", "--json"], large, tiny, byteCount)
            // All rows move at once, on all CPUs.
            _ = try Self.write(later, cpus: 16, rows: 14_000, movedBy: 1)
            func alert(_ name: String, _ first: String, _ second: String) throws -> Int {
                let state = "\(folder)/\(name).state"
                let arguments = ["alert", "-q", "--state", state, "--proc-root"]
                return try Self.peak(arguments + [second]) {
                    try? FileManager.default.removeItem(atPath: state)
                    _ = try Self.peakOnce(arguments + [first])
                    usleep(250_000)
                }
            }
            let least = try alert("tiny", tiny, tiny)
            let most = try alert("large", large, later)
            #expect(most - least <= 3 * byteCount, "alert: \(Double(most - least) / Double(byteCount)) times the input")
        }
    }

    @Test func manyCPUsTakeThreeTimesTheirSize() throws {
        try withFolder { folder in
            let (tiny, large) = ("\(folder)/tiny", "\(folder)/large")
            _ = try Self.write(tiny, cpus: 2, rows: 10)
            let byteCount = try Self.write(large, cpus: 2000, rows: 100)
            try Self.check(["list", "--format", "csv"], large, tiny, byteCount)
        }
    }

    /// What is too much to look up is not judged by half of what could be known, and that is said.
    @Test func moreFastInterruptsThanAreLookedUp() throws {
        try withFolder { folder in
            func write(_ count: (Int) -> Int) throws {
                let rows = (0..<8_200).map { "\($0): \(count($0)) PCI-MSI \($0)-edge      dev\($0)\n" }.joined()
                try Data("CPU0\n\(rows)".utf8).write(to: URL(fileURLWithPath: folder + "/interrupts"))
            }
            let arguments = ["alert", "-q", "--no-baseline", "--state", "\(folder)/state", "--proc-root", folder]
            func alert(_ second: Int) throws -> ProcessResult {
                let clock = ["IRQSCOPE_TEST_CLOCK": "\(second),\(second),\(1_790_000_000 + second)"]
                return try run(Places.command.path, arguments, environment: clock)
            }
            try write { _ in 0 }
            #expect(try alert(100).status == 0)
            // A thousand a second each is no storm, but fast enough to be looked up.
            try write { $0 < 8_197 ? 60_000 : 50_000 }
            let result = try alert(160)
            #expect(result.status == 0)
            #expect(
                result.errors
                    == "irqscope: 8 fast interrupts were not judged: only the fastest 8192 are looked up in a run\n")
        }
    }
}
