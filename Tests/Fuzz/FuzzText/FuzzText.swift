import IRQCore
import TraceInput

/// Any bytes at all as a trace in text: reports or an error, never a trap. The first byte chooses options.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    // All bytes lie there, as libFuzzer says.
    let choice = unsafe start[0]
    let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start + 1), byteCount: count - 1)
    var options = ReadOptions()
    options.analysis.slowCount = choice & 1 == 0 ? 0 : 3
    if choice & 2 != 0 { options.intervalNanoseconds = 1_000_000 }
    if choice & 4 != 0 { options.from = .sinceStart(1000) }
    if choice & 8 != 0 { options.selection.isNameWanted = { $0.utf8.count & 1 == 0 } }
    var reportCount = 0
    try? reports(onBytes: bytes, name: "fuzz", options: options) { _ in
        reportCount += 1
        return reportCount < 100
    }
    return 0
}
