import Foundation
import TestSupport
import Testing

/// `irqscope diff` of snapshots: copies of /proc, and what `list --json` printed.
@Suite struct DiffCountsTests {
    private typealias Object = [String: Any]

    /// A copy of /proc with an interrupt of eth0 at a number, and one of a disk.
    private static func snapshot(
        eth0 number: String, _ count: UInt64, disk: UInt64, uptime: String? = nil, boot: String? = nil
    ) throws -> FakeProc {
        let proc = try FakeProc()
        proc.add(number, "PCI-MSIX-0000:00:04.0   1-edge      eth0-rx-0")
        proc.add("36", "PCI-MSIX-0000:00:02.0   1-edge      disk0")
        proc.add("LOC", "Local timer interrupts")
        proc.rows[0].counts = [0: count, 1: 0]
        proc.rows[1].counts = [0: 0, 1: disk]
        try proc.publish()
        if let uptime { try Data("\(uptime) 1.00\n".utf8).write(to: URL(fileURLWithPath: proc.root + "/uptime")) }
        if let boot {
            let folder = proc.root + "/sys/kernel/random"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("\(boot)\n".utf8).write(to: URL(fileURLWithPath: folder + "/boot_id"))
        }
        return proc
    }

    private static func rows(_ words: String...) throws -> (rows: [String: Object], document: Object) {
        let result = try run(Places.command.path, ["diff", "--json"] + words)
        #expect(result.status == 0, "\(result.errors)")
        let document = try Oracle.json(result.output)
        var rows: [String: Object] = [:]
        for row in document["rows"] as? [Object] ?? [] { rows[row["key"] as? String ?? ""] = row }
        return (rows, document)
    }

    /// Rows are matched by action though their numbers differ; rates are those since the start of each box.
    @Test func ratesAndIdentity() throws {
        let one = try Self.snapshot(eth0: "24", 1000, disk: 30, uptime: "100.50")
        let other = try Self.snapshot(eth0: "41", 8000, disk: 30, uptime: "200.25")
        let (rows, document) = try Self.rows(one.root, other.root)
        #expect(document["schema"] as? String == "irqscope.diff.v1" && document["method"] as? String == "pair")
        let row = try #require(rows["eth0-rx-0"])
        let (a, b) = (try #require(row["a"] as? Object), try #require(row["b"] as? Object))
        #expect(a["irq"] as? Int == 24 && b["irq"] as? Int == 41 && a["calls"] as? Int == 1000 && b["calls"] as? Int == 8000)
        #expect(abs((a["per_s"] as? Double ?? 0) - 1000 / 100.5) < 1e-9)
        #expect(abs((b["per_s"] as? Double ?? 0) - 8000 / 200.25) < 1e-9)
        for key in ["p50_ns", "p99_ns", "max_ns", "cpu_share"] { #expect(a[key] is NSNull, "\(key)") }
        #expect(row["z"] is NSNull && row["p"] is NSNull && row["between"] is NSNull)
        #expect(rows.values.allSatisfy { $0["verdict"] as? String == "too few" } && rows["LOC"] != nil && rows["TIMER"] != nil)
        #expect((document["notes"] as? [String] ?? []).contains { $0.contains("counts have no spread") })
    }

    /// Counts have 32 bits for each CPU: what went over the end on one is added there, whatever the others did.
    @Test func countsThatWrapAreAdded() throws {
        let first = try Self.snapshot(eth0: "24", 4_294_967_000, disk: 30, uptime: "1000.00", boot: "x")
        let second = try Self.snapshot(eth0: "24", 704, disk: 40, uptime: "2593000.00", boot: "x")
        let (rows, document) = try Self.rows(first.root, second.root)
        let between = rows["eth0-rx-0"]?["between"] as? Object
        #expect(between?["calls"] as? Int == 1_000)
        #expect((rows["disk0"]?["between"] as? Object)?["calls"] as? Int == 10)
        #expect((document["notes"] as? [String] ?? []).contains { $0.contains("over 2^32") && $0.contains(": 1;") })
        // The other CPU went on, so that the sum grew all the same.
        let grown = try FakeProc()
        grown.add("24", "PCI-MSIX-0000:00:04.0   1-edge      eth0-rx-0")
        grown.rows[0].counts = [0: 704, 1: 4_294_967_000]
        try grown.publish()
        try Data("2593000.00 1.00\n".utf8).write(to: URL(fileURLWithPath: grown.root + "/uptime"))
        try FileManager.default.createDirectory(atPath: grown.root + "/sys/kernel/random", withIntermediateDirectories: true)
        try Data("x\n".utf8).write(to: URL(fileURLWithPath: grown.root + "/sys/kernel/random/boot_id"))
        let sum = try Self.rows(first.root, grown.root).rows["eth0-rx-0"]?["between"] as? Object
        #expect(sum?["calls"] as? Int == 4_294_968_000)
    }

    /// Of one run of a kernel what came in between is told; B before A, another run or no uptime tell less.
    @Test func between() throws {
        let first = try Self.snapshot(eth0: "24", 1000, disk: 30, uptime: "100.00", boot: "x")
        let second = try Self.snapshot(eth0: "24", 1600, disk: 30, uptime: "103.00", boot: "x")
        let between = try Self.rows(first.root, second.root).rows["eth0-rx-0"]?["between"] as? Object
        #expect(between?["calls"] as? Int == 600 && between?["per_s"] as? Double == 200)
        #expect(try Self.rows(second.root, first.root).rows["eth0-rx-0"]?["between"] is NSNull)
        let restarted = try Self.snapshot(eth0: "24", 1600, disk: 30, uptime: "103.00", boot: "y")
        #expect(try Self.rows(first.root, restarted.root).rows["eth0-rx-0"]?["between"] is NSNull)
        let bare = try Self.snapshot(eth0: "24", 1600, disk: 30, boot: "x")
        let side = try #require(try Self.rows(first.root, bare.root).rows["eth0-rx-0"])
        #expect((side["b"] as? Object)?["per_s"] is NSNull && (side["between"] as? Object)?["calls"] as? Int == 600)
        #expect((side["between"] as? Object)?["per_s"] is NSNull && (side["ratio"] as? Object)?["per_s"] is NSNull)
    }

    /// A saved list, a copy of the table alone and the directory give the same counts.
    @Test func formsAgree() throws {
        let folder = Places.repository.appendingPathComponent("Fixtures/proc/amd64/s5").path
        let list = try run(Places.command.path, ["list", "--json", "--proc-root", folder])
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("list-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try list.output.write(to: file)
        let (rows, document) = try Self.rows(folder, file.path)
        #expect(rows.count > 30 && (document["new"] as? [String]) == [] && (document["gone"] as? [String]) == [])
        for (name, row) in rows {
            let calls = ["a", "b"].map { (row[$0] as? Object)?["calls"] as? Int }
            #expect(calls[0] == calls[1] && calls[0] != nil, "\(name)")
        }
        let table = try Self.rows("\(folder)/interrupts", file.path, "--cpu", "1")
        let nvme = try #require(table.rows["nvme0q2"])
        #expect((nvme["a"] as? Object)?["calls"] as? Int == (nvme["b"] as? Object)?["calls"] as? Int)
    }

    @Test func refusals() throws {
        let folder = Places.repository.appendingPathComponent("Fixtures/proc/amd64/s5").path
        let recording = Places.repository.appendingPathComponent("Fixtures/recordings/amd64-empty.dat").path
        let mixed = try run(Places.command.path, ["diff", folder, recording])
        #expect(mixed.status == 1 && mixed.errors.contains("is no snapshot of counts"))
        let many = try run(Places.command.path, ["diff", folder, folder, "--", folder, folder])
        #expect(many.status == 1 && many.errors.contains("two at a time"))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("other-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{\"schema\": \"other\"}".utf8).write(to: file)
        let other = try run(Places.command.path, ["diff", folder, file.path])
        #expect(other.status == 1 && other.errors.contains("irqscope list --json"))
        let judged = try run(Places.command.path, ["diff", folder, folder, "--fail-if", "per_s>+10%"])
        #expect(judged.status == 3)
    }
}
