import IRQCore

/// The contents of a Perfetto trace but for its events, and where these are (protos/perfetto/trace/trace_packet.proto).
struct PerfettoContents {
    /// The data sources that have events of ftrace, in the order in which they began.
    private(set) var streams: [PerfettoStream] = []
    private(set) var events = PerfettoEvents()
    private(set) var machine: String?
    private(set) var taskNames: [Int32: String] = [:]
    /// The names of functions; an event's function is a place here, and one.
    private(set) var symbolNames: [String] = [Self.unknownSymbol]
    /// True if packets are packed: then there is nothing else here.
    private(set) var isPacked = false
    /// Packets and bundles that are damaged, and those of the kernel's pages that Perfetto could not read.
    private(set) var damagedCount = 0
    private(set) var unreadPageCount = 0
    /// The place where the file is no trace any more; nil if all of it is.
    private(set) var damageOffset: Int?

    private var symbolIDs: [String: Int32] = [:]

    private static let nameLimit = 1 << 16
    private static let streamLimit = 64
    /// The name of functions of which the trace tells none.
    private static let unknownSymbol = "unknown"
    /// Pages of the mapped file are given back after so many bytes.
    private static let releasedByteCount = 16 << 20

    /// Reads all packets but the events.
    init(_ file: borrowing MappedFile) {
        let bytes = file.bytes
        var packets = ProtoFields(bytes, 0..<bytes.byteCount)
        var released = 0
        while let packet = packets.next() {
            if packet.number == 1, packet.hasLength { take(bytes, packet.range) }
            if isPacked { return }
            if packets.offset - released > Self.releasedByteCount {
                file.release(released..<packets.offset)
                released = packets.offset
            }
        }
        if packets.offset < bytes.byteCount { damageOffset = packets.offset }
        for place in streams.indices { streams[place].finish() }
    }

    private mutating func take(_ bytes: RawSpan, _ range: Range<Int>) {
        var fields = ProtoFields(bytes, range)
        var (bundle, names, statistics): (Range<Int>?, Range<Int>?, Range<Int>?)
        var (sequence, machineID, flags): (UInt64, UInt64, UInt64) = (0, 0, 0)
        var isAfterLoss = false
        while let field = fields.next() {
            switch field.number {
            case 1: bundle = field.range
            case 2: takeTasks(bytes, field.range)
            case 10: sequence = field.value
            case 12: names = field.range
            case 13: flags |= field.value
            case 34: statistics = field.range
            case 41: flags |= field.value
            case 42: isAfterLoss = field.value != 0
            case 45: takeSystem(bytes, field.range)
            case 50, 133: isPacked = true
            case 98: machineID = field.value
            default: break
            }
        }
        if fields.isDamaged {
            // Nobody knows whose events were in it.
            damagedCount += 1
            for place in streams.indices { streams[place].losePackets() }
        }
        guard let place = stream(machineID, sequence, isNew: bundle != nil || statistics != nil) else { return }
        if isAfterLoss { streams[place].losePackets() }
        if let bundle { takeBundle(bytes, bundle, stream: place, isCleared: flags & 1 != 0) }
        if let names { takeSymbols(bytes, names, stream: place) }
        if let statistics { takeStatistics(bytes, statistics, stream: place) }
    }

    private mutating func stream(_ machine: UInt64, _ sequence: UInt64, isNew: Bool) -> Int? {
        if let place = streams.firstIndex(where: { $0.machine == machine && $0.sequence == sequence }) { return place }
        guard isNew, streams.count < Self.streamLimit else { return nil }
        let name = (machine == 0 ? "" : "machine \(machine) ") + "sequence \(sequence)"
        streams.append(PerfettoStream(machine: machine, sequence: sequence, name: streams.isEmpty ? "" : name))
        return streams.count - 1
    }

    private mutating func takeBundle(_ bytes: RawSpan, _ range: Range<Int>, stream: Int, isCleared: Bool) {
        var fields = ProtoFields(bytes, range)
        var cpu: UInt64?
        var (isAfterLoss, hasEvents): (Bool, Bool) = (false, false)
        while let field = fields.next() {
            switch field.number {
            case 1: cpu = field.value
            case 2, 4: hasEvents = true
            case 3: isAfterLoss = field.value != 0
            case 5: streams[stream].setClock(field.value)
            case 8: unreadPageCount += 1
            case 11: takeDescription(bytes, field.range)
            default: break
            }
        }
        if fields.isDamaged { damagedCount += 1 }
        guard let cpu, cpu < ProcTextLimits.kernelCPUCount, hasEvents || isAfterLoss else {
            if !fields.isDamaged, cpu != nil, cpu ?? 0 < ProcTextLimits.kernelCPUCount { return }
            // Nobody knows what was in it.
            damagedCount += fields.isDamaged ? 0 : 1
            streams[stream].losePackets()
            return
        }
        // Without a clock it is the boot clock.
        streams[stream].setClock(0)
        streams[stream].add(cpu: Int(cpu), range, isAfterLoss: isAfterLoss, isCleared: isCleared)
    }

    /// An event that Perfetto has no message for: a DescriptorProto of name (1) and fields (2) of name (1) and number (3).
    private mutating func takeDescription(_ bytes: RawSpan, _ range: Range<Int>) {
        var parts = ProtoFields(bytes, range)
        var (number, system, name): (Int, String, String) = (0, "", "")
        var fields: [Int: String] = [:]
        while let part = parts.next() {
            if part.number == 1 { number = Int(truncatingIfNeeded: part.value) }
            if part.number == 3 { system = bytes.text(part.range) }
            guard part.number == 2 else { continue }
            var inner = ProtoFields(bytes, part.range)
            while let field = inner.next() {
                if field.number == 1 { name = bytes.text(field.range) }
                guard field.number == 2, fields.count < 64 else { continue }
                var (place, text): (Int, String) = (0, "")
                var description = ProtoFields(bytes, field.range)
                while let item = description.next() {
                    if item.number == 1 { text = bytes.text(item.range) }
                    if item.number == 3 { place = Int(truncatingIfNeeded: item.value) }
                }
                fields[place] = text
            }
        }
        if number > 0, !name.isEmpty { events.describe(field: number, system: system, name: name, fields: fields) }
    }

    private mutating func takeTasks(_ bytes: RawSpan, _ range: Range<Int>) {
        var fields = ProtoFields(bytes, range)
        while let field = fields.next() {
            // A process has its command line in field 3, a thread its name in field 2.
            guard field.number == 1 || field.number == 2, taskNames.count < Self.nameLimit else { continue }
            var parts = ProtoFields(bytes, field.range)
            var (pid, name): (Int32?, String?) = (nil, nil)
            while let part = parts.next() {
                if part.number == 1 { pid = part.int32 }
                if part.number == (field.number == 1 ? 3 : 2), name == nil { name = bytes.text(part.range) }
            }
            if let pid, let name, !name.isEmpty { taskNames[pid] = name }
        }
    }

    private mutating func takeSymbols(_ bytes: RawSpan, _ range: Range<Int>, stream: Int) {
        var fields = ProtoFields(bytes, range)
        while let field = fields.next() {
            guard field.number == 26 else { continue }
            var parts = ProtoFields(bytes, field.range)
            var (index, name): (UInt32?, String?) = (nil, nil)
            while let part = parts.next() {
                if part.number == 1 { index = UInt32(exactly: part.value) }
                if part.number == 2 { name = bytes.text(part.range) }
            }
            guard let index, let name, let id = id(ofSymbol: name) else { continue }
            streams[stream].addSymbol(index: index, id: id)
        }
    }

    private mutating func id(ofSymbol name: String) -> Int32? {
        if let id = symbolIDs[name] { return id }
        guard symbolNames.count < Self.nameLimit, !name.isEmpty else { return nil }
        let id = Int32(symbolNames.count)
        symbolNames.append(name)
        symbolIDs[name] = id
        return id
    }

    /// The kernel's counts of what it overwrote and dropped.
    private mutating func takeStatistics(_ bytes: RawSpan, _ range: Range<Int>, stream: Int) {
        var fields = ProtoFields(bytes, range)
        var phase: UInt64 = 0
        var counts: [UInt64: UInt64] = [:]
        while let field = fields.next() {
            if field.number == 1 { phase = field.value }
            guard field.number == 2 else { continue }
            var parts = ProtoFields(bytes, field.range)
            var (cpu, lost): (UInt64, UInt64) = (0, 0)
            while let part = parts.next() {
                if part.number == 1 { cpu = part.value }
                if part.number == 3 || part.number == 8 { lost &+= part.value }
            }
            if cpu < ProcTextLimits.kernelCPUCount { counts[cpu] = lost }
        }
        streams[stream].setLosses(counts, phase: phase)
    }

    private mutating func takeSystem(_ bytes: RawSpan, _ range: Range<Int>) {
        var fields = ProtoFields(bytes, range)
        while let field = fields.next() {
            guard field.number == 1 else { continue }
            var names: [Int: String] = [:]
            var parts = ProtoFields(bytes, field.range)
            while let part = parts.next() {
                if part.number <= 4 { names[part.number] = bytes.text(part.range) }
            }
            machine = [names[1], names[3], names[4]].compactMap(\.self).joined(separator: " ")
        }
    }
}
