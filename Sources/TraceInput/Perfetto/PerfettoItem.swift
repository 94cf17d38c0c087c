import IRQCore

/// An event of a bundle, taken apart.
struct PerfettoItem {
    /// Nanoseconds of the trace clock; 0 if it tells none.
    var time: UInt64
    var pid: Int32
    var flags: UInt8 = 0
    /// Its place in `PerfettoEvents`; nil if it makes no sense.
    var place: Int?
    var kind: EventKind?
    var numbers: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// The places of its texts in the file.
    var text = 0..<0
    var secondText = 0..<0
    /// True if it was packed by columns, which do not tell the task that ran.
    var isPacked = false
    /// The place of a text that stands for an address.
    var reason = 0..<0

    init(time: UInt64, pid: Int32) { (self.time, self.pid) = (time, pid) }

    /// Takes an FtraceEvent apart: `range` is its place in `bytes`.
    init(_ bytes: RawSpan, _ range: Range<Int>, _ events: inout PerfettoEvents) {
        self.init(time: 0, pid: 0)
        var fields = ProtoFields(bytes, range)
        var message: ProtoField?
        while let field = fields.next() {
            switch field.number {
            case 1: time = field.value
            case 2: pid = field.int32
            case 5: flags = UInt8(truncatingIfNeeded: field.value)
            default: if message == nil, field.hasLength { message = field }
            }
        }
        guard let message, !fields.isDamaged, time > 0 else { return }
        if message.number == PerfettoEvents.genericField {
            takeGeneric(bytes, message.range, &events)
        } else if let place = events.place(ofField: message.number) {
            take(bytes, message.range, events.events[place], place)
        }
    }

    private mutating func take(_ bytes: RawSpan, _ range: Range<Int>, _ event: PerfettoEvent, _ place: Int) {
        self.place = place
        kind = event.kind
        numbers.0 = UInt64(event.vector)
        if event.fields.isEmpty { return }
        var fields = ProtoFields(bytes, range)
        while let field = fields.next() {
            for known in event.fields where known.number == field.number { set(known.use, field) }
        }
        if fields.isDamaged { self.place = nil }
    }

    private mutating func set(_ use: PerfettoEvent.Use, _ field: ProtoField) {
        switch use {
        case .number(0): numbers.0 = field.value
        case .number(1): numbers.1 = field.value
        case .number: numbers.2 = field.value
        case .text: text = field.range
        case .secondText: secondText = field.range
        case .reason: reason = field.range
        }
    }

    /// A GenericFtraceEvent: name (1), and fields (2) of name (1) and text (3) or number (4 or 5).
    private mutating func takeGeneric(_ bytes: RawSpan, _ range: Range<Int>, _ events: inout PerfettoEvents) {
        var fields = ProtoFields(bytes, range)
        var name = 0..<0
        while let field = fields.next() {
            if field.number == 1 { name = field.range }
        }
        guard !fields.isDamaged, let place = events.place(ofGeneric: bytes.extracting(name)) else { return }
        let event = events.events[place]
        self.place = place
        kind = event.kind
        numbers.0 = UInt64(event.vector)
        if event.fields.isEmpty { return }
        fields = ProtoFields(bytes, range)
        while let field = fields.next() {
            guard field.number == 2 else { continue }
            var parts = ProtoFields(bytes, field.range)
            var (label, value): (Range<Int>, ProtoField?) = (0..<0, nil)
            while let part = parts.next() {
                if part.number == 1 { label = part.range }
                if part.number >= 3 { value = part }
            }
            guard let value else { continue }
            for known in event.fields
            where known.name.count == label.count && bytes.begins(with: known.name, at: label.lowerBound) {
                set(known.use, value)
            }
        }
    }
}

/// The scheduler's events of a bundle that are packed by columns (CompactSched), one kind of them.
struct PerfettoColumns {
    /// The places of the columns: time, then those of the kind; and how far each is read.
    private var columns: [Range<Int>]
    private let isSwitch: Bool
    private let place: Int
    private var time: UInt64 = 0
    /// True if the columns have not the same length.
    private(set) var isDamaged = false

    /// Takes the columns of `range`, a CompactSched.
    ///
    /// - Parameter place: that of the event in `PerfettoEvents`.
    init(_ bytes: RawSpan, _ range: Range<Int>, isSwitch: Bool, place: Int) {
        (self.isSwitch, self.place) = (isSwitch, place)
        // Switches: time, state, task, priority, name. Wakings: time, task, CPU, priority, name, flags.
        let numbers = isSwitch ? [1, 2, 3, 4, 6] : [7, 8, 9, 10, 11, 12]
        columns = Array(repeating: 0..<0, count: numbers.count)
        var fields = ProtoFields(bytes, range)
        while let field = fields.next() {
            if let column = numbers.firstIndex(of: field.number), field.hasLength { columns[column] = field.range }
        }
        isDamaged = fields.isDamaged
    }

    /// The next event; nil at the end. Of a switch the task that ran until then is not told.
    mutating func next(_ bytes: RawSpan, names: [Range<Int>], _ events: PerfettoEvents) -> PerfettoItem? {
        guard !columns[0].isEmpty, !isDamaged else { return nil }
        var values = InlineArray<6, UInt64>(repeating: 0)
        for column in columns.indices {
            // Old traces have no flags.
            if column == 5, columns[5].isEmpty { continue }
            var offset = columns[column].lowerBound
            guard let value = bytes.varint(at: &offset, end: columns[column].upperBound) else {
                isDamaged = true
                return nil
            }
            values[column] = value
            columns[column] = offset..<columns[column].upperBound
        }
        time = time &+ values[0]
        guard values[4] < UInt64(names.count) else {
            isDamaged = true
            return nil
        }
        var item = PerfettoItem(time: time, pid: 0)
        item.isPacked = true
        item.place = place
        item.kind = events.events[place].kind
        item.text = names[Int(values[4])]
        if isSwitch {
            item.numbers = (values[2], values[1], values[3], 0)
        } else {
            item.numbers = (values[1], values[2], 0, 0)
            item.flags = UInt8(truncatingIfNeeded: values[5])
        }
        return item
    }

    /// The names of tasks in the same message.
    static func names(_ bytes: RawSpan, _ range: Range<Int>) -> [Range<Int>] {
        var names: [Range<Int>] = []
        var fields = ProtoFields(bytes, range)
        while let field = fields.next() {
            if field.number == 5 { names.append(field.range) }
        }
        return names
    }
}
