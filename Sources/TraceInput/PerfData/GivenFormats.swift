import IRQCore
internal import TraceFormats

/// Formats of a kernel's events that a user gives, for a recording that has none.
public struct GivenFormats: Sendable {
    /// The text of an event's format file.
    public struct Text: Sendable {
        /// The event's system, such as "irq".
        public let system: String
        /// The bytes of events/SYSTEM/NAME/format.
        public let bytes: [UInt8]

        /// Creates a text; see the properties.
        public init(system: String, bytes: [UInt8]) { (self.system, self.bytes) = (system, bytes) }
    }

    /// The place that they are from, for messages.
    public let origin: String
    let texts: [Text]
    let longByteCount: Int

    /// Creates formats from a kernel's tracing files.
    ///
    /// - Parameter longByteCount: the size of the kernel's `long`.
    public init(origin: String, texts: [Text], longByteCount: Int = MemoryLayout<Int>.size) {
        (self.origin, self.texts, self.longByteCount) = (origin, texts, longByteCount)
    }

    /// Reads the formats that another recording of the same kernel holds: a trace.dat or a perf.data.
    public init(recording path: String) throws(RecordingError) {
        let file = try MappedFile.openBinary(path)
        _ = try RecordingFormat.readable(file.bytes, packing: file.packing, path: file.path)
        do throws(FormatProblem) {
            let contents: TraceDatContents?
            if file.bytes.begins(with: TraceDatReader.magic) {
                var unpacker = Unpacker()
                contents = try TraceDatContents.read(file.bytes, unpacker: &unpacker)
            } else {
                contents = try PerfContents.read(file.bytes).tracing
            }
            var texts: [Text] = []
            for (system, blob) in contents?.formats ?? [] {
                let bytes = try blob.withBytes(of: file.bytes) { (bytes, _) in Array(copying: bytes) }
                texts.append(Text(system: system, bytes: bytes))
            }
            guard let contents, !texts.isEmpty else {
                throw FormatProblem(
                    offset: nil, problem: "has no formats of events itself",
                    advice: "name a recording that irqscope report reads without --formats")
            }
            self.init(origin: path, texts: texts, longByteCount: contents.longByteCount)
        } catch {
            throw RecordingError(path: file.path, offset: error.offset, problem: error.problem, advice: error.advice)
        }
    }

    /// The events that the analysis wants.
    ///
    /// - Parameters:
    ///   - numbers: those of the events that were recorded.
    ///   - isDeep: true if those of the deep analysis are wanted too, where there are events of the scheduler.
    func eventFormats(
        byteOrder: ByteOrder, numbers: Set<UInt64>, isDeep: Bool
    ) throws(FormatProblem) -> EventFormats {
        guard let kernel = KernelFormats(byteOrder: byteOrder, longByteCount: longByteCount)
        else { throw FormatProblem(offset: nil, problem: "memory is out", advice: "free some and try again") }
        var table = EventFormats()
        var isDescribed = false
        table.isDeep =
            isDeep
            && texts.contains { text in
                guard text.system == "sched" else { return false }
                let span = text.bytes.span
                let head = unsafe FormatTextHead(span.bytes)  // plain bytes have no padding
                return head.map { $0.name == "sched_switch" && numbers.contains(UInt64($0.id)) } ?? false
            }
        for text in texts {
            let span = text.bytes.span
            let bytes = unsafe span.bytes  // plain bytes have no padding
            guard let head = FormatTextHead(bytes), numbers.contains(UInt64(head.id)) else { continue }
            isDescribed = true
            _ = kernel.add(bytes, system: text.system, to: &table)
        }
        guard isDescribed else {
            throw FormatProblem(
                offset: nil,
                problem:
                    "none of its events (\(numbers.sorted().prefix(12).map(String.init).joined(separator: ", "))) is "
                    + "among the formats of \(origin.printable)",
                advice: "each build of a kernel numbers its events anew: give the formats of the one that was recorded")
        }
        return table
    }
}
