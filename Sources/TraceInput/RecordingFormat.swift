import IRQCore

/// A format of files that users hand over: how it is recognized, and how it is read or why it is not.
///
/// Recordings are told by their content, never by their names. One more format is one more entry in `all`, and a
/// `RecordingReader` if it is to be read.
struct RecordingFormat: Sendable {
    /// A mark in the first bytes of a file, of which there are `sniffedByteCount` or all.
    private enum Mark {
        /// These bytes at this place.
        case bytes([UInt8], at: Int = 0)
        case text(String)
        case test(@Sendable (RawSpan) -> Bool)
    }

    /// The use of such a file.
    private enum Use {
        case read(Read)
        /// A text, read line by line.
        case stream
        /// A sentence such as "is a zip archive", and what to do about it.
        case refuse(String, String)
    }

    /// Makes a report of a recording of the format.
    typealias Read = @Sendable (borrowing MappedFile, ReadOptions) throws(FormatProblem) -> Report

    /// The name of the format: `source.format` in JSON.
    let name: String
    private let marks: [Mark]
    private let use: Use

    /// The first that fits is taken.
    private static let all = [
        RecordingFormat(
            name: TraceDatReader.formatName, marks: [.bytes(TraceDatReader.magic)],
            use: .read { file, options throws(FormatProblem) in
                try ReportBuilder.report(TraceDatReader(file, options), file, options)
            }),
        RecordingFormat(
            name: PerfDataReader.formatName,
            marks: [
                .bytes(PerfContents.magic), .bytes(PerfContents.swappedMagic), .bytes(PerfContents.oldMagic),
            ],
            use: .read { file, options throws(FormatProblem) in
                try ReportBuilder.report(PerfDataReader(file, options), file, options)
            }),
        RecordingFormat(name: "ftrace", marks: [.text("# tracer:")], use: .stream),
        // The metadata of a CTF trace as packets or as text, or one of its streams, of either byte order.
        RecordingFormat(
            name: ctfName,
            marks: [
                .bytes([0x75, 0xD1, 0x1D, 0x57]), .bytes([0x57, 0x1D, 0xD1, 0x75]), .text("/* CTF 1."),
                .bytes([0xC1, 0xFC, 0x1F, 0xC1]), .bytes([0xC1, 0x1F, 0xFC, 0xC1]),
            ],
            use: .refuse(
                "is a part of a CTF trace, as LTTng writes it",
                "pipe its text in: babeltrace2 DIRECTORY | irqscope report")),
        RecordingFormat(
            name: "zip", marks: [.bytes(Array("PK".utf8) + [3, 4])],
            use: .refuse(
                "is a zip archive", "take the recording out of it: unzip -p ARCHIVE trace.dat | irqscope report")),
        RecordingFormat(
            name: "tar", marks: [.bytes(Array("ustar".utf8), at: 257)],
            use: .refuse(
                "is a tar archive", "take the recording out of it: tar -xOf ARCHIVE trace.dat | irqscope report")),
        packed("bzip2", Array("BZh".utf8)), packed("lz4", [0x04, 0x22, 0x4D, 0x18]),
        packed("lzop", [0x89] + Array("LZO".utf8)), packed("gzip", Packing.gzip.magic),
        packed("zstd", Packing.zstd.magic), packed("xz", Packing.xz.magic),
        RecordingFormat(
            name: PerfettoReader.formatName, marks: [.test { PerfettoFormat.isPerfetto($0) }],
            use: .read { file, options throws(FormatProblem) in
                try PerfettoReader.report(file, options)
            }),
        RecordingFormat(
            name: "text", marks: [.test { isMostlyText($0) }], use: .stream),
    ]

    /// So many first bytes are enough to recognize any format.
    static let sniffedByteCount = 512
    private static let wanted =
        "give it a trace.dat of version 6 or 7, as irqscope record and trace-cmd record write, a perf.data, a trace of "
        + "Perfetto, or the text of a trace"
    private static let ctfName = "CTF"

    /// Packed by a program that is not read, or packed twice.
    private static func packed(_ tool: String, _ magic: [UInt8]) -> RecordingFormat {
        RecordingFormat(
            name: tool, marks: [.bytes(magic)],
            use: .refuse("is packed with \(tool)", "unpack it on the way: \(tool) -dc FILE | irqscope report"))
    }

    /// The format of a file that begins with `start`.
    ///
    /// - Parameter packing: what the file was packed in, for messages.
    /// - Throws: `RecordingError` with what else the file is.
    static func readable(
        _ start: RawSpan, packing: Packing? = nil, path: String
    ) throws(RecordingError) -> RecordingFormat {
        let lead = packing == nil ? "" : "unpacked, it "
        guard let format = all.first(where: { $0.fits(start) }) else {
            if start.byteCount < TraceDatReader.magic.count, start.isPrefix(of: TraceDatReader.magic) {
                throw RecordingError(
                    path: path, offset: start.byteCount,
                    problem: "\(lead)ends inside the first \(TraceDatReader.magic.count) bytes",
                    advice: "the recording was cut short: copy or record it again")
            }
            throw RecordingError(
                path: path, offset: 0, problem: "\(lead)is no recording of a format that is known", advice: wanted)
        }
        if case .refuse(let what, let advice) = format.use {
            throw RecordingError(path: path, offset: 0, problem: lead + what, advice: advice)
        }
        return format
    }

    /// True if the file is read as it comes.
    var isStreamed: Bool {
        if case .stream = use { return true }
        return false
    }

    /// Makes a report of a recording of the format, which must be one that is read.
    func read(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) -> Report {
        guard case .read(let read) = use else { return try TextReport.read(file, options) }
        return try read(file, options)
    }

    /// True if `start`, of a file named metadata, tells that its directory is a CTF trace.
    static func isCTF(_ start: RawSpan) -> Bool { all.first { $0.fits(start) }?.name == ctfName }

    /// The name of the format of what begins with `start`; nil if it is none that is known.
    static func name(of start: RawSpan) -> String? { all.first { $0.fits(start) }?.name }

    private func fits(_ start: RawSpan) -> Bool {
        for mark in marks {
            switch mark {
            case .bytes(let bytes, let place): if start.begins(with: bytes, at: place) { return true }
            case .text(let text): if start.begins(with: Array(text.utf8)) { return true }
            case .test(let test): if test(start) { return true }
            }
        }
        return false
    }

    /// True if it may be a text: names of tasks and actions may hold control bytes, but these are few.
    private static func isMostlyText(_ start: RawSpan) -> Bool {
        var count = 0
        for offset in 0..<min(start.byteCount, sniffedByteCount) {
            let byte = start.byte(at: offset) ?? 0
            if byte < 0x20, ![0x09, 0x0A, 0x0D, 0x1B].contains(byte) { count += 1 }
        }
        return start.byteCount > 0 && count * controlShare <= min(start.byteCount, sniffedByteCount)
    }

    /// Of so many bytes of a text at most one is a control byte.
    private static let controlShare = 16

    /// True if there is no control byte but those that texts have.
    static func isText(_ start: RawSpan) -> Bool {
        for offset in 0..<min(start.byteCount, sniffedByteCount) {
            let byte = start.byte(at: offset) ?? 0
            if byte < 0x20, ![0x09, 0x0A, 0x0D, 0x1B].contains(byte) { return false }
        }
        return start.byteCount > 0
    }
}

extension RawSpan {
    /// True if these bytes stand at `offset`.
    func begins(with bytes: [UInt8], at offset: Int = 0) -> Bool {
        for (index, byte) in bytes.enumerated() where self.byte(at: offset + index) != byte { return false }
        return true
    }

    /// True if all of this is the beginning of `bytes`.
    fileprivate func isPrefix(of bytes: [UInt8]) -> Bool {
        byteCount <= bytes.count && begins(with: Array(bytes.prefix(byteCount)))
    }
}
