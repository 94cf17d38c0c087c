import Foundation
import TestSupport
import Testing

/// What commands say of recordings of which a part could not be read.
@Suite struct UnreadCommandTests {
    /// A perf.data with 64 bytes of zeros in its records.
    private func withDamage(_ body: (String) throws -> Void) throws {
        try withFolder { folder in
            let packed = Places.fixtures.appendingPathComponent("perf/default.perf.data.xz").path
            var bytes = try run("/usr/bin/xz", ["-dc", packed]).output
            bytes.replaceSubrange(100_000..<100_064, with: Data(count: 64))
            try bytes.write(to: URL(fileURLWithPath: folder + "/a.data"))
            try body(folder + "/a.data")
        }
    }

    @Test func conditionsAreUntested() throws {
        try withDamage { file in
            let report = try run(Places.command.path, ["report", "--fail-if", "max>100s", file])
            #expect(report.status == 3 && report.text.contains("LOST an unknown number in 1 gap"))
            let diff = try run(Places.command.path, ["diff", "--no-test", "--fail-if", "p99>+500%", file, file])
            #expect(diff.status == 3 && diff.errors.contains("events were lost or could not be read"))
            let json = try Oracle.report(file)
            #expect((json["events"] as? Oracle.Object)?["lost"] is NSNull)
        }
    }

    @Test func exportAndMetricsDoNotCallItWhole() throws {
        try withDamage { file in
            let export = try run(Places.command.path, ["export", "--format", "csv", file])
            #expect(export.status == 0 && export.errors.contains("events were lost or could not be read"))
            let metrics = try run(Places.command.path, ["report", "--format", "prometheus", file])
            #expect(metrics.status == 0 && !metrics.text.contains("irqscope_sample_lost_events_total"))
        }
    }

    /// A recording with other events alone, or with none, can be read, and has nothing to report: that is said of each format
    /// in the same way, with what is needed.
    @Test func recordingsWithoutInterruptsSayWhatIsNeeded() throws {
        try withFolder { folder in
            let line = "          <idle>-0     [001]  1234.000001: sched_stat_runtime: comm=a pid=1\n"
            try Data(line.utf8).write(to: URL(fileURLWithPath: folder + "/a.txt"))
            var recording = RecordingBuilder()
            recording.texts = FormatTexts(longByteCount: recording.longByteCount)
            var page = PageBuilder(recording.layout, start: 1_000_000)
            page.event(at: 1_000_000, EventBuilder(recording.texts, recording.byteOrder).other())
            recording.buffers = [("", [(0, [page.bytes()])])]
            try Data(recording.build()).write(to: URL(fileURLWithPath: folder + "/a.dat"))
            for name in ["a.txt", "a.dat"] {
                let file = folder + "/" + name
                let result = try run(Places.command.path, ["report", file])
                #expect(result.status == 0 && result.text.contains(" interrupt events"), "\(name): \(result.text)")
                #expect(result.errors.hasPrefix("irqscope: \(file): none of its 1 event is of interrupts: irq:irq_handler_entry"))
                #expect(result.errors.contains("trace-cmd record -e irq") && result.errors.split(separator: "\n").count == 1)
                let part = try run(Places.command.path, ["report", "--cpu", "7", file])
                #expect(part.status == 0 && !part.errors.contains("none of its"), "\(part.errors)")
                #expect(try run(Places.command.path, ["diff", file, file]).errors.contains("none of its 1 event is of interrupts"))
            }
            let none = Places.fixtures.appendingPathComponent("perf/task-one-event.perf.data.xz").path
            let result = try run(Places.command.path, ["report", none])
            #expect(result.status == 0 && result.errors.contains(": it holds no events at all: "), "\(result.errors)")
            #expect(result.text.contains("the recording holds no events at all"))
        }
    }
}
