import Foundation
import IRQCore
import TestSupport
import Testing
import TraceFormats

@testable import Rendering

/// The screens, batch text, JSON and CSV of `top` for scripted counters, against whole files in Fixtures/golden/top.
///
/// `make golden` shows what differs; `make golden ACCEPT=1` takes the new output as right.
@Suite struct GoldenScreenTests {
    static let folder = Places.fixtures.appendingPathComponent("golden/top")

    /// CLOCK_REALTIME at the end, 14:13:20 in UTC, and at the beginning.
    private static let now: UInt64 = 1_790_000_000_000_000_000
    private static let began = now - 4 * LiveFixture.second

    /// A machine of four CPUs and two nodes over four seconds: a disk that is busy on one CPU, a queue outside of its mask,
    /// a shared line, a row that comes and one that goes.
    static func machine(isTraced: Bool) throws -> Box {
        let live = Box()
        live.nodes = [0, 0, 1, 1]
        live.time.wall = now
        if isTraced { live.changeTracing { $0.start(vectorNames: ["local_timer"], missingEvents: ["irq:nothing"], wall: began) } }
        for time in 1...4 as ClosedRange<UInt64> {
            var rows: [LiveFixture.Row] = [
                ("9", [10, 0, 0, 0], "IO-APIC   9-fasteoi   acpi, i801_smbus"),
                ("36", [time * 14_700, 5, 0, 0], "PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0"),
                ("40", [0, 0, time * 700, time * 650], "PCI-MSIX-0000:00:03.0   0-edge      eth0-rx-0"),
            ]
            if time < 3 { rows.append(("44", [7, 7, 7, 7], "PCI-MSIX-0000:00:05.0   0-edge      going")) }
            if time > 3 { rows.append(("45", [50, 0, 0, 0], "PCI-MSIX-0000:00:06.0   0-edge      coming")) }
            rows.append(("LOC", [250, 251, 248, 100].map { $0 * time }, "Local timer interrupts"))
            rows.append(("ERR", [0], ""))
            rows.append(("FIQ", [], "usb_fiq"))
            let softirqs: [LiveFixture.Row] = [
                ("TIMER", [250, 240, 230, 90].map { $0 * time }, ""), ("NET_RX", [0, 0, 600, 600].map { $0 * time }, ""),
                ("BLOCK", [14_000, 0, 0, 0].map { $0 * time }, ""), ("RCU", [10, 11, 12, 13].map { $0 * time }, ""),
            ]
            try LiveFixture.sample(
                live, cpus: [0, 1, 2, 3], rows: rows, softirqs: softirqs, at: time * LiveFixture.second, learn: learn)
            if isTraced { trace(live, time * LiveFixture.second) }
        }
        return live
    }

    private static func learn(_ details: inout InterruptDetails) {
        switch details.label {
        case "36":
            details.affinity = CPUSet([0, 1])
            details.effectiveAffinity = CPUSet([0])
            details.devices = [Device(address: "0000:00:02.0", bus: "pci", driver: "virtio-pci")]
            details.node = 0
        case "40":
            details.affinity = CPUSet([0, 1])
            details.devices = [Device(address: "0000:00:03.0", bus: "pci", driver: "virtio-pci")]
            details.node = 0
        default: break
        }
    }

    /// An interval's events: handlers of two lines and of a softirq that waited.
    private static func trace(_ live: Box, _ start: UInt64) {
        let layout = PageLayout(subBufferByteCount: 4096, commitByteCount: 8, byteOrder: .little)!
        let texts = FormatTexts()
        var formats = EventFormats()
        let parser = KernelFormats(byteOrder: .little, longByteCount: 8)
        for event in FormatTexts.ids {
            let text = Array(texts.text(event.name).utf8)
            let span = text.span
            _ = parser?.add(span.bytes, system: event.system, to: &formats)
        }
        let writer = EventBuilder(texts, .little)
        for cpu in 0..<3 {
            var page = PageBuilder(layout, start: start)
            for call in 0..<20 as Range<UInt64> {
                let time = start + call * 40_000
                page.event(at: time, writer.irqEntry(cpu == 2 ? 40 : 36, "x"))
                page.event(at: time + 1_500 + call * 30, writer.irqExit(cpu == 2 ? 40 : 36, ret: call % 4 == 0 ? 0 : 1))
                page.event(at: time + 5_000, writer.softirq("raise", 3))
                page.event(at: time + 6_000, writer.softirq("entry", 3))
                page.event(at: time + 16_000 + call * 100, writer.softirq("exit", 3))
            }
            let bytes = page.bytes()
            let span = bytes.span
            live.changeTracing {
                $0.feed(page: span.bytes, cpu: cpu, decoder: PageDecoder(layout: layout), formats: formats)
            }
        }
        live.changeTracing { $0.endInterval(nanoseconds: LiveFixture.second, wallOffset: began) }
    }

    static let views: [(String, TopState.View)] = [
        ("interrupts", .interrupts), ("softirqs", .softirqs), ("cpus", .cpus), ("detail", .detail), ("help", .help),
        ("softirq", .softirq), ("cpu", .cpu), ("tasks", .tasks), ("plan", .plan),
    ]

    /// The plan for the queue that is served far from its node, on a box like the machine's.
    private static func plan(_ live: Box, isUnicode: Bool) -> [String] {
        var box = AffinityBox(cpuCount: 4)
        box.add(36, "virtio1-req.0", device: "vda", address: "0000:00:02.0", mask: CPUSet([0, 1]), on: 0, node: 0)
        box.add(40, "eth0-rx-0", device: "eth0", address: "0000:00:03.0", mask: CPUSet([0, 1]), on: 3, node: 0)
        box.takeRates(of: live)
        var wishes = AffinityWishes(.numa)
        wishes.devices = ["eth0"]
        let plan = AffinityPlanner.plan(box, wishes)
        let text = AffinityText(
            plan, box, command: "irqscope affinity apply numa --device eth0", style: Style(isUnicode: isUnicode)
        ).text()
        return ["irqscope affinity plan numa --device eth0"] + text.split(separator: "\n").map(String.init)
    }

    @Test(arguments: [false, true], [(80, true), (80, false), (120, true), (120, false)])
    func screens(isTraced: Bool, form: (width: Int, isUnicode: Bool)) throws {
        let live = try Self.machine(isTraced: isTraced)
        for (name, view) in Self.views {
            var frame = TopScreen(facts: TopFacts(kernel: "6.1.0", clock: "12:34:56", root: nil))
            var state = TopState()
            state.view = view
            state.detailSerial = live.interrupts.interval(1).serial
            (state.softirqRow, state.cpu) = (1, 2)
            if view == .plan { frame.setPlan(Self.plan(live, isUnicode: form.isUnicode)) }
            var screen = Screen(isUnicode: form.isUnicode)
            screen.begin(rowCount: 30, columnCount: form.width)
            frame.draw(live, &state, on: &screen)
            let text = TopScreenTests.lines(screen).joined(separator: "\n")
            try Self.compare("\(name)\(Self.ending(isTraced, form)).txt", text)
        }
    }

    @Test(arguments: [false, true]) func batch(isTraced: Bool) throws {
        let live = try Self.machine(isTraced: isTraced)
        var frame = TopScreen(facts: TopFacts(kernel: "6.1.0", clock: "12:34:56", root: nil))
        var state = TopState()
        state.showsCursor = false
        var screen = Screen(isUnicode: true)
        frame.arrangeBatch(live, state)
        screen.begin(rowCount: frame.batchRowCount(live), columnCount: 160)
        let count = frame.drawBatch(live, &state, on: &screen)
        let text = TopScreenTests.lines(screen).prefix(count).joined(separator: "\n") + "\n"
        let ending = isTraced ? "-traced" : ""
        try Self.compare("batch\(ending).txt", text)
        let collected = Collected()
        var json = collected.output()
        TopJSON.write(live, RowChoice(live), to: &json)
        json.flush()
        try Self.compare("batch\(ending).json", collected.takeText())
        var csv = collected.output()
        TopCSV.writeTitle(to: &csv)
        TopCSV.write(live, RowChoice(live), to: &csv)
        csv.flush()
        try Self.compare("batch\(ending).csv", collected.takeText())
    }

    /// The bytes that an output hands on.
    final class Collected {
        private var bytes: [UInt8] = []

        func output() -> ByteOutput {
            ByteOutput { block in
                block.withUnsafeBytes { self.bytes += $0 }
                return true
            }
        }

        func takeText() -> String {
            defer { bytes = [] }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private static func ending(_ isTraced: Bool, _ form: (width: Int, isUnicode: Bool)) -> String {
        "-\(form.width)" + (form.isUnicode ? "" : "-plain") + (isTraced ? "-traced" : "")
    }

    /// Compares with the file, or replaces it if IRQSCOPE_GOLDEN=accept.
    static func compare(_ name: String, _ text: String) throws {
        let file = folder.appendingPathComponent(name)
        let before = try? String(contentsOf: file, encoding: .utf8)
        guard before != text else { return }
        if ProcessInfo.processInfo.environment["IRQSCOPE_GOLDEN"] == "accept" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return try Data(text.utf8).write(to: file)
        }
        let now = FileManager.default.temporaryDirectory.appendingPathComponent("golden-\(UUID().uuidString)")
        try Data(text.utf8).write(to: now)
        defer { try? FileManager.default.removeItem(at: now) }
        let shown = try run("/usr/bin/diff", ["-u", "--label", "golden/top/\(name)", "--label", "now", file.path, now.path])
        Issue.record("golden/top/\(name) differs; if that is right: make golden ACCEPT=1\n\(shown.text)\(shown.errors)")
    }
}
