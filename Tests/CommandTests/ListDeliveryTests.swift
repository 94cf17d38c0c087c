import Foundation
import TestSupport
import Testing

/// The delivery of lines whose controller has no name that tells it.
@Suite struct ListDeliveryTests {
    /// A box with a line on a controller that nobody knows.
    struct Line: CustomTestStringConvertible {
        var counts: String
        var mode: Int
        /// The bits that debugfs shows of it; nil without debugfs.
        var state: String?
        var delivery: String

        var testDescription: String { "\(counts) \(String(mode, radix: 8)) \(state ?? "-")" }
    }

    @Test(arguments: [
        Line(counts: "5 7", mode: 0o444, delivery: "per_cpu"),
        Line(counts: "5 0", mode: 0o444, delivery: "wired"),
        Line(counts: "5 7", mode: 0o644, delivery: "wired"),
        Line(counts: "5 7", mode: 0o444, state: "IRQD_ACTIVATED", delivery: "wired"),
        Line(counts: "5 0", mode: 0o444, state: "IRQD_PER_CPU", delivery: "per_cpu"),
        Line(counts: "5 0", mode: 0o444, state: "_IRQ_PER_CPU_DEVID", delivery: "per_cpu"),
    ])
    func linesOfUnknownControllers(line: Line) throws {
        let folder = try TestFolder()
        let proc = folder.file("proc")
        try write("       CPU0  CPU1\n 9: \(line.counts)  NEWCHIP 3 Level watch\n", proc + "/interrupts")
        try write("3\n", proc + "/irq/9/smp_affinity")
        try FileManager.default.setAttributes([.posixPermissions: line.mode], ofItemAtPath: proc + "/irq/9/smp_affinity")
        if let state = line.state {
            let text = "istate:   0x0\nddepth:   0\ndstate:   0x1000\n            \(state)\n"
            try write(text, folder.file("sys") + "/kernel/debug/irq/irqs/9")
        }
        let object = try ListCommandTests.object(proc, "--sys-root", folder.file("sys"))
        let rows = try #require(object["interrupts"] as? [ListCommandTests.Object])
        #expect(rows.first?["delivery"] as? String == line.delivery)
    }

    private func write(_ text: String, _ path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
