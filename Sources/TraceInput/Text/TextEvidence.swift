import IRQCore

/// The evidence of lines that are no events: why a text cannot be read, or what was passed over in it.
struct TextEvidence {
    /// Events as comments of the function_graph tracer, `/* softirq_raise: vec=3 [action=NET_RX] */`.
    private(set) var commentCount = 0
    /// Lines that begin with an event's name: options/context-info is 0.
    private(set) var bareCount = 0
    /// Lines `pid cpu time type: id`, of options/raw.
    private(set) var rawCount = 0
    /// Lines that end with `type: id` behind other bytes, of options/bin or options/hex.
    private(set) var packedCount = 0
    /// Lines that name one of our events and have no time or no CPU.
    private(set) var damagedCount = 0
    /// The numbers of the first of these.
    private(set) var damagedLines: [Int] = []
    /// A recording of another format begins in this line.
    private(set) var foreign: (name: String, line: Int)?

    private static let exampleLimit = 3
    fileprivate static let type = Array("type: ".utf8)
    fileprivate static let irq = Array("irq_".utf8)

    /// Counts a damaged line.
    mutating func addDamaged(_ line: Int) {
        damagedCount += 1
        if damagedLines.count < Self.exampleLimit { damagedLines.append(line) }
    }

    /// Looks at a line that is none of a trace.
    mutating func add(_ text: RawSpan, _ start: Int, _ end: Int, line: Int) {
        if let place = text.eventName(start, end) {
            if text.slice(place - 3, place).elementsEqual("/* ".utf8) {
                commentCount += 1
            } else {
                if place == start { bareCount += 1 }
                addDamaged(line)
            }
        } else if let type = text.place(of: TextEvidence.type, start, end) {
            let words = text.string(start..<type).split(separator: " ")
            if words.count == 3, words.allSatisfy({ UInt64($0) != nil }) {
                rawCount += 1
            } else {
                packedCount += 1
            }
        } else if foreign == nil, let byte = text.byte(at: start), byte == 0x17 || byte == 0x50 || byte == 0x32 {
            let rest = text.extracting(start..<text.byteCount)
            if rest.begins(with: TraceDatReader.magic) { foreign = (TraceDatReader.formatName, line) }
            if rest.begins(with: Array("PERFILE2".utf8)) || rest.begins(with: Array("2ELIFREP".utf8)) {
                foreign = ("perf.data", line)
            }
        }
    }

    /// The reason why there are no events in a text, and what helps.
    ///
    /// - Parameter hasHead: true if the head of a trace was seen.
    func reason(lineCount: Int, hasHead: Bool) -> (problem: String, advice: String) {
        if commentCount > 0 {
            return (
                "has its events as comments of the function_graph tracer, which have no time",
                "record them without that tracer: echo nop > current_tracer, or trace-cmd record -e irq"
            )
        }
        if rawCount > 0 || packedCount > 0 {
            return (
                "was written with one of the trace options raw, hex and bin, which leave out the fields of events",
                "switch it off and read the trace again: echo 0 > options/raw; echo 0 > options/bin; echo 0 > options/hex"
            )
        }
        if bareCount > 0 {
            return (
                "has events without time and CPU (options/context-info is 0)",
                "switch it on and read the trace again: echo 1 > options/context-info"
            )
        }
        if damagedCount > 0 {
            return (
                "has events without a time or without a CPU, the first in line \(damagedLines.first ?? 1)",
                "write it with both, such as: perf script -F comm,tid,cpu,time,event,trace"
            )
        }
        if hasHead {
            return (
                "is a trace without events",
                "switch events on before it is recorded: echo 1 > events/irq/enable, or trace-cmd record -e irq"
            )
        }
        return (
            "is text, and \(lineCount == 1 ? "its only line is no event" : "none of its \(lineCount) lines is an event") of a trace",
            "give it a trace.dat, or what tracefs, trace-cmd report, perf script or babeltrace2 print"
        )
    }
}

extension RawSpan {
    /// The bytes of a range as a text.
    func string(_ range: Range<Int>) -> String {
        String(decoding: slice(range.lowerBound, range.upperBound), as: UTF8.self)
    }

    /// The bytes of a range, as far as they are inside.
    func slice(_ start: Int, _ end: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for place in max(start, 0)..<max(end, start, 0) { if let byte = byte(at: place) { bytes.append(byte) } }
        return bytes
    }

    /// The place of a word in a line.
    fileprivate func place(of word: [UInt8], _ start: Int, _ end: Int) -> Int? {
        var place = start
        while place + word.count <= end {
            if byte(at: place) == word[0], begins(with: word, at: place) { return place }
            place += 1
        }
        return nil
    }

    /// The place of the name of an interrupt's event with a colon behind it.
    fileprivate func eventName(_ start: Int, _ end: Int) -> Int? {
        var from = start
        while let place = place(of: TextEvidence.irq, from, end) {
            from = place + 4
            let word = slice(from, min(from + 14, end))
            for rest in ["handler_entry:", "handler_exit:"] where word.starts(with: rest.utf8) { return place }
            if byte(at: place - 4) == UInt8(ascii: "s") {
                for rest in ["raise:", "entry:", "exit:"] where word.starts(with: rest.utf8) { return place - 4 }
            }
        }
        return nil
    }
}
