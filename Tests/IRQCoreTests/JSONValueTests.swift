import Foundation
import Testing

@testable import IRQCore

/// JSON read as Foundation reads it, and nothing worse than nil for what is none.
@Suite struct JSONValueTests {
    private static func value(_ text: String) -> JSONValue? {
        let bytes = Array(text.utf8)
        let span = bytes.span
        return JSONValue(unsafe span.bytes)
    }

    @Test func values() throws {
        let text = #" {"a":[1,-2,18446744073709551615,1.5,true,false,null],"b":{"c":"x\n\"\u00e9\ud83d\ude00\\"},"d":""} "#
        let value = try #require(Self.value(text))
        let theirs = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(value["b"]?["c"]?.text == (theirs["b"] as? [String: String])?["c"] && value["d"]?.text == "")
        #expect(value["a"]?.list == [.integer(1), .integer(-2), .large(.max), .number, .flag(true), .flag(false), .null])
        #expect(value["a"]?.list?.map(\.count) == [1, nil, .max, nil, nil, nil, nil])
    }

    @Test func everyCutIsNone() {
        let text = #"{"a":[1,"\u00e9x",{"b":null}],"c":-12.5e3}"#
        for length in 0..<text.utf8.count { #expect(Self.value(String(text.prefix(length))) == nil, "\(length)") }
        #expect(Self.value(text) != nil)
    }

    @Test(arguments: ["", "{", "[1,]", "{\"a\"}", "{a:1}", "nul", "\"\u{1}\"", "1 2", "\"\\u12g4\"", "--", "[\"\\"])
    func others(text: String) { #expect(Self.value(text) == nil) }

    @Test func depthIsBounded() {
        #expect(Self.value(String(repeating: "[", count: 1_000_000)) == nil)
        #expect(Self.value(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)) != nil)
        #expect(Self.value(String(repeating: "[", count: 70) + String(repeating: "]", count: 70)) == nil)
    }
}
