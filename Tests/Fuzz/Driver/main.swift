import FuzzTargets
import Glibc

// libFuzzer's own main, to which the options go: llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library".
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ take: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

if CommandLine.arguments.contains("--list") {
    for target in FuzzTarget.all { print(target.name, target.byteLimit) }
    exit(0)
}

var count = CommandLine.argc
var words = unsafe CommandLine.unsafeArgv
let status = unsafe withUnsafeMutablePointer(to: &words) { words in
    unsafe words.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.self, capacity: 1) { words in
        unsafe runFuzzer(&count, words) { start, count in unsafe takeInput(start, count) }
    }
}
exit(status)
