import IRQCore

/// Reads the lines of a trace as text and leads their events through the analysis.
struct TextReader: ~Copyable {
    private var decoder = TextDecoder()
    private let options: ReadOptions
    /// The options with the window resolved; nil before the first event.
    private var analysis: AnalysisOptions?
    private var tracks: [TextTrack] = []
    private var current: TextTrack?
    /// The buffer of a line on lost events: the one behind it has no prefix, but its blanks.
    private var named: TextTrack?
    /// Lines on lost events before the first event.
    private var earlyLosses: [(prefix: [UInt8], cpu: Int, count: UInt64?)] = []
    private var head = TextHead()
    private(set) var evidence = TextEvidence()
    private(set) var lineCount = 0
    private(set) var eventCount: UInt64 = 0
    /// The events among these that make no sense.
    private var malformedTotal: UInt64 = 0
    /// The program that wrote the first event; lines of others are not read.
    private(set) var form: TraceTextForm?
    /// The lines so far that stand for what the kernel counts in the head.
    private var entries = TextEntries()
    /// Events that make no sense, of those that a buffer's feed counts.
    private var malformedCount: UInt64 = 0
    /// Lines of more buffers than are read.
    private var excessCount: UInt64 = 0
    private var foreignCount: UInt64 = 0
    private var foreignLine = 0
    /// The coarsest step of times; nil before the first event, 0 for ticks.
    private var stepNanoseconds: UInt32?
    private var firstTime: UInt64?
    /// The nanoseconds that are added to times of day after midnight.
    private var dayOffset: UInt64 = 0
    private var lastTime: UInt64 = 0
    /// Events whose time lies before that of the one before on their CPU.
    private var disorderCount: UInt64 = 0
    private var disorderLine = 0
    /// The line where another trace begins, which is not read.
    private(set) var secondTraceLine: Int?
    private var hasNewHead = false
    /// The time at which an interval ends; nil if there are none, and of one that lasts until the end of all times.
    private var boundary: UInt64?
    /// True if the line to be read next lies behind it.
    private(set) var isIntervalOver = false
    private var taskNames: [Int32: String] = [:]
    private let functions = FunctionNames()
    private var functionCount = 0
    /// True if the deep analysis goes on without an event of the scheduler.
    private let isDeepForced: Bool
    /// True if rows are chosen by their names while they are made.
    private let isNarrowed: Bool

    private static let trackLimit = 64
    private static let earlyLossLimit = 8192
    private static let taskLimit = 1 << 16

    /// - Parameter isDeepForced: true if there are events of the scheduler, though they begin late.
    init(_ options: ReadOptions, isDeepForced: Bool = false) {
        self.options = options
        self.isDeepForced = isDeepForced
        decoder.isDeep = options.analysis.isDeep && options.intervalNanoseconds == nil
        isNarrowed =
            options.selection.isNarrowed && (options.analysis.slowCount > 0 || options.analysis.isTimelineWanted)
    }

    /// True if there were events since the last interval.
    var hasNews: Bool { eventCount > reportedCount }
    private var reportedCount: UInt64 = 0

    /// True if there was an event that makes sense.
    var hasEvents: Bool { eventCount > malformedTotal }

    /// True if nothing of what follows is read.
    var isDone: Bool { secondTraceLine != nil }

    /// Reads whole lines from `start` on, which moves to the end, or to the first line behind the end of an interval.
    ///
    /// - Parameter isCut: true if the last line has no end.
    mutating func read(_ text: RawSpan, from start: inout Int, upTo end: Int, isCut: Bool) {
        while start < end, !isDone {
            let lineEnd = text.endOfTextLine(from: start)
            lineCount += 1
            readLine(text, start, lineEnd, upTo: end, isCut: isCut && lineEnd == end)
            if isIntervalOver {
                lineCount -= 1
                return
            }
            start = lineEnd + 1
        }
    }

    private mutating func readLine(_ text: RawSpan, _ start: Int, _ end: Int, upTo textEnd: Int, isCut: Bool) {
        let item = decoder.item(text, start, end)
        if isCut { entries.isCut = true }
        switch item.kind {
        case .event, .unused, .malformed:
            if lineCount == 1, text.isCutAtFront(item, before: end + 1, upTo: textEnd) {
                return evidence.addDamaged(lineCount)
            }
            take(item, text, isCut: isCut)
        case .lost(let count):
            guard item.cpu < ProcTextLimits.kernelCPUCount else { return evidence.addDamaged(lineCount) }
            if form == nil { form = item.form }
            entries.toldLost &+= count ?? 0
            guard analysis != nil else {
                // The window is not known before the first event.
                if earlyLosses.count < Self.earlyLossLimit {
                    earlyLosses.append((text.bufferName(item.prefix), item.cpu, count))
                }
                return
            }
            let track = track(text, item.prefix)
            track?.lose(count, cpu: item.cpu, at: item.time > 0 ? item.time &+ dayOffset : nil)
            named = track
        case .begins, .blank: break
        case .comment: hasNewHead = head.readComment(text, start, end) || hasNewHead
        case .other:
            if head.readQuotedComment(text, start, end, isFirst: &hasNewHead) { return }
            head.readOther(text, start, end)
            if !isCut { entries.other += 1 }
            evidence.add(text, start, end, line: lineCount)
        }
    }

    private mutating func take(_ given: TextItem, _ text: RawSpan, isCut: Bool) {
        let item = given
        guard item.cpu < ProcTextLimits.kernelCPUCount else { return evidence.addDamaged(lineCount) }
        if isCut, case .event(let event) = item.kind, event.kind.endsWithName {
            return evidence.addDamaged(lineCount)
        }
        if form == nil { form = item.form }
        guard item.form == form else {
            entries.other += 1
            foreignCount += 1
            if foreignCount == 1 { foreignLine = lineCount }
            return
        }
        if item.stepNanoseconds != stepNanoseconds {
            stepNanoseconds = min(max(stepNanoseconds ?? 0, item.stepNanoseconds), 1_000_000_000)
        }
        let time = time(of: item)
        if firstTime == nil { begin(at: time) }
        if let boundary, time >= boundary {
            isIntervalOver = true
            return
        }
        guard let track = track(text, item.prefix) else {
            excessCount += 1
            entries.read += 1
            return
        }
        if hasNewHead {
            // Files of single CPUs may follow each other; a CPU that begins anew is another trace.
            if eventCount > 0, time < track.lastTime(item.cpu) {
                secondTraceLine = lineCount
                head.forgetLast()
                return
            }
            hasNewHead = false
        }
        eventCount += 1
        entries.add(cpu: item.cpu)
        if case .malformed = item.kind {
            evidence.addDamaged(lineCount)
            if track.isWanted { malformedCount += 1 }
            malformedTotal += 1
        }
        if isNarrowed, decoder.functionCount != functionCount {
            functions.add(decoder)
            functionCount = decoder.functionCount
        }
        if !track.take(item.at(time), at: time, text: text) {
            disorderCount += 1
            if disorderCount == 1 { disorderLine = lineCount }
        }
        if decoder.isDeep, !track.isDeep { decoder.isDeep = tracks.contains { $0.isDeep } }
        if options.analysis.wantsTaskNames { remember(item, text) }
    }

    /// True if the deep analysis is wanted, and events of the scheduler came when it had been given up.
    var isDeepMissing: Bool {
        decoder.hasUnreadScheduler && options.analysis.isDeep && options.intervalNanoseconds == nil
            && stepNanoseconds != 0 && !isDeepForced && !tracks.contains { $0.late.isTooMany }
    }

    /// The time of an event, days counted where the text only has that of the day.
    private mutating func time(of item: TextItem) -> UInt64 {
        var time = item.time &+ dayOffset
        if form == .babeltrace, time < lastTime, lastTime - time > 43_200_000_000_000, item.time < 86_400_000_000_000 {
            dayOffset &+= 86_400_000_000_000
            time = item.time &+ dayOffset
        }
        lastTime = time
        return time
    }

    /// Resolves the window, which may be told from the first event on.
    private mutating func begin(at time: UInt64) {
        firstTime = time
        var analysis = options.analysis
        analysis.fromNanoseconds = options.from?.time(since: time) ?? 0
        analysis.toNanoseconds = options.to?.time(since: time) ?? .max
        analysis.isDeep = decoder.isDeep && stepNanoseconds != 0
        // Pictures are of a whole recording.
        if options.intervalNanoseconds != nil { analysis.isTimelineWanted = false }
        if isNarrowed {
            var names = SpanNames(vectors: decoder.vectorNames)
            names.function = { [functions] in functions.symbol($0) }
            analysis.selector = RowSelector(options.selection, names: names)
        }
        self.analysis = analysis
        boundary = options.intervalNanoseconds.flatMap { Self.end(ofInterval: $0, behind: time) }
        for loss in earlyLosses {
            named = track(named: loss.prefix)
            named?.lose(loss.count, cpu: loss.cpu, at: time)
        }
        earlyLosses = []
    }

    private mutating func remember(_ item: TextItem, _ text: RawSpan) {
        guard item.pid > 0, taskNames.count < Self.taskLimit, taskNames[item.pid] == nil, !item.task.isEmpty else {
            return
        }
        taskNames[item.pid] = text.string(item.task.start..<item.task.end)
    }

    /// The reason why there are no events, and what helps.
    var reason: (problem: String, advice: String) {
        if eventCount > 0 {
            return (
                "has no event that can be read: the first is damaged, in line \(evidence.damagedLines.first ?? 1)",
                "copy the trace again, or record it again"
            )
        }
        return evidence.reason(lineCount: lineCount, hasHead: hasNewHead || head.cpuCount != nil)
    }

    // MARK: Buffers

    /// The buffer of a line; nil if there are too many.
    private mutating func track(_ text: RawSpan, _ prefix: TextRange) -> TextTrack? {
        if prefix.isEmpty, let named {
            self.named = nil
            return named
        }
        named = nil
        if let current, current.isPrefix(text, prefix) { return current }
        return track(named: text.bufferName(prefix))
    }

    private mutating func track(named bytes: [UInt8]) -> TextTrack? {
        if let known = tracks.first(where: { $0.prefix == bytes }) {
            current = known
            return known
        }
        guard tracks.count < Self.trackLimit else { return nil }
        let name = bytes.isEmpty ? "" : String(decoding: bytes.dropLast(), as: UTF8.self)
        let isWanted = options.buffer.map { $0 == name } ?? true
        let feed = isWanted ? EventFeed(analysis ?? options.analysis, buffer: name, isDeepForced: isDeepForced) : nil
        let isDeep = isWanted && (analysis ?? options.analysis).isDeep
        let new = TextTrack(name: name, prefix: bytes, feed: feed, isDeep: isDeep)
        tracks.append(new)
        current = new
        return new
    }

    // MARK: The end

    /// Ends an interval: what was read since the last one. The next one begins where this one ends, or where the next
    /// event lies.
    mutating func takeInterval(longLineCount: Int) -> TextContents {
        var contents = contents(longLineCount)
        for track in tracks {
            if let result = track.takeInterval(vectorNames: decoder.vectorNames, unusedNames: decoder.unusedNames) {
                contents.results.append(result)
            }
        }
        if let length = options.intervalNanoseconds, let end = boundary {
            contents.interval = (end &- length, end)
            let passed = lastTime >= end ? (lastTime - end) / length : 0
            boundary = Self.end(ofInterval: length, behind: end + passed * length)
        }
        isIntervalOver = false
        reportedCount = eventCount
        evidence = TextEvidence()
        (disorderCount, foreignCount, malformedCount, excessCount) = (0, 0, 0, 0)
        return contents
    }

    /// The time at which an interval ends; nil if that is beyond the largest number.
    private static func end(ofInterval length: UInt64, behind start: UInt64) -> UInt64? {
        let (end, isBeyond) = start.addingReportingOverflow(length)
        return isBeyond ? nil : end
    }

    /// Ends the reading.
    mutating func finish(longLineCount: Int) -> TextContents {
        var contents = contents(longLineCount)
        for track in tracks {
            if let result = track.finish(vectorNames: decoder.vectorNames, unusedNames: decoder.unusedNames) {
                contents.results.append(result)
            }
        }
        if let length = options.intervalNanoseconds, let end = boundary { contents.interval = (end &- length, nil) }
        if form == .ftrace, let count = head.entryCount,
            let shortage = entries.shortage(of: count, cpuCount: head.cpuCount)
        {
            contents.shortage = shortage
            contents.notes.append(shortage.sentence)
        }
        return contents
    }

    /// All but what the analysis found.
    private func contents(_ longLineCount: Int) -> TextContents {
        var contents = TextContents(
            form: form ?? .ftrace, stepNanoseconds: stepNanoseconds ?? 1000, hasRawResults: decoder.hasRawResults)
        contents.cpuCount = max(head.cpuCount ?? 0, (tracks.map(\.lastCPU).max() ?? -1) + 1)
        contents.overrunEvents = head.overrunEvents
        contents.knownBuffers = tracks.map(\.name)
        contents.firstTime = firstTime
        contents.analysis = analysis ?? options.analysis
        contents.tasks = taskNames
        for place in 1..<UInt64(decoder.functionCount + 1) { contents.names[place] = decoder.functionName(place) }
        contents.isDelta =
            form == .perfScript && firstTime == 0 && disorderCount > 2 && disorderCount > eventCount / 20
        contents.notes = notes(longLineCount)
        contents.damagedCount = UInt64(evidence.damagedCount) &- min(malformedCount, UInt64(evidence.damagedCount))
        let isForeign = [foreignCount > 0, secondTraceLine != nil, evidence.foreign != nil, excessCount > 0]
        contents.unreadPartCount = isForeign.count { $0 } + longLineCount
        return contents
    }

    private func notes(_ longLineCount: Int) -> [String] {
        var notes: [String] = []
        func places(_ lines: [Int]) -> String { lines.map(String.init).joined(separator: ", ") }
        if evidence.damagedCount > 0 {
            let lines = evidence.damagedLines
            let more = evidence.damagedCount > lines.count ? ", …" : ""
            notes.append(
                "damaged lines, left out: \(evidence.damagedCount) (line\(evidence.damagedCount == 1 ? "" : "s") "
                    + "\(places(lines))\(more))")
        }
        if decoder.hasUnreadScheduler, options.analysis.isDeep, options.intervalNanoseconds == nil {
            if stepNanoseconds == 0 {
                notes.append(
                    "the text does not tell which clock its ticks are of: threads and wake-ups are left out")
            } else if isDeepMissing {
                notes.append(
                    "events of the scheduler begin late in what was piped in: threads and wake-ups are left out; read it "
                        + "from a file")
            }
        }
        for track in tracks where track.late.count > 0 {
            notes.append(
                "\(track.late.count) events lie far from their place in the order of time: threads and wake-ups "
                    + (track.late.isTooMany
                        ? "are left out; read a text of all CPUs in one order" : "near them may be wrong"))
        }
        for track in tracks where track.lateWorkCount > 0 {
            notes.append(
                "\(track.lateWorkCount) events of work items lie far from their place in the order of time: how long items waited is "
                    + "left out; read a text of all CPUs in one order")
        }
        if excessCount > 0 {
            notes.append("\(excessCount) lines are of buffers beyond the first \(Self.trackLimit), and are left out")
        }
        if longLineCount > 0 { notes.append("lines of more than 1 MiB, left out: \(longLineCount)") }
        if disorderCount > 0 {
            notes.append(
                "\(disorderCount) events have an earlier time than the one before on their CPU, the first in line "
                    + "\(disorderLine): spans that end there have no duration")
        }
        if let secondTraceLine {
            notes.append("from line \(secondTraceLine) on there is another trace, which is not read: give it by itself")
        }
        if foreignCount > 0 {
            notes.append(
                "\(foreignCount) lines, the first of them line \(foreignLine), are not of \(form?.name ?? "") as those "
                    + "before, and are not read")
        }
        if let foreign = evidence.foreign {
            notes.append("in line \(foreign.line) a recording of \(foreign.name) begins, which is not read")
        }
        return notes
    }
}

extension EventKind {
    /// True if the last thing in a line of the event is a name, of which a part cannot be told from the whole.
    fileprivate var endsWithName: Bool {
        switch self {
        case .irqEntry, .workQueue, .workStart, .taskletEntry, .taskletExit: true
        // The last digits of a task's priority or CPU may be missing.
        default: isDeepOnly
        }
    }
}
