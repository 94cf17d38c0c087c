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

    // MARK: A copy of /proc/interrupts alone

    @Test func affinityClaimsNothingOfProcessesAndMasksThatNobodySaw() throws {
        let folder = try TestFolder()
        _ = try shell("mkdir -p '\(folder.file("only/proc"))'")
        try Self.write("     CPU0 CPU1\n 5:   10   20  PCI-MSI 1-edge  eth0\n", folder.file("only/proc/interrupts"))
        func affinity(_ words: String...) throws -> String {
            let result = try run(Places.command.path, ["affinity"] + words + ["--root", folder.file("only")])
            #expect(result.status == 0, "\(result.errors)")
            return result.text
        }
        let plan = try affinity("plan", "spread")
        #expect(plan.contains("whether irqbalance runs is unknown") && !plan.contains("not running"))
        let isolate = try affinity("plan", "isolate", "--away", "1")
        #expect(isolate.contains("whether irqbalance runs is unknown; if it does, it needs"))
        #expect(!isolate.contains("does not run"))
        let persist = try affinity("plan", "spread", "--persist")
        #expect(persist.contains("Whether irqbalance runs is unknown") && !persist.contains("not running here"))
        let show = try affinity("show")
        #expect(show.contains("changes masks runs is unknown") && !show.contains("nothing was found"))
        #expect(!show.contains("yes"))
        let object = try Oracle.json(Data(affinity("show", "-J").utf8))
        #expect(object["irqbalance_runs"] is NSNull)
        let line = try #require((object["lines"] as? [Object])?.first)
        #expect(line["mask"] is NSNull && line["settable"] is NSNull && line["hold"] is NSNull)
        // With processes, of which none is irqbalance, it is known; and so is a mask with its file.
        _ = try shell("mkdir -p '\(folder.file("only/proc/1"))' '\(folder.file("only/proc/irq/5"))'")
        try Self.write("init\n", folder.file("only/proc/1/comm"))
        try Self.write("3\n", folder.file("only/proc/irq/5/smp_affinity"))
        #expect(try affinity("plan", "spread").contains("irqbalance is not running"))
        let known = try affinity("show")
        #expect(known.contains("nothing was found that changes masks by itself") && known.contains("yes"), "\(known)")
        try Self.write("irqbalance\n", folder.file("only/proc/1/comm"))
        #expect(try affinity("plan", "spread").contains("irqbalance is running"))
        #expect(try affinity("show").contains("may change masks: irqbalance runs: its command line is unknown"))
    }

    // MARK: A table without the line that names the CPUs

    @Test func noCPUIsNamedThatNobodyKnows() throws {
        let folder = try TestFolder()
        let root = try Self.box("nvme_multiqueue_without_block_softirq", in: folder)
        func alert(_ proc: String, _ seconds: Int) throws -> ProcessResult {
            try run(
                Places.command.path,
                ["alert", "-J", "--proc-root", proc, "--sys-root", root + "/sys", "--state", folder.file("state"), "--always"],
                environment: ["IRQSCOPE_TEST_CLOCK": "\(seconds),\(seconds),\(1_790_000_000 + seconds)"])
        }
        func cpus(_ findings: Any?) -> [Any?] { (findings as? [Object] ?? []).map { $0["cpu"] ?? $0["cpus"] } }
        #expect(
            try cpus(Oracle.json(Data(irqscope("doctor", "-J", "--root", root).output))["findings"])
                .contains { $0 is String }, "the CPUs are told with the line")
        let removed = try shell("sed -i 1d '\(root)/proc/interrupts' '\(root)/later/proc/interrupts'")
        #expect(removed.status == 0)
        _ = try alert(root + "/proc", 10_000)
        let judged = try alert(root + "/later/proc", 10_060)
        let object = try Oracle.json(judged.output)
        #expect(!cpus(object["findings"]).isEmpty && cpus(object["findings"]).allSatisfy { $0 is NSNull })
        #expect(!judged.text.contains("on CPU") && judged.errors.contains("of which CPUs nobody knows"))
        // The sum needs no CPU.
        #expect((object["device_per_s"] as? Double ?? 0) > 400_000)
        let doctor = try irqscope("doctor", "-J", "--root", root)
        let found = try Oracle.json(doctor.output)
        #expect(!cpus(found["findings"]).isEmpty && cpus(found["findings"]).allSatisfy { $0 is NSNull }, "\(doctor.text)")
        #expect(!doctor.text.contains("on CPU") && doctor.errors.contains("no line that names the CPUs"))
        let unknown = (found["unknown"] as? [Object] ?? []).filter {
            ($0["reason"] as? String)?.contains("names the CPUs") == true
        }
        #expect(unknown.contains { $0["check"] as? String == "one-cpu-device" })
        #expect(!unknown.contains { $0["check"] as? String == "storm-line" })
        let show = try Oracle.json(irqscope("affinity", "show", "-J", "--root", root).output)
        #expect((show["lines"] as? [Object] ?? []).allSatisfy { $0["delivered"] is NSNull })
    }
}
