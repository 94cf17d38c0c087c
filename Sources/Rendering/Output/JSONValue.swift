/// A value that stands in a JSON document as one: not an object.
protocol JSONValue: SendableMetatype {
    func write(to json: inout JSONWriter)
}

extension Bool: JSONValue {
    func write(to json: inout JSONWriter) { json.put(self) }
}

extension Int: JSONValue {
    func write(to json: inout JSONWriter) { json.put(self) }
}

extension Int32: JSONValue {
    func write(to json: inout JSONWriter) { json.put(Int(self)) }
}

extension Int64: JSONValue {
    func write(to json: inout JSONWriter) { json.put(Int(self)) }
}

extension UInt64: JSONValue {
    func write(to json: inout JSONWriter) { json.put(self) }
}

extension Double: JSONValue {
    func write(to json: inout JSONWriter) { json.put(self) }
}

extension String: JSONValue {
    func write(to json: inout JSONWriter) { json.put(self) }
}

/// A value that is not known is null.
extension Optional: JSONValue where Wrapped: JSONValue {
    func write(to json: inout JSONWriter) {
        if let self { self.write(to: &json) } else { json.null() }
    }
}

extension Array: JSONValue where Element: JSONValue {
    func write(to json: inout JSONWriter) {
        json.array { json in for element in self { element.write(to: &json) } }
    }
}
