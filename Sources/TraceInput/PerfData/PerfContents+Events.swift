internal import Glibc
import IRQCore
internal import TraceFormats

extension PerfContents {
    /// The clock of the times, by the name that ftrace has for it.
    var clock: String? { attributes.first { $0.isTracepoint }?.clock ?? attributes.first?.clock }

    /// The machine as uname(1) tells of it, as far as it is known.
    var machine: String? {
        guard let release else { return nil }
        return (["Linux", hostName, release, architecture] as [String?]).compactMap { $0 }.joined(separator: " ")
    }

    /// The places of fields in the samples of each event.
    var sampleTable: SampleTable {
        let first = attributes.first { isUsable($0) } ?? attributes.first
        let isAlike = attributes.allSatisfy { $0.sampleType == first?.sampleType }
        let hasIDs = first.map { SampleTable.idOffset($0.sampleType) != nil } ?? false
        var table = SampleTable(
            byteOrder: byteOrder, sampleType: first?.sampleType ?? 0,
            isSingle: attributes.count == 1 || (!hasIDs && isAlike), otherNames: attributes.map(\.shownName))
        for (place, attribute) in attributes.enumerated() {
            table.add(
                SampleLayout(
                    sampleType: attribute.sampleType, readFormat: attribute.readFormat,
                    use: isUsable(attribute) ? .record : .count(place)), ids: attribute.ids)
        }
        table.finish()
        return table
    }

    /// True if all events of this kind were recorded, with all that pairing needs.
    private func isUsable(_ attribute: PerfAttribute) -> Bool {
        attribute.isTracepoint && !attribute.isSampled && SampleLayout.isEnough(sampleType: attribute.sampleType)
    }

    /// The events that the analysis wants, as the recorded kernel describes them.
    mutating func eventFormats(
        _ file: borrowing MappedFile, _ given: GivenFormats?, isDeep: Bool
    ) throws(FormatProblem) -> EventFormats {
        if var tracing {
            let formats = try tracing.eventFormats(file.bytes, isDeep: isDeep)
            notes += tracing.notes
            return formats
        }
        let numbers = Set(attributes.filter(\.isTracepoint).map(\.config)).sorted()
        guard !numbers.isEmpty else { return EventFormats() }
        guard let given else {
            let shown = numbers.prefix(12).map(String.init).joined(separator: ", ") + (numbers.count > 12 ? ", …" : "")
            throw FormatProblem(
                offset: nil,
                problem: (isUnfinished ? "perf was killed before it wrote" : "the file does not have")
                    + " the formats of its events: all that is known of them is their number (\(shown))",
                advice:
                    "give the formats of the kernel that it was recorded on: --formats live there and without a reboot in "
                    + "between, or --formats FILE with another recording of it")
        }
        notes.append("the formats of the events are those of \(given.origin.printable): the recording has none itself")
        return try given.eventFormats(byteOrder: byteOrder, numbers: Set(numbers), isDeep: isDeep)
    }

    /// Opens the files of records that `perf record --threads` writes: data.0, data.1 and so on beside "data".
    mutating func openCompanions(of path: String) -> [PerfCompanion] {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        var companions: [PerfCompanion] = []
        for number in 0..<Self.companionLimit {
            let name = "\(folder)data.\(number)"
            var status = stat()
            guard unsafe stat(name, &status) == 0 else { break }
            // A thread that recorded nothing leaves an empty one.
            if status.st_size == 0 { continue }
            guard let file = try? MappedFile.openBinary(name) else {
                missingPartCount += 1
                notes.append("\(name.printable) cannot be read: its events are missing")
                break
            }
            companions.append(PerfCompanion(file, number: number))
        }
        if companions.isEmpty, notes.isEmpty {
            missingPartCount += 1
            notes.append(
                "the files data.0, data.1 … that belong to this one are not beside it: their events are missing")
        }
        return companions
    }

    private static let companionLimit = 8192
}
