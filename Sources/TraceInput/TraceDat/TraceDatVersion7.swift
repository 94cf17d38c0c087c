import IRQCore

// Version 7, trace-cmd.dat.v7(5): behind the first bytes the name and version of the compression and the
// offset of the first options section; everything else is found through options. A section is
//
//     id u16 | flags u16 (1: compressed) | string id u32 | size u64 | data
//
// with compressed data as: packed size u32 | unpacked size u32 | bytes. The last option of a section,
// DONE, tells where the next options section is, or 0. A buffer's pages are compressed in chunks, see
// PageReader.

extension TraceDatContents {
    /// More options sections than this are a loop.
    private static let sectionLimit = 1000
    /// More options in a section than this are none of trace-cmd's; each CPU has one.
    private static let optionLimit = 70_000

    mutating func readVersion7(_ cursor: inout ByteCursor, unpacker: inout Unpacker) throws(FormatProblem) {
        let position = cursor.position
        let name = try cursor.string("the compression's name", limit: 64)
        _ = try cursor.string("the compression's version", limit: 64)
        guard let method = CompressionMethod(rawValue: name) else {
            throw FormatProblem(
                offset: position, problem: "compression \"\(name.printable)\" is not known",
                advice: "none, zlib and zstd can be read: convert it with trace-cmd convert --compression zstd")
        }
        compression = method
        let file = cursor.bytes
        let linkPosition = cursor.position
        var next: UInt64 = try cursor.integer("the place of the options")
        if next == 0 {
            throw FormatProblem(
                offset: linkPosition, problem: "the recording has no options section: its recorder did not finish it")
        }
        var visited: Set<UInt64> = []
        while next != 0 {
            guard visited.count < Self.sectionLimit, visited.insert(next).inserted else {
                throw FormatProblem(offset: Int(clamping: next), problem: "the options sections run in a circle")
            }
            let options = try section(at: next, file, "an options section", unpacker: &unpacker)
            next = 0
            for (id, blob) in try Self.options(options.blob, file, byteOrder) {
                if id == TraceDatOption.done {
                    next = try blob.withBytes(of: file) { (data, _) throws(FormatProblem) in
                        data.load(at: 0, as: UInt64.self, isSwapped: byteOrder.isSwapped) ?? 0
                    }
                } else {
                    try take(option: id, blob, file, unpacker: &unpacker)
                }
            }
        }
        if headerPage == nil, formats.isEmpty {
            throw FormatProblem(offset: linkPosition, problem: "no event formats are described")
        }
    }

    /// The options of a section, each with its data.
    private static func options(
        _ section: Blob, _ file: RawSpan, _ byteOrder: ByteOrder
    ) throws(FormatProblem) -> [(UInt16, Blob)] {
        try section.withBytes(of: file) { (bytes, origin) throws(FormatProblem) in
            var cursor = ByteCursor(bytes, origin: origin, byteOrder: byteOrder)
            var found: [(UInt16, Blob)] = []
            while cursor.remaining > 0 {
                guard found.count < optionLimit else {
                    throw FormatProblem(offset: cursor.position, problem: "there are more than \(optionLimit) options")
                }
                let id: UInt16 = try cursor.integer("an option")
                let byteCount: UInt32 = try cursor.integer("the size of option \(id)")
                let position = cursor.position
                let range = try cursor.range(UInt64(byteCount), "option \(id)")
                switch section {
                case .file: found.append((id, .file(position..<position + range.count)))
                case .unpacked(let all, _, _): found.append((id, .unpacked(all, range, origin: position)))
                }
                if id == TraceDatOption.done { break }
            }
            return found
        }
    }

    /// The header of the section at `offset`, and its data, unpacked if need be.
    private func section(
        at offset: UInt64, _ file: RawSpan, _ what: String, unpacker: inout Unpacker
    ) throws(FormatProblem) -> (blob: Blob, isCompressed: Bool) {
        let (data, isCompressed) = try sectionRange(at: offset, file, what)
        guard isCompressed else { return (.file(data), false) }
        var cursor = ByteCursor(file, at: data.lowerBound, byteOrder: byteOrder)
        let packedByteCount: UInt32 = try cursor.integer("the packed size of \(what)")
        let unpackedByteCount: UInt32 = try cursor.integer("the unpacked size of \(what)")
        let position = cursor.position
        let packed = try cursor.range(UInt64(packedByteCount), what)
        guard
            let bytes = unpacker.unpack(
                file.extracting(packed), byteCount: Int(unpackedByteCount), method: compression)
        else {
            throw FormatProblem(
                offset: position, problem: "\(what) does not unpack to the \(unpackedByteCount) bytes it promises")
        }
        return (.unpacked(bytes, bytes.indices, origin: position), true)
    }

    private func sectionRange(
        at offset: UInt64, _ file: RawSpan, _ what: String
    ) throws(FormatProblem) -> (data: Range<Int>, isCompressed: Bool) {
        guard offset < UInt64(file.byteCount) else {
            throw FormatProblem(
                offset: file.byteCount,
                problem: "the file ends here, but \(what) should stand at byte \(offset)")
        }
        var cursor = ByteCursor(file, at: Int(offset), byteOrder: byteOrder)
        _ = try cursor.integer("\(what)", as: UInt16.self)
        let flags: UInt16 = try cursor.integer("\(what)")
        _ = try cursor.integer("\(what)", as: UInt32.self)
        let byteCount: UInt64 = try cursor.integer("\(what)")
        return (try cursor.range(byteCount, what), flags & 1 != 0)
    }

    private mutating func take(
        option id: UInt16, _ blob: Blob, _ file: RawSpan, unpacker: inout Unpacker
    ) throws(FormatProblem) {
        switch id {
        case TraceDatOption.headerInfo:
            let info = try linked(blob, file, "the header information", unpacker: &unpacker)
            try read(info, file) { (contents, cursor, part) throws(FormatProblem) in
                try contents.readHeaderInfo(&cursor, part)
            }
        case TraceDatOption.eventFormats:
            let texts = try linked(blob, file, "the event formats", unpacker: &unpacker)
            try read(texts, file) { (contents, cursor, part) throws(FormatProblem) in
                try contents.readEventFormats(&cursor, part)
            }
        case TraceDatOption.ftraceEvents:
            do throws(FormatProblem) {
                let texts = try linked(blob, file, "the formats of ftrace's own events", unpacker: &unpacker)
                try read(texts, file) { (contents, cursor, part) throws(FormatProblem) in
                    try contents.readFtraceFormats(&cursor, part)
                }
            } catch {
                // They only give names to events that are not used.
                notes.append("the formats of ftrace's own events are left out: \(error.problem)")
            }
        case TraceDatOption.kallsyms:
            kallsymsLink = try Self.link(blob, file, byteOrder)
        case TraceDatOption.printk:
            kernelTextsLink = try Self.link(blob, file, byteOrder)
        case TraceDatOption.cmdlines:
            let lines = try linked(blob, file, "the saved command lines", unpacker: &unpacker)
            try read(lines, file) { (contents, cursor, part) throws(FormatProblem) in
                let byteCount: UInt64 = try cursor.integer("the size of the saved command lines")
                contents.savedCmdlines = part(try cursor.range(byteCount, "the saved command lines"))
            }
        case TraceDatOption.buffer:
            try takeBuffer(blob, file)
        default:
            let position: Int
            if case .file(let range) = blob { position = range.lowerBound } else { position = 0 }
            try blob.withBytes(of: file) { (data, _) throws(FormatProblem) in
                try apply(option: id, data, at: position)
            }
        }
    }

    /// Unpacks kallsyms: only recordings with functions need it, and it is large.
    mutating func loadKallsyms(_ file: RawSpan, unpacker: inout Unpacker) throws(FormatProblem) {
        guard kallsyms == nil, let offset = kallsymsLink else { return }
        let section = try section(at: offset, file, "kallsyms", unpacker: &unpacker).blob
        try read(section, file) { (contents, cursor, part) throws(FormatProblem) in
            let byteCount: UInt32 = try cursor.integer("the size of kallsyms")
            contents.kallsyms = part(try cursor.range(UInt64(byteCount), "kallsyms"))
        }
    }

    /// Unpacks the kernel's texts: only few events need them.
    mutating func loadKernelTexts(_ file: RawSpan, unpacker: inout Unpacker) throws(FormatProblem) {
        guard kernelTexts == nil, let offset = kernelTextsLink else { return }
        let section = try section(at: offset, file, "the printk formats", unpacker: &unpacker).blob
        try read(section, file) { (contents, cursor, part) throws(FormatProblem) in
            let byteCount: UInt32 = try cursor.integer("the size of the printk formats")
            contents.kernelTexts = part(try cursor.range(UInt64(byteCount), "the printk formats"))
        }
    }

    private static func link(_ blob: Blob, _ file: RawSpan, _ byteOrder: ByteOrder) throws(FormatProblem) -> UInt64 {
        try blob.withBytes(of: file) { (data, position) throws(FormatProblem) in
            var cursor = ByteCursor(data, origin: position, byteOrder: byteOrder)
            return try cursor.integer("the place of a section")
        }
    }

    private func linked(
        _ blob: Blob, _ file: RawSpan, _ what: String, unpacker: inout Unpacker
    ) throws(FormatProblem) -> Blob {
        try section(at: Self.link(blob, file, byteOrder), file, what, unpacker: &unpacker).blob
    }

    /// Reads a section's data; `part` turns a range of it into a blob of its own.
    private mutating func read(
        _ section: Blob, _ file: RawSpan,
        _ body: (inout TraceDatContents, inout ByteCursor, (Range<Int>) -> Blob) throws(FormatProblem) -> Void
    ) throws(FormatProblem) {
        var copy = self
        try section.withBytes(of: file) { (bytes, origin) throws(FormatProblem) in
            var cursor = ByteCursor(bytes, origin: origin, byteOrder: copy.byteOrder)
            try body(&copy, &cursor) { range in
                switch section {
                case .file: .file(origin + range.lowerBound..<origin + range.upperBound)
                case .unpacked(let all, _, _): .unpacked(all, range, origin: origin)
                }
            }
        }
        self = copy
    }

    private mutating func takeBuffer(_ blob: Blob, _ file: RawSpan) throws(FormatProblem) {
        guard buffers.count < Self.bufferLimit else {
            throw FormatProblem(offset: nil, problem: "there are more than \(Self.bufferLimit) buffers")
        }
        var copy = self
        try blob.withBytes(of: file) { (data, origin) throws(FormatProblem) in
            var cursor = ByteCursor(data, origin: origin, byteOrder: copy.byteOrder)
            let offset: UInt64 = try cursor.integer("the place of a buffer")
            let name = try cursor.string("a buffer's name")
            let clock = try cursor.string("a buffer's clock")
            let page: UInt32 = try cursor.integer("a buffer's page size")
            let countPosition = cursor.position
            let count = try Self.checked(cpuCount: cursor.integer("a buffer's CPUs"), at: countPosition)
            var buffer = TraceBuffer(
                name: name, clock: TraceDatContents.selectedClock(clock) ?? copy.clock, pageByteCount: Int(page),
                isCompressed: false, sections: [])
            if count > 0 || offset != 0 {
                buffer.isCompressed = try copy.isSectionCompressed(at: offset, file)
            }
            for _ in 0..<count {
                let cpuPosition = cursor.position
                let cpu = try Self.checked(cpuCount: cursor.integer("a CPU's number"), at: cpuPosition)
                let dataOffset: UInt64 = try cursor.integer("the place of CPU \(cpu)'s data")
                let byteCount: UInt64 = try cursor.integer("the size of CPU \(cpu)'s data")
                try copy.addSection(
                    cpu: cpu, offset: dataOffset, byteCount: byteCount, fileByteCount: file.byteCount, to: &buffer)
            }
            copy.buffers.append(buffer)
        }
        self = copy
    }

    /// True if the pages of the buffer section at `offset` are compressed. Its data may be cut short.
    private func isSectionCompressed(at offset: UInt64, _ file: RawSpan) throws(FormatProblem) -> Bool {
        guard let place = Int(exactly: offset),
            let flags = file.load(at: place &+ 2, as: UInt16.self, isSwapped: byteOrder.isSwapped)
        else {
            throw FormatProblem(
                offset: file.byteCount, problem: "the file ends here, but a buffer should stand at byte \(offset)")
        }
        return flags & 1 != 0
    }
}

extension Array where Element == UInt8 {
    /// A copy of `span`.
    init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { bytes in unsafe Array(bytes) }
    }
}
