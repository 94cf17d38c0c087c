import TestSupport

/// Any bytes as events of four CPUs for the deep analysis.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDeep(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
    analyzeDeepBytes(span)
    return 0
}
