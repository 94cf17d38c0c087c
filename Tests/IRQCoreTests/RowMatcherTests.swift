import Testing

@testable import IRQCore

/// Which rows of two recordings are the same thing: what `diff` compares and a report of several adds up.
@Suite struct RowMatcherTests {
    private struct Line {
        var irq: Int64
        var action: String
        var address: String?
        var device: String?
        var hwirq: UInt64?
        var vendor = "8086:10d3"
        var buffer = ""
    }

    private static func report(_ lines: [Line]) -> Report {
        let source = RecordingSource(
            format: "trace.dat", clock: nil, isClockNanoseconds: true, cpuCount: 1, machine: nil, buffers: ["", "another"])
        var report = Report(
            source: source, buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        report.rows = lines.map { line in
            var row = ReportRow(RowKey(kind: .irq, buffer: line.buffer, number: line.irq, name: line.action))
            var known = HardwareMap.Line(irq: Int(line.irq), action: line.action)
            known.hwirq = line.hwirq
            known.device = line.address.map {
                Device(address: $0, bus: "pci", name: line.device, vendorDevice: line.vendor)
            }
            (row.line, row.key.device) = (known, known.device)
            row.calls = 1
            return row
        }
        return report
    }

    /// The place in the first list of the line that each of the second is the same as; nil of new ones.
    private static func matches(_ first: [Line], _ second: [Line]) -> [Int?] {
        var matcher = RowMatcher()
        let before = matcher.groups(of: report(first))
        return matcher.groups(of: report(second)).map { group in before.firstIndex(of: group) }
    }

    @Test func numbersOfOtherBootsDoNotMatter() {
        let first = [Line(irq: 36, action: "eth0-rx-0"), Line(irq: 37, action: "eth0-tx-0")]
        let second = [Line(irq: 36, action: "eth0-tx-0"), Line(irq: 41, action: "eth0-rx-0")]
        #expect(Self.matches(first, second) == [1, 0])
    }

    /// Of a device with several lines another one may come in each recording.
    @Test func linesOfADeviceAreDifferentThings() {
        let first = [Line(irq: 31, action: "virtio0-stats", address: "virtio0", hwirq: 3)]
        let second = [Line(irq: 32, action: "virtio0-reporting_vq", address: "virtio0", hwirq: 4)]
        #expect(Self.matches(first, second) == [nil])
        // Where the place is not known, the device is all there is.
        #expect(Self.matches(first, [Line(irq: 32, action: "renamed", address: "virtio0")]) == [0])
    }

    /// trace-cmd has a buffer at the top beside each instance, which is empty; instances are called anything.
    @Test func buffersWithoutRowsTellNothingApart() {
        let first = [Line(irq: 36, action: "eth0", buffer: "one")]
        let second = [Line(irq: 36, action: "eth0", buffer: "two")]
        #expect(Self.matches(first, second) == [0])
        #expect(Self.matches(first + [Line(irq: 36, action: "eth0")], second + [Line(irq: 36, action: "eth0")]) == [nil, 1])
    }

    /// The system counts devices as it finds them, so another boot may swap their names.
    @Test func devicesGoBeforeNames() {
        let first = [
            Line(irq: 30, action: "nvme0q1", address: "01", hwirq: 1),
            Line(irq: 31, action: "nvme1q1", address: "02", hwirq: 1),
        ]
        let second = [
            Line(irq: 30, action: "nvme0q1", address: "02", hwirq: 1),
            Line(irq: 31, action: "nvme1q1", address: "01", hwirq: 1),
        ]
        #expect(Self.matches(first, second) == [1, 0])
    }

    @Test func renamedDevicesKeepTheirQueues() {
        let first = ["rx-0", "rx-1", "tx-0"].map { Line(irq: 1, action: "eth0-\($0)", address: "03", device: "eth0") }
        let second = ["tx-0", "rx-1", "rx-0"].map {
            Line(irq: 9, action: "i40e-enp3s0-\($0)".replacing("i40e-", with: ""), address: "03", device: "enp3s0")
        }
        #expect(Self.matches(first, second) == [2, 1, 0])
        // Lines of a device that are called quite otherwise go by their place in its table, or are the only ones.
        let table = [Line(irq: 1, action: "a", address: "3", hwirq: 0), Line(irq: 2, action: "b", address: "3", hwirq: 1)]
        let other = [Line(irq: 5, action: "y", address: "3", hwirq: 1), Line(irq: 6, action: "x", address: "3", hwirq: 0)]
        #expect(Self.matches(table, other) == [1, 0])
        #expect(Self.matches([Line(irq: 1, action: "a", address: "3")], [Line(irq: 2, action: "b", address: "3")]) == [0])
        let two = [Line(irq: 1, action: "b", address: "3"), Line(irq: 2, action: "c", address: "3")]
        #expect(Self.matches([Line(irq: 1, action: "a", address: "3")], two) == [nil, nil], "nobody knows which it is")
    }

    /// An address is one of a box: in another one it may be that of anything.
    @Test func otherDevicesAtTheSameAddressAreOthers() {
        let first = [Line(irq: 1, action: "eth0", address: "03", hwirq: 0)]
        let second = [Line(irq: 1, action: "nvme0q0", address: "03", hwirq: 0, vendor: "144d:a80a")]
        #expect(Self.matches(first, second) == [nil])
        let moved = [Line(irq: 1, action: "eth0", address: "07", hwirq: 0)]
        #expect(Self.matches(first, moved) == [0], "by the action, where no device is the same")
        #expect(Self.matches(first, [Line(irq: 8, action: "eth0")]) == [0], "a text knows no devices")
    }

    /// Of lines with one name and no device the number tells which is missing, and else their order.
    @Test func sameNamesGoByNumberThenByOrder() {
        let first = [Line(irq: 125, action: "xhci_hcd"), Line(irq: 126, action: "xhci_hcd")]
        #expect(Self.matches(first, [Line(irq: 126, action: "xhci_hcd")]) == [1])
        #expect(Self.matches(first, [Line(irq: 44, action: "xhci_hcd"), Line(irq: 43, action: "xhci_hcd")]) == [1, 0])
    }

    @Test func sumsAreOfEquallyManyRowsAsThereAreThings() throws {
        var merger = ReportMerger(files: ["a", "b", "c"], isByFile: false, slowCount: 0)
        for (number, address) in [(36, "01"), (41, "01"), (36, "02")] {
            try merger.add(Self.report([Line(irq: Int64(number), action: "eth0", address: address)]))
        }
        let report = try #require(merger.report())
        #expect(report.rows.count == 1 && report.rows[0].calls == 3)
        #expect(report.rows[0].numbers == [36, 41] && report.rows[0].shownNumber == nil)
        #expect(report.rows[0].key.device == nil, "the devices differ")
        #expect(report.parts.count == 3 && report.parts.allSatisfy(\.rows.isEmpty))
    }
}
