import IRQCore
internal import TraceFormats

/// The descriptions of pages and events in a recording.
extension TraceDatContents {
    /// The layout that the recording's header_page describes.
    func pageLayout(_ file: RawSpan) throws(FormatProblem) -> PageLayout {
        guard let recorded = KernelFormats(byteOrder: byteOrder, longByteCount: longByteCount)
        else { throw FormatProblem(offset: nil, problem: "memory is out", advice: "free some and try again") }
        if let blob = headerPage, blob.byteCount > 0 {
            let (text, position) = try blob.withBytes(of: file) { (bytes, origin) in
                (Array(copying: bytes), origin)
            }
            guard
                let layout = recorded.pageLayout(
                    headerPage: text, longByteCount: longByteCount, byteOrder: byteOrder)
            else { throw FormatProblem(offset: position, problem: "the text of header_page makes no sense") }
            return layout
        }
        // Before header_page existed: the recorder's page and long.
        guard
            let layout = PageLayout(
                subBufferByteCount: headerPageByteCount, commitByteCount: longByteCount,
                byteOrder: byteOrder)
        else {
            throw FormatProblem(
                offset: nil, problem: "a page size of \(headerPageByteCount) bytes cannot be")
        }
        return layout
    }

    /// The events that the analysis wants, as the recording describes them.
    ///
    /// - Parameter isDeep: true if those of the deep analysis are wanted too, where there are events of the scheduler.
    mutating func eventFormats(_ file: RawSpan, isDeep: Bool) throws(FormatProblem) -> EventFormats {
        guard let recorded = KernelFormats(byteOrder: byteOrder, longByteCount: longByteCount)
        else { throw FormatProblem(offset: nil, problem: "memory is out", advice: "free some and try again") }
        var table = EventFormats()
        if isDeep {
            for (system, blob) in self.formats where system == "sched" && !table.isDeep {
                let name = try blob.withBytes(of: file) { (text, _) in FormatTextHead(text)?.name }
                table.isDeep = name == "sched_switch"
            }
        }
        for (system, blob) in self.formats {
            let nonsense = try blob.withBytes(of: file) { (text, _) -> String? in
                recorded.add(text, system: system, to: &table) ? nil : FormatTextHead(text)?.name ?? "?"
            }
            if let name = nonsense?.printable {
                notes.append("the format of event \(system):\(name) makes no sense: its events are left out")
            }
        }
        return table
    }

    /// Notes events whose absence a reader of the report must know.
    mutating func noteMissingEvents(_ formats: borrowing EventFormats) {
        if !formats.contains(.irqEntry), !formats.contains(.softirqEntry) {
            notes.append(
                "the recording describes no interrupt events: record with irqscope record, or trace-cmd record -e irq")
        }
        if buffers.allSatisfy({ $0.sections.isEmpty }) {
            notes.append("the recording holds no events at all")
        }
    }
}

extension TraceBuffer {
    /// The layout of this buffer's pages: since Linux 6.8 each instance may have its own size, which the
    /// recorder noted; older recorders noted the machine's page whatever the buffer had. If that size and
    /// header_page's differ, the pages themselves decide: the smaller size is right if it finds a header at
    /// each of its borders.
    func layout(
        _ described: PageLayout, _ file: RawSpan, _ compression: CompressionMethod, _ unpacker: inout Unpacker
    ) -> PageLayout {
        guard let noted = pageByteCount, noted != described.subBufferByteCount,
            let other = PageLayout(
                subBufferByteCount: noted, commitByteCount: described.commitByteCount, byteOrder: described.byteOrder)
        else { return described }
        let isSmaller = noted < described.subBufferByteCount
        let (small, large) = isSmaller ? (other, described) : (described, other)
        for section in sections {
            let reader = PageReader(section, slot: 0, isCompressed: isCompressed, fileByteCount: file.byteCount)
            var isSmall = true
            var isTold = false
            reader.peek(file, small.byteOrder, compression, &unpacker) { bytes in
                isTold = bytes.byteCount >= large.subBufferByteCount
                isSmall = Self.hasHeaders(bytes, small)
            }
            if isTold { return isSmall ? small : large }
        }
        return small
    }

    /// True if a header that makes sense stands at each page border of the first bytes.
    private static func hasHeaders(_ bytes: RawSpan, _ layout: PageLayout) -> Bool {
        let decoder = PageDecoder(layout: layout)
        var offset = 0
        var time: UInt64 = 0
        while offset + layout.subBufferByteCount <= min(bytes.byteCount, 1 << 20) {
            let page = bytes.extracting(offset..<offset + layout.subBufferByteCount)
            guard let cursor = try? decoder.open(page), cursor.time >= time else { return false }
            time = cursor.time
            offset += layout.subBufferByteCount
        }
        return true
    }
}
