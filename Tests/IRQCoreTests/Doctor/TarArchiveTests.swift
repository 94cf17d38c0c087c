import Foundation
import IRQCore
import TestSupport
import Testing

/// Archives are those of tar(1): what it writes is read, what we write it reads.
@Suite struct TarArchiveTests {
    static let long = "sys/devices/" + String(repeating: "pci0000:00/", count: 12) + "statistics/rx_packets"

    @Test(.enabled(if: program("tar") != nil, "needs tar"), arguments: ["gnu", "ustar", "pax"])
    func archivesOfTarAreRead(format: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let box = folder.appendingPathComponent("box")
        let path = format == "ustar" ? "proc/irq/57/smp_affinity" : Self.long
        let file = box.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("1234\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: file.path)
        try FileManager.default.createSymbolicLink(
            atPath: box.appendingPathComponent("link").path, withDestinationPath: "../../" + path)
        let made = try run("/bin/tar", ["--format", format, "-C", folder.path, "-cf", folder.path + "/a.tar", "box"])
        try #require(made.status == 0, "\(made.errors)")
        let entries = try TarArchive.read([UInt8](try Data(contentsOf: folder.appendingPathComponent("a.tar"))))
        #expect(entries.contains(TarEntry("box/" + path, mode: 0o444, .bytes(Array("1234\n".utf8)))))
        #expect(entries.contains { $0.path == "box/link" && $0.contents == .link("../../" + path) })
        #expect(entries.contains { $0.path == "box" && $0.contents == .folder })
    }

    @Test(.enabled(if: program("tar") != nil, "needs tar")) func tarReadsOurs() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let entries = [
            TarEntry("proc/interrupts", .bytes([UInt8](repeating: 0x41, count: 1000))),
            TarEntry("proc/irq/1/smp_affinity", mode: 0o444, .bytes([])),
            TarEntry(Self.long, .bytes(Array("5".utf8))), TarEntry("sys/class/net", .folder),
            TarEntry("sys/class/net/eth0", .link("../../" + Self.long)),
        ]
        let bytes = TarArchive.write(entries)
        #expect(try TarArchive.read(bytes).map(\.path) == entries.map(\.path))
        #expect(try TarArchive.read(bytes).map(\.contents) == entries.map(\.contents))
        try Data(bytes).write(to: folder.appendingPathComponent("a.tar"))
        let result = try run("/bin/tar", ["-C", folder.path, "-xf", folder.path + "/a.tar"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(try Data(contentsOf: folder.appendingPathComponent("proc/interrupts")).count == 1000)
        #expect(try String(contentsOf: folder.appendingPathComponent(Self.long), encoding: .utf8) == "5")
        let link = try FileManager.default.destinationOfSymbolicLink(
            atPath: folder.appendingPathComponent("sys/class/net/eth0").path)
        #expect(link == "../../" + Self.long)
    }

    /// Whatever the bytes are, an error or entries come of them.
    @Test func damagedArchivesEndWell() throws {
        let whole = TarArchive.write([TarEntry("a", .bytes([1, 2, 3])), TarEntry("../b", .bytes([])), TarEntry(Self.long, .folder)])
        #expect(try TarArchive.read(whole).map(\.path) == ["a", Self.long])
        for place in stride(from: 0, to: whole.count, by: 7) {
            var bytes = whole
            bytes[place] ^= 0x55
            _ = try? TarArchive.read(bytes)
            // All that is cut is refused, or holds no entry.
            if let cut = try? TarArchive.read(Array(whole[..<min(place, whole.count - 1024)])) { #expect(cut.isEmpty) }
        }
        #expect(throws: TarArchive.Damage.self) { try TarArchive.read(Array(whole[..<514])) }
        #expect(throws: TarArchive.Damage.self) { try TarArchive.read([UInt8](repeating: 0x41, count: 512)) }
    }
}
