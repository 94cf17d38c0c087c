/// A block of options, trace-cmd.dat.v7(5): id u16, size u32, data; DONE is the last.
struct RecordingOptions {
    private(set) var block = SectionBytes()

    /// The numbers of the options.
    enum Number {
        static let done: UInt16 = 0
        static let cpuStatistics: UInt16 = 2
        static let buffer: UInt16 = 3
        static let traceClock: UInt16 = 4
        static let uname: UInt16 = 5
        static let cpuCount: UInt16 = 8
        static let version: UInt16 = 9
        static let traceID: UInt16 = 11
    }

    mutating func add(_ number: UInt16, _ data: [UInt8]) {
        block.put(number)
        block.put(UInt32(data.count))
        block.put(data)
    }

    mutating func add(_ number: UInt16, _ value: some FixedWidthInteger & BitwiseCopyable) {
        var data = SectionBytes()
        data.put(value)
        add(number, data.bytes)
    }

    /// A text; readers expect the null byte.
    private mutating func add(_ number: UInt16, text: String) {
        if !text.isEmpty { add(number, Array(text.utf8) + [0]) }
    }

    /// The options on the machine that both versions have, in trace-cmd's order.
    mutating func add(_ machine: RecordingMachine) {
        add(Number.traceClock, text: machine.clockText)
        add(Number.uname, text: machine.uname)
        add(Number.version, text: machine.version)
        if let id = machine.traceID { add(Number.traceID, id) }
        for (cpu, text) in machine.cpuStatistics {
            add(Number.cpuStatistics, Array("CPU: \(cpu)\n".utf8) + text + [0])
        }
    }
}
