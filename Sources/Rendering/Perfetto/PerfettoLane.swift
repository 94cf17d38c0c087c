/// A track of a CPU on which spans lie inside of each other or apart, with a sequence of packets of its own.
///
/// A packet of a begin or an end then needs neither the track nor the whole time: the sequence has a default of the one, and
/// a clock that counts from packet to packet.
struct PerfettoLane {
    let sequence: UInt64
    /// The time of the last packet.
    private(set) var time: UInt64
    /// The ends of the spans that are open, the outermost first.
    private var ends: [UInt64] = []
    /// The numbers of the names that the sequence has been told, by their keys.
    private var names: [Int64: UInt64] = [:]

    /// The steps in which times are told.
    private let unit: UInt64

    init(sequence: UInt64, time: UInt64, unit: UInt64) {
        (self.sequence, self.time, self.unit) = (sequence, time, unit)
    }

    /// Ends what is over at a time, and tells whether a span that lasts from then on fits.
    mutating func makeRoom(from start: UInt64, to end: UInt64, _ output: inout ByteOutput) -> Bool {
        while let last = ends.last, last <= start { endLast(&output) }
        return ends.last.map { end <= $0 } ?? true
    }

    /// Ends all that is open.
    mutating func endAll(_ output: inout ByteOutput) {
        while !ends.isEmpty { endLast(&output) }
    }

    private mutating func endLast(_ output: inout ByteOutput) {
        let end = max(ends.removeLast(), time)
        let delta = (end &- time) / unit
        // Timestamp, sequence, track event with its type: all but the numbers have a byte each.
        let length = 1 + ByteOutput.varintByteCount(delta) + 1 + ByteOutput.varintByteCount(sequence) + 4
        putHead(length, delta, &output)
        output.put(UInt8(0x5A))
        output.put(UInt8(2))
        output.put(UInt8(0x48))
        output.put(UInt8(truncatingIfNeeded: EventType.sliceEnd))
        time &+= delta &* unit
    }

    /// Begins a span, for which there is room.
    ///
    /// - Parameters:
    ///   - flows: the arrows that begin at it.
    ///   - endingFlow: the arrow that ends at it; 0 for none.
    mutating func begin(
        _ key: Int64, from start: UInt64, to end: UInt64, flows: [UInt64] = [], endingFlow: UInt64 = 0,
        _ output: inout ByteOutput, name: () -> String
    ) {
        let id = nameID(key, &output, name)
        let start = max(start, time)
        let delta = (start &- time) / unit
        var event = 2 + 1 + ByteOutput.varintByteCount(id)
        for flow in flows { event += 2 + ByteOutput.varintByteCount(flow) }
        if endingFlow != 0 { event += 2 + ByteOutput.varintByteCount(endingFlow) }
        let length =
            1 + ByteOutput.varintByteCount(delta) + 1 + ByteOutput.varintByteCount(sequence) + 1
            + ByteOutput.varintByteCount(UInt64(event)) + event
        putHead(length, delta, &output)
        output.put(UInt8(0x5A))
        output.putVarint(UInt64(event))
        output.put(UInt8(0x48))
        output.put(UInt8(truncatingIfNeeded: EventType.sliceBegin))
        output.put(UInt8(0x50))
        output.putVarint(id)
        for flow in flows { putFlow(EventField.flows, flow, &output) }
        if endingFlow != 0 { putFlow(EventField.endingFlows, endingFlow, &output) }
        time &+= delta &* unit
        ends.append(max(end, start))
    }

    /// The beginning of a packet: its length, its time since the one before, and its sequence.
    private func putHead(_ length: Int, _ delta: UInt64, _ output: inout ByteOutput) {
        output.put(UInt8(0x0A))
        output.putVarint(UInt64(length))
        output.put(UInt8(0x40))
        output.putVarint(delta)
        output.put(UInt8(0x50))
        output.putVarint(sequence)
    }

    private func putFlow(_ field: Int, _ flow: UInt64, _ output: inout ByteOutput) {
        output.putVarint(UInt64(field) << 3)
        output.putVarint(flow)
    }

    /// The number of a name; a new one is told first.
    private mutating func nameID(_ key: Int64, _ output: inout ByteOutput, _ name: () -> String) -> UInt64 {
        if let known = names[key] { return known }
        let id = UInt64(names.count + 1)
        names[key] = id
        output.putPacket { packet in
            packet.put(PacketField.sequence, sequence)
            packet.put(PacketField.internedData) { interned in
                interned.put(2) { entry in
                    entry.put(1, id)
                    entry.put(2, name())
                }
            }
        }
        return id
    }
}

extension ByteOutput {
    /// Writes a packet of a trace.
    mutating func putPacket(_ body: (inout ProtoMessage) -> Void) {
        var trace = ProtoMessage()
        trace.put(TraceField.packet, body)
        put(trace.bytes)
    }
}
