import Foundation
import IRQCore
import TestSupport
import TraceOutput

/// What a recording can be written as.
struct Form: CustomStringConvertible, Sendable {
    let version: RecordingVersion
    let compression: RecordingCompression
    var description: String { "v\(version.rawValue) \(compression)" }

    static let all = [
        Form(version: .v7, compression: .zstd), Form(version: .v7, compression: .none),
        Form(version: .v6, compression: .none),
    ]
}

extension RecordingMachine {
    /// The machine that a recording was made on.
    init(_ parts: RecordingParts) {
        self.init(cpuCount: parts.cpuCount, headerPage: parts.headerPage, eventFormats: parts.eventFormats)
        longByteCount = parts.longByteCount
        headerEvent = parts.headerEvent
        ftraceFormats = parts.ftraceFormats
        kallsyms = parts.kallsyms
        printkFormats = parts.printkFormats
        savedCommandLines = parts.savedCommandLines
        traceClock = parts.text(option: 4) ?? "local"
        uname = parts.text(option: 5) ?? ""
        version = parts.text(option: 9) ?? ""
        traceID = parts.options.first { $0.id == 11 }
            .map { $0.data.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        cpuStatistics = parts.cpuStatistics
    }
}

/// Recordings written again.
enum Copies {
    /// The recordings that this machine's byte order can write.
    static let originals = Places.recordingNames.map(Places.recording).filter(RecordingParts.isLittleEndian)

    /// The small ones in each form, the others in one, the forms in turn.
    static let originalsAndForms: [(String, [Form])] = originals.enumerated().map { index, path in
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        return (path, size < 200_000 ? Form.all : [Form.all[index % Form.all.count]])
    }

    /// Writes `parts` to `output`, `pageCount` pages at a time, the CPUs in turn.
    @discardableResult
    static func write(
        _ parts: RecordingParts, to output: RecordingOutput, _ form: Form, pageCount: Int = 3,
        attachment: [UInt8] = []
    ) throws -> RecordingSize {
        var writer = try RecordingWriter(
            output, version: form.version, compression: form.compression, pageByteCount: parts.pageByteCount,
            cpus: Array(0..<parts.cpuCount))
        var place = 0
        let step = pageCount * parts.pageByteCount
        while parts.pages.contains(where: { place < $0.bytes.count }) {
            for (cpu, bytes) in parts.pages where place < bytes.count {
                let piece = Array(bytes[place..<min(place + step, bytes.count)])
                try writer.append(piece, cpu: cpu)
            }
            place += step
        }
        return try writer.finish(machine: RecordingMachine(parts), attachment: attachment)
    }
}

extension RecordingWriter {
    /// Appends pages from an array.
    mutating func append(_ pages: [UInt8], cpu: Int) throws {
        let span = pages.span
        try append(pages: span.bytes, cpu: cpu)
    }
}

/// A directory that goes away with its last user.
final class Folder: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)").path
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func file(_ name: String) -> String { path + "/" + name }
    /// The names in it, hidden ones too.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}
