import Foundation
import TestSupport
import Testing

/// What `irqscope alert` says about boxes whose /proc is written over time.
@Suite struct AlertVerdictTests {
    // MARK: Storms

    @Test func silentWhileAllIsWell() throws {
        let box = try FakeBox()
        for _ in 0..<4 {
            let result = try box.alert()
            #expect(result.status == 0 && result.text.isEmpty && result.errors.isEmpty, "\(result.text)\(result.errors)")
            box.pass(60, ["36": (1, 300)])
        }
        let result = try box.alert("--always")
        #expect(result.status == 0 && result.text.hasPrefix("OK: "))
    }

    /// A copy that has /proc/interrupts alone is judged by it, without complaints.
    @Test func interruptsAloneAreEnough() throws {
        let box = try FakeBox()
        func look() throws -> ProcessResult {
            try box.write()
            for name in ["softirqs", "stat", "sys"] { try FileManager.default.removeItem(atPath: box.proc + "/" + name) }
            return try box.look([])
        }
        #expect(try look().errors.isEmpty)
        box.pass(60, ["36": (2, 45_000)])
        let result = try look()
        #expect(result.status == 1 && result.errors.isEmpty, "\(result.errors)")
    }

    @Test func stormIsNamedAndClears() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (2, 45_000)])
        let warning = try box.alert()
        #expect(warning.status == 1)
        #expect(warning.text.contains("WARNING storm: irq 36 gadget0 (0000:00:02.0): 45.0k/s on CPU 2 for 60 s"), "\(warning.text)")
        #expect(warning.text.split(separator: "\n").count == 1)
        box.pass(60, ["36": (2, 150_000)])
        let critical = try box.alert()
        #expect(critical.status == 2 && critical.text.contains("CRITICAL storm: irq 36 gadget0 (0000:00:02.0): 150k/s on CPU 2 for 2"))
        box.pass(60, ["36": (2, 100)])
        let over = try box.alert()
        #expect(over.status == 0 && over.text.contains("OK storm: irq 36 gadget0 (0000:00:02.0): over, storm ended (it was CRITICAL)"))
        box.pass(60, ["36": (2, 100)])
        let quiet = try box.alert()
        #expect(quiet.status == 0 && quiet.text.isEmpty)
    }

    /// 25 queues of a 40 Gb NIC: 350,000 interrupts a second in all, 40,000 on one CPU, with their NET_RX.
    @Test func busyNetworkCardIsNoStorm() throws {
        let box = try FakeBox(cpus: 8)
        for queue in 0..<8 { box.add("\(60 + queue)", "PCI-MSIX-0000:3b:00.0   \(queue)-edge      eth0-TxRx-\(queue)") }
        _ = try box.alert()
        for _ in 0..<8 {
            var rates: [String: (cpu: Int, perSecond: Double)] = [:]
            for queue in 0..<8 { rates["\(60 + queue)"] = (queue, 43_750) }
            box.pass(60, rates)
            for cpu in 0..<8 { box.softirqs["NET_RX"]?[cpu] += 43_750 * 60 }
            let result = try box.alert()
            #expect(result.status == 0 && result.text.isEmpty, "\(result.text)")
        }
        // The same card, and nobody polls it: that is a storm.
        box.pass(60, ["60": (0, 43_750)])
        let result = try box.alert()
        #expect(result.status == 1 && result.text.contains("irq 60 eth0-TxRx-0"), "\(result.text)")
    }

    /// A broken GPIO line with 5,000 a second, where there is next to nothing otherwise.
    @Test func brokenLineIsAStormByItsHistory() throws {
        let box = try FakeBox()
        box.add("9", "gpio-mxc  12 Edge      button")
        for _ in 0..<7 {
            #expect(try box.alert().status == 0)
            box.pass(60, ["9": (0, 0.1), "36": (1, 900)])
        }
        box.pass(60, ["9": (0, 10_000)])  // 5,000 a second over the two minutes
        let result = try box.alert()
        #expect(result.status == 1 && result.text.contains("irq 9 button: 5.00k/s"), "\(result.text)")
        #expect(result.text.contains("far above its history"))
        let other = try FakeBox()
        other.add("9", "gpio-mxc  12 Edge      button")
        for _ in 0..<7 {
            _ = try other.alert("--no-baseline")
            other.pass(60, ["9": (0, 0.1)])
        }
        other.pass(60, ["9": (0, 10_000)])
        #expect(try other.alert("--no-baseline").status == 0)
    }

    /// A disk that wakes for its backup is far above its history too, and well.
    @Test func busyDiskIsNoStormByItsHistory() throws {
        let box = try FakeBox()
        box.add("50", "PCI-MSIX-0000:01:00.0   1-edge      nvme0q1")
        for _ in 0..<7 {
            _ = try box.alert()
            box.pass(60, ["50": (0, 1)])
        }
        box.pass(60, ["50": (0, 9_000)])
        #expect(try box.alert().status == 0)
    }

    @Test func rampIsMetAtTheLevel() throws {
        let box = try FakeBox()
        _ = try box.alert("--no-baseline")
        var statuses: [Int32] = []
        for step in 1...12 {
            box.pass(60, ["36": (1, Double(step) * 10_000)])
            statuses.append(try box.alert("--no-baseline").status)
        }
        #expect(statuses == [0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2])
    }

    @Test func nothingFlapsAtTheLevel() throws {
        let box = try FakeBox()
        _ = try box.alert()
        let log = box.root + "/log"
        try Data("#!/bin/sh\necho $1 >>\(log)\n".utf8).write(to: URL(fileURLWithPath: box.root + "/hook"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: box.root + "/hook")
        for step in 0..<10 {
            box.pass(60, ["36": (1, step % 2 == 0 ? 20_500 : 19_500)])
            #expect(try box.alert("--exec", box.root + "/hook").status == 1)
        }
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "WARNING\n", "told more than once")
        box.pass(60, ["36": (1, 4_900)])  // below 70 %, and below what a line may do that nothing follows
        #expect(try box.alert("--exec", box.root + "/hook").status == 0)
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "WARNING\nOK\n")
    }

    @Test func conditionsHaveToLast() throws {
        let box = try FakeBox()
        _ = try box.alert("--for", "90s")
        box.pass(60, ["36": (1, 50_000)])
        #expect(try box.alert("--for", "90s").status == 0)
        box.pass(60, ["36": (1, 50_000)])
        #expect(try box.alert("--for", "90s").status == 1)
        box.pass(60, ["36": (1, 0)])
        #expect(try box.alert("--for", "90s").status == 1, "its end has to last as well")
        box.pass(60, ["36": (1, 0)])
        #expect(try box.alert("--for", "90s").status == 0)
    }

    // MARK: Counters and clocks

    @Test func wrapIsNoStormAndHidesNone() throws {
        let box = try FakeBox()
        let row = try #require(box.rows.firstIndex { $0.label == "36" })
        box.rows[row].counts[1] = 0xFFFF_FF00
        _ = try box.alert()
        box.pass(60, ["36": (1, 100)])
        #expect(box.rows[row].counts[1] < 10_000)
        #expect(try box.alert().status == 0)
        box.rows[row].counts[1] = 0xFFFF_FF00
        _ = try box.alert()
        box.pass(60, ["36": (1, 50_000)])
        #expect(try box.alert().status == 1)
    }

    @Test func returningCPUBringsNoStorm() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.online = [0, 2, 3]
        box.pass(60)
        #expect(try box.alert().status == 0)
        let row = try #require(box.rows.firstIndex { $0.label == "36" })
        box.rows[row].counts[1] = 900_000_000
        box.online = [0, 1, 2, 3]
        box.pass(60)
        let back = try box.alert()
        #expect(back.status == 0 && back.text.isEmpty, "\(back.text)")
        box.pass(60, ["36": (1, 30_000)])
        #expect(try box.alert().status == 1)
    }

    @Test func reusedNumberIsAnotherInterrupt() throws {
        let box = try FakeBox()
        _ = try box.alert()
        let row = try #require(box.rows.firstIndex { $0.label == "36" })
        box.rows[row].tail = "PCI-MSIX-0000:00:09.0   1-edge      other0"
        box.rows[row].counts = Array(repeating: 80_000_000, count: 4)
        box.pass(60)
        #expect(try box.alert().status == 0)
    }

    @Test func vanishedInterruptEndsItsAlert() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (1, 50_000)])
        #expect(try box.alert().status == 1)
        box.rows.removeAll { $0.label == "36" }
        box.pass(60)
        let result = try box.alert()
        #expect(result.status == 0 && result.text.contains("the interrupt is gone"), "\(result.text)")
        box.pass(60)
        #expect(try box.alert().text.isEmpty)
    }

    @Test func rebootStartsOver() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (1, 50_000)])
        #expect(try box.alert().status == 1)
        box.bootID = "99999999-2222-3333-4444-555555555555"
        box.clock.boot = 30
        box.clock.awake = 30
        let row = try #require(box.rows.firstIndex { $0.label == "36" })
        box.rows[row].counts = [0, 90_000_000, 0, 0]
        let result = try box.alert("--always")
        #expect(result.status == 0 && result.text.contains("the machine was booted"), "\(result.text)")
        #expect(result.text.contains("collecting a baseline"))
        box.pass(60, ["36": (1, 50_000)])
        #expect(try box.alert().status == 1)
    }

    /// Asleep for ten hours, awake for a minute: 1.8 million interrupts are 30,000 a second, not 50.
    @Test func sleepDoesNotDiluteRates() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.clock.boot += 36_000
        box.clock.wall += 36_000
        box.pass(60, ["36": (1, 30_000)])
        let result = try box.alert()
        #expect(result.status == 1 && result.text.contains("30.0k/s"), "\(result.text)")
    }

    @Test func clockOnTheWallDoesNotMatter() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (1, 50_000)])
        #expect(try box.alert().status == 1)
        box.clock.wall -= 86_400 * 400
        box.pass(60, ["36": (1, 50_000)])
        let result = try box.alert()
        #expect(result.status == 1 && result.text.contains("50.0k/s"), "\(result.text)")
    }

    @Test func clockSinceBootThatGoesBackStartsOver() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.clock.boot -= 500
        box.clock.awake -= 500
        let result = try box.alert()
        #expect(result.status == 0 && result.errors.contains("went back"), "\(result.errors)")
    }

    @Test func tenThousandRows() throws {
        let box = try FakeBox(cpus: 2)
        for irq in 100..<10_100 { box.add("\(irq)", "PCI-MSIX-0000:00:02.0 \(irq)-edge      dev\(irq)", start: 1) }
        _ = try box.alert()
        var rates: [String: (cpu: Int, perSecond: Double)] = [:]
        for irq in 100..<10_100 { rates["\(irq)"] = (irq % 2, 30_000) }
        box.pass(60, rates)
        let result = try box.alert()
        #expect(result.status == 1)
        #expect(result.text.split(separator: "\n").count == 21, "the text is bounded")
        #expect(result.text.contains("more; --format json has all"))
        box.pass(60)
        #expect(try box.alert("--quiet").status == 0)
    }

    // MARK: The other verdicts

    @Test func unhandledInterruptsCountDown() throws {
        let box = try FakeBox()
        try box.spurious(24, count: 0, unhandled: 0, last: 0)
        _ = try box.alert()
        box.pass(10, ["24": (0, 900)])
        try box.spurious(24, count: 9_000, unhandled: 9_000, last: 5_000)
        let result = try box.alert()
        #expect(result.status == 2 && result.text.contains("CRITICAL unhandled: irq 24 acpi: 100.0% of its interrupts unhandled"))
        #expect(result.text.contains("the kernel disables it after 90,900 more, in about 2 min"), "\(result.text)")
        // The kernel judges and disables it: the counts start anew, and the line stands still.
        box.pass(110, ["24": (0, 900)])
        try box.spurious(24, count: 0, unhandled: 0, last: 100_000)
        #expect(try box.alert().status == 2)
        box.pass(60)
        let disabled = try box.alert()
        #expect(disabled.status == 2 && disabled.text.contains("most likely disabled by the kernel"), "\(disabled.text)")
        box.pass(60, ["24": (0, 50)])
        #expect(try box.alert().status == 0)
    }

    /// A shared line on which a few interrupts are nobody's is not worth a word.
    @Test func fewUnhandledAreNothing() throws {
        let box = try FakeBox()
        try box.spurious(24, count: 0, unhandled: 0, last: 0)
        _ = try box.alert()
        box.pass(60, ["24": (0, 900)])
        try box.spurious(24, count: 54_000, unhandled: 200, last: 5_000)
        #expect(try box.alert().status == 0)
    }

    @Test func busySoftirqThread() throws {
        let box = try FakeBox()
        func thread(_ ticks: Int) throws {
            try box.write(
                "15/stat",
                "15 (ksoftirqd/1) S 2 0 0 0 -1 2129984 0 0 0 0 0 \(ticks) 0 0 20 0 1 0 4 0 0 18446744073709551615 "
                    + "0 0 0 0 0 0 0 2147483647 0 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n")
        }
        try thread(100)
        _ = try box.alert()
        box.pass(60, softirqRates: ["NET_RX": (1, 30_000)])
        try thread(100 + 4_200)
        let result = try box.alert()
        #expect(result.status == 1, "\(result.text)")
        #expect(result.text.contains("WARNING softirq: CPU 1: ksoftirqd takes 70.0% of the CPU"), "\(result.text)")
        #expect(result.text.contains("most often NET_RX"))
    }

    @Test func droppedPackets() throws {
        let box = try FakeBox()
        func softnet(_ dropped: Int, _ squeezed: Int) throws {
            let lines = (0..<4).map { cpu in
                String(format: "00000100 %08x %08x", cpu == 2 ? dropped : 0, cpu == 2 ? squeezed : 0)
                    + String(repeating: " 00000000", count: 9) + String(format: " %08x 00000000 00000000", cpu)
            }
            try box.write("net/softnet_stat", lines.joined(separator: "\n") + "\n")
        }
        try softnet(0xFFFF_FFF0, 5)
        _ = try box.alert()
        box.pass(60)
        try softnet(600 - 0x10, 10)
        let metrics = box.root + "/m.prom"
        let result = try box.alert("--output", metrics)
        #expect(result.status == 1 && result.text.contains("softirq: CPU 2: 10.0/s packets dropped"), "\(result.text)")
        #expect(result.text.split(separator: "\n").count == 1)
        let labels = #"{verdict="softirq",aspect="drops",irq="",action="",device="",cpu="2",id="0000000000000002"}"#
        #expect(try String(contentsOfFile: metrics, encoding: .utf8).contains("irqscope_finding_level\(labels) 1\n"))
    }

    @Test func errorsThatStartToMove() throws {
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["ERR": (0, 0.1)])
        let result = try box.alert()
        #expect(result.status == 1 && result.text.contains("WARNING errors: ERR"), "\(result.text)")
        box.pass(60)
        #expect(try box.alert().status == 0)
    }

    /// A row that counts for each CPU names the one that had the errors, or most of them.
    @Test func errorsNameTheirCPU() throws {
        let box = try FakeBox()
        box.add("MCE", "Machine check exceptions")
        for (rates, words) in [([2: 5], "5 more errors, 0.08/s. Next"), ([1: 2, 3: 8], "80.0% of them there")] {
            _ = try box.alert()
            box.pass(60)
            let row = try #require(box.rows.firstIndex { $0.label == "MCE" })
            for (cpu, count) in rates { box.rows[row].counts[cpu] += UInt64(count) }
            let (result, cpu) = (try box.alert(), rates.max { $0.value < $1.value }?.key ?? 0)
            let head = "CRITICAL errors: CPU \(cpu) MCE Machine check exceptions: \(rates.values.reduce(0, +)) more errors"
            #expect(result.status == 2 && result.text.hasPrefix(head) && result.text.contains(words), "\(result.text)")
            box.pass(60)
        }
    }

    @Test func queuesOnOneCPU() throws {
        let box = try FakeBox()
        for queue in 0..<4 { box.add("\(60 + queue)", "PCI-MSIX-0000:3b:00.0   \(queue)-edge      eth0-TxRx-\(queue)") }
        _ = try box.alert()
        box.pass(60, ["60": (0, 5_000), "61": (0, 5_000), "62": (0, 5_000)])
        box.softirqs["NET_RX"]?[0] += 15_000 * 60
        let result = try box.alert()
        #expect(result.status == 1 && result.text.contains("3 queues of one device interrupt the same CPU"), "\(result.text)")
        box.pass(60, ["60": (0, 5_000), "61": (1, 5_000), "62": (2, 5_000)])
        for cpu in 0..<3 { box.softirqs["NET_RX"]?[cpu] += 5_000 * 60 }
        #expect(try box.alert().status == 0)
    }

    @Test func outsideOfTheMask() throws {
        let box = try FakeBox()
        try box.write("irq/36/smp_affinity", "4\n")
        _ = try box.alert()
        box.pass(60, ["36": (1, 100)])
        #expect(try box.alert().status == 0, "a mask may have moved and come back")
        box.pass(60, ["36": (1, 100)])
        let result = try box.alert()
        #expect(result.status == 1 && result.text.contains("outside of its affinity"), "\(result.text)")
        try box.write("irq/36/smp_affinity", "2\n")
        box.pass(60, ["36": (1, 100)])
        _ = try box.alert()
        box.pass(60, ["36": (1, 100)])
        #expect(try box.alert().status == 0)
    }

    /// Whatever a finding about a line is, it says whether the kernel alone sets the mask, or that this is unknown.
    @Test func managedLinesAreNamedInAllVerdicts() throws {
        let box = try FakeBox()
        box.add("50", "PCI-MSIX-0000:01:00.0   6-edge      nvme0q6")
        _ = try box.alert()
        box.pass(60, ["36": (1, 50_000), "50": (3, 120_000)])
        let object = try #require(try JSONSerialization.jsonObject(with: box.alert("-J").output) as? [String: Any])
        let findings = try #require(object["findings"] as? [[String: Any]])
        func managed(_ irq: Int) throws -> Any? {
            let storms = findings.filter { $0["verdict"] as? String == "storm" && $0["irq"] as? Int == irq }
            return try #require(storms.first)["managed"]
        }
        #expect(try managed(50) as? Bool == true)
        #expect(try managed(36) is NSNull)
    }

    /// Before Linux 6.12 the mode of a mask's file says nothing: the queue may be of a driver that lets the kernel spread it.
    @Test(arguments: [("6.1.0-56-amd64", Bool?.none), ("6.12.95+deb13-amd64", false), ("", nil), ("7.1.2", false)])
    func modesTellOfManagedLinesSinceLinux612(release: String, isManaged: Bool?) throws {
        let box = try FakeBox()
        box.add("50", "PCI-MSIX-0000:01:00.0   6-edge      megasas0-msix3")
        try box.write("irq/50/smp_affinity", "f\n")
        if !release.isEmpty { try box.write("sys/kernel/osrelease", release + "\n") }
        _ = try box.alert()
        box.pass(60, ["50": (3, 120_000)])
        let object = try #require(try JSONSerialization.jsonObject(with: box.alert("-J").output) as? [String: Any])
        let findings = try #require(object["findings"] as? [[String: Any]])
        let storm = try #require(findings.first { $0["irq"] as? Int == 50 })
        #expect(storm["managed"] as? Bool == isManaged && storm["managed"] != nil)
    }

    @Test func isolatedCPUs() throws {
        let box = try FakeBox()
        let folder = box.root + "/sys/devices/system/cpu"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("2-3\n".utf8).write(to: URL(fileURLWithPath: folder + "/isolated"))
        _ = try box.alert("--sys-root", box.root + "/sys")
        box.pass(60, ["36": (3, 50)])
        let result = try box.alert("--sys-root", box.root + "/sys")
        #expect(result.status == 1 && result.text.contains("on the isolated CPU 3"), "\(result.text)")
    }
}
