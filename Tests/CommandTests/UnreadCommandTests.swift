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
}
