import TestSupport

/// Any bytes as a text of /proc: the first byte chooses the parser.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProcText(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
    readProcText(span)
    return 0
}
