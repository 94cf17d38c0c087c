import IRQCore

/// The foot of a report: how far its numbers can be trusted.
struct ReportQuality {
    private let report: Report
    private let whole: Report
    private let style: Style
    private let width: Int
    /// True if it is about one recording of several.
    private var isPart: Bool { report.parts.isEmpty && !whole.parts.isEmpty }
    /// " of host1.dat": the recording, where there are several.
    private var owner: String { isPart ? " of " + SafeText.escaped(report.source.file) : "" }

    /// - Parameters:
    ///   - whole: the report of several recordings that it is a part of; nil if it is none.
    ///   - width: the columns of the terminal; nil if there is none and lines may be long.
    init(_ report: Report, of whole: Report? = nil, style: Style, width: Int?) {
        self.report = report
        self.whole = whole ?? report
        self.style = style
        self.width = max(width ?? .max, 40)
    }

    /// One line on events and pairs, then one for each thing a reader must know.
    func lines() -> [String] {
        let lines = wrapped(events, after: "Quality\(owner): ")
        let notes = notes.flatMap { wrapped($0, after: "  note: ") }
        return lines.map { isGood ? style.good($0) : style.alarm($0) } + notes + coverage()
    }

    /// The sentence on events and pairs.
    var events: String {
        let ledger = report.ledger
        var parts = ["\(Units.count(ledger.events, "event", "events")) read, \(Units.count(ledger.usedEvents)) used"]
        let overrun = report.overrunEvents ?? 0
        if ledger.gaps == 0 {
            let none = ledger.unreadParts == 0 ? "none lost" : "none lost in what was read"
            parts.append(report.source.tellsLosses ? none : "lost ones are not told")
        } else {
            let isExact = ledger.gapsOfUnknownSize == 0
            let known = overrun > ledger.lostEvents ? " (the kernel counted \(Units.count(overrun)))" : ""
            let atLeast = ledger.lostEvents == 0 ? "an unknown number" : "at least " + Units.count(ledger.lostEvents)
            let count = (isExact ? Units.count(ledger.lostEvents) : atLeast) + known
            let gaps = Units.count(ledger.gaps, "gap", "gaps")
            let spans = Units.count(ledger.spansDroppedAtGaps, "open span", "open spans")
            parts.append("LOST \(count) in \(gaps), \(spans) dropped there")
        }
        let odd = ledger.counts(.unpaired)
        parts += odd.isEmpty ? ["all paired"] : odd.map { "\(Units.count($0.count)) \($0.words)" }
        if report.source.hasChecksums == false { parts.append("not packed, so without a checksum") }
        return parts.joined(separator: "; ") + "."
    }

    /// True if nothing was lost and there is nothing to warn of.
    var isGood: Bool { report.ledger.gaps == 0 && warnings.isEmpty }

    /// The sentences on what a reader must know.
    var notes: [String] { warnings + bounds() + unended() + threads() + untold() + unused() }

    private var warnings: [String] {
        // What is to be said of one of several recordings is said there.
        var warnings: [String] = []
        let overrun = report.overrunEvents ?? 0
        if report.parts.isEmpty, overrun > 0, report.ledger.gaps == 0 {
            let were = overrun == 1 ? "was" : "were"
            warnings.append(
                "\(Units.count(overrun, "event", "events")) \(were) overwritten or dropped outside of what was recorded"
            )
        }
        if report.parts.isEmpty {
            warnings += report.ledger.counts(.warning).map { "\($0.words): \(Units.count($0.count))" }
        }
        return warnings + report.notes.map { style.isUnicode ? $0 : $0.replacing("µ", with: "u") }
    }

    /// The meaning of the sign beside shares of CPUs that lack events.
    private func bounds() -> [String] {
        let cpus = report.incompleteCPUs
        guard let most = cpus.max(by: { $0.nanoseconds < $1.nanoseconds }), let window = report.windowNanoseconds,
            window > 0
        else { return [] }
        let list = CPUSet(cpus.map(\.cpu)).list
        let words = list.contains(where: { $0 == "," || $0 == "-" }) ? "CPUs \(list)" : "CPU \(list)"
        let share = Units.percent(Double(most.nanoseconds) / Double(window))
        return [
            "events of \(words) are missing, for up to \(share) of the time: shares with "
                + "\(style.isUnicode ? "≥" : ">=") are lower bounds"
        ]
    }

    /// Open spans that are named one by one.
    private static let unendedLimit = 4

    /// The calls that ran for long when the recording ended, which no duration tells of.
    private func unended() -> [String] {
        let spans = report.longUnended
        let sign = style.isUnicode ? "≥" : ">="
        var words = spans.prefix(Self.unendedLimit).map { span in
            let open = Units(isUnicode: style.isUnicode).duration(report.openNanoseconds(span))
            let row = SafeText.escaped(RowLabel.words(span.row, in: report))
            return "\(row) on CPU \(span.cpu) had run for \(open) at the end: "
                + "it is in no duration, and shares of that CPU (\(sign)) are lower bounds"
        }
        let more = spans.count - words.count
        if more > 0 { words.append("\(more) more calls had run for long at the end") }
        return words
    }

    /// Events in one line on unused ones; JSON has all of them.
    private static let unusedLimit = 8

    /// The events that were recorded and that no row is made of.
    private func unused() -> [String] {
        // Those without a description are a warning of their own.
        let events = isPart ? [] : report.unusedEvents.filter { $0.name != nil }
        if events.isEmpty { return [] }
        var words = events.prefix(Self.unusedLimit).map {
            "\(SafeText.escaped($0.name ?? "")) \(Units.count($0.count))"
        }
        let rest = events.dropFirst(Self.unusedLimit)
        if !rest.isEmpty {
            let kinds = rest.count == 1 ? "1 more kind" : "\(rest.count) more kinds"
            words.append("\(kinds) with \(Units.count(rest.reduce(0) { $0 + $1.count }))")
        }
        return ["recorded and not used: " + words.joined(separator: ", ")]
    }

    /// The lines on what the kernel counted meanwhile, if the recording carries it.
    private func coverage() -> [String] {
        guard let coverage = report.coverage else { return [] }
        let (head, isGood, notes) = ReportCoverage.sentences(coverage, isUnicode: style.isUnicode)
        let lines = wrapped(head, after: "Coverage\(owner): ").map { isGood ? style.good($0) : style.alarm($0) }
        return lines + notes.flatMap { wrapped($0, after: "  note: ") }
    }

    private func wrapped(_ text: String, after head: String) -> [String] {
        Paragraph.wrapped(text, after: head, width: width)
    }

    /// The facts that the form of the recording leaves out.
    private func untold() -> [String] {
        if !report.parts.isEmpty { return [] }
        var words: [String] = []
        if report.source.hasRawResults == false, !whole[.irq].isEmpty {
            words.append("whether a handler woke its thread")
        }
        if !report.source.tellsLosses, report.ledger.gaps == 0 { words.append("where events were lost") }
        if report.source.resolutionNanoseconds ?? 1 > 1 { words.append("nanoseconds") }
        return words.isEmpty ? [] : ["this text does not tell: " + words.joined(separator: ", ")]
    }

    /// With threaded interrupts the measured handlers are stubs; say so.
    private func threads() -> [String] {
        let calls = report[.irq].reduce(0) { $0 + $1.duration.count }
        let woken = report[.irq].reduce(0) { $0 + $1.wokeThread }
        guard calls > 0, woken * 2 > calls else { return [] }
        let share = woken == calls ? "all" : Units.percent(Double(woken) / Double(calls)) + " of"
        return [
            "\(share) handler calls only woke their thread (threadirqs or PREEMPT_RT): the work is in the irq/N "
                + "threads, not in these durations"
        ]
    }
}
