import Foundation
import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// Recordings that were packed as whole files.
@Suite struct PackedTests {
    static let tools = ["gzip", "zstd", "xz"]
    static let sample = Samples.recording()

    /// The report of a file with these bytes; its messages call it "x".
    static func report(_ bytes: [UInt8]) throws -> Report {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)")
        try Data(bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try TraceInput.report(onRecording: path.path)
    }

    static func problem(_ bytes: [UInt8]) -> String {
        do {
            _ = try report(bytes)
            return "none"
        } catch {
            let error = error as? RecordingError
            return "\(error?.offset ?? -1): \(error?.problem ?? "?"); \(error?.advice ?? "?")"
        }
    }

    @Test(arguments: tools) func packedRecordingGivesTheSameReport(tool: String) throws {
        let report = try Self.report(packed(Self.sample, with: tool))
        #expect(Samples.check(report) == [] && report.source.compression == tool)
        #expect(try Self.report(Self.sample).source.compression == nil)
    }

    /// As `gzip -c a >>b` makes it.
    @Test(arguments: tools) func partsAreReadOneAfterAnother(tool: String) throws {
        let half = Self.sample.count / 2
        let parts = try packed(Array(Self.sample[..<half]), with: tool) + packed(Array(Self.sample[half...]), with: tool)
        #expect(Samples.check(try Self.report(parts)) == [])
    }

    @Test func paddingOfTapesIsPassedOver() throws {
        let padded = try packed(Self.sample, with: "gzip") + [UInt8](repeating: 0, count: 10_000)
        #expect(Samples.check(try Self.report(padded)) == [])
    }

    @Test(arguments: tools) func cutShortIsSaidWhereverItIs(tool: String) throws {
        let whole = try packed(Self.sample, with: tool)
        for count in stride(from: 6, to: whole.count, by: whole.count / 50) {
            let problem = Self.problem(Array(whole[..<count]))
            #expect(problem.hasPrefix("\(count): ends inside its \(tool) data"), "\(count): \(problem)")
        }
        #expect(Self.problem(Array(whole.dropLast())).hasPrefix("\(whole.count - 1): ends inside its \(tool) data"))
    }

    @Test(arguments: tools) func damageIsSaid(tool: String) throws {
        // Bytes that do not pack, so that most of the file are data.
        var random = SeededGenerator(seed: 7)
        let noise = Self.sample + (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        var bytes = try packed(noise, with: tool)
        bytes[bytes.count / 2] ^= 0x55
        #expect(Self.problem(bytes).contains("its \(tool) data are damaged: "), "\(Self.problem(bytes))")
        let more = try packed(Self.sample, with: tool) + Array("something else, and some more of it".utf8)
        #expect(Self.problem(more).contains("its \(tool) data are damaged: "), "\(Self.problem(more))")
    }

    @Test(arguments: tools) func anyDamageIsAnErrorOrAReport(tool: String) throws {
        let whole = try packed(Self.sample, with: tool)
        var random = SeededGenerator(seed: UInt64(tool.utf8.count))
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0..<3 { bytes[Int.random(in: 6..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            _ = try? Self.report(bytes)
        }
    }

    @Test func theInsideIsCalledWhatItIs() throws {
        let text = try packed(Array("hello\n".utf8), with: "gzip")
        #expect(Self.problem(text).hasPrefix("-1: unpacked, it is text"))
        #expect(Self.problem(try packed(text, with: "zstd")).hasPrefix("0: unpacked, it is packed with gzip"))
        #expect(Self.problem(try packed([], with: "xz")).hasPrefix("-1: unpacked, it is empty"))
        #expect(Self.problem(try packed(Array(Self.sample[..<7]), with: "gzip")).hasPrefix("7: unpacked, it ends inside the first 10"))
        let cut = Self.problem(try packed(Array(Self.sample[..<3000]), with: "gzip"))
        #expect(cut.contains("the recording is damaged or cut short"), "\(cut)")
    }

    /// A window of a gigabyte is a gigabyte of memory.
    @Test func windowsOfAnySizeAreNotTaken() throws {
        let bytes = try packed(Self.sample, with: "zstd", "--long=30")
        #expect(Self.problem(bytes).contains("unpacking its zstd data takes too much memory; unpack it first"))
    }
}
