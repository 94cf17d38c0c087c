import IRQCore
import Foundation
import Rendering
import TestSupport
import Testing

/// The flight recorder: only the last seconds, when something says so.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct RecordFlightTests {
    typealias Object = [String: Any]

    /// The seconds that a recording spans.
    static func span(_ path: String) throws -> Double {
        let report = try Oracle.report(path)
        #expect(report["coverage"] is NSNull, "its counts would be those of the whole wait")
        let window = try #require(report["window"] as? Object)
        let ends = (RecordTests.number(window, "start_ns"), RecordTests.number(window, "end_ns"))
        return Double(try #require(ends.1) - (try #require(ends.0))) / 1e9
    }

    @Test(arguments: [SIGUSR1, SIGINT]) func signalWritesTheLastSecond(number: Int32) throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        try LiveMachine.use {
            let recorder = try Recorder(record: ["--flight", "1s", "-o", path])
            try recorder.waitForTrace()
            usleep(1_300_000)
            // Waiting takes next to nothing.
            #expect(try cpuSeconds(recorder.id) < 0.5)
            recorder.send(number)
            #expect(recorder.status() == 0 && recorder.errors.contains("a.dat: the last 1.00 s, "), "\(recorder.errors)")
            #expect(try Tracefs.instances(of: recorder.id) == [])
        }
        let span = try Self.span(path)
        #expect(span > 0.3 && span < 1.3, "\(span) s")
        let result = try shell("trace-cmd report -t -R -i '\(path)' >/dev/null")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(Oracle.differences(try Oracle.report(path), try Oracle.exact(path)) == [])
    }

    /// A ring that is full all the time is not read and not waited for.
    @Test func fullRingCostsNothing() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        try DiskLoad.during {
            let recorder = try Recorder(record: ["--flight", "30s", "--buffer-size", "64k", "-o", path])
            try recorder.waitForTrace()
            let before = try cpuSeconds(recorder.id)
            usleep(1_000_000)
            #expect(try cpuSeconds(recorder.id) - before < 0.1)
            recorder.send(SIGUSR1)
            #expect(recorder.status() == 0)
            #expect(recorder.errors.contains(" only: choose a larger --buffer-size"), "\(recorder.errors)")
        }
    }

    @Test(arguments: [("--trigger-slow", "100ns", " took "), ("--trigger-rate", "50", " times a second on CPU ")])
    func triggersWrite(option: String, limit: String, words: String) throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let result = try DiskLoad.during { try RecordTests.record("--flight", "1s", option, limit, "-o", path) }
        #expect(result.status == 0 && result.errors.contains("irqscope: IRQ "), "\(result.errors)")
        #expect(result.errors.contains(words) && result.errors.contains(": writing what came before\n"))
        #expect(try Self.span(path) < 1.3)
        // The recording tells why it was written, and when: the page marks that.
        let reason = try #require(result.errors.firstMatch(of: /irqscope: (IRQ .*): writing what came before/)).1
        #expect(
            try irqscope("report", "--no-deep", path).text.replacing(/\s+/, with: " ")
                .contains("the recording was written because \(reason)"))
        #expect(try irqscope("report", "--format", "html", path).text.contains("<i class=\"trigger\" style=\"left:"))
    }

    @Test func triggersWaitForWhatTheyAreTold() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        try DiskLoad.during {
            let recorder = try Recorder(
                record: ["--flight", "1s", "--trigger-slow", "10s", "--trigger-rate", "100M", "-o", path])
            try recorder.waitForTrace()
            #expect(try Tracefs.instances(of: recorder.id).count == 1, "a second one would stamp each call anew")
            #expect(recorder.status(seconds: 1) == nil)
            recorder.send(SIGTERM)
            #expect(recorder.status() == 0)
            #expect(try Tracefs.instances(of: recorder.id) == [])
        }
        #expect(try Self.span(path) < 1.3)
    }

    /// The handler that triggers is the longest of the file, to the nanosecond: with a second instance to look at, 3 of 12
    /// files held a longer one before it, or none as long.
    @Test func fileHoldsWhatTriggered() throws {
        let folder = try TestFolder()
        try DiskLoad.during {
            for number in 1...2 {
                let path = folder.file("\(number).dat")
                let result = try RecordTests.record("--flight", "2s", "--trigger-slow", "15us", "-o", path)
                #expect(result.status == 0, "\(result.errors)")
                let line = try #require(result.errors.split(separator: "\n").first { $0.contains(" took ") })
                let report = try Oracle.report(path)
                let longest = (report["irqs"] as? [Object] ?? []).compactMap {
                    RecordTests.number($0["duration"] as? Object, "max_ns")
                }.max()
                let shown = Units().duration(UInt64(try #require(longest)))
                // What came later and took longer is told.
                #expect(
                    line.contains(" took \(shown) on CPU ")
                        || result.errors.contains("the longest handler of the recording came after it: ")
                            && result.errors.contains(" took \(shown) on CPU "),
                    "\(shown): \(result.errors)")
            }
        }
    }

    /// What is kept is cut to the time asked for, though it is read as it comes.
    @Test func keepsOnlyTheLastSecond() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        try DiskLoad.during {
            let recorder = try Recorder(record: ["--flight", "1s", "--trigger-slow", "10s", "-o", path])
            try recorder.waitForTrace()
            usleep(2_000_000)
            recorder.send(SIGUSR1)
            #expect(recorder.status() == 0 && recorder.errors.contains("a.dat: the last 1.00 s, "), "\(recorder.errors)")
            #expect(!recorder.errors.contains("LOST"), "\(recorder.errors)")
        }
        let span = try Self.span(path)
        #expect(span > 0.9 && span < 1.3, "\(span) s")
        #expect(Oracle.differences(try Oracle.report(path), try Oracle.exact(path)) == [])
    }
}
