import Foundation
import IRQCore
import TestSupport
import Testing
import TraceInput

/// All spans in the order of time, however few of them fit into memory.
@Suite struct SpanCollectionTests {
    struct Line: Equatable {
        let title: SpanTitle
        let cpu: UInt32
        let pid: Int32
        let start: UInt64
        let duration: UInt64
        let own: UInt64
    }

    static func lines(_ path: String, runCount: Int, jobs: Int = 2) throws -> [Line] {
        var options = ReadOptions()
        options.workerCount = jobs
        let spans = try SpanCollection(ofRecording: path, options: options, hasRuns: false, runCount: runCount)
        var lines: [Line] = []
        spans.forEach { span in
            lines.append(
                Line(
                    title: spans.titles[Int(span.row)], cpu: span.cpu, pid: span.pid, start: span.startNanoseconds,
                    duration: span.durationNanoseconds, own: span.selfNanoseconds))
            return true
        }
        return lines
    }

    @Test(arguments: ["recordings/amd64-v7.dat", "recordings/ppc64el-instances.dat", "deep/napi-threads-6.18.dat"])
    func spoolingChangesNothing(name: String) throws {
        let path = Places.fixtures.appendingPathComponent(name).path
        let whole = try Self.lines(path, runCount: 1 << 20)
        #expect(whole.count > 3000)
        for (first, second) in zip(whole, whole.dropFirst()) {
            let isInOrder = (first.start, first.cpu) <= (second.start, second.cpu)
            #expect(isInOrder)
            if (first.start, first.cpu) == (second.start, second.cpu) { #expect(first.duration >= second.duration) }
        }
        // Runs that end anywhere, and more of them than fit into one load.
        for runCount in [7, 700] { #expect(try Self.lines(path, runCount: runCount) == whole) }
        #expect(try Self.lines(path, runCount: 100, jobs: 5) == whole)
    }
}
