import TestSupport
import Testing

@testable import IRQCore

/// The hardware that a recording carries: whatever the bytes are, nothing is made up.
@Suite struct HardwareMapTests {
    static let map: HardwareMap = {
        var map = HardwareMap()
        var line = HardwareMap.Line(irq: 36, action: "virtio1-req.0")
        line.chip = "PCI-MSIX-0000:00:02.0"
        line.hwirq = 1
        line.trigger = "edge"
        line.device = Device(
            address: "0000:00:02.0", bus: "pci", driver: "virtio-pci", name: "vda", vendorDevice: "1af4:1042")
        line.node = 0
        line.affinity = CPUSet([0, 1, 5])
        line.effectiveAffinity = CPUSet([1])
        // Two handlers of one line, of names that need care; and a line that nobody handles.
        var shared = HardwareMap.Line(irq: 9, action: "tab\there\\new\nline")
        shared.device = Device(address: "a003e00.virtio_mmio", bus: "platform")
        map.lines = [line, shared, HardwareMap.Line(irq: 9, action: "second"), HardwareMap.Line(irq: 10, action: nil)]
        map.nodes = [.init(number: 0, cpus: CPUSet([0, 1])), .init(number: 2, cpus: CPUSet([2, 3]))]
        map.isolatedCPUs = CPUSet([3])
        return map
    }()

    static func read(_ parts: [(String, String)]) -> HardwareMap {
        var attachment = SnapshotAttachment()
        for (name, text) in parts {
            attachment.parts.append(.init(name: name, moment: "start", timeNanoseconds: 0, text: Array(text.utf8)))
        }
        return HardwareMap(attachment)
    }

    @Test func comesBackAsItWas() throws {
        var attachment = SnapshotAttachment()
        Self.map.add(to: &attachment)
        let bytes = try #require(SnapshotAttachment(attachment.bytes))
        #expect(HardwareMap(bytes) == Self.map)
        #expect(attachment.parts.map(\.name) == ["lines", "nodes", "isolated"])
        // No isolated CPUs is not the same as unknown ones.
        var none = HardwareMap()
        none.isolatedCPUs = CPUSet()
        var other = SnapshotAttachment()
        none.add(to: &other)
        #expect(HardwareMap(other) == none && other.parts.count == 1)
        #expect(HardwareMap(SnapshotAttachment()) == HardwareMap())
    }

    /// Of a later irqscope there may be more columns, in another order.
    @Test func columnsGoByTheirNames() {
        let map = Self.read([("lines", "later\tnode\tirq\naction\t3\t7\nx\t\t8\tmore\n")])
        #expect(map.lines.map(\.irq) == [7, 8] && map.lines.map(\.node) == [3, nil])
        #expect(map.lines.allSatisfy { $0.action == nil && $0.device == nil && $0.affinity == nil })
    }

    @Test func nonsenseIsUnknown() {
        let text = "irq\thwirq\tnode\taffinity\n-1\t1\t1\t0\n\nx\n12\t-1\t-1\t3-1\n13\t1\n14\t99999999999999999999\t1\t0-9999999"
        let map = Self.read([("lines", text), ("nodes", "node\tcpus\nx\t0\n1\tx\n-1\t0\n0\n"), ("isolated", "all\n")])
        #expect(map.lines.map(\.irq) == [12, 13], "a row without an end is cut short")
        #expect(map.lines[0].hwirq == nil && map.lines[0].node == nil && map.lines[0].affinity == nil)
        #expect(map.lines[1].hwirq == 1 && map.nodes.isEmpty && map.isolatedCPUs == nil)
        let many = "irq\n" + (0..<20_000).map { "\($0)\n" }.joined()
        #expect(Self.read([("lines", many)]).lines.count == HardwareMap.lineLimit)
    }

    @Test func randomBytesNeverTrap() {
        var attachment = SnapshotAttachment()
        Self.map.add(to: &attachment)
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            var copy = attachment
            for part in copy.parts.indices where !copy.parts[part].text.isEmpty {
                let place = Int.random(in: 0..<copy.parts[part].text.count, using: &random)
                copy.parts[part].text[place] = UInt8.random(in: 0...255, using: &random)
            }
            _ = HardwareMap(copy)
        }
    }

    /// A number is given to another device when the first is gone: only the action tells whose it was.
    @Test func rowsAreIdentifiedByNumberAndAction() {
        var report = Report(
            source: RecordingSource(
                format: "memory", clock: nil, isClockNanoseconds: true, cpuCount: 1, machine: nil, buffers: [""]),
            buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        let keys: [(Int64, String)] = [(36, "virtio1-req.0"), (36, "other"), (9, "second"), (11, "virtio1-req.0")]
        report.rows = keys.map { ReportRow(RowKey(kind: .irq, number: $0.0, name: $0.1)) }
        report.rows.append(ReportRow(RowKey(kind: .softirq, number: 36, name: "virtio1-req.0")))
        let storm = { (row: ReportRow) in
            Storm(row: row.key, cpu: 0, startNanoseconds: 0, endNanoseconds: 1, count: 1, peakPerSecond: 1, selfNanoseconds: 0)
        }
        report.storms = report.rows.map(storm)
        report.identify(by: Self.map)
        #expect(report.rows.map(\.key.device?.title) == ["vda", nil, nil, nil, nil])
        #expect(report.rows.map { $0.line != nil } == [true, false, true, false, false])
        #expect(report.storms.map(\.row) == report.rows.map(\.key))
        #expect(report.rows[0].line?.affinity?.list == "0-1,5")
    }
}
