import IRQCore

// Version 6, trace-cmd.dat.v6(5), is one stream: header texts, event formats, kallsyms, printk formats,
// saved command lines, the number of CPUs, then tagged parts of ten bytes' name:
//
//     "options  \0"   (id u16, size u32, data) …, id 0
//     "flyrecord\0"   for each CPU: offset u64, size u64
//     "latency  \0"   text
//
// An instance is an option 3: the offset of its own "options" and "flyrecord" parts, and its name.

extension TraceDatContents {
    mutating func readVersion6(_ cursor: inout ByteCursor) throws(FormatProblem) {
        try readTexts(&cursor)
        let cmdlinesByteCount: UInt64 = try cursor.integer("the size of the saved command lines")
        savedCmdlines = .file(try cursor.range(cmdlinesByteCount, "the saved command lines"))
        let countPosition = cursor.position
        let count: UInt32 = try cursor.integer("the number of CPUs")
        cpuCount = try Self.checked(cpuCount: count, at: countPosition)

        var instances: [(offset: UInt64, name: String)] = []
        if let top = try readParts(&cursor, name: "", cpuCount: Int(count), instances: &instances) {
            buffers.append(top)
        }
        for instance in instances {
            guard instance.offset < UInt64(cursor.bytes.byteCount) else {
                missingPartCount += 1
                notes.append(
                    "buffer \(instance.name.printable) is missing: it should begin at byte \(instance.offset), "
                        + "but the file ends at \(cursor.bytes.byteCount)")
                continue
            }
            var part = ByteCursor(cursor.bytes, at: Int(instance.offset), byteOrder: byteOrder)
            var none: [(offset: UInt64, name: String)] = []
            if let buffer = try readParts(&part, name: instance.name, cpuCount: Int(count), instances: &none) {
                buffers.append(buffer)
            }
        }
    }

    /// Reads the header texts, event formats, kallsyms and printk formats.
    mutating func readTexts(_ cursor: inout ByteCursor) throws(FormatProblem) {
        try readHeaderInfo(&cursor) { .file($0) }
        try readFtraceFormats(&cursor) { .file($0) }
        try readEventFormats(&cursor) { .file($0) }
        let kallsymsByteCount: UInt32 = try cursor.integer("the size of kallsyms")
        kallsyms = .file(try cursor.range(UInt64(kallsymsByteCount), "kallsyms"))
        let printkByteCount: UInt32 = try cursor.integer("the size of the printk formats")
        kernelTexts = .file(try cursor.range(UInt64(printkByteCount), "the printk formats"))
    }

    /// Reads the tagged parts of the top-level buffer or of an instance; nil if it holds no events.
    private mutating func readParts(
        _ cursor: inout ByteCursor, name: String, cpuCount given: Int,
        instances: inout [(offset: UInt64, name: String)]
    ) throws(FormatProblem) -> TraceBuffer? {
        var buffer = TraceBuffer(name: name, clock: clock, pageByteCount: nil, isCompressed: false, sections: [])
        var count = given
        while true {
            let position = cursor.position
            if cursor.skip("options  \0") {
                let known = cpuCount
                try readOptions(&cursor, instances: &instances)
                // An instance may have fewer CPUs than the machine; that is its own matter.
                if !name.isEmpty, let own = cpuCount, own != known {
                    count = own
                    cpuCount = known
                }
                buffer.clock = clock
            } else if cursor.skip("flyrecord\0") {
                for cpu in 0..<count {
                    let offset: UInt64 = try cursor.integer("the place of CPU \(cpu)'s data")
                    let byteCount: UInt64 = try cursor.integer("the size of CPU \(cpu)'s data")
                    try addSection(
                        cpu: cpu, offset: offset, byteCount: byteCount, fileByteCount: cursor.bytes.byteCount,
                        to: &buffer)
                }
                return buffer
            } else if cursor.skip("latency  \0") {
                notes.append("a latency tracer's text is left out: it holds no events")
                return nil
            } else {
                throw FormatProblem(
                    offset: position,
                    problem: cursor.remaining < 10
                        ? "the file ends where the table of CPU data should stand"
                        : "none of \"options\", \"flyrecord\" and \"latency\" stands here")
            }
        }
    }

    private mutating func readOptions(
        _ cursor: inout ByteCursor, instances: inout [(offset: UInt64, name: String)]
    ) throws(FormatProblem) {
        while true {
            let id: UInt16 = try cursor.integer("an option")
            if id == TraceDatOption.done { return }
            let byteCount: UInt32 = try cursor.integer("the size of option \(id)")
            let position = cursor.position
            let range = try cursor.range(UInt64(byteCount), "option \(id)")
            let data = cursor.bytes.extracting(range)
            if id == TraceDatOption.buffer {
                var option = ByteCursor(data, origin: position, byteOrder: byteOrder)
                let offset: UInt64 = try option.integer("the place of a buffer")
                guard instances.count < Self.bufferLimit else {
                    throw FormatProblem(offset: position, problem: "there are more than \(Self.bufferLimit) buffers")
                }
                instances.append((offset, data.text(8..<data.byteCount)))
            } else {
                try apply(option: id, data, at: position)
            }
        }
    }

    /// More buffers than this are refused.
    static let bufferLimit = 4096
}
