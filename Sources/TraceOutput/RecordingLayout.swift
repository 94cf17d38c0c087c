/// The places of all parts of the recording: computed before the first byte is written, so that a pipe can take it.
///
///     head | (gap, pages of a CPU) … | tail
struct RecordingLayout {
    /// The pages of one CPU.
    struct Section {
        let cpu: Int
        /// Its spool's place among the spools.
        let slot: Int
        /// The number of bytes in its spool.
        let byteCount: Int
        let chunkCount: UInt32
    }

    /// The first bytes of any recording.
    static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)

    /// All that stands before the pages.
    var head: [UInt8] = []
    /// CPUs with pages, in order, and what stands before each of them.
    var sections: [(gap: [UInt8], section: Section)] = []
    /// All that stands behind the pages.
    var tail: [UInt8] = []

    /// 0x17 0x08 0x44 "tracing", version, byte order, size of `long`, page size: the same in both versions.
    static func start(_ version: RecordingVersion, _ machine: RecordingMachine, pageByteCount: Int) -> SectionBytes {
        var start = SectionBytes()
        start.put(Self.magic)
        start.put(text: "\(version.rawValue)")
        #if _endian(little)
            start.put(UInt8(0))
        #else
            start.put(UInt8(1))
        #endif
        start.put(UInt8(truncatingIfNeeded: machine.longByteCount))
        start.put(UInt32(pageByteCount))
        return start
    }
}

// Parts that both versions write alike.
extension RecordingMachine {
    /// "header_page\0", u64 size, text; the same for header_event.
    var headerInfo: [UInt8] {
        var part = SectionBytes()
        for (name, text) in [("header_page", headerPage), ("header_event", headerEvent)] {
            part.put(text: name)
            part.put(UInt64(text.count))
            part.put(text)
        }
        return part.bytes
    }

    /// u32 count, then each format with its u64 size.
    var ftraceEvents: [UInt8] { Self.formats(ftraceFormats) }

    /// u32 number of systems, then each with its name and its formats.
    var events: [UInt8] {
        var part = SectionBytes()
        part.put(UInt32(eventFormats.count))
        for (system, formats) in eventFormats {
            part.put(text: system)
            part.put(Self.formats(formats))
        }
        return part.bytes
    }

    private static func formats(_ formats: [[UInt8]]) -> [UInt8] {
        var part = SectionBytes()
        part.put(UInt32(formats.count))
        for format in formats {
            part.put(UInt64(format.count))
            part.put(format)
        }
        return part.bytes
    }

    /// A text with its size before it, of 32 bits.
    static func sized32(_ text: [UInt8]) -> [UInt8] {
        var part = SectionBytes()
        part.put(UInt32(text.count))
        part.put(text)
        return part.bytes
    }

    /// A text with its size before it, of 64 bits.
    static func sized64(_ text: [UInt8]) -> [UInt8] {
        var part = SectionBytes()
        part.put(UInt64(text.count))
        part.put(text)
        return part.bytes
    }
}
