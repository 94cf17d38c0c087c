// Version 7, trace-cmd.dat.v7(5): behind the first bytes the compression's name and version and the place of the
// options, then sections:
//
//     id u16 | flags u16 (1: packed) | place of the name in the strings u32 | size u64 | data
//
// trace-cmd writes the options last, because it knows only then where things are. Here all sizes are known, so the
// pages can come last: a pipe can take the file, and what stands behind the pages is still inside their section. That
// matters, for trace-cmd walks from section to section until the file ends.

/// The numbers of the sections that are not also options.
private enum SectionNumber {
    static let options: UInt16 = 0
    static let buffer: UInt16 = 3
    static let strings: UInt16 = 15
    static let headerInfo: UInt16 = 16
    static let ftraceEvents: UInt16 = 17
    static let eventFormats: UInt16 = 18
    static let kallsyms: UInt16 = 19
    static let printk: UInt16 = 20
    static let cmdlines: UInt16 = 21
}

extension RecordingLayout {
    /// The same as for version 6; `packer` packs sections. Nil if memory is out.
    static func version7(
        _ machine: RecordingMachine, _ sections: [Section], pageByteCount: Int, packer: borrowing ChunkPacker,
        compressionVersion: String, tail: [UInt8]
    ) -> RecordingLayout? {
        var head = start(.v7, machine, pageByteCount: pageByteCount)
        head.put(text: packer.compression.rawValue)
        head.put(text: compressionVersion)
        let optionsLink = head.count
        var body = Version7Body(place: head.count + 8)

        var options = RecordingOptions()
        let texts: [(UInt16, String, [UInt8])] = [
            (SectionNumber.headerInfo, "headers", machine.headerInfo),
            (SectionNumber.ftraceEvents, "ftrace events", machine.ftraceEvents),
            (SectionNumber.eventFormats, "events format", machine.events),
            (SectionNumber.kallsyms, "kallsyms", RecordingMachine.sized32(machine.kallsyms)),
            (SectionNumber.printk, "printk", RecordingMachine.sized32(machine.printkFormats)),
            (SectionNumber.cmdlines, "command lines", RecordingMachine.sized64(machine.savedCommandLines)),
        ]
        for (number, name, data) in texts {
            // The option that tells where a section is has the section's number.
            options.add(number, UInt64(body.end))
            guard body.add(number, name, data, packer) else { return nil }
        }
        options.add(machine)
        options.add(RecordingOptions.Number.cpuCount, UInt32(machine.cpuCount(with: sections)))

        // The strings' size does not depend on places, nor does that of the options: so both can be known first.
        let optionsName = body.name("options")
        let bufferName = body.name("buffer flyrecord ")  // the blank is trace-cmd's, before an instance's name
        guard body.addStrings(packer) else { return nil }
        let optionsPlace = body.end
        let unplaced = bufferOption(machine, sections, at: 0, first: 0, pageByteCount: pageByteCount, isPacked: false)
        let doneByteCount = 14
        let bufferPlace = optionsPlace + 16 + options.block.count + 6 + unplaced.bytes.count + doneByteCount
        let first = (bufferPlace + 16).roundedUp(to: pageByteCount)
        let isPacked = packer.compression != .none
        let buffer = bufferOption(
            machine, sections, at: bufferPlace, first: first, pageByteCount: pageByteCount, isPacked: isPacked)
        options.add(RecordingOptions.Number.buffer, buffer.bytes)
        options.add(RecordingOptions.Number.done, UInt64(0))
        body.put(SectionNumber.options, isPacked: false, name: optionsName, options.block.bytes)

        let end = buffer.end + tail.count
        body.putHead(SectionNumber.buffer, isPacked: isPacked, name: bufferName, byteCount: end - (bufferPlace + 16))
        head.put(UInt64(optionsPlace))
        head.put(body.bytes)
        assert(head.count == bufferPlace + 16 && head.count > optionsLink)

        var layout = RecordingLayout(head: head.bytes, tail: tail)
        var place = head.count
        for section in sections {
            var gap = SectionBytes()
            gap.pad(to: place.roundedUp(to: pageByteCount) - place)
            if isPacked { gap.put(section.chunkCount) }
            place += gap.count + section.byteCount
            layout.sections.append((gap.bytes, section))
        }
        return layout
    }

    /// The BUFFER option, and where the last page ends. The first page lies at `first`.
    private static func bufferOption(
        _ machine: RecordingMachine, _ sections: [Section], at place: Int, first: Int, pageByteCount: Int,
        isPacked: Bool
    ) -> (bytes: [UInt8], end: Int) {
        var option = SectionBytes()
        option.put(UInt64(place))
        option.put(text: "")
        option.put(text: machine.clockName)
        option.put(UInt32(pageByteCount))
        option.put(UInt32(sections.count))
        var end = place + 16
        for section in sections {
            let start = end.roundedUp(to: pageByteCount)
            option.put(UInt32(section.cpu))
            option.put(UInt64(start))
            // The count of chunks stands before them and is not counted.
            option.put(UInt64(section.byteCount))
            end = start + (isPacked ? 4 : 0) + section.byteCount
        }
        return (option.bytes, end)
    }
}

/// The sections before the pages, and the strings that name them.
private struct Version7Body {
    private var sections = SectionBytes()
    private var strings = SectionBytes()
    private let place: Int

    /// - Parameter place: where the first section will be in the file.
    init(place: Int) { self.place = place }

    var bytes: [UInt8] { sections.bytes }
    /// The place of the next section in the file.
    var end: Int { place + sections.count }

    /// Adds a name; returns its place in the strings.
    mutating func name(_ name: String) -> UInt32 {
        defer { strings.put(text: name) }
        return UInt32(strings.count)
    }

    /// Adds a section, packed if the recording is; false if memory is out.
    mutating func add(_ number: UInt16, _ name: String, _ data: [UInt8], _ packer: borrowing ChunkPacker) -> Bool {
        put(number, name: self.name(name), data, packer)
    }

    /// Adds the strings, their own name among them.
    mutating func addStrings(_ packer: borrowing ChunkPacker) -> Bool {
        let name = name("strings")
        return put(SectionNumber.strings, name: name, strings.bytes, packer)
    }

    private mutating func put(
        _ number: UInt16, name: UInt32, _ data: [UInt8], _ packer: borrowing ChunkPacker
    ) -> Bool {
        if packer.compression == .none {
            put(number, isPacked: false, name: name, data)
            return true
        }
        guard let packed = packer.packed(data) else { return false }
        put(number, isPacked: true, name: name, packed)
        return true
    }

    /// Adds a section as it is.
    mutating func put(_ number: UInt16, isPacked: Bool, name: UInt32, _ data: [UInt8]) {
        putHead(number, isPacked: isPacked, name: name, byteCount: data.count)
        sections.put(data)
    }

    /// Adds the head of a section whose data follow.
    mutating func putHead(_ number: UInt16, isPacked: Bool, name: UInt32, byteCount: Int) {
        sections.put(number)
        sections.put(UInt16(isPacked ? 1 : 0))
        sections.put(name)
        sections.put(UInt64(byteCount))
    }
}
