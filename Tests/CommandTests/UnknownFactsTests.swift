import Foundation
import TestSupport
import Testing

/// What a copy does not tell is unknown in every command, and what two commands judge they judge alike.
@Suite struct UnknownFactsTests {
    typealias Object = [String: Any]

    /// A box of `AlertFieldTests` as a copy of two moments: `root`, and `root/later`.
    private static func box(_ name: String, in folder: TestFolder) throws -> String {
        let archive = Places.fixtures.appendingPathComponent("alert/\(name).tar.xz").path
        let result = try shell(
            """
            cd '\(folder.path)' && tar -xJf '\(archive)' && mv \(name)/1 root && mv \(name)/2 root/later
            echo 10000.00 1000 >root/proc/uptime && echo 10060.00 1000 >root/later/proc/uptime
            """)
        #expect(result.status == 0, "\(result.errors)")
        return folder.file("root")
    }

    private static func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    // MARK: A line that was switched off

    @Test func doctorSaysOfADisabledLineWhatAlertSays() throws {
        let folder = try TestFolder()
        let root = try Self.box("nobody_cared_between_two_runs", in: folder)
        let silent = try irqscope("doctor", "--root", root)
        #expect(silent.text.contains("CRIT irq-disabled        irq 11 (virtio0) most likely off"), "\(silent.text)")
        try Self.write(
            """
            [ 10030.500000] irq 11: nobody cared (try booting with the "irqpoll" option)
            [ 10030.600000] handlers:
            [ 10030.600001] [<00000000a1b2c3d4>] vm_interrupt
            [ 10030.700000] Disabling IRQ #11

            """, root + "/dmesg")
        for uptime in [true, false] {
            if !uptime { _ = try shell("rm '\(root)/proc/uptime' '\(root)/later/proc/uptime'") }
            let told = try irqscope("doctor", "-v", "--root", root)
            #expect(told.text.contains("irq 11 (virtio0) off since 10031 s after boot"), "\(told.text)")
            #expect(!told.text.contains("neither the log"))
        }
        // Where all handlers run in threads, both say nothing by the counters alone.
        _ = try shell("rm '\(root)/dmesg'")
        try Self.write("quiet threadirqs\n", root + "/proc/cmdline")
        #expect(try !irqscope("doctor", "--root", root).text.contains("CRIT"))
    }
}
