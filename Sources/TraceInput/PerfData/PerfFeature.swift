import IRQCore

/// The features of a perf.data that are read (tools/perf/util/header.h); all others are passed over.
enum PerfFeature {
    static let tracingData = 1
    static let hostName = 3
    static let release = 4
    static let architecture = 6
    static let cpuCount = 7
    static let eventDescription = 12
    static let directoryFormat = 24
}

extension PerfContents {
    /// Reads the features whose sections' table stands at `offset`, one entry for each bit.
    mutating func readFeatures(_ file: RawSpan, at offset: Int, _ bits: [Int]) throws(FormatProblem) {
        var cursor = ByteCursor(file, at: offset, byteOrder: byteOrder)
        var end = offset + 16 * bits.count
        for bit in bits {
            guard cursor.remaining >= 16 else {
                notes.append(
                    "the file ends early, at byte \(file.byteCount), where it describes itself: it was cut short")
                return
            }
            let start: UInt64 = try cursor.integer("a feature")
            let byteCount: UInt64 = try cursor.integer("a feature")
            guard start <= UInt64(file.byteCount), byteCount <= UInt64(file.byteCount) - start else {
                notes.append(
                    "the file ends early: its feature \(bit) should take \(byteCount) bytes from byte \(start) on, but the file "
                        + "ends at byte \(file.byteCount)")
                continue
            }
            end = max(end, Int(start) + Int(byteCount))
            try readFeature(bit, file, Int(start)..<Int(start) + Int(byteCount))
        }
        noteRest(file, from: end)
    }

    /// Takes up a feature that lies at `range`.
    mutating func readFeature(_ bit: Int, _ file: RawSpan, _ range: Range<Int>) throws(FormatProblem) {
        switch bit {
        case PerfFeature.tracingData: try readTracingData(file, range)
        case PerfFeature.hostName: hostName = text(file, range)
        case PerfFeature.release: release = text(file, range)
        case PerfFeature.architecture: architecture = text(file, range)
        case PerfFeature.cpuCount:
            // Available and online.
            guard let count = file.extracting(range).load(at: 0, as: UInt32.self, isSwapped: byteOrder.isSwapped)
            else { return }
            cpuCount = try TraceDatContents.checked(cpuCount: count, at: range.lowerBound)
        case PerfFeature.eventDescription: readNames(file.extracting(range))
        case PerfFeature.directoryFormat: isDirectory = true
        default: break
        }
    }

    /// A text of a feature: its size, with what pads it, and its bytes.
    private func text(_ file: RawSpan, _ range: Range<Int>) -> String? {
        var cursor = ByteCursor(file.extracting(range), byteOrder: byteOrder)
        return Self.text(&cursor)
    }

    private static func text(_ cursor: inout ByteCursor) -> String? {
        guard let size: UInt32 = try? cursor.integer("a text"), let range = try? cursor.range(UInt64(size), "a text")
        else { return nil }
        return cursor.bytes.text(range)
    }

    /// Reads the events' names: count u32, size of an attribute u32, then for each the attribute, the number of its ids u32,
    /// its name and its ids.
    private mutating func readNames(_ bytes: RawSpan) {
        var cursor = ByteCursor(bytes, byteOrder: byteOrder)
        guard let count: UInt32 = try? cursor.integer("a count"), let size: UInt32 = try? cursor.integer("a size"),
            count <= Self.attributeLimit
        else { return }
        for index in 0..<Int(count) {
            guard (try? cursor.range(UInt64(size), "an event")) != nil,
                let ids: UInt32 = try? cursor.integer("a count"),
                let name = Self.text(&cursor), (try? cursor.range(UInt64(ids) * 8, "ids")) != nil
            else { return }
            // The same events in the same order as in the table.
            if index < attributes.count { attributes[index].name = name }
        }
    }

    /// Names what follows the recording in the file.
    private mutating func noteRest(_ file: RawSpan, from end: Int) {
        let rest = file.byteCount - end
        // Sections are padded.
        guard rest >= 8 else { return }
        unreadPartCount += 1
        let what = RecordingFormat.name(of: file.extracting(end..<file.byteCount))
        notes.append(
            "\(rest) bytes follow the recording, from byte \(end) on, and are not read"
                + (what.map { ": they look like \($0)" } ?? ""))
    }
}
