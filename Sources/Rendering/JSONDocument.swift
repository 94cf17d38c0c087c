internal import FoundationEssentials

/// Writes JSON documents: one object on one line, keys in snake_case and sorted, unknown values null.
enum JSONDocument {
    /// Encodes `value` and ends the line.
    ///
    /// DEL and the C1 control characters are legal in JSON but not harmless on a terminal: they are
    /// written as escapes, which mean the same. They can stand inside of strings only.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let plain = [UInt8](try encoder.encode(value))
        var result: [UInt8] = []
        result.reserveCapacity(plain.count + 1)
        var index = 0
        while index < plain.count {
            let byte = plain[index]
            if byte == 0x7F {
                result += Array("\\u007f".utf8)
            } else if byte == 0xC2, index + 1 < plain.count, plain[index + 1] < 0xA0 {
                result += Array("\\u00\(String(plain[index + 1], radix: 16))".utf8)
                index += 1
            } else {
                result.append(byte)
            }
            index += 1
        }
        result.append(0x0A)
        return result
    }
}

/// A value that is written as null when it is unknown, where Optional would leave out the key.
struct Nullable<Value: Encodable>: Encodable {
    let value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
