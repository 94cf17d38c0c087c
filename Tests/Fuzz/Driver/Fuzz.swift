import FuzzTargets
import Glibc

/// The target that `--target=NAME` names. libFuzzer passes over options that begin so.
private let target: FuzzTarget = {
    let start = "--target="
    let name = CommandLine.arguments.first { $0.hasPrefix(start) }?.dropFirst(start.count)
    guard let target = FuzzTarget.all.first(where: { $0.name == name ?? "" }) else {
        print("--target=NAME is needed; --list prints the names")
        exit(1)
    }
    return target
}()

/// Prepares a run: with `--list`, prints the name of each target and the bytes of its longest input, and ends.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ words: UnsafeMutableRawPointer?) -> CInt {
    if CommandLine.arguments.contains("--list") {
        for target in FuzzTarget.all { print(target.name, target.byteLimit) }
        exit(0)
    }
    _ = target
    return 0
}

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // All bytes lie there, as libFuzzer says.
    target.run(unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: count))
    return 0
}
