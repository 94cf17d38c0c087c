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

    /// Keeps the terminal's settings as they are now, and puts them back in a crash from now on.
    static func arm() {
        unsafe isRemembered = tcgetattr(1, &settings) == 0
        unsafe InstanceCleanup.rescue = { TerminalRescue.putBack() }
        InstanceCleanup.install(on: EndingSignals.crashes)
    }

    /// Learns what else to send to the terminal, which ncurses must know.
    static func learnSequences() {
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
    }

    private static func putBack() {
        guard unsafe isRemembered else { return }
        unsafe sequence.span.withUnsafeBytes { _ = unsafe Glibc.write(1, $0.baseAddress, sequenceLength) }
        unsafe tcsetattr(1, TCSANOW, &settings)
    }

    /// The terminal needs nothing any more.
    static func disarm() { unsafe InstanceCleanup.rescue = nil }
}
