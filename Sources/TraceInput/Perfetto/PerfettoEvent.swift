import IRQCore

/// An event as Perfetto writes it: a message in FtraceEvent (protos/perfetto/trace/ftrace), and where its fields go.
struct PerfettoEvent {
    /// The use of a field: a number of `TraceEvent` or one of its texts.
    enum Use {
        case number(Int)
        case text, secondText
        /// A text that takes the place of an address.
        case reason
    }

    /// A field that is read.
    struct Field {
        /// Its number in the message.
        let number: Int
        /// Its name in the kernel.
        let name: [UInt8]
        let use: Use
    }

    /// The full name, such as "irq:irq_handler_entry".
    let name: String
    /// Its meaning; nil if it is not read.
    let kind: EventKind?
    let fields: [Field]
    /// The place of an x86 vector's name.
    let vector: Int

    /// Takes the fields of an event that the catalogue has, else none.
    ///
    /// - Parameters:
    ///   - fields: the kernel's names of the message's fields, by their numbers.
    ///   - vector: gives the place of a vector's name; nil if there is no room.
    init(_ system: String, _ name: String, _ fields: [Int: String], vector: (String) -> Int?) {
        self.name = system + ":" + name
        let known = EventCatalogue.find(system: system, name: name)
        var kind = known?.kind
        var place = 0
        if kind == .vectorEntry || kind == .vectorExit {
            let found = vector(String(name.dropLast(kind == .vectorEntry ? 6 : 5)))
            if found == nil { kind = nil }
            place = found ?? 0
        }
        var uses: [Field] = []
        if let known {
            for (number, field) in fields.sorted(by: { $0.key < $1.key }) {
                let use: Use
                if let place = known.numbers.firstIndex(of: field) {
                    use = kind == .ipiRaise ? .reason : .number(place)
                } else if field == known.text {
                    use = .text
                } else if field == known.secondText {
                    use = .secondText
                } else {
                    continue
                }
                uses.append(Field(number: number, name: Array(field.utf8), use: use))
            }
        }
        self.kind = kind
        self.fields = kind == nil ? [] : uses
        self.vector = place
    }

    /// True if a number of the event is the address of an object, of which Perfetto writes an index.
    static func isObject(_ kind: EventKind, _ place: Int) -> Bool {
        switch kind {
        case .workQueue, .workStart, .workEnd, .taskletEntry, .taskletExit, .csdQueue, .csdEntry, .timerEntry,
            .timerExit, .hrtimerStart, .hrtimerEntry, .hrtimerExit:
            place == 0
        default: false
        }
    }

    /// True if a number of the event is an address in the kernel's code, of which Perfetto writes an index.
    static func isFunction(_ kind: EventKind, _ place: Int) -> Bool {
        switch kind {
        case .workQueue, .workStart, .taskletEntry, .taskletExit, .csdQueue, .csdEntry, .timerEntry, .hrtimerStart,
            .hrtimerEntry:
            place == 1
        case .ipiSendCPU, .ipiSendMask: place <= 1
        default: false
        }
    }
}

extension PerfettoEvent {
    /// An event that is not read.
    init(unused name: String) {
        self.name = name
        (kind, fields, vector) = (nil, [], 0)
    }
}
