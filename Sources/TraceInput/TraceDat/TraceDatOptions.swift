import IRQCore

/// The numbers of the options, trace-cmd.dat.v7(5). Unknown ones are skipped.
enum TraceDatOption {
    static let done: UInt16 = 0
    static let date: UInt16 = 1
    static let cpuStatistics: UInt16 = 2
    static let buffer: UInt16 = 3
    static let traceClock: UInt16 = 4
    static let uname: UInt16 = 5
    static let offset: UInt16 = 7
    static let cpuCount: UInt16 = 8
    static let timeShift: UInt16 = 12
    static let tscToNanoseconds: UInt16 = 14
    static let headerInfo: UInt16 = 16
    static let ftraceEvents: UInt16 = 17
    static let eventFormats: UInt16 = 18
    static let kallsyms: UInt16 = 19
    static let printk: UInt16 = 20
    static let cmdlines: UInt16 = 21
    static let bufferText: UInt16 = 22
}

extension TraceDatContents {
    /// Takes up an option that both versions have and that needs no other part of the file.
    mutating func apply(option id: UInt16, _ data: RawSpan, at position: Int) throws(FormatProblem) {
        let whole = 0..<data.byteCount
        switch id {
        case TraceDatOption.date:
            if let microseconds = Self.number(data.text(whole)) { timeOffset &+= microseconds &* 1000 }
        case TraceDatOption.offset:
            if let nanoseconds = Self.number(data.text(whole)) { timeOffset &+= nanoseconds }
        case TraceDatOption.timeShift:
            notes.append("a guest's recording: its times are not shifted to those of the host")
        case TraceDatOption.cpuStatistics:
            addStatistics(data.text(whole))
        case TraceDatOption.traceClock:
            clock = Self.selectedClock(data.text(whole)) ?? clock
        case TraceDatOption.uname:
            machine = data.text(whole)
        case TraceDatOption.cpuCount:
            guard let count = data.load(at: 0, as: UInt32.self, isSwapped: byteOrder.isSwapped) else { return }
            cpuCount = try Self.checked(cpuCount: count, at: position)
        case TraceDatOption.tscToNanoseconds:
            tscMultiplier = data.load(at: 0, as: UInt32.self, isSwapped: byteOrder.isSwapped) ?? 0
            tscShift = data.load(at: 4, as: UInt32.self, isSwapped: byteOrder.isSwapped) ?? 0
        case TraceDatOption.bufferText:
            notes.append("a latency tracer's text buffer is left out: it holds no events")
        default:
            break
        }
    }

    static func checked(cpuCount count: UInt32, at position: Int) throws(FormatProblem) -> Int {
        guard count <= ProcTextLimits.highestCPU + 1 else {
            throw FormatProblem(offset: position, problem: "a count of \(count) CPUs cannot be")
        }
        return Int(count)
    }

    /// A number as strtoll(…, 0) reads it: decimal, or hexadecimal after 0x, with a sign.
    private static func number(_ text: String) -> Int64? {
        var digits = text.filter { !$0.isWhitespace }[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits.removeFirst() }
        let magnitude =
            digits.lowercased().hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits, radix: 10)
        guard let magnitude else { return nil }
        return isNegative ? 0 &- Int64(bitPattern: magnitude) : Int64(bitPattern: magnitude)
    }

    /// Adds the "overrun" and "dropped events" of a per_cpu/cpuN/stats file.
    private mutating func addStatistics(_ text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0] == "overrun" || parts[0] == "dropped events",
                let count = UInt64(parts[1].filter { !$0.isWhitespace })
            else { continue }
            overrun = (overrun ?? 0) &+ count
        }
    }
}
