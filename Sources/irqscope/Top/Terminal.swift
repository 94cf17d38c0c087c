internal import CNcurses
internal import Glibc
internal import Rendering

/// The terminal in full-screen mode, through ncurses; it is put back on every way out.
@safe
struct Terminal: ~Copyable {
    private let handle: OpaquePointer?
    private var line: [wchar_t] = []
    private let hasColor: Bool

    /// Takes the terminal over.
    ///
    /// - Parameter hasColor: whether colour may be used if the terminal has any.
    init(hasColor: Bool) throws(CommandFailure) {
        // ncurses ignores SIGTSTP while it draws, which throws away one that waits in the queue; it leaves the signal
        // alone if somebody has it already (ncurses/tty/lib_tstp.c).
        signal(SIGTSTP) { _ in }
        TerminalRescue.arm()
        var opened = unsafe irq_newterm()
        if unsafe opened == nil, BuiltInTerminal.use() { unsafe opened = irq_newterm() }
        unsafe handle = opened
        guard unsafe handle != nil else { throw Self.failure("is not known here") }
        unsafe set_term(handle)
        guard Self.canMoveCursor else {
            endwin()
            throw Self.failure("cannot place its cursor")
        }
        cbreak()
        noecho()
        unsafe keypad(irq_stdscr(), true)
        unsafe nodelay(irq_stdscr(), true)
        set_escdelay(25)
        curs_set(0)
        irq_parse_capabilities()
        self.hasColor = hasColor && has_colors()
        if self.hasColor {
            start_color()
            use_default_colors()
            for style in CellStyle.allCases {
                guard let pair = Self.colors(style) else { continue }
                init_pair(Self.pair(style), pair.ink, pair.paper)
            }
        }
        TerminalRescue.learnSequences()
    }

    /// True if a screen can be drawn at all: `dumb` cannot.
    private static var canMoveCursor: Bool {
        guard let text = unsafe tigetstr("cup") else { return false }
        return Int(bitPattern: text) != -1
    }

    private static func failure(_ what: String) -> CommandFailure {
        let name = SafeText.escaped(StandardOutput.environment("TERM") ?? "")
        return CommandFailure(
            ["the terminal '\(name)' \(what); set TERM, or use irqscope top -b"], status: ExitStatus.failed)
    }

    /// Chooses the encoding that ncurses writes in, which is the locale's; true if it is UTF-8.
    ///
    /// A UTF-8 locale that is not installed here (ssh brings its name along) would be the C locale: that of the C library
    /// does as well. Where that is not there either, only ASCII can be shown.
    static func chooseLocale(isUnicode: Bool) -> Bool {
        if unsafe setlocale(LC_ALL, "") == nil, isUnicode { unsafe setlocale(LC_CTYPE, "C.UTF-8") }
        return isUnicode && __ctype_get_mb_cur_max() > 1
    }

    deinit {
        endwin()
        unsafe delscreen(handle)
        TerminalRescue.disarm()
    }

    /// The rows of the terminal.
    var rowCount: Int { Int(unsafe getmaxy(irq_stdscr())) }
    /// The columns of the terminal.
    var columnCount: Int { Int(unsafe getmaxx(irq_stdscr())) }

    /// Takes on the size that the terminal has now.
    func resize() {
        var size = winsize()
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return }
        resizeterm(Int32(size.ws_row), Int32(size.ws_col))
        unsafe clearok(irq_stdscr(), true)
    }

    /// Gives the terminal back for as long as the process is stopped (Ctrl-Z).
    func suspend(_ body: () -> Void) {
        endwin()
        body()
        resize()
        unsafe wrefresh(irq_stdscr())
    }

    /// Shows a frame; ncurses sends what has changed.
    mutating func show(_ screen: borrowing Screen) {
        let rows = min(rowCount, screen.rowCount)
        let columns = min(columnCount, screen.columnCount)
        for row in 0..<rows {
            var column = 0
            while column < columns {
                let style = screen.cell(row, column).style
                let start = column
                line.removeAll(keepingCapacity: true)
                while column < columns, screen.cell(row, column).style == style {
                    line.append(wchar_t(truncatingIfNeeded: screen.cell(row, column).scalar))
                    column += 1
                }
                let color = hasColor && Self.colors(style) != nil ? Self.pair(style) : 0
                unsafe wattr_set(irq_stdscr(), attributes(style), color, nil)
                unsafe mvwaddnwstr(irq_stdscr(), Int32(row), Int32(start), line, Int32(line.count))
            }
        }
        unsafe wrefresh(irq_stdscr())
    }

    /// The next key that was pressed; nil if there is none.
    func nextKey() -> TopKey? {
        var code: wint_t = 0
        let result = unsafe wget_wch(irq_stdscr(), &code)
        if result == irq_err() { return nil }
        if result != irq_key_code_yes() { return Self.key(character: UInt32(code)) }
        switch Int32(bitPattern: code) {
        case KEY_UP: return .up
        case KEY_DOWN: return .down
        case KEY_LEFT: return .left
        case KEY_RIGHT: return .right
        case KEY_PPAGE: return .pageUp
        case KEY_NPAGE: return .pageDown
        case KEY_HOME: return .home
        case KEY_END: return .end
        case KEY_ENTER: return .enter
        case KEY_BACKSPACE: return .backspace
        case KEY_F0 + 1...KEY_F0 + 12: return .function(Int(Int32(bitPattern: code) - KEY_F0))
        default: return .character(0)
        }
    }

    private static func key(character code: UInt32) -> TopKey {
        switch code {
        case 0x0A, 0x0D: .enter
        case 0x1B: .escape
        case 0x08, 0x7F: .backspace
        default: .character(code)
        }
    }

    private static func pair(_ style: CellStyle) -> Int16 { Int16(style.rawValue) + 1 }

    private static func colors(_ style: CellStyle) -> (ink: Int16, paper: Int16)? {
        switch style {
        case .plain, .dim, .bold: nil
        case .title: (Int16(COLOR_BLACK), Int16(COLOR_GREEN))
        case .selected, .key: (Int16(COLOR_BLACK), Int16(COLOR_CYAN))
        case .alarm: (Int16(COLOR_RED), -1)
        case .warning: (Int16(COLOR_YELLOW), -1)
        case .good: (Int16(COLOR_GREEN), -1)
        case .accent: (Int16(COLOR_CYAN), -1)
        }
    }

    private func attributes(_ style: CellStyle) -> attr_t {
        switch style {
        case .plain, .accent, .good: 0
        case .dim: irq_attr_dim()
        case .bold, .alarm, .warning: irq_attr_bold()
        case .title, .selected, .key: hasColor ? 0 : irq_attr_reverse()
        }
    }
}
