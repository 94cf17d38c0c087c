import Foundation
import Glibc
import Testing

@testable import KernelSource

/// Directories with more names than a box of today has.
@Suite struct ManyNamesTests {
    /// /proc/irq of a copy has a directory for each line: none is left out.
    @Test func aCopyHasAllItsNames() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-names-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.createDirectory(at: root.appendingPathComponent("proc/irq"), withIntermediateDirectories: true)
        let folder = open(root.path + "/proc/irq", O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        for number in 0..<66_000 { close(openat(folder, "\(number)", O_CREAT | O_WRONLY, 0o600)) }
        let copy = SavedFolder(KernelRoots(procRoot: root.path + "/proc", sysRoot: nil))
        #expect(copy.names("proc/irq")?.count == 66_000)
    }
}
