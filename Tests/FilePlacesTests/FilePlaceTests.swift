import FilePlaces
import Foundation
import TestSupport
import Testing

/// Where a path leads, and which links are followed on the way.
@Suite struct FilePlaceTests {
    /// A directory with a directory, a file in it, and links to both.
    static func tree() throws -> TestFolder {
        let folder = try TestFolder()
        let result = try shell(
            "cd '\(folder.path)' && mkdir place links && echo x >place/file && ln -s ../place links/folder && "
                + "ln -s '\(folder.path)/place/file' links/file && ln -s ../place/new links/new && ln -s loop links/loop")
        try #require(result.status == 0, "\(result.errors)")
        return folder
    }

    static func problem(_ path: String, followsLink: Bool = true) -> String {
        do {
            _ = try FilePlace(path, followsLink: followsLink)
            return ""
        } catch { return error.problem }
    }

    @Test func linksOfOursAreFollowed() throws {
        let folder = try Self.tree()
        for (path, name) in [
            ("place/file", "file"), ("links/folder/file", "file"), ("links/folder/../links/file", "file"),
            ("links/new", "new"), ("links//./folder/other", "other"),
        ] {
            let place = try FilePlace(folder.file(path), followsLink: true)
            #expect(place.name == name && place.isOnlyOurs && !place.isOpenFile, "\(path)")
            let status = try place.status()
            #expect((status?.kind == .regular) == (name == "file"), "\(path)")
        }
        let kept = try FilePlace(folder.file("links/file"))
        #expect(try kept.status()?.kind == .link)
    }

    /// Links that somebody else can have put there: no more in /tmp than in a user's own directory.
    @Test(
        .enabled(if: getuid() == 0, "needs root to give a directory away"),
        arguments: ["chmod 1777", "chmod 777", "chmod 775", "chmod 757", "chown 65534"])
    func linksOfOthersAreNotFollowed(change: String) throws {
        let folder = try Self.tree()
        _ = try shell("\(change) '\(folder.file("links"))'")
        for path in ["links/folder/file", "links/folder/", "links/file", "links/new", "links/loop"] {
            let problem = Self.problem(folder.file(path))
            #expect(
                problem.contains("is a link in a directory that others may write (\(folder.file("links")))"), "\(path): \(problem)")
        }
        // The directory itself is no trap.
        let place = try FilePlace(folder.file("links/plain"), followsLink: true)
        #expect(!place.isOnlyOurs)
        #expect(try FilePlace(folder.file("place/file")).isOnlyOurs)
    }

    @Test func namesThatCannotBe() throws {
        let folder = try Self.tree()
        for (path, words) in [
            ("", "No such file or directory"), ("/", "Is a directory"), (".", "Is a directory"), ("..", "Is a directory"),
            (folder.file("place/"), "Is a directory"), (folder.file("links/folder/."), "Is a directory"),
            (folder.file("none/file"), "No such file or directory"), (folder.file("place/file/"), "Not a directory"),
            (folder.file("place/file/x"), "Not a directory"), (folder.file("links/loop"), "Too many levels"),
            (folder.file(String(repeating: "a", count: 256)), "File name too long"),
            (folder.file(String(repeating: "a", count: 256) + "/x"), "File name too long"),
        ] {
            let problem = Self.problem(path)
            #expect(problem.contains(words), "\(path.suffix(20)): \(problem)")
        }
        #expect(Self.problem(folder.file(String(repeating: "a", count: 255))) == "")
        #expect(Self.problem(folder.path, followsLink: false) == "", "what is there is for the caller to judge")
    }

    @Test func openFilesAreKnown() throws {
        let own = try FilePlace("/dev/stdout", followsLink: true)
        #expect(own.isOpenFile && own.ownDescriptor == 1)
        let other = try FilePlace("/proc/\(getppid())/fd/1", followsLink: true)
        #expect(other.isOpenFile && other.ownDescriptor == nil)
        #expect(try !FilePlace("/proc/self/fd/none", followsLink: true).isOpenFile)
    }
}
