/// The members of a kind of object, described once.
///
/// They may be given in any order: documents have them by key.
struct JSONFields<Model>: Sendable {
    /// A member: its key, and how its value is written.
    struct Field: Sendable {
        let key: StaticString
        let write: @Sendable (Model, inout JSONWriter) -> Void

        /// A member with a plain value.
        init(_ key: StaticString, _ value: @escaping @Sendable (Model) -> some JSONValue) {
            self.key = key
            write = { value($0).write(to: &$1) }
        }

        /// A member that is an object itself, or null.
        init<Part>(_ key: StaticString, _ fields: JSONFields<Part>, _ part: @escaping @Sendable (Model) -> Part?) {
            self.key = key
            write = { model, json in
                if let part = part(model) { json.object(part, fields) } else { json.null() }
            }
        }

        /// A member that is an array of objects, or null.
        init<Part>(_ key: StaticString, each fields: JSONFields<Part>, _ parts: @escaping @Sendable (Model) -> [Part]?)
        {
            self.key = key
            write = { model, json in
                guard let parts = parts(model) else { return json.null() }
                json.array { json in for part in parts { json.object(part, fields) } }
            }
        }
    }

    private let fields: [Field]

    init(_ fields: [Field]) { self.fields = fields.sorted { $0.key.isBelow($1.key) } }

    func write(_ model: Model, _ json: inout JSONWriter) {
        for field in fields {
            json.key(field.key)
            field.write(model, &json)
        }
    }
}
