import TraceInput

/// Formats for recordings without any, as `--formats` gives them.
private let formats = GivenFormats(
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

/// Any bytes at all as a perf.data: an error or a report, never a trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPerfData(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
    var options = ReadOptions()
    options.analysis.slowCount = 3
    options.formats = formats
    _ = try? report(onBytes: span, name: "fuzz", options: options)
    return 0
}
