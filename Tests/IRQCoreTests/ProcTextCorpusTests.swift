import Foundation
import Testing
import TestSupport

/// The texts that the fuzz target of /proc starts from: Fixtures/fuzz/proctext.
@Suite struct ProcTextCorpusTests {
    static let folder = Places.fixtures.appendingPathComponent("fuzz/proctext")
    static let inputs: [URL] = {
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).sorted { $0.path < $1.path }
    }()

    @Test func corpusIsThere() { #expect(Self.inputs.count >= 20) }

    /// Writes the corpus anew when IRQSCOPE_WRITE_CORPUS is set: a small text for each parser.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["IRQSCOPE_WRITE_CORPUS"] != nil, "asked for by hand only"))
    func writeCorpus() throws {
        func write(_ parser: ProcTextParser, _ name: String, _ text: [UInt8]) throws {
            try Data([parser.rawValue] + text).write(to: Self.folder.appendingPathComponent("\(parser)-\(name)"))
        }
        for (index, example) in (CounterTableTests.layouts + CounterTableTests.damages).enumerated() where index % 2 == 0 {
            try write(.interrupts, "\(index)", Array(example.text.utf8))
        }
        for (index, example) in CounterTableTests.softirqs.enumerated() {
            try write(.softirqs, "\(index)", Array(example.text.utf8))
        }
        for (index, example) in CounterIntervalsTests.cases.enumerated() where index % 3 == 0 {
            let texts = [example.before, example.after, "x\n", example.before]
            try write(.intervals, "\(index)", Array(texts.map { Array($0.utf8) }.joined(separator: [0xFF])))
        }
        for (index, example) in DescriptorTextTests.cases.enumerated() where index % 6 == 0 {
            try write(.descriptor, "\(index)", Array(example.text.utf8))
        }
        try write(.mask, "long", Array("8,00000001,ffffffff,0000000A\n".utf8))
        try write(.mask, "commas", Array("3,,00000000".utf8))
        try write(.list, "ranges", Array("0-3,8,63-64,8191\n".utf8))
        try write(.stat, "two", Array(ProcStatTests.sample.utf8))
        try write(.spurious, "one", Array("count 99899\nunhandled 7\nlast_unhandled 4294967295 ms\n".utf8))
    }
}
