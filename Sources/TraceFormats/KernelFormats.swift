internal import CTraceEvent
package import IRQCore
internal import Synchronization

/// libtraceevent 1.7 parses through global variables: one call at a time in the whole process.
private let parserLock = Mutex(())

/// Reads what a kernel says about its own ring buffer and events, through libtraceevent: in a recording that
/// was made there, or in the files of a running one.
@safe
package struct KernelFormats: ~Copyable {
    /// The event systems that the analysis reads.
    package static let systems: Set<String> = ["irq", "irq_vectors", "workqueue"]
    private let handle: OpaquePointer

    /// Nil only if memory is out.
    package init?(byteOrder: ByteOrder, longByteCount: Int) {
        tep_set_loglevel(TEP_LOG_NONE)  // messages are ours to give
        guard let made = unsafe tep_alloc() else { return nil }
        unsafe handle = made
        unsafe tep_set_file_bigendian(made, byteOrder == .big ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN)
        unsafe tep_set_long_size(made, Int32(longByteCount))
    }

    deinit { unsafe tep_free(handle) }

    /// The page layout that the text of events/header_page describes; nil if it makes no sense.
    package func pageLayout(headerPage text: [UInt8], longByteCount: Int, byteOrder: ByteOrder) -> PageLayout? {
        guard FormatTextShape.isHeaderPage(text) else { return nil }
        var buffer = text.map { CChar(bitPattern: $0) } + [0]
        // libtraceevent reads `count` bytes of a buffer that has one more.
        let status = parserLock.withLock { _ in
            unsafe tep_parse_header_page(handle, &buffer, UInt(text.count), Int32(longByteCount))
        }
        guard status == 0 else { return nil }
        return PageLayout(
            subBufferByteCount: Int(unsafe tep_get_sub_buffer_size(handle)),
            commitByteCount: Int(unsafe tep_get_header_page_size(handle)), byteOrder: byteOrder)
    }

    /// Adds the event that `text` describes to `table` if the analysis wants it; false if the text makes no sense.
    package func add(_ text: [UInt8], system: String, to table: inout EventFormats) -> Bool {
        guard let name = Self.name(text), let kind = Self.kind(system: system, name: name) else { return true }
        guard let event = parse(text, system: system, name: name) else { return false }
        let pid = event.commonNumber("common_pid")
        switch kind {
        case .irqEntry:
            guard let irq = event.number("irq"), let action = event.text("name") else { return false }
            return table.add(EventFormat(kind: kind, pid: pid, value: irq, text: action), id: event.id)
        case .irqExit:
            guard let irq = event.number("irq"), let result = event.number("ret") else { return false }
            return table.add(EventFormat(kind: kind, pid: pid, value: irq, extra: result), id: event.id)
        case .softirqRaise, .softirqEntry, .softirqExit:
            guard let vector = event.number("vec") else { return false }
            return table.add(EventFormat(kind: kind, pid: pid, value: vector), id: event.id)
        case .vectorEntry, .vectorExit:
            guard let index = table.vectorIndex(of: Self.vectorName(name)) else { return false }
            return table.add(EventFormat(kind: kind, pid: pid, vectorIndex: index), id: event.id)
        case .workQueue, .workStart:
            guard let work = event.number("work"), let function = event.number("function") else { return false }
            return table.add(EventFormat(kind: kind, pid: pid, value: work, extra: function), id: event.id)
        case .workEnd:
            guard let work = event.number("work") else { return false }
            return table.add(EventFormat(kind: kind, pid: pid, value: work), id: event.id)
        }
    }

    /// What an event is to the analysis; nil if nothing.
    package static func kind(system: String, name: String) -> EventKind? {
        switch (system, name) {
        case ("irq", "irq_handler_entry"): .irqEntry
        case ("irq", "irq_handler_exit"): .irqExit
        case ("irq", "softirq_raise"): .softirqRaise
        case ("irq", "softirq_entry"): .softirqEntry
        case ("irq", "softirq_exit"): .softirqExit
        case ("workqueue", "workqueue_queue_work"): .workQueue
        case ("workqueue", "workqueue_execute_start"): .workStart
        case ("workqueue", "workqueue_execute_end"): .workEnd
        case ("irq_vectors", _) where name.hasSuffix("_entry"): .vectorEntry
        case ("irq_vectors", _) where name.hasSuffix("_exit"): .vectorExit
        default: nil
        }
    }

    /// "local_timer" of "local_timer_entry".
    private static func vectorName(_ event: String) -> String {
        String(event.dropLast(event.hasSuffix("_entry") ? 6 : 5))
    }

    /// The word after "name: ", with which a format text begins.
    package static func name(_ text: [UInt8]) -> String? {
        let prefix = Array("name: ".utf8)
        guard text.starts(with: prefix) else { return nil }
        let word = text.dropFirst(prefix.count).prefix { $0 != 0x0A }
        return word.count < 256 ? String(decoding: word, as: UTF8.self) : nil
    }

    /// Parses the fields. The print format, which we never use, is left out: less to go wrong.
    private func parse(_ text: [UInt8], system: String, name: String) -> DescribedEvent? {
        var fields = text
        if let end = Self.find("print fmt:", in: text) { fields.removeSubrange(end...) }
        guard FormatTextShape.isEvent(fields) else { return nil }
        let buffer = (fields + Array("print fmt: \"\"\n".utf8)).map { CChar(bitPattern: $0) }
        // The buffer is read within the given count.
        let parsed = parserLock.withLock { _ in unsafe tep_parse_event(handle, buffer, UInt(buffer.count), system) }
        guard parsed == TEP_ERRNO__SUCCESS else { return nil }
        guard let event = unsafe tep_find_event_by_name(handle, system, name) else { return nil }
        return unsafe DescribedEvent(event: event)
    }

    private static func find(_ words: String, in text: [UInt8]) -> Int? {
        let wanted = Array(words.utf8)
        guard text.count >= wanted.count else { return nil }
        return (0...text.count - wanted.count).first { start in
            text[start] == wanted[0] && text[start..<start + wanted.count].elementsEqual(wanted)
        }
    }
}

/// An event as libtraceevent understood its format text. Lives no longer than the handle that parsed it.
@safe
private struct DescribedEvent {
    private let event: UnsafeMutablePointer<tep_event>

    init(event: UnsafeMutablePointer<tep_event>) { unsafe self.event = event }

    var id: Int { unsafe Int(event.pointee.id) }

    func number(_ name: String) -> NumberField? { unsafe Self.number(tep_find_field(event, name)) }

    /// One of the fields that all events of a kernel have.
    func commonNumber(_ name: String) -> NumberField? { unsafe Self.number(tep_find_common_field(event, name)) }

    private static func number(_ field: UnsafeMutablePointer<tep_format_field>?) -> NumberField? {
        guard let field = unsafe field else { return nil }
        return unsafe NumberField(
            offset: Int(field.pointee.offset), byteCount: Int(field.pointee.size),
            isSigned: field.pointee.flags & UInt(TEP_FIELD_IS_SIGNED.rawValue) != 0)
    }

    func text(_ name: String) -> TextField? {
        guard let field = unsafe tep_find_field(event, name) else { return nil }
        let flags = unsafe field.pointee.flags
        var encoding = TextField.Encoding.array
        if flags & UInt(TEP_FIELD_IS_DYNAMIC.rawValue) != 0 {
            encoding = flags & UInt(TEP_FIELD_IS_RELATIVE.rawValue) != 0 ? .relativeLocation : .dataLocation
        }
        return unsafe TextField(
            offset: Int(field.pointee.offset), byteCount: Int(field.pointee.size), encoding: encoding)
    }
}
