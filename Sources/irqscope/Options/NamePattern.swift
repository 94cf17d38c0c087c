internal import ArgumentParser
internal import Glibc

/// An extended regular expression (regex(7)) that finds names.
@safe
final class NamePattern: ExpressibleByArgument, @unchecked Sendable {
    // Compiled once, then only read: regexec does not change it.
    private let compiled: UnsafeMutablePointer<regex_t>

    required init?(argument: String) {
        unsafe compiled = .allocate(capacity: 1)
        unsafe compiled.initialize(to: regex_t())
        guard unsafe regcomp(compiled, argument, REG_EXTENDED | REG_NOSUB) == 0 else {
            unsafe compiled.deallocate()
            return nil
        }
    }

    deinit {
        unsafe regfree(compiled)
        unsafe compiled.deallocate()
    }

    /// Whether the expression occurs in `name`.
    func matches(_ name: String) -> Bool { unsafe regexec(compiled, name, 0, nil, 0) == 0 }
}
