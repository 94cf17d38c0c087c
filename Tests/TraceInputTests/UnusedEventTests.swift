import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// What a recording holds and no row is made of is named and counted.
@Suite struct UnusedEventTests {
    @Test(arguments: Places.recordingNames) func everyEventIsUsedOrNamed(name: String) throws {
        let report = try report(onRecording: Places.recording(name))
        let unused = report.unusedEvents.reduce(0) { $0 + $1.count }
        #expect(report.ledger.events == report.ledger.usedEvents + unused)
        #expect(report.unusedEvents.allSatisfy { $0.name != nil }, "these recordings describe all their events")
    }

    @Test(.enabled(if: TestSupport.program("trace-cmd") != nil, "trace-cmd is not installed (make test-tools)"))
    func countsAreThoseOfTraceCmd() throws {
        let path = Places.recording("amd64-v7")
        let lines = try run("/usr/bin/env", ["trace-cmd", "report", "-t", path]).text.split(separator: "\n")
        // The deep analysis reads most of them.
        var options = ReadOptions()
        options.analysis.isDeep = false
        let report = try report(onRecording: path, options: options)
        #expect(report.unusedEvents.count > 2)
        for event in report.unusedEvents {
            let word = " \(event.name?.split(separator: ":").last ?? ""): "
            #expect(lines.count { $0.contains(word) } == Int(event.count), "\(event.name ?? "")")
        }
    }
}
