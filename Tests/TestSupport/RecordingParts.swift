import CZstd
import Foundation

/// A little-endian trace.dat taken apart, by a reader that shares nothing with the product's: all that a writer
/// needs to make it again. It believes what it reads.
public struct RecordingParts: Sendable {
    public var version = 0
    public var longByteCount = 0
    public var pageByteCount = 0
    public var headerPage: [UInt8] = []
    public var headerEvent: [UInt8] = []
    public var ftraceFormats: [[UInt8]] = []
    public var eventFormats: [(system: String, formats: [[UInt8]])] = []
    public var kallsyms: [UInt8] = []
    public var printkFormats: [UInt8] = []
    public var savedCommandLines: [UInt8] = []
    public var cpuCount = 0
    public var options: [(id: Int, data: [UInt8])] = []
    /// The pages of one buffer, of CPUs that have any.
    public var pages: [(cpu: Int, bytes: [UInt8])] = []

    private var bytes: [UInt8]
    private var at = 0
    private let wantedBuffer: String

    /// Whether the recording at `path` is one that this can take apart.
    public static func isLittleEndian(_ path: String) -> Bool {
        let start = FileManager.default.contents(atPath: path).map { [UInt8]($0.prefix(13)) } ?? []
        return start.count == 13 && start[12] == 0
    }

    /// - Parameter buffer: the name of an instance, only in version 7; "" is the top-level buffer.
    public init(path: String, buffer: String = "") throws {
        wantedBuffer = buffer
        bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        at = 10
        version = Int(string())!
        precondition(take(1) == [0], "not little-endian")
        longByteCount = Int(take(1)[0])
        pageByteCount = number(4)
        if version == 6 { readVersion6() } else { readVersion7() }
        cpuCount = options.first { $0.id == 8 }.map { Self.number($0.data) } ?? cpuCount
        if cpuCount == 0 { cpuCount = (pages.map(\.cpu).max() ?? -1) + 1 }
    }

    /// The data of an option as text, without its null byte.
    public func text(option id: Int) -> String? {
        options.first { $0.id == id }.map { String(decoding: $0.data.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The statistics of each CPU, without the line that names it. Those of an instance, which begin with its name,
    /// are left out.
    public var cpuStatistics: [(cpu: Int, text: [UInt8])] {
        let texts = options.filter { $0.id == 2 }.map { $0.data.prefix { $0 != 0 } }
        return texts.prefix { $0.starts(with: Array("CPU: ".utf8)) }.map { text in
            let line = text.prefix { $0 != 10 }
            return (Int(String(decoding: line.dropFirst(5), as: UTF8.self))!, Array(text.dropFirst(line.count + 1)))
        }
    }

    // MARK: - Reading

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { at += count }
        return Array(bytes[at..<at + count])
    }

    private static func number(_ bytes: [UInt8]) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
    private mutating func number(_ size: Int) -> Int { Self.number(take(size)) }

    private mutating func string() -> String {
        let text = take(bytes[at...].firstIndex(of: 0)! - at)
        at += 1
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func formats() -> [[UInt8]] { (0..<number(4)).map { _ in take(number(8)) } }

    private mutating func readHeaders() {
        precondition(string() == "header_page")
        headerPage = take(number(8))
        precondition(string() == "header_event")
        headerEvent = take(number(8))
    }

    private mutating func readEvents() { eventFormats = (0..<number(4)).map { _ in (string(), formats()) } }

    private mutating func readVersion6() {
        readHeaders()
        ftraceFormats = formats()
        readEvents()
        kallsyms = take(number(4))
        printkFormats = take(number(4))
        savedCommandLines = take(number(8))
        cpuCount = number(4)
        precondition(string() == "options  ")
        while case let id = number(2), id != 0 { options.append((id, take(number(4)))) }
        precondition(string() == "flyrecord")
        for cpu in 0..<cpuCount {
            let (place, count) = (number(8), number(8))
            if count > 0 { pages.append((cpu, Array(bytes[place..<place + count]))) }
        }
    }

    private mutating func readVersion7() {
        precondition(["none", "zstd"].contains(string()))
        _ = string()
        var next = number(8)
        while next != 0 {
            let whole = bytes
            bytes = section(next)
            at = 0
            next = 0
            while at < bytes.count {
                let (id, data) = (number(2), take(number(4)))
                if id == 0 { next = Self.number(data) } else { options.append((id, data)) }
            }
            bytes = whole
        }
        for (id, data) in options where (16...21).contains(id) {
            let whole = bytes
            bytes = section(Self.number(data))
            at = 0
            switch id {
            case 16: readHeaders()
            case 17: ftraceFormats = formats()
            case 18: readEvents()
            case 19: kallsyms = take(number(4))
            case 20: printkFormats = take(number(4))
            default: savedCommandLines = take(number(8))
            }
            bytes = whole
        }
        for (_, data) in options.filter({ $0.id == 3 }) { readBuffer(data) }
    }

    /// The data of the section at `place`, unpacked.
    private func section(_ place: Int) -> [UInt8] {
        let count = Self.number(Array(bytes[place + 8..<place + 16]))
        let data = Array(bytes[place + 16..<place + 16 + count])
        return bytes[place + 2] & 1 == 0 ? data : Self.unpack(data[...]).bytes
    }

    /// Unpacks packed size, unpacked size, bytes; returns what they take.
    private static func unpack(_ data: ArraySlice<UInt8>) -> (bytes: [UInt8], count: Int) {
        let packed = number(Array(data.prefix(4)))
        var bytes = [UInt8](repeating: 0, count: number(Array(data.dropFirst(4).prefix(4))))
        let source = Array(data.dropFirst(8).prefix(packed))
        precondition(ZSTD_decompress(&bytes, bytes.count, source, source.count) == bytes.count)
        return (bytes, 8 + packed)
    }

    private mutating func readBuffer(_ option: [UInt8]) {
        let whole = bytes
        bytes = option
        at = 0
        let place = number(8)
        let name = string()
        _ = string()
        let page = number(4)
        let cpus = (0..<number(4)).map { _ in (cpu: number(4), place: number(8), count: number(8)) }
        bytes = whole
        guard name == wantedBuffer else { return }
        pageByteCount = page
        for (cpu, start, count) in cpus where count > 0 {
            if bytes[place + 2] & 1 == 0 {
                pages.append((cpu, Array(bytes[start..<start + count])))
                continue
            }
            var data = bytes[(start + 4)...]
            var all: [UInt8] = []
            for _ in 0..<Self.number(Array(bytes[start..<start + 4])) {
                let (chunk, taken) = Self.unpack(data)
                all += chunk
                data = data.dropFirst(taken)
            }
            pages.append((cpu, all))
        }
    }
}
