internal import FilePlaces
internal import Glibc
internal import KernelSource
internal import Rendering

/// Standard output: results and nothing else.
enum StandardOutput {
    /// Writes `bytes`. A closed pipe downstream (`| head`) is no error: what is written to it is lost, and
    /// the command goes on to its status. A full disk is one.
    ///
    /// - Returns: whether somebody still reads.
    @discardableResult
    static func write(_ bytes: [UInt8]) -> Bool { write { $0.put(bytes.span) } }

    /// Writes what `body` makes, as it is made.
    @discardableResult
    static func write(_ body: (inout ByteOutput) -> Void) -> Bool {
        var output = stream()
        body(&output)
        return output.flush()
    }

    /// An output that writes there.
    static func stream() -> ByteOutput { ByteOutput { write($0) } }

    private static func write(_ bytes: RawSpan) -> Bool {
        switch writeAll(1, bytes) {
        case 0: return true
        case EPIPE: return false
        case let error:
            Diagnostics.say("standard output \(problem(error))")
            end(ExitStatus.failed)
        }
    }

    /// The problem with it after an error, and what to do.
    static func problem(_ error: Int32) -> String {
        if error == EBADF { return "is closed; redirect it to a file, a pipe or /dev/null" }
        let reason = unsafe String(cString: strerror(error))
        return "cannot be written: \(reason); free some space or choose another place"
    }

    /// Ends the process. What it made in tracefs goes too, even where its owner has no more say.
    static func end(_ status: Int32) -> Never {
        InstanceCleanup.removeAll()
        exit(status)
    }

    /// True if it is a terminal.
    static var isTerminal: Bool { isatty(1) == 1 }

    /// True if it can show more than ASCII. A file or a pipe always gets UTF-8; a terminal what its
    /// locale says (LC_ALL, LC_CTYPE, LANG: locale(7)).
    static var isUnicode: Bool {
        guard isTerminal else { return true }
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            guard let value = environment(name), !value.isEmpty else { continue }
            let name = value.lowercased()
            return name.contains("utf-8") || name.contains("utf8")
        }
        return false
    }

    /// The characters that can be drawn there: the console of Linux (TERM=linux) has fewer than a terminal on a desktop.
    static var characters: ScreenCharacters {
        guard isUnicode else { return .ascii }
        return isTerminal && environment("TERM")?.hasPrefix("linux") == true ? .console : .unicode
    }

    /// The columns that text may take: what COLUMNS says, else those of the terminal; nil if it is none or does not tell.
    static var width: Int? {
        if let told = environment("COLUMNS").flatMap({ Int($0) }), told > 0 { return min(max(told, 20), 10_000) }
        var size = winsize()
        guard isTerminal, unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// A variable of the environment.
    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
