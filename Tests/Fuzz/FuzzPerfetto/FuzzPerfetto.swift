import TraceInput

/// Any bytes at all as a trace of Perfetto: an error or a report, never a trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPerfetto(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
    var options = ReadOptions()
    options.analysis.slowCount = 3
    _ = try? report(onBytes: span, name: "fuzz", options: options)
    return 0
}
