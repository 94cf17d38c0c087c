import IRQCore

/// The sentences on what perf could not record and on what is odd about a recording.
extension PerfContents {
    /// Notes what the events and their attributes tell before any sample is read.
    mutating func noteEvents(_ formats: borrowing EventFormats) {
        if isUnfinished {
            notes.append("perf did not end this file (it was killed, or still runs): its records are read to the end")
        }
        let tracepoints = attributes.filter(\.isTracepoint)
        if !formats.contains(.irqEntry), !formats.contains(.softirqEntry) {
            notes.append(
                "the recording describes no interrupt events (it has \(Self.list(attributes.map(\.shownName)))): record with "
                    + "irqscope record, or perf record -a -e 'irq:*'")
        }
        note(tracepoints.filter(\.isSampled)) {
            "\($0): only some of the events were recorded (-c or -F), so they cannot be paired and are left out; record "
                + "without these options"
        }
        note(tracepoints.filter(\.isCountedOnly)) {
            "\($0): counted, not recorded, for the group's leader stands for it (:S); record without a group"
        }
        note(tracepoints.filter { !$0.isSampled && !SampleLayout.isEnough(sampleType: $0.sampleType) }) {
            "\($0): recorded without time, CPU or data (-T, --sample-cpu, -R), so they cannot be paired and are left out"
        }
        note(tracepoints.filter(\.excludesIdle)) { "\($0): not recorded in idle tasks (modifier I)" }
        if attributes.contains(where: \.isWrittenBackward) {
            notes.append("perf kept only the newest events of each CPU (--overwrite): what came before them is missing")
        }
        if tracepoints.contains(where: \.isOfCommand) {
            notes.append(
                "only what hit the tasks of one command was recorded: most interrupts are missing; record all with -a")
        }
        if attributes.count > 1, Set(attributes.map(\.sampleType)).count > 1,
            attributes.contains(where: { SampleTable.idOffset($0.sampleType) == nil })
        {
            notes.append("the samples do not tell which event they are of: those of some events may be missing")
        }
    }

    private mutating func note(_ found: [PerfAttribute], _ sentence: (String) -> String) {
        if !found.isEmpty { notes.append(sentence(Self.list(found.map(\.shownName)))) }
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(4).map(\.printable).joined(separator: ", ")
            + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }

    /// The sentences on what came to light on the way through the records.
    func notes(
        of counts: SampleCounts, _ losses: PerfLosses, _ parts: [PerfPart], isMergeForced: Bool
    ) -> [String] {
        var found: [String] = []
        for part in parts {
            guard let damage = part.damage else { continue }
            let file = part.companion.map { " of data.\($0.number)" } ?? ""
            found.append("\(damage.problem), at byte \(damage.offset)\(file): nothing behind it is read")
        }
        func count(_ number: UInt64, _ words: String) {
            if number > 0 { found.append("\(number) \(words)") }
        }
        count(counts.guests, "samples of guests are left out: their interrupts are those of other machines")
        count(counts.unknown, "samples are of no event that the recording describes: they are left out")
        count(counts.malformed, "samples have fields that do not fit into them: they are left out")
        count(
            counts.late,
            "samples came later than can be put in order with little memory: they are left out, and a gap is made of each place"
        )
        count(losses.filtered, "events were left out by a BPF filter, as it was asked to")
        if losses.toldByEvent > losses.told {
            count(
                losses.toldByEvent - losses.told,
                "events were lost at places that the recording does not tell: durations around them may be too long")
        }
        if isMergeForced {
            found.append(
                "the events of the CPUs lie too far apart in the file to be put into one order with little memory: waits of "
                    + "work items, wake-ups and threads may be missing or wrong")
        }
        return found
    }
}
