import IRQCore
import Testing

@testable import Rendering

@Suite struct UnitsTests {
    @Test(
        arguments: [
            (0, "0 ns"), (1, "1 ns"), (999, "999 ns"), (1000, "1.00 µs"), (1024, "1.02 µs"), (9_994, "9.99 µs"),
            (9_996, "10.0 µs"),
            (99_949, "99.9 µs"), (99_960, "100 µs"), (999_499, "999 µs"), (999_500, "1.00 ms"),
            (1_000_000_000, "1.00 s"),
            (59_960_000_000, "60.0 s"), (3_600_000_000_000, "3,600 s"),
        ] as [(UInt64, String)])
    func durationsHaveThreeDigits(nanoseconds: UInt64, expected: String) {
        #expect(Units().duration(nanoseconds) == expected)
    }

    @Test func unknownIsADash() {
        #expect(Units().duration(nil as UInt64?) == "-")
        #expect(Units.percent(nil) == "-")
    }

    @Test func plainOutputsGetPlainUnits() { #expect(Units(isUnicode: false).duration(1500 as UInt64) == "1.50 us") }

    @Test func meansKeepTheirFraction() { #expect(Units().duration(1.5) == "1.50 ns") }

    @Test func countsAreGrouped() {
        #expect([0, 999, 1000, 1_234_567].map { Units.count($0) } == ["0", "999", "1,000", "1,234,567"])
    }

    @Test func absurdNumbersDoNotTrap() {
        #expect(Units.percent(1e30).hasSuffix("%") && Units().duration(1e300).hasSuffix("s"))
        #expect(Units.fixed(-1, 1) == "0.0")
    }

    @Test func secondsAreExact() { #expect(Units.seconds(23_000_000_007) == "23.000000007") }

    @Test func sharesAndRates() {
        #expect(
            [0, 0.00001, 0.0123, 0.5, 1].map { Units.percent($0) } == ["0%", "<0.01%", "1.23%", "50.0%", "100.0%"])
        #expect([12, 12_345, 1_200_000].map { Units.rate($0) } == ["12.0", "12.3k", "1.20M"])
    }
}

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("eth0-rx-0", "eth0-rx-0"), ("a\u{1B}[2Jb", "a\\x1b[2Jb"), ("x\ny\t", "x\\x0ay\\x09"),
        ("\u{9B}31m", "\\x9b31m"),
        ("a\u{202E}b", "a\\u{202e}b"), ("\u{7F}", "\\x7f"), ("Gerät µ 中", "Gerät µ 中"), ("a\u{2028}b", "a\\u{2028}b"),
    ])
    func controlCharactersBecomeEscapes(text: String, expected: String) { #expect(SafeText.escaped(text) == expected) }

    /// Bidirectional and other controls, as the command-line tools of others have let them through: none reaches a screen.
    @Test func screensAndTextHaveNoControls() {
        let controls: [ClosedRange<UInt32>] = [
            0...0x1F, 0x7F...0xA0, 0xAD...0xAD, 0x61C...0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
            0xFEFF...0xFEFF, 0xFFF9...0xFFFB, 0xE0001...0xE007F,
        ]
        for value in controls.joined() {
            let scalar = Unicode.Scalar(value) ?? "?"
            #expect(Screen.shown(value, .unicode) == 0x3F && Screen.shown(value, .console) == 0x3F)
            #expect(!SafeText.escaped("a\(scalar)b").unicodeScalars.contains(scalar))
            #expect(!Cell.text("a\(scalar),b").csv.unicodeScalars.contains(scalar))
        }
    }
}
