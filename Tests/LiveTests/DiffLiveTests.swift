import Foundation
import TestSupport
import Testing

/// The verdicts of `diff` on runs of this machine; Tests/bench/diff-live.py tries more of them.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct DiffLiveTests {
    /// A handler that is made several times slower is found, however busy the machine is. Equal runs are tried by the script
    /// alone: a machine that other work comes and goes on has none.
    @Test(.enabled(if: program("python3") != nil, "python3 is not installed")) func slowerHandlerIsFound() throws {
        let top = try Tracefs.topSettings()
        let script = Places.repository.appendingPathComponent("Tests/bench/diff-live.py").path
        let result = try run("/usr/bin/python3", [script, Places.command.path, "1", "1.5"])
        let line = try #require(
            result.text.split(separator: "\n").first { $0.hasPrefix("slower  1: ") }, "\(result.text)\(result.errors)")
        #expect(line.hasPrefix("slower  1: differs "), "\(result.text)")
        #expect(try Tracefs.topSettings() == top)
        let left = try FileManager.default.contentsOfDirectory(atPath: "/sys/kernel/tracing/instances")
        #expect(left.allSatisfy { !$0.hasPrefix("diff-live-") })
    }
}
