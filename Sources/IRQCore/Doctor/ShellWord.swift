/// A word of a command that a shell reads as it stands.
public enum ShellWord {
    /// The text where it is a plain word; others in single quotes. Names of devices are foreign text.
    public static func quoted(_ text: some StringProtocol) -> String {
        let isPlain = !text.isEmpty && text.utf8.first != UInt8(ascii: "-") && text.utf8.allSatisfy { isPlainByte($0) }
        if isPlain { return String(text) }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "_-.:,/+@%=".utf8.contains(byte)
        }
    }
}
