import IRQCore

/// A recording of one format, open: what `ReportBuilder` asks of it.
///
/// The events of a format lie in pages of the kernel's ring buffer, which `BufferReader` leads through the analysis, or
/// come one by one, for which there is `EventFeed`. Both give a `BufferResult` for each buffer. What the recording says
/// beside its events is asked for when it is needed.
protocol RecordingReader: ~Copyable {
    /// The origin as it tells it; the file's name and packing are filled in by `ReportBuilder`.
    var source: RecordingSource { get }
    /// Parts that are missing or odd.
    var notes: [String] { get }
    /// The names of the x86 vectors, in the order of `TraceEvent.vectorIndex`.
    var vectorNames: [String] { get }
    /// True if its events tell addresses of functions, whose names `kallsyms` has.
    var hasFunctions: Bool { get }
    /// Events that were overwritten before the first one, as the kernel counted them; nil if it does not say.
    var overrunEvents: UInt64? { get }
    /// The bytes that `record` attached; untrusted. Nil if there are none.
    var attachment: [UInt8]? { get }
    /// The number of parts with events that should be in the file and are not: of each nobody knows how many were lost.
    var missingPartCount: Int { get }
    /// The number of parts of the file that are not read though they may hold events: other recordings, damaged packets.
    var unreadPartCount: Int { get }
    /// True if damage to its events would be found by a checksum, false if not; nil if that depends on its parts.
    var hasChecksums: Bool? { get }

    /// The time of the first event, in nanoseconds; nil without events.
    mutating func firstTime(_ file: borrowing MappedFile) -> UInt64?

    /// Leads all events through the analysis.
    func analyze(_ file: borrowing MappedFile, _ options: AnalysisOptions) -> [BufferResult]

    /// A copy of /proc/kallsyms; nil if there is none.
    mutating func kallsyms(_ file: borrowing MappedFile) throws(FormatProblem) -> Blob?

    /// The kernel's texts by their addresses, where events tell these; untrusted.
    mutating func kernelTexts(_ file: borrowing MappedFile) throws(FormatProblem) -> [UInt64: String]

    /// The tasks' names by pid; untrusted text.
    func taskNames(_ file: borrowing MappedFile) throws(FormatProblem) -> [Int32: String]
}

extension RecordingReader where Self: ~Copyable {
    var missingPartCount: Int { 0 }
    var unreadPartCount: Int { 0 }
    var hasChecksums: Bool? { nil }
    mutating func kernelTexts(_ file: borrowing MappedFile) throws(FormatProblem) -> [UInt64: String] { [:] }
}
