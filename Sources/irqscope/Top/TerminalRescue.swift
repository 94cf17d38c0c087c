internal import CNcurses
internal import Glibc
internal import KernelSource

/// Gives the terminal back when the process crashes: only async-signal-safe calls (signal-safety(7)).
@safe
enum TerminalRescue {
    // Written before the handlers are armed, then only read by them.
    private nonisolated(unsafe) static var settings = termios()
    private nonisolated(unsafe) static var isRemembered = false
    private nonisolated(unsafe) static var sequence: InlineArray<128, UInt8> = .init(repeating: 0)
    private nonisolated(unsafe) static var sequenceLength = 0

    private static let signals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE]

    /// Keeps the terminal's settings as they are now.
    static func remember() { unsafe isRemembered = tcgetattr(1, &settings) == 0 }

    /// Catches crashes from now on.
    static func arm() {
        InstanceCleanup.prepare()
        unsafe sequenceLength = 0
        for name in ["sgr0", "rmkx", "cnorm", "rmcup"] {
            guard let text = unsafe tigetstr(name), Int(bitPattern: text) != -1 else { continue }
            // `$<5>` is a delay for terminals of old (terminfo(5)), not to be sent.
            var isDelay = false
            for index in 0..<(unsafe strlen(text)) where unsafe sequenceLength < 128 {
                let byte = unsafe UInt8(bitPattern: text[index])
                if byte == UInt8(ascii: "$"), unsafe UInt8(bitPattern: text[index + 1]) == UInt8(ascii: "<") {
                    isDelay = true
                }
                if !isDelay {
                    unsafe sequence[sequenceLength] = byte
                    unsafe sequenceLength += 1
                }
                if byte == UInt8(ascii: ">") { isDelay = false }
            }
        }
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            InstanceCleanup.removeAll()
            if unsafe TerminalRescue.isRemembered {
                unsafe TerminalRescue.sequence.span.withUnsafeBytes {
                    _ = unsafe Glibc.write(1, $0.baseAddress, TerminalRescue.sequenceLength)
                }
                unsafe tcsetattr(1, TCSANOW, &TerminalRescue.settings)
            }
            signal(number, SIG_DFL)
            raise(number)
        }
        for number in signals { unsafe sigaction(number, &action, nil) }
    }

    /// Crashes are the kernel's business again.
    static func disarm() {
        for number in signals { signal(number, SIG_DFL) }
    }
}
