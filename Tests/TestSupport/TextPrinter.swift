/// Prints events as the kernel, trace-cmd, perf and babeltrace2 do: a second hand, for tests of what reads them.
public struct TextPrinter {
    /// A layout of lines; facts of each stand in the sources that are named in TraceLine.swift.
    public enum Layout: String, CaseIterable, Sendable {
        case ftrace, ftrace59, noFlags, processNumber, noProcessNumber, ticks, latency, verbose
        case traceCmd, traceCmdNanoseconds, traceCmdFlags, traceCmdRaw, traceCmdLatency, traceCmdRawTime, difference
        case perf, perf7, perfThread, perfFew, perfPeriod, perfProf
        case babeltrace, babeltraceDay
        case dmesg, quoted

        /// The nanoseconds in a step of its times; 0 for ticks.
        public var step: UInt64 {
            switch self {
            case .ticks: 0
            case .traceCmdNanoseconds, .traceCmdRaw, .traceCmdRawTime, .perfThread, .babeltrace, .babeltraceDay: 1
            default: 1000
            }
        }

        /// True if results of handlers are numbers.
        public var isRaw: Bool { self == .traceCmdRaw || self == .babeltrace || self == .babeltraceDay }
        /// True if the text has the thread.
        public var hasThread: Bool { self != .perfFew }
        /// The number of bytes of a task's name that it holds; nil is all.
        public var taskWidth: Int? { self == .latency || self == .traceCmdLatency ? 8 : nil }
    }

    /// An event to print.
    public struct Event: Sendable {
        /// The event, without its system.
        public var name: String
        public var time: UInt64
        public var cpu: Int
        public var pid: Int
        public var task: String
        /// The interrupt's or the softirq's number.
        public var number: Int
        /// The handler's name, or its result.
        public var action = ""
        public var result = 1

        public init(name: String, time: UInt64, cpu: Int, pid: Int, task: String, number: Int) {
            (self.name, self.time, self.cpu, self.pid, self.task, self.number) = (name, time, cpu, pid, task, number)
        }
    }

    public let layout: Layout

    public init(_ layout: Layout) { self.layout = layout }

    /// The line of an event, without a newline.
    public func line(_ event: Event) -> String {
        let time = time(event.time)
        let task = left(event.task, 16)
        let (cpu, pid) = (zeros(event.cpu, 3), String(event.pid))
        let thread = "\(task)-\(right(pid, 7)) "
        let colon = event.name + ": "
        let text = arguments(event)
        let short = left(String(decoding: Array(event.task.utf8.prefix(8)), as: UTF8.self), 8)
        switch layout {
        case .ftrace: return "\(thread)[\(cpu)] d.h1. \(time): \(colon)\(text)"
        case .ftrace59: return "\(task)-\(right(pid, 5)) [\(cpu)] dNh2 \(time): \(colon)\(text)"
        case .noFlags: return "\(task)-\(right(pid, 5)) [\(cpu)] \(time): \(colon)\(text)"
        case .processNumber: return "\(thread)(\(left(pid, 7))) [\(cpu)] d.h1. \(time): \(colon)\(text)"
        case .noProcessNumber: return "\(thread)(-------) [\(cpu)] .... \(time): \(colon)\(text)"
        case .ticks: return "\(thread)[\(cpu)] d.h1. \(left(String(event.time), 12)): \(colon)\(text)"
        case .latency:
            return "\(short)-\(right(pid, 7)) \(left(String(event.cpu), 3))d.h1. \(event.time / 1000)us : \(colon)\(text)"
        case .verbose:
            let stamp = "[0badcafe] \(event.time / 1_000_000).\(zeros(Int(event.time / 1000 % 1000), 3))ms (+0.001ms): "
            return "\(task) \(left(pid, 7)) \(left(String(event.cpu), 3)) 9 00000001 00000006 \(stamp)\(colon)\(text)"
        case .traceCmd, .traceCmdNanoseconds:
            return "\(task)-\(right(pid, 5)) [\(cpu)] \(time): \(right(colon, 22))\(text)"
        case .traceCmdFlags: return "\(task)-\(right(pid, 5)) [\(cpu)] d..2. \(time): \(right(colon, 22))\(text)"
        case .traceCmdRaw: return "\(task)-\(right(pid, 5)) [\(cpu)]-0x9 \(time): \(right(colon, 22))\(text)"
        case .traceCmdLatency:
            return "\(short)-\(right(pid, 5)) \(left(String(event.cpu), 3))d.h1. \(time): \(right(colon, 22))\(text)"
        case .traceCmdRawTime: return "\(task)-\(right(pid, 5)) [\(cpu)]\(event.time): \(right(colon, 22))\(text)"
        case .difference: return "\(task)-\(right(pid, 5)) [\(cpu)] \(time): (+21)    \(right(colon, 22))\(text)"
        case .perf: return "\(task) \(left(pid, 5)) [\(cpu)] \(time): \(left("irq:" + colon, 23))\(text)"
        case .perf7: return "\(task) \(left(pid, 7)) [\(cpu)] \(time): \(left("irq:" + colon, 23))\(text)"
        case .perfThread: return "\(task) \(left(pid, 5))/\(right(pid, 5)) [\(cpu)] \(time): \(left("irq:" + colon, 23))\(text)"
        case .perfFew: return "[\(cpu)] \(time): \(left("irq:" + colon, 23))\(text)"
        case .perfPeriod: return "\(task) \(left(pid, 5)) [\(cpu)] \(time):          1 \(left("irq:" + colon, 23))\(text)"
        case .perfProf:
            return "2024-01-02 03:04:05.678901 G \(task) \(left(pid, 6)) d.h. [\(cpu)] \(time): irq:\(colon)\(text)"
        case .babeltrace, .babeltraceDay:
            let name = event.name.hasPrefix("softirq") ? "irq_" + event.name : event.name
            let quoted = event.task.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "[\(time)] (+0.000000002) testbox \(name): { cpu_id = \(event.cpu) }, "
                + "{ pid = \(pid), procname = \"\(quoted)\" }, { \(text) }"
        case .dmesg:
            return "[   40.541216] \(task)-\(right(pid, 7)) [\(cpu)] d.h1. \(time): \(colon)\(text)\r"
        case .quoted: return "> \(task)-\(right(pid, 7)) [\(cpu)] d.h1. \(time): \(colon)\(text)"
        }
    }

    private func arguments(_ event: Event) -> String {
        if layout == .babeltrace || layout == .babeltraceDay {
            switch event.name {
            case "irq_handler_entry":
                let quoted = event.action.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                return "irq = \(event.number), name = \"\(quoted)\""
            case "irq_handler_exit": return "irq = \(event.number), ret = \(event.result)"
            default: return "vec = \(event.number)"
            }
        }
        switch event.name {
        case "irq_handler_entry": return "irq=\(event.number) name=\(event.action)"
        case "irq_handler_exit":
            let word = event.result == 0 ? "unhandled" : "handled"
            return "irq=\(event.number) ret=\(layout.isRaw ? String(event.result) : word)"
        default: return layout.isRaw ? "vec=\(event.number)" : "vec=\(event.number) [action=SOME]"
        }
    }

    private func time(_ time: UInt64) -> String {
        let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        if layout == .babeltrace { return "\(seconds).\(zeros(Int(rest), 9))" }
        if layout == .babeltraceDay {
            let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { zeros(Int($0), 2) }
            return parts.joined(separator: ":") + ".\(zeros(Int(rest), 9))"
        }
        return left(String(seconds), 5) + "." + (layout.step == 1 ? zeros(Int(rest), 9) : zeros(Int(rest / 1000), 6))
    }

    private func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }

    private func right(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    private func zeros(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
