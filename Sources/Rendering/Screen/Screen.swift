/// The look of a cell of the screen; the terminal decides what that means where it has no colour.
public enum CellStyle: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    case plain, dim, bold
    /// Titles of columns.
    case title
    /// The row under the cursor.
    case selected
    /// The name of a key at the foot.
    case key
    /// Something that looks wrong.
    case alarm
    /// Something that deserves a look.
    case warning
    /// Something that is as it should be.
    case good
    /// Numbers and bars.
    case accent
}

/// One character of the screen.
public struct ScreenCell: BitwiseCopyable, Equatable, Sendable {
    /// A character that takes one column.
    public var scalar: UInt32
    /// Its look.
    public var style: CellStyle

    static let blank = ScreenCell(scalar: 0x20, style: .plain)
}

/// The characters that an output can show.
public enum ScreenCharacters: Sendable {
    /// ASCII only.
    case ascii
    /// Those that the fonts of the Linux console have: Latin letters, the full block and two shades, arrows. Eighths of a
    /// block and the ellipsis are in none or few of them (kbd, console-setup, and the kernel's own).
    case console
    /// All that take one column.
    case unicode
}

/// A frame as a grid of characters, drawn anew each time in the same memory.
///
/// All text goes through `write`, which lets through what is known to take one column and to be harmless:
/// bytes of a device's name never reach the terminal raw.
public struct Screen: ~Copyable {
    /// The height in rows.
    public private(set) var rowCount = 0
    /// The width in columns.
    public private(set) var columnCount = 0
    /// The characters that can be shown.
    public let characters: ScreenCharacters
    /// True if more than ASCII can be shown.
    public var isUnicode: Bool { characters != .ascii }

    /// The rows whose characters are kept; what is written to others is lost.
    public private(set) var window = 0..<0
    private var cells: [ScreenCell] = []
    private var row = 0
    private var column = 0

    /// Creates a screen without cells.
    public init(_ characters: ScreenCharacters) { self.characters = characters }

    /// Creates a screen without cells, for all characters or for ASCII.
    public init(isUnicode: Bool) { self.init(isUnicode ? .unicode : .ascii) }

    /// Starts a frame of a size; all cells are blank. Allocates only if it is larger than all before.
    ///
    /// - Parameter window: the rows that are wanted; nil for all.
    public mutating func begin(rowCount: Int, columnCount: Int, window: Range<Int>? = nil) {
        self.rowCount = max(rowCount, 0)
        self.columnCount = max(columnCount, 0)
        self.window = (window ?? 0..<self.rowCount).clamped(to: 0..<self.rowCount)
        let count = self.window.count * self.columnCount
        while cells.count < count { cells.append(.blank) }
        for index in 0..<count { cells[index] = .blank }
        (row, column) = (0, 0)
    }

    /// The cell at a place inside of the screen's window.
    public func cell(_ row: Int, _ column: Int) -> ScreenCell {
        precondition(window.contains(row) && column >= 0 && column < columnCount)
        return cells[place(row, column)]
    }

    private func place(_ row: Int, _ column: Int) -> Int { (row - window.lowerBound) * columnCount + column }

    /// Those of a table's places that are in the window, if the first of all stands in row `line`.
    func shown(_ places: Range<Int>, from line: Int) -> Range<Int> {
        let shift = places.lowerBound - line
        return places.clamped(to: window.lowerBound + shift..<window.upperBound + shift)
    }

    /// The column behind what was written last.
    public var currentColumn: Int { column }

    /// Puts the cursor somewhere. Of what is written beyond the right edge nothing is shown but a sign in the last column.
    public mutating func move(_ row: Int, _ column: Int = 0) {
        self.row = row
        self.column = column
    }

    /// Writes one character at the cursor.
    public mutating func write(_ scalar: UInt32, _ style: CellStyle = .plain) {
        if window.contains(row), column >= 0 {
            if column < columnCount {
                cells[place(row, column)] = ScreenCell(scalar: Self.shown(scalar, characters), style: style)
            } else if scalar != 0x20 {
                signCut()
            }
        }
        column += 1
    }

    /// The sign for what is not shown for want of room.
    var ellipsis: UInt32 { characters == .unicode ? 0x2026 : 0x7E }

    /// Tells in the last column of the cursor's row that something is not shown for want of room.
    mutating func signCut() {
        guard window.contains(row), columnCount > 0 else { return }
        cells[place(row, columnCount - 1)].scalar = ellipsis
    }

    /// Writes text at the cursor, at most `width` columns of it; what does not fit ends in an ellipsis.
    public mutating func write(_ text: String, _ style: CellStyle = .plain, width: Int = .max) {
        write(text[...], style, width: width)
    }

    /// The same of a part of a text.
    mutating func write(_ text: Substring, _ style: CellStyle = .plain, width: Int = .max) {
        if width <= 0 {
            if column >= columnCount, !text.isEmpty { signCut() }
            return
        }
        let start = column
        for scalar in text.unicodeScalars {
            if column - start == width {
                column -= 1
                write(ellipsis, style)
                return
            }
            write(scalar.value, style)
        }
    }

    /// Writes text that fills `width` columns, on the left of them.
    public mutating func writeLeft(_ text: String, width: Int, _ style: CellStyle = .plain) {
        let start = column
        write(text, style, width: width)
        column = start + max(width, 0)
    }

    /// Writes text that fills `width` columns, on the right of them.
    public mutating func writeRight(_ text: String, width: Int, _ style: CellStyle = .plain) {
        let start = column
        column += max(width - text.unicodeScalars.count, 0)
        write(text, style, width: width)
        column = start + max(width, 0)
    }

    /// Moves the cursor within its row.
    mutating func moveColumn(to column: Int) { self.column = column }

    /// Skips columns.
    public mutating func skip(_ count: Int = 1) { column += count }

    /// Makes the rows of a range blank again.
    public mutating func clear(_ rows: Range<Int>) {
        for row in rows.clamped(to: window) {
            for column in 0..<columnCount { cells[place(row, column)] = .blank }
        }
    }

    /// Gives a whole row one look.
    public mutating func dress(_ row: Int, _ style: CellStyle) {
        guard window.contains(row) else { return }
        for column in 0..<columnCount { cells[place(row, column)].style = style }
    }

    /// Characters that take one column in every terminal, and nothing else: ASCII, Latin letters, and what is drawn here.
    static func shown(_ scalar: UInt32, _ characters: ScreenCharacters) -> UInt32 {
        if (0x20...0x7E).contains(scalar) { return scalar }
        switch characters {
        case .ascii: return 0x3F
        case .console:
            switch scalar {
            case 0xA1...0xAC, 0xAE...0xFF, 0x2190...0x2193, 0x2588, 0x2591, 0x2592: return scalar
            default: return 0x3F
            }
        case .unicode:
            switch scalar {
            case 0xA1...0xAC, 0xAE...0x24F, 0x2026, 0x2190...0x2193, 0x2500...0x259F: return scalar
            default: return 0x3F
            }
        }
    }

    /// Writes a row as UTF-8 without blanks at its end, and a newline.
    public func writeLine(_ row: Int, to output: inout ByteOutput) {
        var end = columnCount
        while end > 0, cell(row, end - 1).scalar == 0x20 { end -= 1 }
        for column in 0..<end { Self.put(cell(row, column).scalar, to: &output) }
        output.put(UInt8(ascii: "\n"))
    }

    private static func put(_ scalar: UInt32, to output: inout ByteOutput) {
        if scalar < 0x80 {
            output.put(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            output.put(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
            output.put(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
        } else {
            output.put(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12 & 0xF))
            output.put(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
            output.put(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
        }
    }
}
