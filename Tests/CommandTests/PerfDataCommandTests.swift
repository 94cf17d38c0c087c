import Foundation
import Testing
import TestSupport

/// The command on real recordings of perf 6.1 and 7.3, little- and big-endian, against the exact numbers of a Python script.
@Suite struct PerfDataCommandTests {
    static let folder = Places.fixtures.appendingPathComponent("perf").path
    static let expected: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".expected.json") }.map { String($0.dropLast(14)) }.sorted()
    }()

    private func exact(_ name: String) throws -> Oracle.Object {
        try Oracle.json(Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name).expected.json")))
    }

    @Test(arguments: expected.filter { !$0.hasSuffix("threads") }) func numbersAreExact(name: String) throws {
        let report = try Oracle.report("\(Self.folder)/\(name).perf.data.xz")
        #expect(Oracle.differences(report, try exact(name)) == [])
        let source = report["source"] as? Oracle.Object
        #expect(source?["format"] as? String == "perf.data" && source?["compression"] as? String == "xz")
        #expect(source?["byte_order"] as? String == (name.hasPrefix("s390x") ? "big" : "little"))
    }

    @Test func allExpectationsAreThere() { #expect(Self.expected.count == 17) }

    @Test(arguments: ["", "/", "/data"]) func theDirectoryOfThreadsIsOneRecording(ending: String) throws {
        let report = try Oracle.report("\(Self.folder)/s390x-threads.dir\(ending)")
        #expect(Oracle.differences(report, try exact("s390x-threads")) == [])
        #expect((report["notes"] as? [String])?.isEmpty == true)
    }

    @Test func theFirstFileOfADirectoryAloneSaysWhatIsMissing() throws {
        try withFolder { folder in
            try FileManager.default.copyItem(atPath: "\(Self.folder)/s390x-threads.dir/data", toPath: folder + "/data")
            let notes = try Oracle.report(folder)["notes"] as? [String] ?? []
            #expect(notes.contains { $0.hasPrefix("the files data.0, data.1") })
        }
    }

    @Test func groupsRecordTheirLeaderOnly() throws {
        let report = try Oracle.report("\(Self.folder)/group-read.perf.data.xz")
        #expect((report["events"] as? Oracle.Object)?["total"] as? Int == 450)
        #expect((report["notes"] as? [String])?.contains { $0.hasPrefix("irq:irq_handler_exit: counted, not recorded") } == true)
    }

    /// The kernel's numbers of events are those of "default", which was recorded on the same.
    @Test func aKilledPerfIsReadWithTheFormatsOfAnother() throws {
        let killed = "\(Self.folder)/killed.perf.data.xz"
        let refused = try run(Places.command.path, ["report", killed])
        #expect(refused.status == 1 && refused.errors.contains("--formats"))
        let report = try Oracle.report(killed, "--formats", "\(Self.folder)/default.perf.data.xz")
        let events = report["events"] as? Oracle.Object
        #expect(events?["total"] as? Int == 3220 && events?["used"] as? Int == 3220)
        #expect(events?["unmatched_entries"] as? Int == 0)
        let bad = try run(Places.command.path, ["report", killed, "--formats", Places.recording("amd64-v7")])
        #expect(bad.status == 1 && bad.errors.contains("each build of a kernel numbers its events anew"))
    }

    @Test func formatsMayBeACopyOfTracefs() throws {
        try withFolder { folder in
            let names = ["irq/irq_handler_entry": 225, "irq/irq_handler_exit": 224]
            for (name, id) in names {
                let text = FormatTexts().text(String(name.dropFirst(4)))
                    .replacingOccurrences(of: "ID: 150", with: "ID: \(id)").replacingOccurrences(of: "ID: 149", with: "ID: \(id)")
                let place = "\(folder)/events/\(name)"
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
                try text.write(toFile: place + "/format", atomically: false, encoding: .utf8)
            }
            let report = try Oracle.report("\(Self.folder)/killed.perf.data.xz", "--formats", folder)
            let row = (report["irqs"] as? [Oracle.Object])?.first
            #expect(row?["action"] as? String == "virtio1-req.0")
            #expect((report["events"] as? Oracle.Object)?["total"] as? Int == 3220)
        }
    }

    @Test func namesOfTasksAreThoseOfTheTime() throws {
        let report = try Oracle.report("\(Self.folder)/oddname.perf.data.xz", "--slow", "500")
        let tasks = Set((report["slowest"] as? [Oracle.Object] ?? []).compactMap { $0["task"] as? String })
        #expect(tasks.contains("a b: [0]-1 <c"))
    }
}
