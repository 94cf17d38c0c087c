import IRQCore

extension TraceDatContents {
    /// Reads the tables of a recording; its pages stay unread.
    static func read(_ file: RawSpan, unpacker: inout Unpacker) throws(FormatProblem) -> TraceDatContents {
        var cursor = ByteCursor(file, at: TraceDatReader.magic.count, byteOrder: .little)
        let versionText = try cursor.string("the version", limit: 8)
        guard let version = Int(versionText), version == 6 || version == 7 else {
            throw FormatProblem(
                offset: TraceDatReader.magic.count,
                problem: "this is version \(versionText.isEmpty ? "?" : versionText) of trace.dat",
                advice: "versions 6 and 7 can be read: convert it with trace-cmd convert")
        }
        let endianPosition = cursor.position
        let endian: UInt8 = try cursor.integer("the byte order")
        guard endian <= 1 else {
            throw FormatProblem(offset: endianPosition, problem: "the byte order is \(endian), neither 0 nor 1")
        }
        let longPosition = cursor.position
        let long: UInt8 = try cursor.integer("the size of long")
        guard long == 4 || long == 8 else {
            throw FormatProblem(offset: longPosition, problem: "the size of long is \(long), neither 4 nor 8")
        }
        let byteOrder: ByteOrder = endian == 1 ? .big : .little
        cursor = ByteCursor(file, at: cursor.offset, byteOrder: byteOrder)
        let page: UInt32 = try cursor.integer("the page size")
        var contents = TraceDatContents(
            version: version, byteOrder: byteOrder, longByteCount: Int(long), headerPageByteCount: Int(page))
        if version == 6 {
            try contents.readVersion6(&cursor)
        } else {
            try contents.readVersion7(&cursor, unpacker: &unpacker)
        }
        // What another recording behind this one has attached is not about this one.
        let end = contents.findNext(file) ?? file.byteCount
        contents.readAttachment(file.extracting(0..<end), unpacker)
        return contents
    }

    /// Looks behind the data for another recording, as in files that were put together, and notes it.
    ///
    /// - Returns: the place where it begins; nil if there is none.
    private mutating func findNext(_ file: RawSpan) -> Int? {
        // Behind the data there are but tables and what irqscope attaches.
        let start = max(dataEnd, TraceDatReader.magic.count)
        for place in start..<max(file.byteCount, start) {
            guard let byte = file.byte(at: place), byte == TraceDatReader.magic[0] || byte == PerfContents.magic[0]
            else {
                continue
            }
            let name: String
            if file.begins(with: TraceDatReader.magic, at: place) {
                name = TraceDatReader.formatName
            } else if file.begins(with: PerfContents.magic, at: place) {
                name = PerfDataReader.formatName
            } else {
                continue
            }
            unreadPartCount += 1
            notes.append("at byte \(place) another recording begins (it looks like \(name)), which is not read")
            return place
        }
        return nil
    }

    // MARK: - Parts that both versions write alike

    /// "header_page\0", its size and text; then the same for header_event, which says nothing new.
    mutating func readHeaderInfo(
        _ cursor: inout ByteCursor, _ blob: (Range<Int>) -> Blob
    ) throws(FormatProblem) {
        for name in ["header_page", "header_event"] {
            let position = cursor.position
            guard cursor.skip(name + "\0") else {
                throw FormatProblem(offset: position, problem: "\"\(name)\" should stand here")
            }
            let byteCount: UInt64 = try cursor.integer("the size of \(name)")
            let range = try cursor.range(byteCount, name)
            if name == "header_page" { headerPage = blob(range) }
        }
    }

    /// More events than this have no name; kernels describe some 2,000, recorders those of the systems they recorded.
    private static let formatLimit = 4096

    /// Systems, each with its name, a count, and so many sized format texts.
    mutating func readEventFormats(
        _ cursor: inout ByteCursor, _ blob: (Range<Int>) -> Blob
    ) throws(FormatProblem) {
        let systemCount: UInt32 = try cursor.integer("the number of event systems")
        for _ in 0..<systemCount {
            let system = try cursor.string("an event system's name")
            let eventCount: UInt32 = try cursor.integer("the number of events of \(system.printable)")
            for _ in 0..<eventCount {
                let byteCount: UInt64 = try cursor.integer("the size of an event format")
                let range = try cursor.range(byteCount, "an event format of \(system.printable)")
                if formats.count < Self.formatLimit { formats.append((system, blob(range))) }
            }
        }
    }

    /// Adds the formats of the events that ftrace itself writes, such as funcgraph_entry: each has no system of its own.
    mutating func readFtraceFormats(
        _ cursor: inout ByteCursor, _ blob: (Range<Int>) -> Blob
    ) throws(FormatProblem) {
        let count: UInt32 = try cursor.integer("the number of ftrace events")
        for _ in 0..<count {
            let byteCount: UInt64 = try cursor.integer("the size of an ftrace event format")
            let range = try cursor.range(byteCount, "an ftrace event format")
            if formats.count < Self.formatLimit { formats.append(("ftrace", blob(range))) }
        }
    }

    /// Adds the pages of a CPU, as far as they lie inside the file, and notes what does not.
    mutating func addSection(
        cpu: Int, offset: UInt64, byteCount: UInt64, fileByteCount: Int, to buffer: inout TraceBuffer
    ) throws(FormatProblem) {
        guard byteCount > 0 else { return }
        let file = UInt64(fileByteCount)
        let name = buffer.name.isEmpty ? "" : " of buffer \(buffer.name.printable)"
        guard offset < file else {
            missingPartCount += 1
            buffer.cutCPUs.append(cpu)
            notes.append(
                "CPU \(cpu)\(name): all \(byteCount) bytes are missing: they should begin at byte \(offset), "
                    + "but the file ends at \(file)")
            return
        }
        let present = min(byteCount, file - offset)
        if present < byteCount {
            missingPartCount += 1
            buffer.cutCPUs.append(cpu)
            notes.append(
                "CPU \(cpu)\(name): \(byteCount - present) of \(byteCount) bytes are missing: "
                    + "the file ends at byte \(file)")
        }
        // Each byte belongs to one CPU of one buffer. Tables that say otherwise would be read again and again.
        sectionByteCount += Int(present)
        dataEnd = max(dataEnd, Int(offset + present))
        guard sectionByteCount <= fileByteCount else {
            throw FormatProblem(offset: Int(offset), problem: "the data of CPU \(cpu)\(name) overlap those of another")
        }
        buffer.sections.append(CPUSection(cpu: cpu, range: Int(offset)..<Int(offset + present)))
    }
}

extension String {
    /// The text for messages: control characters as in `\x1b`, and what is not ASCII as a question mark.
    var printable: String {
        unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x20...0x7E: String(scalar)
            case ..<0x80: "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: "?"
            }
        }.joined()
    }
}
