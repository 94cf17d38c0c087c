import CZlib
import CZstd
import IRQCore

/// Writes trace.dat files, also wrong ones: for machines that are not at hand and for damage in known places.
public struct RecordingBuilder {
    public var version = 7
    public var byteOrder = ByteOrder.little
    public var longByteCount = 8
    public var pageByteCount = 4096
    public var compression = "none"
    public var clock = "mono"
    public var texts = FormatTexts()
    public var kallsyms = ""
    public var cmdlines = "42 worker\n"
    public var cpuCount = 2
    /// Pages in a compressed chunk.
    public var chunkPageCount = 2
    public var headerPage: String?
    /// Options beyond those that every recording has.
    public var extraOptions: [(id: UInt16, data: [UInt8])] = []
    /// The buffers: a name, and pages by CPU. The first is the top-level one in version 6.
    public var buffers: [(name: String, pages: [(cpu: Int, pages: [[UInt8]])])] = []

    public init() {}

    public var layout: PageLayout {
        PageLayout(subBufferByteCount: pageByteCount, commitByteCount: longByteCount, byteOrder: byteOrder)!
    }

    private var headerPageText: String { headerPage ?? Self.headerPage(pageByteCount, long: longByteCount) }

    /// The text of events/header_page for pages of a size.
    public static func headerPage(_ byteCount: Int, long: Int) -> String {
        "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
            + "\tfield: local_t commit;\toffset:8;\tsize:\(long);\tsigned:1;\n"
            + "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
            + "\tfield: char data;\toffset:\(8 + long);\tsize:\(byteCount - 8 - long);\tsigned:0;\n"
    }

    public func build() -> [UInt8] {
        var file = ByteWriter(byteOrder)
        file.put(raw: [0x17, 0x08, 0x44])
        file.put("tracing\(version)\0")
        file.put(raw: [byteOrder == .big ? 1 : 0, UInt8(longByteCount)])
        file.put(UInt32(pageByteCount))
        return version == 6 ? version6(file) : version7(file)
    }

    // MARK: - Parts

    /// What perf keeps of these texts in a perf.data: the beginning of a version 6 under the number 0.6.
    public func tracingData() -> [UInt8] {
        var part = ByteWriter(byteOrder)
        part.put(raw: [0x17, 0x08, 0x44])
        part.put("tracing0.6\0")
        part.put(raw: [byteOrder == .big ? 1 : 0, UInt8(longByteCount)])
        part.put(UInt32(pageByteCount))
        part.put(raw: headerInfo())
        part.put(UInt32(0))
        part.put(raw: eventFormats())
        part.put(UInt32(0))
        part.put(UInt32(0))
        part.put(UInt64(cmdlines.utf8.count))
        part.put(cmdlines)
        return part.bytes
    }

    private func headerInfo() -> [UInt8] {
        var part = ByteWriter(byteOrder)
        for (name, text) in [("header_page", headerPageText), ("header_event", "# compressed entry header\n")] {
            part.put(name + "\0")
            part.put(UInt64(text.utf8.count))
            part.put(text)
        }
        return part.bytes
    }

    private func eventFormats() -> [UInt8] {
        var part = ByteWriter(byteOrder)
        let systems = ["irq", "irq_vectors", "workqueue", "sched"]
        part.put(UInt32(systems.count))
        for system in systems {
            let events = FormatTexts.ids.filter { $0.system == system }
            part.put(system + "\0")
            part.put(UInt32(events.count))
            for event in events {
                let text = texts.text(event.name)
                part.put(UInt64(text.utf8.count))
                part.put(text)
            }
        }
        return part.bytes
    }

    private func options() -> [(id: UInt16, data: [UInt8])] {
        var count = ByteWriter(byteOrder)
        count.put(UInt32(cpuCount))
        return [
            (4, Array("local [\(clock)] global\0".utf8)), (5, Array("Linux test 6.1 x86_64\0".utf8)), (8, count.bytes),
        ] + extraOptions
    }

    private func version6(_ head: ByteWriter) -> [UInt8] {
        var file = head
        file.put(raw: headerInfo())
        file.put(UInt32(0))
        file.put(raw: eventFormats())
        file.put(UInt32(kallsyms.utf8.count))
        file.put(kallsyms)
        file.put(UInt32(0))
        file.put(UInt64(cmdlines.utf8.count))
        file.put(cmdlines)
        file.put(UInt32(cpuCount))
        file.put("options  \0")
        for (id, data) in options() {
            file.put(id)
            file.put(UInt32(data.count))
            file.put(raw: data)
        }
        // The places of the instances are known only when their sizes are: they come last, tables first.
        let names = buffers.dropFirst().map(\.name)
        let optionByteCount = names.reduce(0) { $0 + 6 + 8 + $1.utf8.count + 1 }
        let tableByteCount = 10 + 16 * cpuCount
        let tablesEnd = file.bytes.count + optionByteCount + 2 + tableByteCount * buffers.count
        var table = file.bytes.count + optionByteCount + 2 + tableByteCount
        for name in names {
            file.put(UInt16(3))
            file.put(UInt32(8 + name.utf8.count + 1))
            file.put(UInt64(table))
            file.put(name + "\0")
            table += tableByteCount
        }
        file.put(UInt16(0))
        var place = (tablesEnd + 4095) / 4096 * 4096
        for buffer in buffers {
            file.put("flyrecord\0")
            for cpu in 0..<cpuCount {
                let byteCount = buffer.pages.first { $0.cpu == cpu }?.pages.reduce(0) { $0 + $1.count } ?? 0
                file.put(UInt64(place))
                file.put(UInt64(byteCount))
                place += byteCount
            }
        }
        file.pad(to: (tablesEnd + 4095) / 4096 * 4096)
        for buffer in buffers {
            for cpu in 0..<cpuCount {
                for page in buffer.pages.first(where: { $0.cpu == cpu })?.pages ?? [] { file.put(raw: page) }
            }
        }
        return file.bytes
    }

    private func version7(_ head: ByteWriter) -> [UInt8] {
        var file = head
        file.put(compression + "\01.0\0")
        let link = file.bytes.count
        file.put(UInt64(0))
        var options = options()
        func section(_ id: UInt16, _ data: [UInt8]) -> UInt64 {
            let place = UInt64(file.bytes.count)
            let isPacked = compression != "none" && id != 0
            var body = ByteWriter(byteOrder)
            if isPacked {
                let packed = pack(data)
                body.put(UInt32(packed.count))
                body.put(UInt32(data.count))
                body.put(raw: packed)
            } else {
                body.put(raw: data)
            }
            file.put(id)
            file.put(UInt16(isPacked ? 1 : 0))
            file.put(UInt32(0))
            file.put(UInt64(body.bytes.count))
            file.put(raw: body.bytes)
            return place
        }
        func pointer(_ place: UInt64) -> [UInt8] {
            var writer = ByteWriter(byteOrder)
            writer.put(place)
            return writer.bytes
        }
        options.append((16, pointer(section(16, headerInfo()))))
        options.append((18, pointer(section(18, eventFormats()))))
        var symbols = ByteWriter(byteOrder)
        symbols.put(UInt32(kallsyms.utf8.count))
        symbols.put(kallsyms)
        options.append((19, pointer(section(19, symbols.bytes))))
        var lines = ByteWriter(byteOrder)
        lines.put(UInt64(cmdlines.utf8.count))
        lines.put(cmdlines)
        options.append((21, pointer(section(21, lines.bytes))))
        for buffer in buffers { options.append((3, write(buffer, &file))) }
        var block = ByteWriter(byteOrder)
        for (id, data) in options + [(0, pointer(0))] {
            block.put(id)
            block.put(UInt32(data.count))
            block.put(raw: data)
        }
        let place = section(0, block.bytes)
        var bytes = file.bytes
        bytes.replaceSubrange(link..<link + 8, with: pointer(place))
        return bytes
    }

    /// Writes a buffer's section and returns its option.
    private func write(_ buffer: (name: String, pages: [(cpu: Int, pages: [[UInt8]])]), _ file: inout ByteWriter)
        -> [UInt8]
    {
        let place = file.bytes.count
        file.put(UInt16(3))
        file.put(UInt16(compression == "none" ? 0 : 1))
        file.put(UInt32(0))
        file.put(UInt64(0))
        var option = ByteWriter(byteOrder)
        option.put(UInt64(place))
        option.put(buffer.name + "\0" + clock + "\0")
        option.put(UInt32(pageByteCount))
        option.put(UInt32(buffer.pages.count))
        for (cpu, pages) in buffer.pages {
            let start = file.bytes.count
            option.put(UInt32(cpu))
            option.put(UInt64(start))
            if compression == "none" {
                for page in pages { file.put(raw: page) }
                option.put(UInt64(file.bytes.count - start))
            } else {
                let chunks = stride(from: 0, to: pages.count, by: 2).map {
                    Array(pages[$0..<min($0 + 2, pages.count)].joined())
                }
                file.put(UInt32(chunks.count))
                for chunk in chunks {
                    let packed = pack(chunk)
                    file.put(UInt32(packed.count))
                    file.put(UInt32(chunk.count))
                    file.put(raw: packed)
                }
                option.put(UInt64(file.bytes.count - start - 4))
            }
        }
        return option.bytes
    }

    private func pack(_ bytes: [UInt8]) -> [UInt8] {
        if compression == "zlib" {
            var length = compressBound(uLong(bytes.count))
            var packed = [UInt8](repeating: 0, count: Int(length))
            precondition(compress(&packed, &length, bytes, uLong(bytes.count)) == Z_OK)
            return Array(packed.prefix(Int(length)))
        }
        var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let length = ZSTD_compress(&packed, packed.count, bytes, bytes.count, 3)
        precondition(ZSTD_isError(length) == 0)
        return Array(packed.prefix(length))
    }
}
