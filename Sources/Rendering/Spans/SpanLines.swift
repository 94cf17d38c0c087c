public import IRQCore

/// A form of spans with a line for each.
public enum SpanLineForm: Sendable {
    /// RFC 4180, with a title line; what is not known is empty.
    case csv
    /// A JSON object on each line; what is not known is null.
    case jsonLines
}

/// Spans as lines of text: `kind`, `number`, `name`, `cpu`, `start_ns`, `duration_ns`, `self_ns`, `pid`, `task`, `buffer`, and
/// `file` where there are several recordings.
///
/// All of a line that does not differ between the spans of a row is made once.
public struct SpanLines {
    private let form: SpanLineForm
    private let names: RecordingNames
    private let rows: [Parts]
    /// The tasks' names as they stand in a line, by pid.
    private var tasks: [Int32: [UInt8]] = [:]
    private let unknown: StaticString

    /// The parts of a line around its numbers.
    private struct Parts {
        let head: [UInt8]
        let middle: [UInt8]
        let tail: [UInt8]
    }

    /// The title line of CSV, without the column of files: the beginning of any such file.
    public static let csvTitle = "kind,number,name,cpu,start_ns,duration_ns,self_ns,pid,task,buffer"
    /// The beginning of any file of JSON lines.
    public static let jsonStart = "{\"buffer\":"

    /// - Parameters:
    ///   - titles: the rows that spans have places of.
    ///   - file: the recording, where there are several.
    public init(_ form: SpanLineForm, titles: [SpanTitle], names: RecordingNames, file: String? = nil) {
        self.form = form
        self.names = names
        unknown = form == .csv ? "" : "null"
        rows = titles.map { form == .csv ? Self.csv($0, file) : Self.json($0, file) }
    }

    /// Writes what comes before all spans.
    public static func writeTitle(_ form: SpanLineForm, hasFiles: Bool, to output: inout ByteOutput) {
        if form == .csv { output.put(csvTitle + (hasFiles ? ",file\n" : "\n")) }
    }

    /// Writes a span.
    public mutating func write(_ span: FinishedSpan, to output: inout ByteOutput) {
        if form == .csv { writeCSV(span, to: &output) } else { writeJSON(span, to: &output) }
    }

    // MARK: CSV

    private static func csv(_ title: SpanTitle, _ file: String?) -> Parts {
        let cells: [Cell] = [
            .text(title.word), .number(title.number.map { Int($0) }), .text(title.name),
        ]
        let end = [Cell.text(title.buffer)] + (file.map { [.text($0)] } ?? [])
        return Parts(
            head: Array((cells.map(\.csv).joined(separator: ",") + ",").utf8), middle: [],
            tail: Array(("," + end.map(\.csv).joined(separator: ",") + "\n").utf8))
    }

    private mutating func writeCSV(_ span: FinishedSpan, to output: inout ByteOutput) {
        let row = Int(span.row)
        output.put(rows[row].head)
        output.put(UInt64(span.cpu))
        output.put(UInt8(ascii: ","))
        output.put(span.startNanoseconds)
        output.put(UInt8(ascii: ","))
        output.put(span.durationNanoseconds)
        output.put(UInt8(ascii: ","))
        output.put(span.selfNanoseconds)
        output.put(UInt8(ascii: ","))
        writePid(span.pid, to: &output)
        output.put(UInt8(ascii: ","))
        writeTask(span.pid, to: &output)
        output.put(rows[row].tail)
    }

    // MARK: JSON

    private static func json(_ title: SpanTitle, _ file: String?) -> Parts {
        func text(_ value: String) -> String {
            var bytes: [UInt8] = []
            JSONWriter.write(to: &bytes) { $0.put(value) }
            return String(decoding: bytes, as: UTF8.self)
        }
        let file = file.map { "\"file\":\(text($0))," } ?? ""
        let number = title.number.map { "\($0)" } ?? "null"
        return Parts(
            head: Array("{\"buffer\":\(text(title.buffer)),\"cpu\":".utf8),
            middle: Array(
                ",\(file)\"kind\":\"\(title.word)\",\"name\":\(text(title.name)),\"number\":\(number),\"pid\":".utf8),
            tail: Array("}\n".utf8))
    }

    private mutating func writeJSON(_ span: FinishedSpan, to output: inout ByteOutput) {
        let row = Int(span.row)
        output.put(rows[row].head)
        output.put(UInt64(span.cpu))
        output.put(",\"duration_ns\":")
        output.put(span.durationNanoseconds)
        output.put(rows[row].middle)
        writePid(span.pid, to: &output)
        output.put(",\"self_ns\":")
        output.put(span.selfNanoseconds)
        output.put(",\"start_ns\":")
        output.put(span.startNanoseconds)
        output.put(",\"task\":")
        writeTask(span.pid, to: &output)
        output.put(rows[row].tail)
    }

    // MARK: Tasks

    private func writePid(_ pid: Int32, to output: inout ByteOutput) {
        if pid < 0 { output.put(unknown) } else { output.put(UInt64(pid)) }
    }

    private mutating func writeTask(_ pid: Int32, to output: inout ByteOutput) {
        if let known = tasks[pid] { return output.put(known) }
        var bytes = Array(unknown.description.utf8)
        if pid >= 0, let name = names.task(pid) {
            if form == .csv {
                bytes = Array(Cell.text(name).csv.utf8)
            } else {
                bytes = []
                JSONWriter.write(to: &bytes) { $0.put(name) }
            }
        }
        tasks[pid] = bytes
        output.put(bytes)
    }
}

extension JSONWriter {
    /// Makes the bytes of a value.
    fileprivate static func write(to bytes: inout [UInt8], _ body: (inout JSONWriter) -> Void) {
        final class Room { var bytes: [UInt8] = [] }
        let room = Room()
        var json = JSONWriter(
            ByteOutput { part in
                for place in 0..<part.byteCount { room.bytes.append(part.byte(at: place) ?? 0) }
                return true
            })
        body(&json)
        var output = json.end()
        output.flush()
        bytes = room.bytes
    }
}
