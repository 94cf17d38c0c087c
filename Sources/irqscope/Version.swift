internal import CBuild
internal import CNcurses
internal import TraceInput

/// The version of the program.
enum Version {
    /// The number: the Makefile, the packages and the manual pages take it from this line.
    static let number = "1.0.0"

    /// All that `--version` prints: the number and the commit, and the libraries that are in this binary or that it found.
    static var text: String {
        let commit = unsafe String(cString: irq_build_commit())
        let named = unsafe String(cString: irq_build_libraries())
        let terminal = unsafe String(cString: curses_version())
        let libraries = (named.isEmpty ? [] : [named]) + DecompressorVersions.all + [terminal]
        return """
            \(number) (\(commit.isEmpty ? "commit unknown: built without make" : "commit \(commit)"))
            \(libraries.joined(separator: ", "))
            """
    }
}
