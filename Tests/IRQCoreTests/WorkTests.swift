import Testing

@testable import IRQCore

/// What is counted of the work that follows interrupts, and who gets it.
@Suite struct WorkTests {
    static func line(_ key: UInt64, _ rate: Double, _ text: String) -> LineObservation {
        var line = LineObservation(
            row: Int(key), key: key, irq: Int(key), isKnown: true, delta: UInt64(rate * 60), perSecond: rate, busiestCPU: 0,
            busiestPerSecond: rate)
        line.details = InterruptDetails(label: "\(key)", text: text, irq: Int(key))
        return line
    }

    static func seen(_ lines: [LineObservation], softirqs: [String: Double]) -> BoxInterval {
        let (start, end) = (100_000_000_000 as UInt64, 160_000_000_000 as UInt64)
        var seen = BoxInterval(
            time: BoxTime(boot: end, awake: end, wall: end), start: BoxTime(boot: start, awake: start, wall: start),
            intervalNanoseconds: end - start)
        seen.lines = lines
        var cpu = CPUObservation()
        cpu.softirqsPerSecond = SoftirqNames.all.map { softirqs[$0] ?? 0 }
        seen.cpus[0] = cpu
        return seen
    }

    static func verdicts(_ lines: [LineObservation], _ softirqs: [String: Double]) -> [Work.Verdict?] {
        let table = WorkTable(seen(lines, softirqs: softirqs))
        return lines.map { table.of($0)?.verdict }
    }

    static let nic = "GICv2 256 Level     lan-x"
    static let button = "gpio  12 Edge      button"

    /// A softirq is one line's: the line's that is as fast, and a network queue's before any other's.
    @Test func softirqsAreGivenOnce() {
        #expect(
            Self.verdicts([Self.line(1, 30_000, Self.nic), Self.line(2, 8_000, Self.button)], ["NET_RX": 30_000]) == [.follows, .nothing])
        #expect(
            Self.verdicts([Self.line(1, 10_000, Self.nic), Self.line(2, 30_000, Self.button)], ["NET_RX": 10_000]) == [.follows, .nothing])
        let queue = "PCI-MSIX-0000:3b:00.0   1-edge      eth0-TxRx-0"
        #expect(
            Self.verdicts([Self.line(1, 9_000, queue), Self.line(2, 30_000, Self.button)], ["NET_RX": 10_000]) == [.follows, .nothing])
        // Slow lines have their part, too: what is left over from them is nobody's work.
        let slow = Self.line(3, 1_500, queue)
        #expect(Self.verdicts([slow, Self.line(2, 8_000, Self.button)], ["NET_RX": 1_500]) == [.follows, .nothing])
        #expect(Self.verdicts([Self.line(2, 8_000, Self.button)], ["TASKLET": 2_000]) == [.some])
        #expect(Self.verdicts([Self.line(2, 8_000, "IO-APIC   9-fasteoi   acpi")], ["TASKLET": 8_000]) == [.nothing])
        #expect(Self.verdicts([Self.line(2, 8_000, "IR-PCI-MSI-0000:00:1f.3   0-edge      snd_hda_intel:card0")], [:]) == [.unknown])
    }

    /// A disk queue whose requests are counted leaves the tasklets of its CPU to the camera at USB.
    @Test func whatIsExplainedLeavesTheRest() {
        let lines = [
            Self.line(1, 3_000, "PCI-MSIX-0000:01:00.0   1-edge      nvme0q1"),
            Self.line(2, 3_500, "PCI-MSI-0000:00:14.0   0-edge      xhci_hcd"),
        ]
        var seen = Self.seen(lines, softirqs: ["TASKLET": 3_200])
        seen.diskRates = ["nvme0n1": 3_000]
        let table = WorkTable(seen)
        #expect(lines.map { table.of($0)?.kind } == [.requests, .tasklet])
        #expect(lines.map { table.of($0)?.verdict } == [.follows, .follows])
    }

    @Test func threadsTellOfWork() {
        for (used, verdict) in [(0.004, Work.Verdict.some), (0.0041, .follows), (0.3, .follows), (0.0001, .nothing)] {
            var line = Self.line(1, 8_000, Self.button)
            line.threads = .nanosecondsPerSecond(used * 1e9 - 1)
            #expect(Self.verdicts([line], [:]) == [verdict], "\(used)")
        }
        for threads in [ThreadWork.forced, .unknown] {
            var line = Self.line(1, 8_000, Self.button)
            line.threads = threads
            #expect(Self.verdicts([line], [:]) == [.unknown])
        }
    }

    // MARK: Texts

    private func disks(_ text: String) -> [String: UInt64]? {
        let bytes = Array(text.utf8)
        return DiskStats.read(bytes.span.bytes).map { Dictionary(uniqueKeysWithValues: $0.map { ($0.name, $0.count) }) }
    }

    /// Lines of Linux 6.18, 4.9 and 2.6 (partitions with four numbers).
    @Test func disksAreReadWithoutPartitions() {
        let text = """
            259       0 nvme0n1 100 3 9600 80 40 0 5 6 0 7 8 9 0 0 0 2 1
            259       1 nvme0n1p1 90 3 9600 80 40 0 5 6 0 7 8 9 0 0 0 0 0
              8       0 sda 10 1 1 1 20 1 1 1 0 1 1
              8       1 sda1 5 6 7 8
              8      16 sdaa 1 1 1 1 1 1 1 1 0 1 1
            253       0 dm-0 9 9 9 9 9 9 9 9 9 9 9
            179       0 mmcblk0 7 0 0 0 3 0 0 0 0 0 0

            """
        #expect(disks(text) == ["nvme0n1": 151, "sda": 30, "sdaa": 2, "mmcblk0": 10])
        #expect(disks("") == [:] && disks("nonsense\n") == nil)
        let many = (0...DiskStats.diskLimit).map { "8 0 d\($0)x 1 1 1 1 1 1 1 1 0 1 1\n" }.joined()
        #expect(disks(many) == nil)
    }

    @Test func theLogNamesDisabledLines() {
        let text = Array("<0>[ 1.0] irq 16: nobody cared\n<0>[ 1.0] Disabling IRQ #16\nDisabling IRQ #x\nDisabling IRQ #9".utf8)
        let found = KernelLogText.disabledInterrupts(text.span.bytes)
        #expect(found == [16, 9])
    }

    @Test func countsComeBack() throws {
        var counts = WorkCounts()
        counts.disks = [NamedCount(name: "sda", count: 5), NamedCount(name: "no name", count: 1)]
        (counts.links, counts.threads) = ([], [NamedCount(name: "36", count: .max)])
        let text = Array("cpu0 1 2 3 4 5 6 7 8\n".utf8) + counts.text
        let found = WorkCounts(text.span.bytes)
        let read = try #require(found)
        counts.disks?.removeLast()
        #expect(read == counts && read.events == nil)
        let old = Array("cpu0 1 2 3 4 5 6 7 8\n".utf8)
        let none = WorkCounts(old.span.bytes)
        #expect(none == nil)
    }

    // MARK: Bursts

    /// 100,000 a second for a fifth of a second are 330 a second in a minute's mean.
    @Test func aBurstIsToldThoughTheMeanIsLow() throws {
        var minute = Self.seen([Self.line(1, 330, Self.button)], softirqs: [:])
        var part = Self.seen([Self.line(1, 99_000, Self.button)], softirqs: [:])
        (part.intervalNanoseconds, part.start) = (200_000_000, minute.time)
        minute.addBurst(part, AlertMemory(), AlertRules())
        let outcome = AlertEngine.judge(AlertMemory(), minute, AlertRules())
        let finding = try #require(outcome.findings.first)
        #expect(finding.level == .warning && finding.evidence.burstNanoseconds == 200_000_000 && finding.lastedNanoseconds == 0)
        // The next minute is calm: it is over.
        let calm = AlertEngine.judge(outcome.memory, Self.seen([Self.line(1, 330, Self.button)], softirqs: [:]), AlertRules())
        #expect(calm.level == .ok)
        // What has to last does not.
        var rules = AlertRules()
        rules.forNanoseconds = 10_000_000_000
        #expect(AlertEngine.judge(AlertMemory(), minute, rules).findings.isEmpty)
        // A network card's burst is work.
        var quiet = Self.seen([Self.line(1, 330, Self.nic)], softirqs: ["NET_RX": 330])
        quiet.addBurst(Self.seen([Self.line(1, 99_000, Self.nic)], softirqs: ["NET_RX": 90_000]), AlertMemory(), AlertRules())
        #expect(AlertEngine.judge(AlertMemory(), quiet, AlertRules()).findings.isEmpty)
    }

    /// What a graphics card does is not counted: a burst of it is no evidence of trouble.
    @Test func aBurstThatCannotBeJudgedIsNotTold() throws {
        let card = "PCI-MSI-0000:01:00.0 0-edge nvidia"
        for (rules, isTold) in [(AlertRules(), false), (Self.ownLevels, true)] {
            var minute = Self.seen([Self.line(1, 330, card)], softirqs: [:])
            var part = Self.seen([Self.line(1, 39_000, card)], softirqs: [:])
            (part.intervalNanoseconds, part.start) = (200_000_000, minute.time)
            minute.addBurst(part, AlertMemory(), rules)
            #expect(AlertEngine.judge(AlertMemory(), minute, rules).findings.isEmpty != isTold)
        }
    }

    private static var ownLevels: AlertRules {
        var rules = AlertRules()
        var own = LineRule()
        own.warn = 15_000
        rules.lineRules = [own]
        return rules
    }

    // MARK: Marks

    @Test func masksThatNobodyCanSetAreNoMistake() {
        func details(_ text: String, settable: Bool?, isTold: Bool = false) -> InterruptDetails {
            var details = InterruptDetails(label: "36", text: text, irq: 36)
            (details.isUserSettable, details.isModeTold) = (settable, isTold)
            return details
        }
        let queue = "PCI-MSIX-0000:01:00.0   1-edge      "
        #expect(details(queue + "nvme0q1", settable: true).isManaged && details(queue + "eth0", settable: false).isManaged)
        #expect(!details(queue + "nvme0q0", settable: true).isManaged && !details(queue + "eth0-1", settable: nil).isManaged)
        #expect(details(queue + "nvme0q1", settable: nil).isKnownManaged == true)
        #expect(details(queue + "eth0-1", settable: nil).isKnownManaged == nil)
        #expect(details(queue + "eth0-1", settable: true, isTold: true).isKnownManaged == false)
        #expect(details(queue + "eth0-1", settable: false, isTold: true).isKnownManaged == true)
        // Before Linux 6.12 the mode is the same for all lines.
        #expect(details(queue + "megasas0-msix3", settable: true).isKnownManaged == nil)
        #expect(details("IO-APIC   9-fasteoi   acpi", settable: nil).isKnownManaged == false)
        let wire = details("gpio  12 Edge      button", settable: false)
        #expect(!wire.isManaged && !wire.canBeMoved && details(queue + "eth0", settable: true).canBeMoved)
    }
}
