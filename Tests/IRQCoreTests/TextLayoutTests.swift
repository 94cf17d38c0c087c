import Testing
import TestSupport

@testable import IRQCore

/// Random events, printed in each layout and read back.
@Suite struct TextLayoutTests {
    typealias Layout = TextPrinter.Layout

    private static let tasks = [
        "<idle>", "bash", "kworker/u8:2-kv", "tmux: server", "a b: [0]-1 <c", "irq/25-ACPI:Ged", "memfd:sealed-91", "<...>",
        ":13075", "x-12 [003] 1.5:", "[0] 1.000001: e:", "CPU:0 [LOST 1", "Client manageme", "\"q\" }, { a=1", "ein Käse",
    ]
    private static let actions = [
        "virtio1-req.0", "mmc1", "eth0-TxRx-0", "ACPI:Ged", "a b: c [1]", "uhci_hcd:usb3, snd", "name=x irq=3", "i915", "\"y\" }",
    ]
    private static let names = ["irq_handler_entry", "irq_handler_exit", "softirq_raise", "softirq_entry", "softirq_exit"]

    /// The layouts with something in front, where a name that looks like a line cannot be told from one.
    private static let prefixed: Set<Layout> = [.dmesg, .quoted, .perfProf]

    private func random(_ random: inout SeededGenerator, _ layout: Layout) -> TextPrinter.Event {
        var event = TextPrinter.Event(
            name: Self.names.randomElement(using: &random) ?? "",
            time: .random(in: 0..<86_399_000_000_000, using: &random), cpu: .random(in: 0..<300, using: &random),
            pid: .random(in: 0..<4_194_304, using: &random), task: Self.tasks.randomElement(using: &random) ?? "",
            number: .random(in: 0..<1000, using: &random))
        if event.name.hasPrefix("softirq") { event.number %= 10 }
        event.action = Self.actions.randomElement(using: &random) ?? ""
        let isLine = event.task.contains(".5:") || event.task.contains("000001:") || event.task.hasPrefix("a b")
        if isLine, Self.prefixed.contains(layout) { event.task = "plain" }
        event.result = .random(in: 0..<4, using: &random)
        return event
    }

    @Test(arguments: Layout.allCases) func eventsAreReadBackAsTheyWerePrinted(layout: Layout) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let printer = TextPrinter(layout)
        var decoder = TextDecoder()
        for _ in 0..<2000 {
            let event = random(&generator, layout)
            let line = printer.line(event)
            let bytes = Array(line.utf8)
            let span = bytes.span.bytes
            let wrong = differences(event, decoder.item(span, 0, bytes.count), layout, bytes)
            #expect(wrong.isEmpty, "seed \(seed): \(wrong) in \(line)")
            if !wrong.isEmpty { return }
        }
    }

    private func differences(
        _ event: TextPrinter.Event, _ item: TextItem, _ layout: Layout, _ bytes: [UInt8]
    ) -> [String] {
        guard case .event(let read) = item.kind else { return ["it is \(item.kind)"] }
        var wrong: [String] = []
        func same<Value: Equatable>(_ what: String, _ ours: Value, _ theirs: Value) {
            if ours != theirs { wrong.append("\(what) \(ours), not \(theirs)") }
        }
        let step = layout.step
        same("time", read.time, step > 1 ? event.time / step * step : event.time)
        same("step", UInt64(item.stepNanoseconds), step)
        same("CPU", item.cpu, event.cpu)
        if layout.hasThread {
            same("thread", Int(read.pid), event.pid)
            let quoted = layout.rawValue.hasPrefix("babeltrace")
            let name = event.task.utf8.prefix(layout.taskWidth ?? 16)
            let task = String(decoding: bytes[item.task.start..<item.task.end], as: UTF8.self)
            if !quoted { same("task", task, String(decoding: name, as: UTF8.self)) }
        }
        same("number", read.number0, UInt64(event.number))
        switch event.name {
        case "irq_handler_entry":
            let start = Int(read.textOffset)
            let action = String(decoding: bytes[start..<start + Int(read.textByteCount)], as: UTF8.self)
            let printed = event.action.replacing("\"", with: "\\\"")
            same("action", action, layout.rawValue.hasPrefix("babeltrace") ? printed : event.action)
        case "irq_handler_exit":
            same("result", read.handlerResult, UInt64(layout.isRaw ? event.result : min(event.result, 1)))
        default: break
        }
        let form: TraceTextForm =
            switch layout {
            case .perf, .perf7, .perfThread, .perfFew, .perfPeriod, .perfProf: .perfScript
            case .babeltrace, .babeltraceDay: .babeltrace
            default: .ftrace
            }
        same("form", item.form, form)
        return wrong
    }

    // MARK: Lines that stand for a kind

    private func item(_ line: String) -> TextItem {
        var decoder = TextDecoder()
        let bytes = Array(line.utf8)
        return decoder.item(bytes.span.bytes, 0, bytes.count)
    }

    @Test(
        arguments: [
            // Linux 2.6.30, options/fields, Linux 5.10, and words as trace-cmd and perf have them.
            ("     bash-1     [000]     1.000001: irq_handler_entry: irq=5 handler=eth0", EventKind.irqEntry, [5, 0]),
            ("     bash-1     [000]     1.000001: irq_handler_exit: irq=5 return=unhandled", .irqExit, [5, 0]),
            ("     bash-1     [000]     1.000001: irq_handler_exit: irq=0x24 (36) ret=0x3 (3)", .irqExit, [36, 3]),
            ("     bash-1     [000]     1.000001: irq_handler_exit: irq=-7 ret=1", .irqExit, [UInt64(bitPattern: -7), 1]),
            ("     bash-1     [000]     1.000001: softirq_entry: softirq=3 action=NET_RX", .softirqEntry, [3, 0]),
            ("     bash-1     [000]     1.000001: softirq_raise: vec=0x9 (9)", .softirqRaise, [9, 0]),
            ("     bash-1     [000]     1.000001: local_timer_entry: vector=236", .vectorEntry, [0, 0]),
            (
                "  kworker-2 [001] 1.000002: workqueue_execute_start: work struct 000000007b6f4df3: function f", .workStart,
                [0x7b6f_4df3, 1]
            ),
            (
                "  kworker-2 [001] 1.000002: workqueue_queue_work: work=0xffff888102522040 (-13138) function=f+0x0/0x80 (-21)",
                .workQueue, [0xffff_8881_0252_2040, 1]
            ),
            ("  kworker-2 [001] 1.000002: workqueue_execute_end: work struct 0xffff888102522040", .workEnd, [0xffff_8881_0252_2040, 0]),
            ("     ksoft-9 [001] 1.000002: tasklet_entry: tasklet=pool_lock function=uhci_tl [uhci_hcd]", .taskletEntry, [0, 1]),
        ] as [(String, EventKind, [UInt64])])
    func argumentsOfAllVersionsAreRead(line: String, kind: EventKind, numbers: [UInt64]) {
        guard case .event(let event) = item(line).kind else {
            Issue.record("\(line) is \(item(line).kind)")
            return
        }
        #expect(event.kind == kind)
        #expect([event.number0, event.number1] == numbers)
    }

    @Test(
        arguments: [
            ("CPU:0 [LOST 5748 EVENTS]", 0, 5748), ("inp-l: CPU:1 [EVENTS DROPPED]", 1, nil),
            ("CPU:7 [204600 EVENTS DROPPED]", 7, 204_600), ("[   40.5] CPU:3 [LOST EVENTS]", 3, nil),
            (" qemu-system-x86 13077 [000]  1708.547144: PERF_RECORD_LOST lost 67", 0, 67),
        ] as [(String, Int, UInt64?)])
    func lostEventsAreTold(line: String, cpu: Int, count: UInt64?) {
        guard case .lost(let lost) = item(line).kind else {
            Issue.record("\(line) is \(item(line).kind)")
            return
        }
        #expect(lost == count)
        #expect(item(line).cpu == cpu)
    }

    @Test(arguments: [
        "nothing of a trace", " => handle_irq_event+0x3c/0x8c", "[   12.345678] usb 1-1: new device", "",
        "Nov 25 16:26:02 host sshd[123]: 12 packets: lost", "foo[12]: 12:30: bar", "  3)   1.5 us |  f();",
        "swapper 0 [000] 0.000000: PERF_RECORD_COMM: process_api:1/1", "key: [1] value: 2.5: x",
    ])
    func ordinaryTextIsNoEvent(line: String) {
        switch item(line).kind {
        case .event, .unused, .malformed, .lost, .begins: Issue.record("\(line) is \(item(line).kind)")
        case .comment, .blank, .other: break
        }
    }
}
