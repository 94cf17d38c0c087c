import IRQCore
import TraceInput

/// Options that the bytes themselves choose.
private func options(for span: RawSpan) -> ReadOptions {
    var options = ReadOptions()
    options.analysis.slowCount = 3
    options.analysis.isTimelineWanted = isChosen(span, one: 4)
    if isChosen(span, one: 5) { options.from = .sinceStart(1000) }
    if isChosen(span, one: 7) { options.sliceCount = 20 }
    if isChosen(span, one: 9) { options.analysis.countsBuckets = true }
    if isChosen(span, one: 11) { options.analysis.budget = try? Budget("windows,raise=10us") }
    options.workerCount = isChosen(span, one: 3) ? 2 : 1
    return options
}

/// Any bytes at all as a recording: an error or a report, never a trap.
func readContainer(_ span: RawSpan) {
    let options = options(for: span)
    guard let report = try? report(onBytes: span, name: "fuzz", options: options) else { return }
    check(report, of: span)
}

/// Any bytes at all as a perf.data.
func readPerfData(_ span: RawSpan) {
    var options = options(for: span)
    options.formats = givenFormats
    guard let report = try? report(onBytes: span, name: "fuzz", options: options) else { return }
    check(report, of: span)
}

/// Formats for recordings without any, as `--formats` gives them.
private let givenFormats = GivenFormats(
    origin: "fuzz",
    texts: [
        GivenFormats.Text(
            system: "irq",
            bytes: Array(
                """
                name: irq_handler_exit
                ID: 149
                format:
                \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
                \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;
                \tfield:int irq;\toffset:8;\tsize:4;\tsigned:1;
                \tfield:int ret;\toffset:12;\tsize:4;\tsigned:1;

                """.utf8))
    ])

/// Any bytes at all as a trace of Perfetto.
func readPerfetto(_ span: RawSpan) {
    let options = options(for: span)
    guard let report = try? report(onBytes: span, name: "fuzz", options: options) else { return }
    check(report, of: span)
}

/// Any bytes at all as a trace in text. The first byte chooses options.
func readText(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let bytes = span.extracting(1..<span.byteCount)
    var options = ReadOptions()
    options.analysis.slowCount = choice & 1 == 0 ? 0 : 3
    if choice & 2 != 0 { options.intervalNanoseconds = 1_000_000 }
    if choice & 4 != 0 { options.from = .sinceStart(1000) }
    if choice & 8 != 0 { options.selection.isNameWanted = { $0.utf8.count & 1 == 0 } }
    if choice & 16 != 0 { options.analysis.isTimelineWanted = true }
    var reportCount = 0
    try? reports(onBytes: bytes, name: "fuzz", options: options) { report in
        check(report, of: span)
        reportCount += 1
        return true
    }
    // A line ends one interval at the most.
    precondition(reportCount <= 2 + bytes.array.count { $0 == 0x0A })
}
