/// The fields of a message of protocol buffers, read without any code of ours: what a writer made is held against it.
struct ProtoWalk {
    /// A field's number, and its number or bytes.
    struct Field {
        let number: Int
        var value: UInt64 = 0
        var bytes: ArraySlice<UInt8> = []
    }

    /// The fields in the order of the message.
    let fields: [Field]

    /// Takes a message apart, which must be whole.
    init(_ message: ArraySlice<UInt8>) {
        var (rest, fields): (ArraySlice<UInt8>, [Field]) = (message, [])
        func varint() -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while true {
                guard let byte = rest.popFirst() else { preconditionFailure("a number is cut short") }
                precondition(shift < 70)
                value |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte & 0x80 == 0 { return value }
            }
        }
        while !rest.isEmpty {
            let key = varint()
            var field = Field(number: Int(key >> 3))
            switch key & 7 {
            case 0: field.value = varint()
            case 1:
                precondition(rest.count >= 8)
                for (place, byte) in rest.prefix(8).enumerated() { field.value |= UInt64(byte) << UInt64(8 * place) }
                rest = rest.dropFirst(8)
            case 2:
                let count = varint()
                precondition(count <= UInt64(rest.count))
                field.bytes = rest.prefix(Int(count))
                rest = rest.dropFirst(Int(count))
            default: preconditionFailure("no such wire type is written")
            }
            fields.append(field)
        }
        self.fields = fields
    }

    /// The messages in the fields of a number.
    func messages(_ number: Int) -> [ProtoWalk] { fields.filter { $0.number == number }.map { ProtoWalk($0.bytes) } }

    /// The last field of a number, as a number; nil if there is none.
    func value(_ number: Int) -> UInt64? { fields.last { $0.number == number }?.value }

    /// All fields of a number, as numbers.
    func values(_ number: Int) -> [UInt64] { fields.filter { $0.number == number }.map(\.value) }

    /// The last field of a number, as a text; nil if there is none.
    func text(_ number: Int) -> String? { fields.last { $0.number == number }.map { String(decoding: $0.bytes, as: UTF8.self) } }
}

/// A trace of Perfetto as its documents say it is read: sequences with clocks of their own, tracks, slices and flows.
struct PerfettoWalk {
    /// A slice of a track of a CPU.
    struct Slice: Hashable {
        var track: String
        var name: String
        var start: UInt64
        var end: UInt64
    }

    private struct Sequence {
        var time: UInt64 = 0
        var unit: UInt64 = 1
        var track: UInt64?
        var names: [UInt64: String] = [:]
        var open: [Slice] = []
    }

    private(set) var slices: [Slice] = []
    /// The numbers of arrows that begin, and those of arrows that end.
    private(set) var (begun, ended): ([UInt64], [UInt64]) = ([], [])
    /// The last value of each track of numbers.
    private(set) var rates: [UInt64: UInt64] = [:]
    private var tracks: [UInt64: String] = [:]
    private var sequences: [UInt64: Sequence] = [:]

    /// Reads a trace, which must be as they are written.
    init(_ trace: [UInt8]) {
        for field in ProtoWalk(trace[...]).fields {
            precondition(field.number == 1)
            take(ProtoWalk(field.bytes))
        }
        precondition(sequences.values.allSatisfy { $0.open.isEmpty }, "a slice has no end")
    }

    private mutating func take(_ packet: ProtoWalk) {
        guard let number = packet.value(10) else { return }
        var sequence = sequences[number] ?? Sequence()
        for track in packet.messages(60) {
            guard let id = track.value(1) else { preconditionFailure("a track has no number") }
            precondition(tracks[id] == nil && (track.value(5).map { tracks[$0] != nil } ?? true))
            tracks[id] = track.text(2) ?? ""
        }
        for snapshot in packet.messages(6) {
            for clock in snapshot.messages(1) {
                if clock.value(3) == 1 { sequence.unit = clock.value(4) ?? 1 } else { sequence.time = clock.value(2) ?? 0 }
            }
        }
        for defaults in packet.messages(59) { sequence.track = defaults.messages(11).first?.value(11) }
        for entry in packet.messages(12).flatMap({ $0.messages(2) }) { sequence.names[entry.value(1) ?? 0] = entry.text(2) }
        if let delta = packet.value(8) { sequence.time += delta * sequence.unit }
        for event in packet.messages(11) { take(event, &sequence) }
        sequences[number] = sequence
    }

    private mutating func take(_ event: ProtoWalk, _ sequence: inout Sequence) {
        guard let track = event.value(11) ?? sequence.track, let title = tracks[track] else {
            preconditionFailure("an event is of no track")
        }
        switch event.value(9) {
        case 1:
            guard let name = event.value(10).flatMap({ sequence.names[$0] }) else { preconditionFailure("a slice has no name") }
            sequence.open.append(Slice(track: title, name: name, start: sequence.time, end: 0))
            begun += event.values(47)
            ended += event.values(48)
        case 2:
            guard var slice = sequence.open.popLast() else { preconditionFailure("nothing is open") }
            slice.end = sequence.time
            slices.append(slice)
        case 4: rates[track] = event.value(30) ?? 0
        default: preconditionFailure("no such event is written")
        }
    }
}
