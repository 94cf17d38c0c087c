import Foundation
import Testing
import TestSupport

@testable import IRQCore

/// Tables that people have published, of machines that are not at hand (Fixtures/proc/public): what each row is.
@Suite struct PublicTablesTests {
    /// A row as `list` sees it.
    struct Row {
        let details: InterruptDetails
        let counts: [UInt64]
        let isSum: Bool
    }

    /// The rows of a table by their labels, and the table's CPUs; nil without a header.
    static func read(_ name: String, _ change: (String) -> String = { $0 }) throws -> (rows: [String: Row], cpus: [Int]?) {
        let file = Places.fixtures.appendingPathComponent("proc/public/\(name)/interrupts")
        let bytes = Array(change(try String(contentsOf: file, encoding: .utf8)).utf8)
        let sample = try CounterSample(.interrupts, bytes)
        let (rejected, isTorn) = (sample.table.rejectedRowCount, sample.table.isTorn)
        #expect(rejected == 0)
        #expect(!isTorn)
        var rows: [String: Row] = [:]
        for index in 0..<sample.table.rowCount {
            let row = sample.table.row(index)
            let details = InterruptDetails(
                label: sample.label(row), text: sample.tail(row), irq: row.irq >= 0 ? Int(row.irq) : nil,
                layout: sample.table.layout)
            var counts: [UInt64] = []
            for column in 0..<sample.table.countCount(row) { counts.append(sample.table.count(row, column)) }
            rows[details.label] = Row(details: details, counts: counts, isSum: row.isSum)
        }
        var cpus: [Int] = []
        for column in 0..<sample.table.cpuCount { cpus.append(sample.table.cpu(column)) }
        return (rows, sample.table.namesCPUs ? cpus : nil)
    }

    @Test func countsOfOfflineCPUsGoToTheirCPUs() throws {
        let (rows, cpus) = try Self.read("exynos4412_hotplug_ipi4of3")
        #expect(cpus == [0, 2, 3])
        #expect(rows["LOC"]?.counts == [47_062_652, 692_755, 2_814_147])
        #expect(rows["LOC"]?.details.name == "Local timer interrupts")
        #expect(rows["IPI1"]?.counts == [78_801, 2_457, 5_642])
        #expect(rows["357"]?.counts == [18_038_354, 0, 0])
        let all = try Self.read("exynos4412_hotplug_all4on")
        #expect(all.cpus == [0, 1, 2, 3])
        #expect(all.rows["LOC"]?.counts == [47_062_652, 791, 692_755, 2_814_147])
    }

    @Test func rowsThatRepeatOthersAreSums() throws {
        let rows = try Self.read("loongarch_3a5000_4cpu").rows
        #expect(rows["20"]?.isSum == true)
        #expect(rows["20"]?.details.delivery == .ipi)
        #expect(rows["21"]?.details.delivery == .perCPU)
        #expect(rows["21"]?.isSum == false)
        #expect(rows["55"]?.details.delivery == .msiX)
        let total = rows.values.filter { !$0.isSum }.flatMap(\.counts).reduce(0, +)
        #expect(total == 93_981)
    }

    @Test func dovetailTellsTheStageOfALine() throws {
        let rows = try Self.read("evl_dovetail_4cpu").rows
        let line = try #require(rows["26"]?.details)
        #expect(line.chip == "IR-PCI-MSI-0000:00:19.0")
        #expect(line.hwirq == 0)
        #expect(line.trigger == "edge")
        #expect(line.actions == ["eno1"])
        #expect(rows["27"]?.details.actions == ["xhci_hcd"])
        #expect(rows["18"]?.details.trigger == "level")
        #expect(rows["25"]?.details.delivery == .synthetic)
        #expect(rows["25"]?.details.actions == ["proxy tick"])
        #expect(rows["524544"]?.details.delivery == .synthetic)
        #expect(rows["524544"]?.details.actions == ["out-of-band function call IPI"])
    }

    @Test(arguments: ["ec2_xen_squeezed_tr", "ec2_xen_squeezed_noheader", "ec2_xen_ixgbevf_grep"])
    func squeezedBlanksLoseNothing(name: String) throws {
        let (rows, cpus) = try Self.read(name)
        #expect((cpus == nil) == name.hasSuffix("noheader"))
        for row in rows.values {
            #expect(row.details.chip == "xen-pirq-msi-x")
            #expect(row.details.delivery == .msiX)
            #expect(row.details.actions?.first?.hasPrefix(name.hasSuffix("grep") ? "ens3" : "eth0") == true)
            #expect(row.counts.count == (name.hasSuffix("grep") ? 4 : 8))
        }
    }

    /// Every table whose parts can be told without runs of blanks is read alike when they are squeezed.
    @Test(arguments: [
        "apple_m2_asahi_8cpu", "ec2_xen_ixgbevf_grep", "linux24_nmi_loc_notext", "loongarch_3a5000_4cpu",
        "riscv_iommu_tabheader_4cpu", "evl_dovetail_4cpu",
    ])
    func squeezingChangesNothing(name: String) throws {
        let whole = try Self.read(name)
        let squeezed = try Self.read(name) { text in
            text.replacing("\t", with: " ").replacing(#/ +/#, with: " ")
        }
        #expect(whole.cpus == squeezed.cpus)
        for (label, row) in whole.rows where row.details.irq != nil {
            let other = try #require(squeezed.rows[label])
            #expect(row.counts == other.counts)
            #expect(row.details.chip == other.details.chip)
            #expect(row.details.hwirq == other.details.hwirq)
            #expect(row.details.trigger == other.details.trigger)
            #expect(row.details.actions == other.details.actions)
            #expect(row.details.delivery == other.details.delivery)
        }
    }

    @Test func linesOfACPUAreNotWired() throws {
        let apple = try Self.read("apple_m2_asahi_8cpu").rows
        for label in ["33", "34", "35", "49", "50"] { #expect(apple[label]?.details.delivery == .perCPU) }
        for label in ["37", "51", "93", "97"] { #expect(apple[label]?.details.delivery == .wired) }
        #expect(apple["104"]?.details.delivery == .msi)
        #expect(try Self.read("riscv_iommu_tabheader_4cpu").rows["10"]?.details.delivery == .perCPU)
        // The one clock of the machine is no line of a CPU's own.
        #expect(try Self.read("linux24_nmi_loc_notext").rows["0"]?.details.delivery == .wired)
        #expect(try Self.read("rpi1_armctrl_1cpu").rows["3"]?.details.delivery == .wired)
    }

    @Test(
        arguments: [
            ("MIPS   7  timer", .perCPU), ("MIPS   0  IPI call", .ipi), ("MIPS   4  eth0", .wired),
            ("MIPS GIC Local   1  timer", .perCPU), ("CPU  timer", .perCPU), ("CPU  IPI", .ipi), ("CPU  lasi", .wired),
            ("LSAPIC  timer", .perCPU), ("LSAPIC  IPI", .ipi), ("LSAPIC  resched", .ipi),
            ("CPUINTC  11  timer", .perCPU), ("CPUINTC  12  IPI", .ipi), ("KVM   0 Level     kvm guest ptimer", .perCPU),
            ("AIC-FIQ   4 Level     arm-pmu", .perCPU), ("bcm2836-timer   1 Edge      arch_timer", .perCPU),
            ("xen-percpu    -virq      timer0", .perCPU), ("xen-percpu    -ipi       resched0", .ipi),
            ("xen-percpu-ipi       resched0", .ipi), ("xen-dyn    -event     xenbus", .eventChannel),
            ("xen-dyn-event     blkif", .eventChannel), ("xen-pirq    -msi-x     eth0", .msiX),
            ("xen-pirq-msi       eth0", .msi), ("xen-pirq-ioapic-edge  i8042", .wired),
            ("fsl-msi-224   3 Edge      eth0", .msi), ("GICv2m   0 Edge      x", .msi),
            ("Hyper-V PCIe MSI 1081081856-edge      mlx5_async0", .msi), ("pSeries-PCI-MSI 5 Edge      nvme0q0", .msi),
            ("IR-IO-APIC   9-fasteoi   acpi", .wired), ("PCH-PCI-MSIX-0000:06:00.0   1  nvme0q1", .msiX),
            ("GIC  twd", .spi), ("XIVE-IPI   1 Edge      IPI-1", .ipi),
            ("MPIC   5 Level     armada_370_xp_per_cpu_tick", .perCPU),
        ] as [(String, Delivery)])
    func deliveryIsToldByChipFlowAndAction(text: String, delivery: Delivery) {
        #expect(Delivery(DescriptorText(text), irq: 77) == delivery)
    }

    /// ARM printed actions alone before 2.6.30 (arch/arm/kernel/irq.c `show_interrupts`).
    @Test func actionsMayStandAlone() throws {
        let text = """
                       CPU0       \n  2:       1234   s3c2410-uart
              4:    5678901   S3C2410 Timer Tick
             32:         12   eth0, eth1
            Err:          0\n
            """
        let sample = try CounterSample(.interrupts, Array(text.utf8))
        let layout = sample.table.layout
        #expect(layout == .actionsOnly)
        let line = DescriptorText(sample.tail(sample.table.row(2)), layout: sample.table.layout)
        #expect(line.chip == nil)
        #expect(line.actions == ["eth0", "eth1"])
    }

    @Test(arguments: [
        " 5: 1 2 PCI-MSI a\n 6: 1 2 3 PCI-MSI b\n", " 5: 1 2 PCI-MSI a\n 6: 1 PCI-MSI b\n",
    ])
    func rowsWithoutHeaderMustAgree(text: String) {
        #expect(throws: ProcTextError(.columnsDiffer(expected: 2), line: 2)) {
            _ = try CounterSample(.interrupts, Array(text.utf8))
        }
    }

    @Test func guestsOfXenCountIPIsOnce() throws {
        let text = """
                       CPU0       CPU1
             65:         11          0  xen-percpu-ipi       resched0
             71:          0         17  xen-percpu-ipi       resched1
            LOC:          0          0   Local timer interrupts
            RES:         11         17   Rescheduling interrupts
            CAL:          3          4   Function call interrupts\n
            """
        let sample = try CounterSample(.interrupts, Array(text.utf8))
        let sums = (0..<sample.table.rowCount).filter { sample.table.row($0).isSum }
        #expect(sums.map { sample.label(sample.table.row($0)) } == ["RES", "CAL"])
    }
}
