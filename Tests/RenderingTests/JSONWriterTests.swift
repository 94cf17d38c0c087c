import Foundation
import Testing
import TestSupport

@testable import Rendering

/// Blocks that an output handed on.
final class Blocks {
    var sizes: [Int] = []
    var bytes: [UInt8] = []
    /// After so many nobody reads any more.
    var limit = Int.max

    func output() -> ByteOutput {
        ByteOutput { block in
            self.sizes.append(block.byteCount)
            block.withUnsafeBytes { self.bytes += Array($0) }
            return self.sizes.count < self.limit
        }
    }

    /// The document that `members` makes.
    static func document(_ members: (inout JSONWriter) -> Void) -> String {
        let blocks = Blocks()
        var output = blocks.output()
        output.json(members)
        output.flush()
        return String(decoding: blocks.bytes, as: UTF8.self)
    }
}

@Suite struct JSONWriterTests {
    @Test func valuesStandAsJSONHasThem() {
        let text = Blocks.document { json in
            json.member("a", .numbers([1, -2, 0]))
            json.member("b", .text(nil))
            json.array("c") { json in
                json.object { $0.member("x", .flag(true)) }
                json.object { _ in }
                json.array { $0.put(UInt64.max) }
                json.put(Int.min)
            }
            json.object("d") { json in
                json.member("x", .rates([nil, 0.5, 2, .nan, -.infinity]))
                json.member("y", .texts([]))
            }
            json.member("e", .flag(false))
        }
        let expected =
            #"{"a":[1,-2,0],"b":null,"c":[{"x":true},{},[18446744073709551615],-9223372036854775808],"#
            + #""d":{"x":[null,0.5,2,null,null],"y":[]},"e":false}"# + "\n"
        #expect(text == expected)
    }

    /// What was written before by Foundation's encoder is a contract: the same digits.
    @Test func numbersLookAsFoundationWritesThem() throws {
        var generator = SeededGenerator(seed: 9)
        var numbers: [Double] = [
            0, -0.0, 1, 0.1, 1e9, 999_999_999, 1_000_000_001, 1e15, 1e16, 1e-5, 1e21, .leastNonzeroMagnitude, 1.7976931348623157e308,
            -1.5, 4_294_967_296, 9_007_199_254_740_992, 1 / 3.0, 1e22, 123_456_789.5,
        ]
        for _ in 0..<20_000 {
            let any = Double(bitPattern: .random(in: .min ... .max, using: &generator))
            if any.isFinite { numbers.append(any) }
            let count = Double(Int.random(in: 0...5_000_000, using: &generator))
            numbers.append(count)
            numbers.append(count * 1e9 / Double(Int.random(in: 90_000_000...1_100_000_000, using: &generator)))
        }
        let text = Blocks.document { $0.member("n", .rates(numbers)) }
        let encoder = JSONEncoder()
        let expected = String(decoding: try encoder.encode(["n": numbers]), as: UTF8.self)
        #expect(text == expected + "\n")
        let read = try JSONDecoder().decode([String: [Double]].self, from: Data(text.utf8))
        #expect(read["n"] == numbers)
    }

    /// Anything that a terminal could take amiss is an escape, and nothing is lost by it.
    @Test func textIsEscapedAsOnTheTerminal() throws {
        // Beyond the alphabets of Europe and Asia a sample will do.
        let values = Array(UInt32(0)...0x3100) + stride(from: 0x3100, through: 0x10FFFF, by: 257)
        let texts = values.compactMap { Unicode.Scalar($0) }.map { "a\($0)b" }
        let document = Blocks.document { $0.member("t", .texts(texts)) }
        let read = try JSONDecoder().decode([String: [String]].self, from: Data(document.utf8))
        let readScalars = (read["t"] ?? []).map { Array($0.unicodeScalars) }
        #expect(readScalars == texts.map { Array($0.unicodeScalars) })
        for scalar in Set(document.unicodeScalars) where scalar != "\n" {
            #expect(SafeText.isHarmless(scalar), "U+\(String(scalar.value, radix: 16))")
        }
        #expect(document.unicodeScalars.contains("é") && document.unicodeScalars.contains("あ"))
    }

    @Test func escapesAreThoseOfFoundation() {
        let text = "\u{0}\u{8}\t\n\u{B}\u{C}\r\u{1F}\"\\/\u{7F}\u{9B}\u{202E}\u{E0001}é😀"
        let document = Blocks.document { $0.member("t", .text(text)) }
        #expect(
            document
                == #"{"t":"\u0000\b\t\n\u000b\f\r\u001f\"\\/\u007f\u009b\u202e\udb40\udc01é😀"}"# + "\n")
    }

    /// However long a document is, it leaves in blocks of one size.
    @Test func documentsLeaveInBlocks() throws {
        let blocks = Blocks()
        var output = blocks.output()
        let long = String(repeating: "é\u{1B}", count: 100_000)
        output.json { json in
            json.array("a") { json in for number in 0..<100_000 { json.put(number) } }
            json.member("b", .text(long))
            json.member("c", .text(String(repeating: "x", count: 200_000)))
        }
        output.flush()
        #expect(blocks.sizes.allSatisfy { $0 <= ByteOutput.blockByteCount } && blocks.sizes.count > 10)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(blocks.bytes)) as? [String: Any])
        #expect((object["a"] as? [Int]) == Array(0..<100_000))
        #expect(object["b"] as? String == long)
    }

    @Test func nothingIsMadeForNobody() {
        let blocks = Blocks()
        blocks.limit = 2
        var output = blocks.output()
        var madeCount = 0
        let rows = Section<Int>("a", "", [.init("row") { .number($0) }])
        output.json { json in
            json.member(rows, 100_000) { index in
                madeCount += 1
                return index
            }
        }
        let isOpen = output.flush()
        #expect(!isOpen)
        #expect(blocks.sizes.count == 2 && madeCount > 1_000 && madeCount < 20_000)
        #expect(blocks.bytes.count <= 2 * ByteOutput.blockByteCount)
    }

    @Test func membersStandByKey() {
        let pair = Section<(Int, String)>(
            "rows", "",
            [
                .init("p99_ns") { .number($0.0) }, .init("p999_ns") { .number($0.0) }, .init("name") { .text($0.1) },
                .init("nested", Columns<Int>([.init("b") { .number($0) }, .init("a") { .number($0) }])) { $0.0 },
            ])
        let document = Blocks.document { $0.member(pair, 1) { _ in (1, "x") } }
        #expect(document == #"{"rows":[{"name":"x","nested":{"a":1,"b":1},"p999_ns":1,"p99_ns":1}]}"# + "\n")
    }
}
