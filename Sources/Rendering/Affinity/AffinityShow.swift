public import IRQCore

/// The masks of a box as text and as JSON.
public enum AffinityShow {
    /// Writes the tables.
    public static func write(_ view: AffinityView, style: Style, width: Int?, to output: inout ByteOutput) {
        TextTable(lines.columns, units: Units(isUnicode: style.isUnicode), style: style, width: width)
            .write(view.lines.count, to: &output) { view.lines[$0] }
        if !view.queues.isEmpty {
            output.put("\n")
            TextTable(queues.columns, units: Units(isUnicode: style.isUnicode), style: style, width: width)
                .write(view.queues.count, to: &output) { view.queues[$0] }
        }
        output.put("\n")
        if let mask = view.defaultMask { output.put("new lines start on \(mask.list)\n") }
        if !view.isolated.isEmpty { output.put("set aside: CPUs \(view.isolated.list)\n") }
        if view.isSinceBoot {
            output.put("one sample: rates are means since boot, and delivered is where lines came since\n")
        }
        for mover in view.movers { output.put("may change masks: \(SafeText.escaped(mover))\n") }
        if view.runsIrqbalance == nil {
            output.put(
                "whether irqbalance or another program that changes masks runs is unknown: processes cannot be seen\n")
        } else if view.movers.isEmpty {
            output.put("nothing was found that changes masks by itself\n")
        }
    }

    /// Writes the document.
    public static func writeJSON(_ view: AffinityView, to output: inout ByteOutput) {
        output.json { json in
            json.member("schema", .text("irqscope.affinity.show.v1"))
            json.member("default", .text(view.defaultMask?.list))
            json.member("irqbalance_runs", .flag(view.runsIrqbalance))
            json.member("isolated", .text(view.isolated.list))
            json.member(lines, view.lines.count) { view.lines[$0] }
            json.member("movers", .texts(view.movers))
            json.member(queues, view.queues.count) { view.queues[$0] }
            json.member("since_boot", .flag(view.isSinceBoot))
        }
    }

    private static let lines = Section<AffinityView.Line>(
        "lines", "",
        [
            .init("irq", "IRQ") { .number($0.irq) },
            .init("device", .left("DEVICE")) { .text($0.device) },
            .init("action", .left("HANDLER")) { .text($0.action) },
            .init("queue", .init("QUEUE", isLeft: true, isOptional: true)) { .text($0.queue) },
            .init("mask", .left("MASK")) { .text($0.mask?.list) },
            .init("effective", .left("ON")) { .text($0.effective?.list) },
            .init("delivered", .left("CAME TO")) { .text($0.delivered.isEmpty ? nil : $0.delivered.list) },
            .init("per_s", "PER S") { .perSecond($0.perSecond) },
            .init("hint", .init("HINT", isLeft: true, dispensability: 2, isOptional: true)) { .text($0.hint?.list) },
            .init("node", .init("NODE", dispensability: 3, isOptional: true)) { .number($0.node) },
            .init("threads", .init("THREADS", isLeft: true, dispensability: 1, isOptional: true)) {
                .text($0.threads?.list)
            },
            .init("settable", .left("SETTABLE"), shown: { .text($0.hold ?? ($0.isSettable == nil ? nil : "yes")) }) {
                .flag($0.isSettable)
            },
            .init("hold", nil, in: .json) { .text($0.hold) },
        ])

    private static let queues = Section<AffinityView.Queue>(
        "queues", "",
        [
            .init("interface", .left("INTERFACE")) { .text($0.interface) },
            .init("queue", .left("QUEUE")) { .text($0.name) },
            .init("cpus", .left("RPS/XPS"), shown: { .text($0.cpus.map { $0.isEmpty ? "off" : $0.list }) }) {
                .text($0.cpus?.list)
            },
            .init("flows", .init("RFS FLOWS", isOptional: true)) { .number($0.flowCount) },
        ])
}
