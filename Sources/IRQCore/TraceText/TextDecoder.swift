/// A line of a trace as text, as far as the analysis wants to know.
public struct TextItem: BitwiseCopyable, Sendable {
    /// The meaning of a line.
    public enum Kind: BitwiseCopyable, Sendable {
        /// An event that the analysis reads.
        case event(TraceEvent)
        /// An event that it does not read: its place in `TextDecoder.unusedNames`, or -1 if there are too many names.
        case unused(Int)
        /// An event whose arguments make no sense.
        case malformed
        /// Events of the CPU are missing before this line: so many, or an unknown number.
        case lost(UInt64?)
        /// The CPU's buffer begins here.
        case begins
        /// A comment of tracefs, `#`.
        case comment
        /// A blank line.
        case blank
        /// A line that tells nothing of a trace.
        case other
    }

    /// The meaning.
    public private(set) var kind: Kind
    /// The CPU, of kinds that have one.
    public let cpu: Int
    /// The time in nanoseconds, or in ticks of the clock; 0 if the line has none.
    public let time: UInt64
    /// The smallest step of times in nanoseconds; 0 for ticks.
    public let stepNanoseconds: UInt32
    /// The thread; -1 if the line does not tell.
    public let pid: Int32
    /// The program whose layout it is.
    public let form: TraceTextForm
    /// The text before all columns: a buffer's name, a stamp of the kernel's log, a quote mark.
    public let prefix: TextRange
    /// The name of the thread.
    public let task: TextRange
    /// Of an event that the deep analysis alone reads, its place in `TextDecoder.unusedNames`.
    public let unusedName: Int

    init(_ kind: Kind, _ line: TraceLine = TraceLine(), unusedName: Int = -1) {
        self.kind = kind
        self.unusedName = unusedName
        cpu = Int(line.cpu)
        time = line.time
        stepNanoseconds = line.stepNanoseconds
        pid = line.pid
        form = line.form
        prefix = line.prefix
        task = line.task
    }

    /// The same with an event at another time.
    public func at(_ time: UInt64) -> TextItem {
        guard case .event(var event) = kind, event.time != time else { return self }
        event.time = time
        var item = self
        item.kind = .event(event)
        return item
    }
}

extension RawSpan {
    /// The place of the newline that ends the line at `start`, or the end of the text.
    public func endOfTextLine(from start: Int) -> Int { findByte(ASCII.newline, from: start, byteCount) ?? byteCount }
}

/// Makes events of the lines of a trace as text, one line after another, and remembers the names that it meets.
///
/// What a line is, `RawSpan.traceLine` tells; this is about what its event means. Nothing is allocated for a line but when
/// it has a new name.
public struct TextDecoder: ~Copyable {
    /// The meaning of an event's name.
    // Not private: Swift 6.3.1 crashes in debug builds when another module specialises a generic for it.
    struct Meaning: BitwiseCopyable {
        /// Nil if the analysis does not read it.
        let kind: EventKind?
        /// The place of a vector's name, or the place in `unusedNames` of what is not read or by the deep analysis alone.
        let place: Int
    }

    private var columns = LineColumns()
    /// The lines in a row that were in other columns.
    private var missCount = 0
    private var events = NameTable(limit: Self.eventLimit)
    private var meanings = GrowableBuffer<Meaning>(capacity: 64)
    var functions = NameTable(limit: Self.functionLimit)
    /// True while events that the deep analysis alone reads are read.
    public var isDeep = true
    /// True if events of the scheduler were met that were not read.
    public private(set) var hasUnreadScheduler = false
    /// The function that each hrtimer was started with, and what the text calls the same one where it expires.
    var timers = TimerFunctions()
    /// The names of the x86 vectors, in the order of `TraceEvent.vectorIndex`: first those that kernels have.
    public private(set) var vectorNames = EventCatalogue.usualVectors
    /// The names of events that are not read, as they stand in the text; untrusted.
    public private(set) var unusedNames: [String] = []
    /// True until a handler's result is read as a word: then a woken thread is not told from a handled interrupt.
    public private(set) var hasRawResults = true

    private static let eventLimit = 4096
    private static let functionLimit = 1 << 14
    /// Longer names of events and functions are no names.
    private static let nameByteLimit = 256

    /// Creates a decoder that has met nothing.
    public init() {}

    /// The function that `TraceEvent.function` stands for; untrusted text.
    public func functionName(_ number: UInt64) -> String? {
        guard number > 0 && number <= UInt64(functions.count) else { return nil }
        return functions.name(Int(timers.started(number) ?? number) - 1)
    }

    /// The number of functions that were met; their numbers in events are 1 and up.
    public var functionCount: Int { functions.count }

    /// Reads the line that stands in `start..<end` of `text`, without its newline. The text of an event lies there too.
    public mutating func item(_ text: RawSpan, _ start: Int, _ end: Int) -> TextItem {
        var line = TraceLine()
        if columns.read(text, start, end, into: &line), let number = events.known(text, line.event) {
            missCount = 0
            return item(meanings[number], text, line)
        }
        line = TraceLine()
        switch text.traceLine(start, end, into: &line) {
        case .event:
            missCount &+= 1
            // Where lines of several layouts alternate, learning again and again would be of no use.
            if missCount & (missCount &- 1) == 0 { columns.learn(text, start, end, line) }
            guard let meaning = meaning(text, line) else { return TextItem(.unused(-1), line) }
            return item(meaning, text, line)
        case .call: return TextItem(.unused(meaning(text, line)?.place ?? -1), line)
        case .lost(let count): return TextItem(.lost(count), line)
        case .begins: return TextItem(.begins, line)
        case .comment: return TextItem(.comment)
        case .blank: return TextItem(.blank)
        case .other: return TextItem(.other)
        }
    }

    @inline(always)
    private mutating func item(_ meaning: Meaning, _ text: RawSpan, _ line: TraceLine) -> TextItem {
        guard let kind = meaning.kind else { return TextItem(.unused(meaning.place), line) }
        if kind.isDeepOnly {
            guard isDeep else {
                if kind.isScheduler { hasUnreadScheduler = true }
                return TextItem(.unused(meaning.place), line)
            }
            guard let event = deepEvent(kind, text, line) else { return TextItem(.malformed, line) }
            return TextItem(.event(event), line, unusedName: meaning.place)
        }
        guard let event = event(kind, text, line, vector: meaning.place) else { return TextItem(.malformed, line) }
        return TextItem(.event(event), line)
    }

    // MARK: Names

    private mutating func meaning(_ text: RawSpan, _ line: TraceLine) -> Meaning? {
        guard line.event.byteCount <= Self.nameByteLimit else { return nil }
        var isNew = false
        guard let number = events.number(of: text, line.event, isNew: &isNew) else { return nil }
        if isNew {
            meanings.reserve(1)
            meanings.append(newMeaning(text, line))
        }
        return meanings[number]
    }

    @inline(never)
    private mutating func newMeaning(_ text: RawSpan, _ line: TraceLine) -> Meaning {
        let full = line.event.isEmpty ? "function" : text.string(line.event)
        var (system, name) = ("", Substring(full))
        if let colon = full.lastIndex(of: ":") {
            system = String(full[..<colon])
            name = full[full.index(after: colon)...]
        }
        if line.form == .babeltrace {
            // LTTng's names of the same events.
            if name.hasPrefix("irq_softirq_") || name.hasPrefix("irq_tasklet_") { name = name.dropFirst(4) }
            if name.hasPrefix("x86_irq_vectors_") { name = name.dropFirst(16) }
            if name.hasPrefix("timer_hrtimer_") { name = name.dropFirst(6) }
            if name.hasPrefix("x86_exceptions_") { name = name.dropFirst(15) }
        }
        for event in EventCatalogue.events {
            guard let kind = event.kind, system.isEmpty || event.system == system,
                event.matches(String(name))
            else {
                continue
            }
            guard kind == .vectorEntry || kind == .vectorExit else {
                // Such an event is counted by its name where there is no deep analysis.
                if kind.isDeepOnly { unusedNames.append(full) }
                return Meaning(kind: kind, place: unusedNames.count - 1)
            }
            // Others end so, too: without a system the field tells.
            guard text.field("vector", in: line.arguments) != nil else { continue }
            let vector = String(name.dropLast(kind == .vectorEntry ? 6 : 5))
            if let place = place(ofVector: vector) { return Meaning(kind: kind, place: place) }
        }
        unusedNames.append(full)
        return Meaning(kind: nil, place: unusedNames.count - 1)
    }

    private mutating func place(ofVector name: String) -> Int? {
        if let place = vectorNames.firstIndex(of: name) { return place }
        guard vectorNames.count < CPUContext.vectorLimit else { return nil }
        vectorNames.append(name)
        return vectorNames.count - 1
    }

    mutating func function(_ text: RawSpan, _ range: TextRange?) -> UInt64? {
        guard let range, range.byteCount <= Self.nameByteLimit else { return nil }
        var isNew = false
        return functions.number(of: text, range, isNew: &isNew).map { UInt64($0 + 1) }
    }

    // MARK: Arguments

    private mutating func event(
        _ kind: EventKind, _ text: RawSpan, _ line: TraceLine, vector: Int
    ) -> TraceEvent? {
        let range = line.arguments
        var numbers: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var action = TextRange(start: 0, end: 0)
        switch kind {
        case .irqEntry, .irqExit:
            guard let place = text.field("irq", in: range), let irq = text.signed(at: place, range.end) else {
                return nil
            }
            numbers.0 = irq
            if kind == .irqExit {
                guard let result = result(text, range) else { return nil }
                numbers.1 = result.number
                numbers.2 = result.isWord ? 1 : 0
            } else {
                guard let name = text.field("name", in: range) ?? text.field("handler", in: range) else { return nil }
                action = text.action(at: name, in: range, form: line.form)
            }
        case .softirqRaise, .softirqEntry, .softirqExit:
            guard let place = text.field("vec", in: range) ?? text.field("softirq", in: range),
                let number = text.unsigned(at: place, range.end)
            else { return nil }
            numbers.0 = number
        case .vectorEntry, .vectorExit: numbers.0 = UInt64(vector)
        case .workQueue, .workStart:
            guard let work = text.workItem(in: range),
                let function = function(text, text.functionName("function", in: range))
            else { return nil }
            numbers = (work, function, 0, 0)
        case .workEnd:
            guard let work = text.workItem(in: range) else { return nil }
            numbers.0 = work
        case .taskletEntry, .taskletExit:
            let name = text.functionName("function", in: range) ?? text.functionName("func", in: range)
            guard let function = function(text, name) else { return nil }
            numbers.1 = function
        default: return deepEvent(kind, text, line)
        }
        return TraceEvent(
            kind, time: line.time, pid: line.pid, numbers: numbers,
            textOffset: Int32(truncatingIfNeeded: action.start),
            textByteCount: Int32(truncatingIfNeeded: action.byteCount))
    }

    /// A handler's result: a word, or the number itself.
    private mutating func result(_ text: RawSpan, _ range: TextRange) -> (number: UInt64, isWord: Bool)? {
        guard let place = text.field("ret", in: range) ?? text.field("return", in: range) else { return nil }
        if text.has("handled", at: place) {
            hasRawResults = false
            return (1, true)
        }
        if text.has("unhandle", at: place) {
            hasRawResults = false
            return (0, true)
        }
        return text.unsigned(at: place, range.end).map { ($0, false) }
    }
}
