import Foundation
import TestSupport
import Testing

/// What `irqscope record` cannot keep: it ends in time, and says what is missing, there and in the file.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct RecordLossTests {
    typealias Object = [String: Any]

    /// The number before some words in a message.
    static func number(in text: String, before words: String) throws -> Int {
        let end = try #require(text.range(of: words), "\(words) in \(text)").lowerBound
        let digits = text[..<end].reversed().prefix { $0.isNumber || $0 == "," }
        return try #require(Int(String(digits.reversed()).filter(\.isNumber)), "\(text)")
    }

    /// The number after some words in a message.
    static func number(in text: String, after words: String) throws -> Int {
        let start = try #require(text.range(of: words), "\(words) in \(text)").upperBound
        return try #require(Int(text[start...].prefix { $0.isNumber || $0 == "," }.filter(\.isNumber)), "\(text)")
    }

    /// The file holds what the message says, and knows what it does not hold.
    static func expectTold(_ errors: String, _ path: String, isFlight: Bool = false) throws {
        let report = try Oracle.report(path)
        let events = try #require(report["events"] as? Object)
        let lost = try Self.number(in: errors, after: "LOST ")
        #expect(lost > 0 && RecordTests.number(events, "lost_at_least") == lost, "\(events)\n\(errors)")
        if !isFlight { #expect(try Self.number(in: errors, before: " events in ") == RecordTests.number(events, "total")) }
        #expect((report["notes"] as? [String] ?? []).contains { $0.contains("events at the end are missing") })
        let text = try irqscope("report", path).text
        #expect(text.contains("LOST ") && !text.contains("none lost"), "\(text)")
    }

    /// A box that reads slower than events come: --duration 3s took 10 s and longer, for reading had no end.
    @Test(.enabled(if: Preload.isAvailable, Comment(rawValue: Preload.reason)))
    func slowReadingComesToAnEnd() throws {
        let (folder, preload) = (try TestFolder(), try Preload())
        func path(_ isFlight: Bool) -> String { folder.file(isFlight ? "flight.dat" : "a.dat") }
        // Both at once: each spends its time with waiting.
        let recorders = try DiskLoad.during {
            let recorders = try [false, true].map { isFlight in
                let options = ["--events", "irq,softirq,irq_vectors,sched", isFlight ? "--flight" : "--duration", "1s"]
                return try Recorder(
                    record: ["-o", path(isFlight)] + options, before: preload.before(["READV_MS": 900]))
            }
            try recorders[1].waitForTrace()
            usleep(800_000)
            recorders[1].send(SIGUSR1)
            for recorder in recorders { #expect(recorder.status(seconds: 12) == 0, "\(recorder.errors)") }
            return recorders
        }
        for (recorder, isFlight) in zip(recorders, [false, true]) {
            #expect(try Tracefs.instances(of: recorder.id) == [])
            let words = " s after the end and are lost: this process gets too little of a CPU"
            #expect(recorder.errors.contains(words), "\(recorder.errors)")
            try Self.expectTold(recorder.errors, path(isFlight), isFlight: isFlight)
        }
    }

    /// While the last events are read, a second signal does not wait for that.
    @Test(.enabled(if: Preload.isAvailable, Comment(rawValue: Preload.reason)))
    func secondSignalDoesNotWaitForReading() throws {
        let (folder, preload) = (try TestFolder(), try Preload())
        let recorder = try Recorder(
            record: ["-o", folder.file("a.dat")], before: preload.before(["READV_MS": 2000]))
        try recorder.waitForTrace()
        let name = try #require(try Tracefs.instances(of: recorder.id).first)
        recorder.send(SIGINT)
        let end = Date().addingTimeInterval(60)
        while Date() < end, (try? Tracefs.text("instances/\(name)/tracing_on")) == "1\n" { usleep(20_000) }
        usleep(600_000)
        #expect(recorder.isRunning)
        recorder.send(SIGINT)
        #expect(recorder.status(seconds: 5) == 128 + SIGINT)
        #expect(try Tracefs.instances(of: recorder.id) == [] && folder.names == [])
    }

    /// The message told of 177,789 events, none lost; the file had 97,386.
    @Test func fullDiskTellsWhatIsInTheFile() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let copy = try TestFolder()
        let line = """
            @ record --file-version 6 --events irq,softirq,irq_vectors,sched --duration 60s -o '\(path)'
            cp '\(path)' '\(copy.path)'
            """
        let result = try DiskLoad.during { try RecordTroubleTests.mounted("size=9m", on: folder, line) }
        #expect(result.errors.contains("No space left on device"), "\(result.errors)")
        #expect(try Self.number(in: result.errors, before: " pages did not fit on the disk and are missing, with ") > 0)
        #expect(!result.errors.contains("none lost") && !result.errors.contains("after the end and are lost"))
        try Self.expectTold(result.errors, copy.file("a.dat"))
    }
}
