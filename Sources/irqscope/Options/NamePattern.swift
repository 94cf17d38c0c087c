internal import ArgumentParser
internal import Glibc

/// An extended regular expression (regex(7)) that finds names.
@safe
final class NamePattern: @unchecked Sendable {
    // Compiled once, then only read: regexec does not change it.
    private let compiled: UnsafeMutablePointer<regex_t>
    private let text: String

    private init(_ text: String, compiled: UnsafeMutablePointer<regex_t>) {
        self.text = text
        unsafe self.compiled = compiled
    }

    deinit {
        unsafe regfree(compiled)
        unsafe compiled.deallocate()
    }

    /// Compiles an expression; what is wrong with it is told in the C library's words.
    @Sendable static func compile(_ text: String) throws -> NamePattern { try compile(text, flags: 0) }

    /// The same expression, to which capital and small letters are alike.
    func ignoringCase() -> NamePattern {
        // Compiled once, it compiles again, unless memory is out.
        (try? Self.compile(text, flags: REG_ICASE)) ?? self
    }

    private static func compile(_ text: String, flags: Int32) throws -> NamePattern {
        let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        unsafe compiled.initialize(to: regex_t())
        let status = unsafe regcomp(compiled, text, REG_EXTENDED | REG_NOSUB | flags)
        guard status == 0 else {
            var reason = [CChar](repeating: 0, count: 128)
            unsafe regerror(status, compiled, &reason, reason.count)
            unsafe compiled.deallocate()  // a failed regcomp leaves nothing to free
            let words = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw ValidationError("it is no regular expression: \(words)")
        }
        return unsafe NamePattern(text, compiled: compiled)
    }

    /// True if the expression occurs in `name`.
    func matches(_ name: String) -> Bool { unsafe regexec(compiled, name, 0, nil, 0) == 0 }
}
