import Foundation
import FuzzTargets
import Testing
import TestSupport

/// Replays what the fuzz targets start from, and what they once found: Fixtures/fuzz.
@Suite struct FuzzReplayTests {
    static let folder = Places.fixtures.appendingPathComponent("fuzz")

    static func inputs(_ name: String) -> [URL] {
        let files = try? FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent(name), includingPropertiesForKeys: nil)
        return (files ?? []).sorted { $0.path < $1.path }
    }

    /// An input that the target takes: one that does not hold what must ends the process.
    @Test(arguments: FuzzTarget.all.map(\.name)) func inputsAreTaken(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let inputs = Self.inputs(name)
        #expect(!inputs.isEmpty, "a target needs something to start from in Fixtures/fuzz/\(name)")
        for file in inputs {
            let bytes = [UInt8](try Data(contentsOf: file))
            #expect(bytes.count <= target.byteLimit, "libFuzzer would cut \(file.lastPathComponent)")
            let begin = ContinuousClock.now
            withSpan(bytes) { target.run($0) }
            // Those that took long were findings of their own.
            #expect(begin.duration(to: .now) < .seconds(10), "\(file.lastPathComponent)")
        }
    }

    @Test func everyFolderHasATarget() throws {
        let names = Set(FuzzTarget.all.map(\.name))
        #expect(names.count == FuzzTarget.all.count)
        for folder in try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: [.isDirectoryKey])
        where try folder.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true {
            #expect(names.contains(folder.lastPathComponent))
        }
    }
}
