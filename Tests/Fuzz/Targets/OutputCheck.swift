import IRQCore
import Rendering

/// The bytes that are written.
func written(_ body: (inout ByteOutput) -> Void) -> [UInt8] {
    // The output keeps the closure that takes its blocks.
    final class Taken { var bytes: [UInt8] = [] }
    let taken = Taken()
    var output = ByteOutput { block in
        taken.bytes += block.array
        return true
    }
    body(&output)
    output.flush()
    return taken.bytes
}

/// True for one input in so many, always the same ones.
func isChosen(_ bytes: RawSpan, one number: UInt64) -> Bool {
    AttachmentTrailer.checksum(bytes) % number == 0
}

/// Checks that a terminal may get bytes: text, of which no byte is a control but the end of a line.
func checkText(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { preconditionFailure("it is no UTF-8") }
    precondition(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
    if text.utf8.count != text.unicodeScalars.count {
        precondition(text.unicodeScalars.allSatisfy { $0.value < 0x80 || $0.value > 0x9F })
    }
}

/// Checks that bytes are a document of JSON, which a terminal may get.
func checkJSON(_ bytes: [UInt8]) {
    checkText(bytes)
    let span = bytes.span
    precondition(unsafe JSONValue(span.bytes) != nil)
}

/// Checks a table: as many cells in each row as in its title. Cells may be quoted (RFC 4180).
func checkCSV(_ bytes: [UInt8]) {
    precondition(String(validating: bytes, as: UTF8.self) != nil)
    var (isQuoted, cells, wanted): (Bool, Int, Int?) = (false, 1, nil)
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "\""): isQuoted.toggle()
        case UInt8(ascii: ",") where !isQuoted: cells += 1
        case UInt8(ascii: "\n") where !isQuoted:
            precondition(cells == wanted ?? cells)
            (wanted, cells) = (cells, 1)
        default: break
        }
    }
    precondition(!isQuoted)
}
