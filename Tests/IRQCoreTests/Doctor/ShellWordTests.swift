import Testing

@testable import IRQCore

@Suite struct ShellWordTests {
    @Test(arguments: [
        ("eth0", "eth0"), ("0000:00:1f.2", "0000:00:1f.2"), ("", "''"), ("-n", "'-n'"), ("~root", "'~root'"),
        ("a b", "'a b'"), ("a;reboot", "'a;reboot'"), ("it's", #"'it'\''s'"#), ("$(x)", "'$(x)'"), ("ü", "'ü'"),
    ])
    func words(_ word: String, _ quoted: String) { #expect(ShellWord.quoted(word) == quoted) }
}
