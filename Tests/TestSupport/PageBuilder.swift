import IRQCore

/// Bytes in a given byte order.
public struct ByteWriter {
    public private(set) var bytes: [UInt8] = []
    private let byteOrder: ByteOrder

    public init(_ byteOrder: ByteOrder) { self.byteOrder = byteOrder }

    public mutating func put<T: FixedWidthInteger>(_ value: T) {
        let ordered = byteOrder == .big ? value.bigEndian : value.littleEndian
        withUnsafeBytes(of: ordered) { bytes += $0 }
    }

    public mutating func put(long value: UInt64, byteCount: Int) {
        if byteCount == 8 { put(value) } else { put(UInt32(truncatingIfNeeded: value)) }
    }

    public mutating func put(_ text: String) { bytes += Array(text.utf8) }
    public mutating func put(raw: [UInt8]) { bytes += raw }
    public mutating func pad(to count: Int) { while bytes.count < count { bytes.append(0) } }
}

/// Writes one ring-buffer page, record by record.
public struct PageBuilder {
    public let layout: PageLayout
    private let start: UInt64
    private var time: UInt64
    private var records: ByteWriter
    private var flags: UInt64 = 0
    private var missedCount: UInt64?

    public init(_ layout: PageLayout, start: UInt64) {
        self.layout = layout
        self.start = start
        time = start
        records = ByteWriter(layout.byteOrder)
    }

    /// Bytes of records that still fit.
    public var room: Int { layout.subBufferByteCount - layout.dataOffset - records.bytes.count }
    public var currentTime: UInt64 { time }

    private func word(_ kind: UInt32, _ delta: UInt64) -> UInt32 {
        layout.byteOrder == .big ? kind << 27 | UInt32(delta) : UInt32(delta) << 5 | kind
    }

    /// Adds an event at `at`, with a time extend before it if the step is long.
    public mutating func event(at: UInt64, _ payload: [UInt8], isLong: Bool = false) {
        var delta = at - time
        if delta >= 1 << 27 {
            timeExtend(delta)
            delta = 0
        }
        record(delta: delta, payload, isLong: isLong)
    }

    public mutating func record(delta: UInt64, _ payload: [UInt8], isLong: Bool = false) {
        let padded = payload + [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
        if padded.count <= 112, !isLong, !padded.isEmpty {
            records.put(word(UInt32(padded.count / 4), delta))
        } else {
            records.put(word(0, delta))
            records.put(UInt32(payload.count + 4))
        }
        records.put(raw: padded)
        time += delta
    }

    public mutating func timeExtend(_ delta: UInt64) {
        records.put(word(30, delta & ((1 << 27) - 1)))
        records.put(UInt32(truncatingIfNeeded: delta >> 27))
        time += delta
    }

    public mutating func absoluteTime(_ stamp: UInt64) {
        records.put(word(31, stamp & ((1 << 27) - 1)))
        records.put(UInt32(truncatingIfNeeded: stamp >> 27))
        time = stamp
    }

    /// A discarded event: padding that carries its delta.
    public mutating func discarded(delta: UInt64, byteCount: Int) {
        records.put(word(29, max(delta, 1)))
        records.put(UInt32(byteCount))
        records.put(raw: [UInt8](repeating: 0xAA, count: byteCount - 4))
        time += max(delta, 1)
    }

    /// Says that events were lost before this page.
    public mutating func missed(_ count: UInt64?) {
        flags |= 1 << 31
        if count != nil { flags |= 1 << 30 }
        missedCount = count
    }

    public func bytes() -> [UInt8] {
        var page = ByteWriter(layout.byteOrder)
        page.put(start)
        page.put(long: UInt64(records.bytes.count) | flags, byteCount: layout.commitByteCount)
        page.put(raw: records.bytes)
        if let missedCount { page.put(long: missedCount, byteCount: layout.commitByteCount) }
        page.pad(to: layout.subBufferByteCount)
        return page.bytes
    }
}

/// Payloads of events as `FormatTexts` describes them.
public struct EventBuilder: Sendable {
    public let texts: FormatTexts
    public let byteOrder: ByteOrder

    public init(_ texts: FormatTexts, _ byteOrder: ByteOrder) {
        self.texts = texts
        self.byteOrder = byteOrder
    }

    private func head(_ name: String, pid: Int32) -> ByteWriter {
        var writer = ByteWriter(byteOrder)
        writer.put(UInt16(FormatTexts.ids.first { $0.name == name }!.id))
        writer.put(raw: [0, 0])
        writer.put(pid)
        writer.pad(to: texts.fieldOffset)
        return writer
    }

    public func irqEntry(_ irq: Int32, _ action: String, pid: Int32 = 0) -> [UInt8] {
        irqEntry(irq, Array(action.utf8), pid: pid)
    }

    public func irqEntry(_ irq: Int32, _ action: [UInt8], pid: Int32 = 0) -> [UInt8] {
        var writer = head("irq_handler_entry", pid: pid)
        writer.put(irq)
        let length = UInt32(action.count + 1) << 16
        switch texts.nameField {
        case .dataLocation: writer.put(length | UInt32(texts.fieldOffset + 8))
        case .relativeLocation: writer.put(length)
        case .array:
            writer.put(raw: action + [UInt8](repeating: 0, count: 16 - action.count))
            return writer.bytes
        }
        writer.put(raw: action + [0])
        return writer.bytes
    }

    public func irqExit(_ irq: Int32, ret: Int32, pid: Int32 = 0) -> [UInt8] {
        var writer = head("irq_handler_exit", pid: pid)
        writer.put(irq)
        writer.put(ret)
        return writer.bytes
    }

    public func softirq(_ what: String, _ vector: UInt32, pid: Int32 = 0) -> [UInt8] {
        var writer = head("softirq_\(what)", pid: pid)
        writer.put(vector)
        return writer.bytes
    }

    public func timer(_ what: String, pid: Int32 = 0) -> [UInt8] {
        var writer = head("local_timer_\(what)", pid: pid)
        writer.put(Int32(236))
        return writer.bytes
    }

    public func work(_ what: String, _ work: UInt64, _ function: UInt64, pid: Int32 = 0) -> [UInt8] {
        var writer = head("workqueue_\(what)", pid: pid)
        writer.put(long: work, byteCount: texts.longByteCount)
        writer.put(long: function, byteCount: texts.longByteCount)
        return writer.bytes
    }

    public func other() -> [UInt8] {
        var writer = head("sched_stat_runtime", pid: 7)
        writer.put(Int32(1))
        return writer.bytes
    }
}
