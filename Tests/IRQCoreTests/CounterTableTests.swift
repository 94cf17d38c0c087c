import Foundation
import Testing
import TestSupport

@testable import IRQCore

/// A text of /proc/interrupts or /proc/softirqs, and what is in it.
struct TableCase: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    var source = CounterTable.Source.interrupts
    var cpus: [Int]
    let rows: [String]
    var rejected = 0
    var isTorn = false
    var problem: ProcTextError?
    var testDescription: String { name }

    init(
        _ name: String, _ text: String, source: CounterTable.Source = .interrupts, cpus: [Int] = [0, 1], _ rows: [String],
        rejected: Int = 0, isTorn: Bool = false, problem: ProcTextError? = nil
    ) {
        (self.name, self.text, self.source, self.cpus, self.rows) = (name, text, source, cpus, rows)
        (self.rejected, self.isTorn, self.problem) = (rejected, isTorn, problem)
    }
}

/// The rules of reading tables of counts, each with a text of its own (kernel/irq/proc.c, fs/proc/softirqs.c).
@Suite struct CounterTableTests {
    static let head = "           CPU0       CPU1       \n"

    static let layouts: [TableCase] = [
        TableCase(
            "x86, 6.1",
            head + """
                  0:         45          7   IO-APIC   2-edge      timer
                 36:          0    2051656 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
                NMI:          0          1   Non-maskable interrupts
                ERR:          3
                MIS:          0
                PIN:          4          5   Posted-interrupt notification event

                """,
            [
                "0=0 perCPU [45,7] IO-APIC   2-edge      timer",
                "36=36 perCPU [0,2051656] PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0",
                "NMI perCPU [0,1] Non-maskable interrupts", "ERR global [3] ", "MIS global [0] ",
                "PIN perCPU [4,5] Posted-interrupt notification event",
            ]),
        TableCase(
            "x86, 2026: gap in front, chip left-aligned, errors per CPU",
            "            CPU0       CPU1       \n" + """
                  36:         12          0  IO-APIC               9-fasteoi   acpi
                 ERR:          1          2  PIC/APIC error interrupts
                VPMI:          0          3  Virtual PMI

                """,
            [
                "36=36 perCPU [12,0] IO-APIC               9-fasteoi   acpi",
                "ERR perCPU [1,2] PIC/APIC error interrupts", "VPMI perCPU [0,3] Virtual PMI",
            ]),
        TableCase(
            "x86, 2026, 1 CPU: errors have words", "            CPU0       \n ERR:          1  PIC/APIC error interrupts\n",
            cpus: [0], ["ERR perCPU [1] PIC/APIC error interrupts"]),
        TableCase(
            "arm64: IPI glued to a count of ten digits",
            head + """
                 11: 3287008667 3310445093     GICv3  27 Level     arch_timer
                IPI0:1234567890 4294967295       Rescheduling interrupts
                IPI10:        1          2       IRQ work interrupts
                Err:          0

                """,
            [
                "11=11 perCPU [3287008667,3310445093] GICv3  27 Level     arch_timer",
                "IPI0 perCPU [1234567890,4294967295] Rescheduling interrupts",
                "IPI10 perCPU [1,2] IRQ work interrupts", "Err global [0] ",
            ]),
        TableCase(
            "arm: FIQ has no numbers, chips begin with digits",
            head + """
                 31:          0          0 9030000.pl061   3 Edge      GPIO Key Poweroff
                 32:          5          6 1-edge
                FIQ:              usb_fiq
                Err:          0

                """,
            [
                "31=31 perCPU [0,0] 9030000.pl061   3 Edge      GPIO Key Poweroff", "32=32 perCPU [5,6] 1-edge",
                "FIQ text [] usb_fiq", "Err global [0] ",
            ]),
        TableCase(
            "riscv up to 6.1: counts of 64 bits", head + "IPI0: 18446744073709551615 18446744073709551614  Rescheduling\n",
            ["IPI0 perCPU [18446744073709551615,18446744073709551614] Rescheduling"]),
        TableCase(
            "powerpc: LOC twice",
            head + """
                LOC:         10         11   Local timer interrupts for timer event device
                BCT:          0          0   Broadcast timer interrupts for timer event device
                LOC:          1          2   Local timer interrupts for others

                """,
            [
                "LOC perCPU [10,11] Local timer interrupts for timer event device",
                "BCT perCPU [0,0] Broadcast timer interrupts for timer event device",
                "LOC#1 perCPU [1,2] Local timer interrupts for others",
            ]),
        TableCase(
            "s390: sums without words",
            head + """
                EXT:      30368       5872
                I/O:        675        559
                AIO:          0          1
                  6:          0          1   PCI-MSI  mlx5_comp2@pci:0002:00:00.0
                CLK:       2000       3000   [EXT] Clock Comparator
                NMI:          0          0   [NMI] Machine Check

                """,
            [
                "EXT perCPU sum [30368,5872] ", "I/O perCPU sum [675,559] ", "AIO perCPU sum [0,1] ",
                "6=6 perCPU [0,1] PCI-MSI  mlx5_comp2@pci:0002:00:00.0", "CLK perCPU [2000,3000] [EXT] Clock Comparator",
                "NMI perCPU [0,0] [NMI] Machine Check",
            ]),
        TableCase(
            "s390, 1 CPU: sums are no global rows", "           CPU0       \nEXT:      30368\nCLK:  7   [EXT] Clock\n",
            cpus: [0], ["EXT perCPU sum [30368] ", "CLK perCPU [7] [EXT] Clock"]),
        TableCase(
            "mips, 1 CPU: only ERR", "            CPU0\n   7:      26253      MIPS   7  timer\n ERR:          0\n", cpus: [0],
            ["7=7 perCPU [26253] MIPS   7  timer", "ERR global [0] "]),
        TableCase(
            "1 CPU: a label that counts no errors is per CPU", "           CPU0\nNMI:          0\nMIS:  1\n", cpus: [0],
            ["NMI perCPU [0] ", "MIS global [1] "]),
        TableCase(
            "loongarch", head + "IPI0:        1          2  LoongArch  1  Rescheduling interrupts\nERR:          0\n",
            ["IPI0 perCPU [1,2] LoongArch  1  Rescheduling interrupts", "ERR global [0] "]),
        TableCase(
            "names with colons, commas, brackets",
            head + " 16:  1  2  IO-APIC  16-fasteoi   ehci_hcd:usb1, fglrx[0]@PCI:1:0:0\n",
            ["16=16 perCPU [1,2] IO-APIC  16-fasteoi   ehci_hcd:usb1, fglrx[0]@PCI:1:0:0"]),
        TableCase(
            "many digits in front of a name", head + " 16:  1  2  99999999999999999999999999.gpio   3 Edge   key\n",
            ["16=16 perCPU [1,2] 99999999999999999999999999.gpio   3 Edge   key"]),
    ]

    static let headers: [TableCase] = [
        TableCase("offline CPU", "   CPU0   CPU2\n 5:  1  2 x\n", cpus: [0, 2], ["5=5 perCPU [1,2] x"]),
        TableCase("not the first line", "cat /proc/interrupts\n\nCPU0 CPU1\n 5:  1  2 x\n", ["5=5 perCPU [1,2] x"]),
        TableCase("odd indent", "\t      CPU0\n   0:          9   IO-APIC\n", cpus: [0], ["0=0 perCPU [9] IO-APIC"]),
        TableCase("alone", "           CPU0       CPU7\n", cpus: [0, 7], []),
        TableCase("no blanks before", "CPU0 CPU1\n5:1 2 x\n", ["5=5 perCPU [1,2] x"]),
        TableCase("a word more is none", "CPU0 CPU1 total\nCPU0 CPU1\n5: 1 2 x\n", ["5=5 perCPU [1,2] x"]),
        TableCase("highest CPU", "CPU0 CPU65535\n5: 1 2 x\n", cpus: [0, 65535], ["5=5 perCPU [1,2] x"]),
        TableCase(
            "CR LF", "   CPU0   CPU1\r\n 5:  1  2 x\r\nERR:  3\r\nLOC: 1 2  Local\r\n",
            ["5=5 perCPU [1,2] x", "ERR global [3] ", "LOC perCPU [1,2] Local"]),
        TableCase(
            "tabs", "\tCPU0\tCPU1\n\t16:\t1\t2\tbcm2836-timer   0 Edge\tarch_timer\n",
            ["16=16 perCPU [1,2] bcm2836-timer   0 Edge\tarch_timer"]),
        TableCase(
            "blank lines, no newline at the end of a name", "\n CPU0 CPU1\n\n 5: 1 2 x\n   \n 6: 3 4 y",
            ["5=5 perCPU [1,2] x", "6=6 perCPU [3,4] y"]),
    ]

    static let damages: [TableCase] = [
        TableCase(
            "a count too few", head + "LOC: 7  Local\n 5: 1 2 x\n", ["5=5 perCPU [1,2] x"], rejected: 1, isTorn: true,
            problem: ProcTextError(.countMismatch(expected: 2, found: 1), line: 2)),
        TableCase(
            "a number with a single count", head + " 5: 1\n", [], rejected: 1, isTorn: true,
            problem: ProcTextError(.countMismatch(expected: 2, found: 1), line: 2)),
        TableCase(
            "no counts at all", head + " 5: x\nLOC:\n", [], rejected: 2, isTorn: true,
            problem: ProcTextError(.countMismatch(expected: 2, found: 0), line: 2)),
        // A CPU came online behind the header: read again, and no column is taken for another.
        TableCase("a count too many", head + " 5: 1 2 3 x\n", ["5=5 perCPU [1,2] 3 x"], isTorn: true),
        TableCase(
            "beyond 64 bits", head + " 5: 1 18446744073709551616 x\n 6: 1 2 y\n", ["6=6 perCPU [1,2] y"], rejected: 1,
            problem: ProcTextError(.countTooLarge, line: 2)),
        TableCase(
            "a thousand digits", head + " 5: 1 " + String(repeating: "9", count: 1000) + " x\n", [], rejected: 1,
            problem: ProcTextError(.countTooLarge, line: 2)),
        TableCase(
            "cut within the last count", head + " 5: 1 2 x\n 6: 3 4", ["5=5 perCPU [1,2] x"], rejected: 1, isTorn: true,
            problem: ProcTextError(.cutShort, line: 3)),
        TableCase(
            "cut within a label", head + " 5: 1 2 x\nLO", ["5=5 perCPU [1,2] x"], rejected: 1, isTorn: true,
            problem: ProcTextError(.cutShort, line: 3)),
        TableCase(
            "cut within a global count", head + "ERR:  12", [], rejected: 1, isTorn: true,
            problem: ProcTextError(.cutShort, line: 2)),
        TableCase(
            "no colon", head + "hello\n 5: 1 2 x\n", ["5=5 perCPU [1,2] x"], rejected: 1,
            problem: ProcTextError(.noLabel, line: 2)),
        TableCase(
            "no label", head + " : 1 2 x\n", [], rejected: 1, problem: ProcTextError(.noLabel, line: 2)),
        TableCase(
            "line numbers count stray lines", "one\ntwo\nCPU0\n 5: 1 x\nhello\n", cpus: [0], ["5=5 perCPU [1] x"],
            rejected: 1, problem: ProcTextError(.noLabel, line: 5)),
        TableCase(
            "NUL bytes", head + " 5: 1 2 a\u{0}b\n\u{0}\u{0}\n 6\u{0}: 1 2 y\n",
            ["5=5 perCPU [1,2] a\u{0}b", "6\u{0} perCPU [1,2] y"], rejected: 1, problem: ProcTextError(.noLabel, line: 3)),
        TableCase(
            "signs and points are no digits", head + " 5: -1 2 x\n 6: 1.5 2 x\n 7: +1 2 x\n", [], rejected: 3, isTorn: true,
            problem: ProcTextError(.countMismatch(expected: 2, found: 0), line: 2)),
        TableCase(
            "a number that no IRQ has", head + " 99999999999: 1 2 x\n 2147483648: 1 2 y\n",
            ["99999999999 perCPU [1,2] x", "2147483648 perCPU [1,2] y"]),
    ]

    static let softirqs: [TableCase] = [
        TableCase(
            "possible CPUs",
            "                    CPU0       CPU1\n          HI:          1          4\n    IRQ_POLL:          1          0\n",
            source: .softirqs, ["HI perCPU [1,4] ", "IRQ_POLL perCPU [1,0] "]),
        TableCase(
            "1 CPU", "                    CPU0       \n          HI:          1\n", source: .softirqs, cpus: [0], ["HI perCPU [1] "]),
        TableCase(
            "nothing is global or without counts", head + "ERR: 1\nFIQ: x\n", source: .softirqs, [], rejected: 2, isTorn: true,
            problem: ProcTextError(.countMismatch(expected: 2, found: 1), line: 2)),
    ]

    @Test(arguments: layouts + headers + damages + softirqs)
    func isReadByItsRules(example: TableCase) throws {
        let sample = try CounterSample(example.source, Array(example.text.utf8))
        let found = (sample.cpus, sample.lines)
        #expect(found.0 == example.cpus)
        #expect(found.1 == example.rows)
        let state = (sample.table.rejectedRowCount, sample.table.isTorn, sample.table.firstProblem)
        #expect(state.0 == example.rejected)
        #expect(state.1 == example.isTorn)
        #expect(state.2 == example.problem)
    }

    @Test(arguments: [
        ("", ProcTextError(.empty)), ("\n\n", ProcTextError(.noHeader)), ("hello\n", ProcTextError(.noHeader)),
        ("x 5: 1 2 x\n", ProcTextError(.noHeader)), ("CPU0 CPU1 x\n", ProcTextError(.noHeader)),
        ("CPU CPU1\n", ProcTextError(.noHeader)), ("CPU0x\n", ProcTextError(.noHeader)),
        ("cpu0 cpu1\n", ProcTextError(.noHeader)), ("\u{7F}ELF\u{0}\u{0}", ProcTextError(.noHeader)),
        ("CPU0 CPU0\n", ProcTextError(.badHeader, line: 1)), ("x\nCPU1 CPU0\n", ProcTextError(.badHeader, line: 2)),
        ("CPU65536\n", ProcTextError(.badHeader, line: 1)),
        ("CPU18446744073709551616\n", ProcTextError(.badHeader, line: 1)),
        ("CPU0 CPU1", ProcTextError(.cutShort, line: 1)),
    ])
    func withoutAHeaderNothingIsRead(text: String, error: ProcTextError) {
        #expect(throws: error) { _ = try CounterSample(.interrupts, Array(text.utf8)) }
        #expect(!error.description.isEmpty)
    }

    @Test func bytesThatAreNoTextAreNoTable() {
        var random = SeededGenerator(seed: 7)
        for length in [1, 10, 1000, 20_000] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: ProcTextError(.noHeader)) { _ = try CounterSample(.interrupts, bytes) }
        }
    }

    /// What was read before leaves no trace in what is read next, and a failure leaves nothing.
    @Test func memoryIsUsedAgain() throws {
        var table = CounterTable(.interrupts)
        try withSpan(Self.head + " 5: 1 2 x\nLOC: 1 2 y\nLOC: 3 4 z\nfoo\n") { span throws(ProcTextError) in try table.parse(span) }
        #expect(table.rowCount == 3 && table.row(2).ordinal == 1 && table.rejectedRowCount == 1)
        try withSpan("CPU3\nLOC: 9 y\n") { span throws(ProcTextError) in try table.parse(span) }
        let row = table.row(0)
        #expect(table.rowCount == 1 && row.ordinal == 0 && table.count(row, 0) == 9 && table.cpu(0) == 3)
        #expect(table.rejectedRowCount == 0 && table.firstProblem == nil && !table.isTorn)
        #expect(throws: ProcTextError(.empty)) { try withSpan("") { span throws(ProcTextError) in try table.parse(span) } }
        #expect(table.rowCount == 0 && table.cpuCount == 0)
    }

    @Test func totalsAreTheSumsOfCounts() throws {
        let sample = try CounterSample(.interrupts, Array((Self.head + " 5: 4294967295 4294967295 x\nERR: 7\n").utf8))
        #expect(sample.table.total(sample.table.row(0)) == 2 * 4_294_967_295)
        #expect(sample.table.total(sample.table.row(1)) == 7)
    }

    // MARK: Sizes

    @Test func lineOfAMegabyteIsRead() throws {
        let name = String(repeating: "n", count: 1 << 20)
        let sample = try CounterSample(.interrupts, Array("\(Self.head) 5: 1 2 \(name)\n 6: 3 4 y\n".utf8))
        #expect(sample.table.rowCount == 2 && sample.table.row(0).tail.byteCount == 1 << 20)
        #expect(sample.table.count(sample.table.row(1), 1) == 4)
    }

    /// The line of the first row too many: all rows before it were taken.
    @Test func millionRowsAreReadAndNoMore() {
        let text = "CPU0\n" + String(repeating: "1:2\n", count: ProcTextLimits.rows + 1)
        #expect(throws: ProcTextError(.tooManyRows, line: ProcTextLimits.rows + 2)) {
            _ = try CounterSample(.interrupts, Array(text.utf8))
        }
    }

    @Test func headerOf8192CPUsIsRead() throws {
        let header = (0..<8192).map { "CPU\($0)" }.joined(separator: " ") + "\n"
        let counts = (0..<8192).map { String($0) }.joined(separator: " ")
        let sample = try CounterSample(.interrupts, Array("\(header) 5: \(counts) x\n".utf8))
        #expect(sample.table.cpuCount == 8192 && sample.table.total(sample.table.row(0)) == 8191 * 4096)
    }

    /// Whatever is cut off at the end: the rows that are left are those of the whole text, or fewer.
    @Test func cutTextHasNoWrongNumber() throws {
        let bytes = Array(Self.layouts[0].text.utf8)
        let whole = try CounterSample(.interrupts, bytes).lines
        var fewest = whole.count
        for end in Self.head.utf8.count..<bytes.count {
            let lines = try CounterSample(.interrupts, Array(bytes[..<end])).lines
            fewest = min(fewest, lines.count)
            for (index, line) in lines.enumerated() {
                // The words of the last row may be cut, its counts may not.
                let isLast = index == lines.count - 1
                #expect(isLast ? whole[index].hasPrefix(line) : whole[index] == line, "cut at \(end)")
            }
        }
        #expect(fewest == 0)
    }
}
