/// A column of a table, described once for all outputs.
struct Column<Row>: Sendable {
    /// The head of a column on screen.
    struct Heading: Sendable, ExpressibleByStringLiteral {
        var title: String
        var isLeft = false
        /// Columns that may be left out where the output is narrow; higher ones go first.
        var dispensability = 0
        /// True if it is left out where no row has a value, or all count 0.
        var isOptional = false
        /// True if its values are sentences, which go on below where the output is narrow; for the last column.
        var isSentence = false
        /// The words that stand around each value.
        var (before, after) = ("", "")

        init(
            _ title: String, isLeft: Bool = false, dispensability: Int = 0, isOptional: Bool = false,
            before: String = "", after: String = ""
        ) {
            (self.title, self.isLeft, self.dispensability) = (title, isLeft, dispensability)
            (self.isOptional, self.before, self.after) = (isOptional, before, after)
        }

        init(stringLiteral title: String) { self.init(title) }

        static func left(_ title: String, dispensability: Int = 0) -> Heading {
            Heading(title, isLeft: true, dispensability: dispensability)
        }

        static func sentence(_ title: String) -> Heading {
            var heading = left(title)
            heading.isSentence = true
            return heading
        }
    }

    /// The outputs for programs.
    struct Outputs: OptionSet {
        let rawValue: Int
        static var csv: Outputs { Outputs(rawValue: 1) }
        static var json: Outputs { Outputs(rawValue: 2) }
        static var data: Outputs { [.csv, .json] }
    }

    /// The key in JSON and CSV, with its unit.
    let key: StaticString
    /// The words before the key in CSV, where columns of several objects of JSON stand side by side.
    var prefix = ""
    /// The head on screen; nil if it is not there.
    var heading: Heading?
    var outputs: Outputs
    /// The value.
    let cell: @Sendable (Row) -> Cell
    /// The value on screen.
    let shown: @Sendable (Row) -> Cell
    /// Writes the value in JSON.
    let write: @Sendable (Row, inout JSONWriter) -> Void

    /// A column.
    ///
    /// - Parameter shown: the value on screen, where it differs.
    init(
        _ key: StaticString, _ heading: Heading? = nil, in outputs: Outputs = .data,
        shown: (@Sendable (Row) -> Cell)? = nil, _ cell: @escaping @Sendable (Row) -> Cell
    ) {
        (self.key, self.heading, self.outputs, self.cell) = (key, heading, outputs, cell)
        self.shown = shown ?? cell
        write = { cell($0).write(to: &$1) }
    }

    /// A column that is on screen only.
    init(screen heading: Heading, _ cell: @escaping @Sendable (Row) -> Cell) {
        self.init("", heading, in: [], cell)
    }

    /// An object of JSON, or null.
    init<Part>(_ key: StaticString, _ columns: Columns<Part>, _ part: @escaping @Sendable (Row) -> Part?) {
        self.init(nested: key) { row, json in
            if let part = part(row) { json.object(part, columns) } else { json.null() }
        }
    }

    /// An array of objects of JSON, or null.
    init<Part>(_ key: StaticString, each columns: Columns<Part>, _ parts: @escaping @Sendable (Row) -> [Part]?) {
        self.init(nested: key) { row, json in json.array(parts(row)) { $1.object($0, columns) } }
    }

    private init(nested key: StaticString, _ write: @escaping @Sendable (Row, inout JSONWriter) -> Void) {
        (self.key, outputs, self.write) = (key, .json, write)
        cell = { _ in .text(nil) }
        shown = cell
    }

    /// The key in CSV.
    var csvKey: String { prefix + key.description }

    /// The same column of a whole that `part` is of.
    func of<Whole>(
        prefix: String = "", _ heading: Column<Whole>.Heading? = nil, in outputs: Column<Whole>.Outputs = .csv,
        _ part: @escaping @Sendable (Whole) -> Row
    ) -> Column<Whole> {
        let (cell, shown) = (cell, shown)
        var column = Column<Whole>(key, heading, in: outputs, shown: { shown(part($0)) }) { cell(part($0)) }
        column.prefix = prefix
        return column
    }
}

/// The columns of a table, in the order of the screen and of CSV.
struct Columns<Row>: Sendable {
    let list: [Column<Row>]
    /// Those of JSON: documents have their members by key.
    private let members: [Column<Row>]

    init(_ list: [Column<Row>]) {
        self.list = list
        members = list.filter { $0.outputs.contains(.json) }.sorted { $0.key.isKeyBelow($1.key) }
    }

    /// Writes the members of an object of JSON.
    func write(_ row: Row, _ json: inout JSONWriter) {
        for column in members {
            json.key(column.key)
            column.write(row, &json)
        }
    }
}

/// A table: its key in JSON and CSV, its title on screen, and its columns.
struct Section<Row>: Sendable {
    let key: StaticString
    let title: String
    let columns: Columns<Row>

    init(_ key: StaticString, _ title: String = "", _ columns: [Column<Row>]) {
        (self.key, self.title, self.columns) = (key, title, Columns(columns))
    }
}
