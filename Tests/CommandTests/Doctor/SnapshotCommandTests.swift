import Foundation
import TestSupport
import Testing

/// `irqscope snapshot` of this machine: what is in the archive, what is not, and where it does not go.
@Suite struct SnapshotCommandTests {
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// The archive, unpacked by tar and zstd, is this machine: its lines, both samples, and no more than the manual says.
    @Test(.enabled(if: program("zstd") != nil && program("tar") != nil, "needs tar and zstd"))
    func othersReadTheArchive() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("box.tar.zst").path
        let idle = Process()
        idle.executableURL = URL(fileURLWithPath: "/bin/sleep")
        idle.arguments = ["60"]
        try idle.run()
        defer { idle.terminate() }
        let made = try irqscope("snapshot", "--quick", "-o", file)
        try #require(made.status == 0 && made.text.isEmpty, "\(made.errors)")
        let box = folder.appendingPathComponent("box")
        try FileManager.default.createDirectory(at: box, withIntermediateDirectories: true)
        let unpacked = try shell("zstd -dcq '\(file)' | tar -C '\(box.path)' -xf -")
        try #require(unpacked.status == 0, "\(unpacked.errors)")
        func labels(_ path: String) throws -> [Substring] {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return text.split(separator: "\n").dropFirst().compactMap { $0.split(separator: ":").first }
        }
        #expect(try labels(box.path + "/proc/interrupts") == labels("/proc/interrupts"))
        #expect(FileManager.default.fileExists(atPath: box.path + "/later/proc/interrupts"))
        // A usual process is nobody's business.
        #expect(!FileManager.default.fileExists(atPath: box.path + "/proc/\(idle.processIdentifier)"))
        let names = try shell("hostname").text.trimmingCharacters(in: .whitespacesAndNewlines)
        if names.utf8.count >= 3 {
            #expect(try shell("grep -rlwF -- '\(names)' '\(box.path)'").text.isEmpty)
        }
        // Archive and folder are one box, and none of its checks asks for a file that was left out.
        let archive = try irqscope("doctor", "-J", "--root", file)
        #expect(archive.status == 0)
        #expect(try irqscope("doctor", "-J", "--root", box.path).text == archive.text)
        #expect(try irqscope("list", "-J", "--proc-root", box.path + "/proc").status == 0)
    }

    private static let canName = (try? shell("unshare -u true").status) == 0

    /// A host that is called as the kernel calls something: its name goes where hosts are named, and the kernel's words stay.
    @Test(.enabled(if: canName, "needs a namespace of host names: root and unshare"))
    func hostNamesThatAreWordsOfTheKernelTakeNothingElse() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let words = try String(contentsOfFile: "/proc/interrupts", encoding: .utf8).split { " \n-:0123456789".contains($0) }
        // A word of every row's text, such as the trigger.
        let word = try #require(words.last { $0.count >= 3 && !$0.contains("@") })
        let file = folder.appendingPathComponent("box.tar").path
        let made = try shell("unshare -u sh -c 'hostname \(word) && \(Places.command.path) snapshot --quick -o \(file)'")
        try #require(made.status == 0, "\(made.errors)")
        func labels(_ text: String) -> [String] {
            text.split(separator: "\n").map { line in
                String(line.drop { $0 != ":" }.filter { !$0.isNumber && $0 != " " })
            }
        }
        let kept = try shell("tar -xOf '\(file)' proc/interrupts")
        #expect(try labels(kept.text) == labels(String(contentsOfFile: "/proc/interrupts", encoding: .utf8)))
    }

    /// What is no place for an archive is told at once, and stays as it is.
    @Test func badPlacesAreToldAtOnce() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let mine = folder.appendingPathComponent("mine").path
        try Data("precious".utf8).write(to: URL(fileURLWithPath: mine))
        for (path, words) in [
            (folder.path, "Is a directory; name a file in it"), (mine, "is no snapshot and is left alone; replace it with --force"),
            (folder.path + "/no/such", "No such file or directory"),
        ] {
            let result = try run("/usr/bin/timeout", ["1.5", Places.command.path, "snapshot", "--quick", "-o", path])
            #expect(result.status == 1 && result.text.isEmpty && result.errors.contains(words), "\(path): \(result.errors)")
        }
        #expect(try String(contentsOfFile: mine, encoding: .utf8) == "precious")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["mine"])
    }
}
