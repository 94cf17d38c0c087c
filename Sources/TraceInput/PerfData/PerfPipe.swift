import IRQCore

extension PerfContents {
    /// Reads the records that stand before the first sample, which say what the header of a file would.
    mutating func readPipe(_ file: RawSpan) throws(FormatProblem) {
        let isSwapped = byteOrder.isSwapped
        var offset = 16
        data = min(offset, file.byteCount)..<file.byteCount
        while let header = SampleHeader.read(file, at: offset, isSwapped: isSwapped) {
            guard header.byteCount >= 8, file.holds(header.byteCount, at: offset) else { break }
            let body = offset + 8..<offset + header.byteCount
            switch header.type {
            case PerfRecordType.attribute: readAttribute(file, body)
            case PerfRecordType.feature:
                // An empty one ends them: its number is another with each perf.
                if body.count > 8, let bit = file.load(at: body.lowerBound, as: UInt64.self, isSwapped: isSwapped),
                    bit < 256
                {
                    try readFeature(Int(bit), file, body.lowerBound + 8..<body.upperBound)
                }
            case PerfRecordType.tracingData:
                guard let count = file.load(at: body.lowerBound, as: UInt32.self, isSwapped: isSwapped) else { break }
                guard file.holds(Int(count), at: body.upperBound) else {
                    throw FormatProblem(
                        offset: file.byteCount, problem: "the file ends inside the formats of the events",
                        advice: "the recording was cut short: copy or record it again")
                }
                try readTracingData(file, body.upperBound..<body.upperBound + Int(count))
            case PerfRecordType.eventUpdate: readName(file, body)
            default:
                let isData = header.type == PerfRecordType.sample || PerfRecordType.isCompressed(header.type)
                if isData, !attributes.isEmpty { return }
            }
            guard let next = PerfRecord.end(of: header, at: offset, in: file, isSwapped: isSwapped) else { break }
            offset = next
        }
    }

    /// An event: its attribute, of the size that it says itself, and its ids.
    private mutating func readAttribute(_ file: RawSpan, _ body: Range<Int>) {
        let isSwapped = byteOrder.isSwapped
        let told = Int(file.load(at: body.lowerBound + 4, as: UInt32.self, isSwapped: isSwapped) ?? 0)
        let byteCount = told == 0 ? PerfAttribute.leastByteCount : told
        guard byteCount <= body.count, attributes.count < Self.attributeLimit,
            var attribute = PerfAttribute(
                file.extracting(body.lowerBound..<body.lowerBound + byteCount), byteOrder: byteOrder)
        else {
            notes.append("the description of an event makes no sense, at byte \(body.lowerBound)")
            return
        }
        attribute.ids = ids(file, body.lowerBound + byteCount..<body.upperBound)
        attributes.append(attribute)
    }

    /// A name of an event: what is told (2 is the name) u64, one of its ids u64, the text.
    private mutating func readName(_ file: RawSpan, _ body: Range<Int>) {
        let isSwapped = byteOrder.isSwapped
        guard body.count > 16, file.load(at: body.lowerBound, as: UInt64.self, isSwapped: isSwapped) == 2,
            let id = file.load(at: body.lowerBound + 8, as: UInt64.self, isSwapped: isSwapped),
            let place = attributes.firstIndex(where: { $0.ids.contains(id) })
        else { return }
        attributes[place].name = file.text(body.lowerBound + 16..<body.upperBound)
    }
}
