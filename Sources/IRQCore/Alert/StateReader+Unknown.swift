extension StateReader {
    /// Passes over the members that follow in an object, or at the end of the document: later versions may have written more,
    /// behind what this one knows.
    mutating func skipMembers() throws(AlertStateError) {
        while next == ASCII.comma || (next == UInt8(ascii: "\"") && isFirst) || next == ASCII.newline {
            let start = position
            // The checksum ends the document: its comma stands at the beginning of a line.
            if next == ASCII.newline { return }
            if next == ASCII.comma { position += 1 }
            if next == ASCII.newline { position += 1 }
            guard next == UInt8(ascii: "\""), position > start || isFirst else { throw .damaged }
            isFirst = false
            try skipText()
            try take(ASCII.colon)
            try skipValue()
        }
    }

    private mutating func skipText() throws(AlertStateError) {
        try take(UInt8(ascii: "\""))
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard 0x20...0x7E ~= byte else { throw .damaged }
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        try take(UInt8(ascii: "\""))
    }

    /// Passes over a value, however it is nested: it is counted, not descended into.
    private mutating func skipValue() throws(AlertStateError) {
        var open = 0
        repeat {
            switch next {
            case UInt8(ascii: "\""): try skipText()
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open += 1
                position += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                open -= 1
                position += 1
            case ASCII.comma, ASCII.colon, ASCII.newline:
                guard open > 0 else { throw .damaged }
                position += 1
            case nil: throw .damaged
            default: if word().isEmpty { throw .damaged }
            }
        } while open > 0
        guard open == 0 else { throw .damaged }
    }
}
