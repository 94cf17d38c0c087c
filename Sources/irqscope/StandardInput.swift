internal import Glibc

/// Standard input.
enum StandardInput {
    /// Whether a person would have to type the input.
    static var isTerminal: Bool { isatty(0) == 1 }
}
