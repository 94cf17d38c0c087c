import TestSupport

/// Any bytes as pages of one CPU: the first byte chooses the machine, the rest are its pages.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPages(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count)
    decodePages(span)
    return 0
}
