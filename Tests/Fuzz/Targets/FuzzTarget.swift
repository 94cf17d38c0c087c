/// A reader or state machine that any bytes are thrown at: by libFuzzer, which Tests/Fuzz/fuzz.sh runs, and by `make test`, which
/// replays Fixtures/fuzz.
///
/// A body ends for any bytes, soon, and traps where something does not hold that must for all of them.
public struct FuzzTarget: Sendable {
    /// The name: that of the folder below Fixtures/fuzz with what it starts from and what was once found.
    public let name: String
    /// The bytes of an input at most.
    public let byteLimit: Int
    /// The body.
    public let run: @Sendable (RawSpan) -> Void

    init(_ name: String, limit: Int, _ run: @escaping @Sendable (RawSpan) -> Void) {
        (self.name, byteLimit, self.run) = (name, limit, run)
    }
}

extension RawSpan {
    /// The bytes as an array.
    var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
