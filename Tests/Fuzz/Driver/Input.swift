import FuzzTargets
import Glibc

/// The target that `--target=NAME` names. libFuzzer passes over options that begin so.
private let target: FuzzTarget = {
    let start = "--target="
    let name = CommandLine.arguments.first { $0.hasPrefix(start) }?.dropFirst(start.count)
    guard let target = FuzzTarget.all.first(where: { $0.name == name ?? "" }) else {
        print("--target=NAME is needed; --list prints the names and the bytes of their longest inputs")
        exit(2)
    }
    return target
}()

/// Takes one input. libFuzzer has a main of its own, which is not used, and wants this name.
@_cdecl("LLVMFuzzerTestOneInput")
func takeInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // All bytes lie there, as libFuzzer says.
    target.run(unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start!), byteCount: count))
    return 0
}
