import Foundation
import TestSupport
import Testing

/// Where a recording or a report cannot go: said before anything begins. With no tracefs, which would be told next.
@Suite struct RecordOutputTests {
    static func record(_ output: String, redirect: String = "") throws -> ProcessResult {
        try shell("'\(Places.command.path)' record --tracing-root /nowhere --duration 1h -o '\(output)' \(redirect)")
    }

    @Test func namesThatCannotBe() throws {
        let folder = try TestFolder()
        let long = String(repeating: "a", count: 300)
        mkfifo(folder.file("fifo"), 0o600)
        for (path, words) in [
            (long, "File name too long; choose a shorter name"), ("none/a.dat", "make the directory first"),
            ("fifo", "nobody reads this pipe"), ("", "Is a directory"), ("fifo/a.dat", "Not a directory"),
        ] {
            let result = try Self.record(folder.file(path))
            #expect(result.status == 1 && result.errors.contains(words) && !result.errors.contains("/nowhere"), "\(result.errors)")
        }
        let empty = try Self.record("")
        #expect(empty.status == 64 && empty.errors.contains("a file's name is empty"))
        let right = try Self.record(folder.file("a.dat"))
        #expect(right.status == 1 && right.errors.contains("/nowhere: there is no such directory"), "\(right.errors)")
        #expect(folder.names == ["fifo"])
    }

    @Test(arguments: ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) func closedOutputIsSaid(output: String) throws {
        for redirect in [">&-", "1</dev/null"] {
            let result = try Self.record(output, redirect: redirect)
            #expect(result.status == 1 && result.errors.hasPrefix("irqscope: standard output: this is closed"), "\(result.errors)")
        }
        let open = try Self.record(output, redirect: ">/dev/null")
        #expect(open.errors.contains("/nowhere: there is no such directory"), "\(open.errors)")
    }

    /// With standard output closed, the file that is opened next must not become it.
    @Test(arguments: [
        "list --proc-root @", "report --json '\(Places.recording("amd64-empty"))'", "top -b -n 1 -d 0.1 --proc-root @",
        "alert --always --interval 100ms --proc-root @", "--version", "--help",
    ])
    func closedOutputIsAnError(words: String) throws {
        let box = try FakeBox()
        try box.write()
        let result = try shell("'\(Places.command.path)' \(words.replacing("@", with: box.proc)) >&-")
        let status: Int32 = words.hasPrefix("alert") ? 3 : 1
        #expect(result.status == status, "\(result.errors)")
        #expect(result.errors.hasPrefix("irqscope: standard output is closed; redirect it to a file"), "\(result.errors)")
    }
}
