/// Format texts of the events that the tests write, as a kernel prints them in tracefs.
public struct FormatTexts: Sendable {
    /// 4 or 8.
    public let longByteCount: Int
    /// Bytes of common fields behind common_pid, as some older kernels had.
    public let extraCommonByteCount: Int
    /// How irq_handler_entry holds the action.
    public let nameField: NameField

    public enum NameField: String, Sendable, CaseIterable { case dataLocation, relativeLocation, array }

    public init(longByteCount: Int = 8, extraCommonByteCount: Int = 0, nameField: NameField = .dataLocation) {
        self.longByteCount = longByteCount
        self.extraCommonByteCount = extraCommonByteCount
        self.nameField = nameField
    }

    /// Where the event's own fields begin.
    public var fieldOffset: Int { 8 + extraCommonByteCount }

    public static let ids: [(system: String, name: String, id: Int)] = [
        ("irq", "irq_handler_entry", 150), ("irq", "irq_handler_exit", 149), ("irq", "softirq_raise", 146),
        ("irq", "softirq_entry", 148), ("irq", "softirq_exit", 147), ("irq_vectors", "local_timer_entry", 120),
        ("irq_vectors", "local_timer_exit", 119), ("workqueue", "workqueue_queue_work", 264),
        ("workqueue", "workqueue_execute_start", 262), ("workqueue", "workqueue_execute_end", 261),
        ("sched", "sched_stat_runtime", 314),
    ]

    public func text(_ name: String) -> String {
        let id = Self.ids.first { $0.name == name }!.id
        var text = "name: \(name)\nID: \(id)\nformat:\n"
        text += line("unsigned short common_type", 0, 2, false)
        text += line("unsigned char common_flags", 2, 1, false)
        text += line("unsigned char common_preempt_count", 3, 1, false)
        text += line("int common_pid", 4, 4, true)
        if extraCommonByteCount > 0 { text += line("int common_padding", 8, extraCommonByteCount, true) }
        text += "\n"
        let at = fieldOffset
        switch name {
        case "irq_handler_entry":
            text += line("int irq", at, 4, true)
            switch nameField {
            case .dataLocation: text += line("__data_loc char[] name", at + 4, 4, true)
            case .relativeLocation: text += line("__rel_loc char[] name", at + 4, 4, true)
            case .array: text += line("char name[16]", at + 4, 16, true)
            }
        case "irq_handler_exit": text += line("int irq", at, 4, true) + line("int ret", at + 4, 4, true)
        case "softirq_raise", "softirq_entry", "softirq_exit": text += line("unsigned int vec", at, 4, false)
        case "local_timer_entry", "local_timer_exit": text += line("int vector", at, 4, true)
        case "workqueue_queue_work", "workqueue_execute_start", "workqueue_execute_end":
            text += line("void * work", at, longByteCount, false)
            text += line("void * function", at + longByteCount, longByteCount, false)
        default: text += line("int field", at, 4, true)
        }
        return text + "\nprint fmt: \"x=%d\", REC->x\n"
    }

    private func line(_ declaration: String, _ offset: Int, _ size: Int, _ isSigned: Bool) -> String {
        "\tfield:\(declaration);\toffset:\(offset);\tsize:\(size);\tsigned:\(isSigned ? 1 : 0);\n"
    }
}
