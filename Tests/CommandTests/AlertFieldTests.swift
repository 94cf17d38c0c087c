import Foundation
import TestSupport
import Testing

/// Boxes made after public reports, at two moments 60 s apart: what `irqscope alert` says of the second.
@Suite struct AlertFieldTests {
    struct Box: CustomTestStringConvertible, Sendable {
        let name: String
        let status: Int32
        /// Words that must stand in the output, and words that must not.
        let wanted: [String]
        var unwanted: [String] = []

        var testDescription: String { name }
    }

    @Test(arguments: [
        Box(name: "rpi3_timer_on_isolated_cpu", status: 0, wanted: ["OK:"], unwanted: ["arch_timer"]),
        Box(name: "dt_ethernet_is_a_network_queue", status: 0, wanted: ["OK:"], unwanted: ["storm"]),
        Box(
            name: "nvme_multiqueue_without_block_softirq", status: 1, wanted: ["WARNING storm: irq 50 nvme0q1"],
            unwanted: ["CRITICAL"]),
        Box(
            name: "managed_irq_on_isolated_cpu", status: 1, wanted: ["WARNING placement: irq 50", "managed_irq"],
            unwanted: ["another list"]),
        Box(
            name: "nobody_cared_between_two_runs", status: 2, wanted: ["CRITICAL unhandled: irq 11", "disabled"],
            unwanted: ["0%"]),
    ])
    func verdict(box: Box) throws {
        let folder = try TestFolder()
        let archive = Places.repository.appendingPathComponent("Fixtures/alert/\(box.name).tar.xz").path
        let unpacked = try run("/usr/bin/tar", ["-xJf", archive, "-C", folder.file("")])
        #expect(unpacked.status == 0, "\(unpacked.errors)")
        let root = folder.file(box.name)
        for moment in ["1", "2"] {
            // File modes that the archive does not keep: 0444 is a mask that nobody can set.
            let modes = (try? String(contentsOfFile: "\(root)/\(moment)/modes", encoding: .utf8)) ?? ""
            for line in modes.split(separator: "\n") {
                let words = line.split(separator: " ")
                chmod("\(root)/\(moment)/\(words[1])", mode_t(words[0], radix: 8) ?? 0o444)
            }
        }
        var last = try Self.look(root, "1", seconds: 10_000)
        last = try Self.look(root, "2", seconds: 10_060)
        #expect(last.status == box.status, "\(last.text)\(last.errors)")
        for words in box.wanted { #expect(last.text.contains(words), "\(last.text)") }
        for words in box.unwanted { #expect(!last.text.contains(words), "\(last.text)") }
    }

    private static func look(_ root: String, _ moment: String, seconds: Int) throws -> ProcessResult {
        try run(
            Places.command.path,
            [
                "alert", "--proc-root", "\(root)/\(moment)/proc", "--sys-root", "\(root)/\(moment)/sys", "--state",
                "\(root)/state", "--always",
            ], environment: ["IRQSCOPE_TEST_CLOCK": "\(seconds),\(seconds),\(1_790_000_000 + seconds)"])
    }
}
