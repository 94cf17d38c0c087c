import Foundation
import IRQCore
import Testing
import TestSupport

/// Replays Fixtures/fuzz/pages through the body of the fuzz target.
@Suite struct PageCorpusTests {
    static let inputs: [URL] = {
        let folder = Places.fixtures.appendingPathComponent("fuzz/pages")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).sorted { $0.path < $1.path }
    }()

    @Test(arguments: inputs) func pagesAreDecodedOrCounted(file: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: file))
        let span = bytes.span
        decodePages(span.bytes)
    }
}

/// Replays Fixtures/fuzz/deep through the body of the fuzz target.
@Suite struct DeepCorpusTests {
    static let inputs: [URL] = {
        let folder = Places.fixtures.appendingPathComponent("fuzz/deep")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).sorted { $0.path < $1.path }
    }()

    @Test func streamsOfEventsAreAnalysed() throws {
        #expect(Self.inputs.count >= 2)
        for file in Self.inputs {
            let bytes = [UInt8](try Data(contentsOf: file))
            let span = bytes.span
            analyzeDeepBytes(span.bytes)
        }
    }
}
