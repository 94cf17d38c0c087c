import IRQCore

/// A part of a recording: in the file as it is, or unpacked from it.
enum Blob {
    case file(Range<Int>)
    /// A range of unpacked bytes, which parts of one section share, and the section's place in the file.
    case unpacked([UInt8], Range<Int>, origin: Int)

    var byteCount: Int {
        switch self {
        case .file(let range): range.count
        case .unpacked(_, let range, _): range.count
        }
    }

    /// Lends the bytes, and their place in the file.
    func withBytes<Result>(
        of file: RawSpan, _ body: (RawSpan, Int) throws(FormatProblem) -> Result
    ) throws(FormatProblem) -> Result {
        switch self {
        case .file(let range):
            return try body(file.extracting(range), range.lowerBound)
        case .unpacked(let bytes, let range, let origin):
            let span = bytes.span
            return try body(unsafe span.bytes.extracting(range), origin)  // plain bytes have no padding
        }
    }
}

/// The pages of one CPU in one buffer.
struct CPUSection {
    let cpu: Int
    /// The place of its bytes; of compressed ones, that of the chunk list.
    let range: Range<Int>
}

/// One trace buffer: the top-level one, or an instance.
struct TraceBuffer {
    let name: String
    var clock: String?
    /// The page size as the recorder saw it; nil if it does not say.
    var pageByteCount: Int?
    var isCompressed: Bool
    var sections: [CPUSection]
    /// The CPUs whose last pages the file does not have.
    var cutCPUs: [Int] = []
}

/// The compression inside of a version 7 recording.
enum CompressionMethod: String {
    case none, zstd, zlib
}

/// The headers, options and section tables of a trace.dat, read.
struct TraceDatContents {
    let version: Int
    let byteOrder: ByteOrder
    /// The size of `long` in the recorder's user space.
    let longByteCount: Int
    let headerPageByteCount: Int
    var compression = CompressionMethod.none
    /// The text of events/header_page.
    var headerPage: Blob?
    /// The event format texts with their system's name.
    var formats: [(system: String, text: Blob)] = []
    var kallsyms: Blob?
    /// The place of version 7's kallsyms section, which is unpacked only when it is needed.
    var kallsymsLink: UInt64?
    /// The texts that events tell by their address.
    var kernelTexts: Blob?
    /// The place of version 7's section of them, which is unpacked only when it is needed.
    var kernelTextsLink: UInt64?
    var savedCmdlines: Blob?
    var cpuCount: Int?
    var machine: String?
    var clock: String?
    var timeOffset: Int64 = 0
    var tscMultiplier: UInt32 = 0
    var tscShift: UInt32 = 0
    /// The sums of "overrun" and of "dropped events" over the CPUs; nil if the recording has none.
    var overrun: UInt64?
    var buffers: [TraceBuffer] = []
    /// The bytes that irqscope itself put behind the recording, untrusted; nil if there are none or they are damaged.
    var attachment: [UInt8]?
    /// The bytes of all CPUs' data together.
    var sectionByteCount = 0
    /// The end of the last of them in the file.
    var dataEnd = 0
    /// The number of other recordings behind this one.
    var unreadPartCount = 0
    /// The number of parts with events that the file should have.
    var missingPartCount = 0
    /// Parts that are missing or odd.
    var notes: [String] = [] {
        didSet {
            guard notes.count >= Self.noteLimit else { return }
            notes = notes.prefix(Self.noteLimit - 1) + ["there is more that is odd about this recording"]
        }
    }
    /// More notes than this are left out.
    static let noteLimit = 50

    /// "local" of "[local] global counter": the bracketed one, or all of it.
    static func selectedClock(_ text: String) -> String? {
        if let open = text.firstIndex(of: "["), let end = text[open...].firstIndex(of: "]") {
            return String(text[text.index(after: open)..<end])
        }
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        return words.count == 1 ? String(words[0]) : nil
    }
}
