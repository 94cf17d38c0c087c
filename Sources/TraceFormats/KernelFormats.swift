internal import CTraceEvent
package import IRQCore
internal import Synchronization

/// libtraceevent 1.7 parses through global variables: one call at a time in the whole process.
private let parserLock = Mutex(())

/// Reads what a kernel says about its own ring buffer and events, through libtraceevent: in a recording that
/// was made there, or in the files of a running one.
@safe
package struct KernelFormats: ~Copyable {
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
        guard FormatTextCheck.isHeaderPage(text) else { return nil }
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

    /// Adds the event that `text` describes to `table`: its fields if the analysis reads it, else its name.
    ///
    /// - Returns: false if the analysis reads it and the text makes no sense.
    package func add(_ text: RawSpan, system: String, to table: inout EventFormats) -> Bool {
        // A recording describes hundreds of events of which few are read: the others cost a look at their first lines.
        guard let head = FormatTextHead(text) else { return true }
        let name = head.name
        guard let known = EventCatalogue.find(system: system, name: name), let kind = known.kind,
            table.isDeep || !kind.isDeepOnly
        else {
            table.addUnused("\(system):\(name)", id: head.id)
            return true
        }
        let bytes = unsafe text.withUnsafeBytes { unsafe Array($0) }
        guard let event = parse(bytes, system: system, name: name) else {
            table.addUnused("\(system):\(name)", id: head.id)
            return false
        }
        let numbers = known.numbers.map { event.number($0) }
        let characters = known.text.map { event.text($0) }
        let second = known.secondText.map { event.text($0) }
        guard numbers.allSatisfy({ $0 != nil }), characters.map({ $0 != nil }) ?? true,
            second.map({ $0 != nil }) ?? true
        else {
            table.addUnused("\(system):\(name)", id: head.id)
            return false
        }
        var vectorIndex: UInt64 = 0
        if kind == .vectorEntry || kind == .vectorExit {
            guard let index = table.vectorIndex(of: Self.vectorName(name)) else { return false }
            vectorIndex = index
        }
        return table.add(
            EventFormat(
                kind: kind, pid: event.commonNumber("common_pid"), numbers: numbers, text: characters ?? nil,
                secondText: second ?? nil, vectorIndex: vectorIndex, flags: event.commonNumber("common_flags"),
                preemptCount: event.commonNumber("common_preempt_count")), id: event.id)
    }

    /// "local_timer" of "local_timer_entry".
    private static func vectorName(_ event: String) -> String {
        String(event.dropLast(event.hasSuffix("_entry") ? 6 : 5))
    }

    /// Parses the fields. The print format, which we never use, is left out: less to go wrong.
    private func parse(_ text: [UInt8], system: String, name: String) -> DescribedEvent? {
        var fields = text
        if let end = Self.find("print fmt:", in: text) { fields.removeSubrange(end...) }
        guard FormatTextCheck.isEvent(fields) else { return nil }
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
