import Foundation
import TestSupport
import Testing

/// The systemd units, as systemd itself reads them.
@Suite(.enabled(if: program("systemd-analyze") != nil, "needs systemd-analyze")) struct UnitTests {
    /// Without `man` nobody can look whether the pages are there that the units name.
    static func verify(_ installation: Installation) throws -> ProcessResult {
        let man = program("man") == nil ? ["--man=no"] : []
        let units =
            Installation.services.flatMap { [installation.unit($0), installation.timer($0)] }
            + [installation.unit("irqscope-affinity")]
        return try run(
            program("systemd-analyze") ?? "", ["verify"] + man + units,
            environment: ["MANPATH": installation.file("share/man")])
    }

    @Test func systemdHasNothingToSay() throws {
        let installation = try Installation()
        let result = try Self.verify(installation)
        #expect(result.status == 0 && result.text.isEmpty && result.errors.isEmpty, "\(result.text)\(result.errors)")
    }

    /// What the test above looks for is found: a wrong word, and a program that is not there.
    @Test(arguments: Installation.services) func systemdWouldSay(service: String) throws {
        let installation = try Installation()
        let unit = try String(contentsOfFile: installation.unit(service), encoding: .utf8)
        try Data(unit.replacing("\nProtectSystem=", with: "\nProtectSytem=").utf8)
            .write(to: URL(fileURLWithPath: installation.unit(service)))
        #expect(try Self.verify(installation).errors.contains("ProtectSytem"))
        try Data(unit.utf8).write(to: URL(fileURLWithPath: installation.unit(service)))
        try FileManager.default.removeItem(atPath: installation.file("bin/irqscope"))
        #expect(try Self.verify(installation).errors.contains("bin/irqscope"))
    }

    /// systemd's own measure of what a service could do; 9.6 is one without any limits. Ours must see the kernel's threads and
    /// /proc/interrupts, and the names of network devices; one must be root.
    @Test(arguments: zip(Installation.services, ["1.", "1.0 ", "1."])) func exposureIsLow(service: String, level: String) throws {
        let installation = try Installation()
        let arguments = ["security", "--offline=true", "--threshold=16", "--no-pager", installation.unit(service)]
        let result = try run(program("systemd-analyze") ?? "", arguments)
        #expect(result.status == 0, "\(result.text.suffix(200))\(result.errors)")
        #expect(result.text.contains("Overall exposure level for \(service).service: \(level)"), "\(result.text.suffix(200))")
    }

    /// What both must forbid is said in both.
    @Test func bothForbidTheSame() throws {
        let installation = try Installation()
        let lines = try Installation.services.map { service in
            Set(try String(contentsOfFile: installation.unit(service), encoding: .utf8).split(separator: "\n").map(String.init))
        }
        func limits(_ unit: Set<String>) -> Set<String> { unit.filter { !$0.hasPrefix("#") && $0.contains("=") } }
        let onlyRoot = limits(lines[0]).subtracting(lines[1]).map { $0.prefix { $0 != "=" } }
        #expect(Set(onlyRoot) == ["Description", "EnvironmentFile", "ExecStart", "StateDirectory", "ReadWritePaths"])
        // The one that samples is root as well, and may do no more than the first.
        let missing = limits(lines[0]).subtracting(lines[2]).map { $0.prefix { $0 != "=" } }
        #expect(Set(missing) == ["Description", "Documentation", "EnvironmentFile", "Environment", "ExecStart", "SuccessExitStatus"])
        let added = limits(lines[2]).subtracting(lines[0]).map { $0.prefix { $0 != "=" } }
        #expect(Set(added) == ["Description", "Documentation", "EnvironmentFile", "Environment", "ExecStart"])
    }

    @Test(arguments: Installation.services) func timerIsEachMinute(service: String) throws {
        let installation = try Installation()
        let text = try String(contentsOfFile: installation.timer(service), encoding: .utf8)
        let spec = try #require(text.firstMatch(of: /\nOnCalendar=(.+)\n/)).output.1
        let result = try run(
            program("systemd-analyze") ?? "", ["calendar", "--base-time=2026-11-21 12:00:30", "--iterations=2", String(spec)],
            environment: ["TZ": "UTC"])
        #expect(result.text.contains(" 12:01:00 UTC") && result.text.contains(" 12:02:00 UTC"), "\(result.text)\(result.errors)")
    }
}
