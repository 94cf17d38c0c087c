import Foundation
import TestSupport
import Testing

/// Whether /proc can be hidden from a process.
private let canHideProc =
    geteuid() == 0 && program("unshare") != nil && (try? run("/usr/bin/unshare", ["-m", "/bin/true"]).status) == 0

/// Where /proc is not mounted, as in a chroot or an early boot.
@Suite(.enabled(if: canHideProc, "root and unshare(1) are needed")) struct NoProcTests {
    /// Runs irqscope in a mount namespace of its own with an empty directory at /proc.
    static func irqscope(_ arguments: String...) throws -> ProcessResult { try irqscope(arguments) }

    static func irqscope(_ arguments: [String]) throws -> ProcessResult {
        let script = #"mount -t tmpfs none /proc && exec "$0" "$@""#
        return try run("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script, Places.command.path] + arguments)
    }

    @Test func whatNeedsNoProcWorks() throws {
        let version = try Self.irqscope("--version")
        #expect(version.status == 0 && version.errors.isEmpty && !version.text.isEmpty)
        let file = Places.recording("amd64-v7")
        let report = try Self.irqscope("report", "--json", file)
        #expect(report.status == 0 && report.errors.isEmpty)
        #expect(try report.output == TestSupport.irqscope("report", "--json", file).output)
        let copy = Places.fixtures.appendingPathComponent("proc/amd64/s5").path
        let list = try Self.irqscope("list", "--proc-root", copy)
        #expect(list.status == 0)
        #expect(try list.output == TestSupport.irqscope("list", "--proc-root", copy).output)
    }

    @Test func usageIsStillWrongUsage() throws {
        let wrong = try Self.irqscope("list", "--nosuch")
        #expect(wrong.status == 64 && wrong.errors.contains("--nosuch"), "\(wrong.errors)")
        #expect(try Self.irqscope("alert", "--nosuch").status == 3)
    }

    @Test(arguments: [["list"], ["top", "-b", "-n", "1", "--no-trace"], ["alert", "--interval", "100ms"]])
    func whatNeedsItSaysSo(arguments: [String]) throws {
        let result = try Self.irqscope(arguments)
        #expect(result.status == (arguments[0] == "alert" ? 3 : 1))
        let expected =
            "irqscope: /proc/interrupts: /proc is not mounted; try mount -t proc proc /proc, or name a copy with --proc-root\n"
        #expect(result.errors == expected && result.output.isEmpty)
    }
}
