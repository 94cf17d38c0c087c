/// The choices of the person in front of `top`: nothing of it comes from the kernel.
public struct TopState: Sendable, Equatable {
    /// The screens.
    public enum View: Sendable, Equatable {
        case interrupts, softirqs, cpus, detail, help
    }

    /// The orders of rows.
    public enum SortKey: String, Sendable, CaseIterable {
        case rate, irq, total, name, device
    }

    /// The screen that is shown.
    public var view = View.interrupts
    /// The screen to go back to from help.
    public var earlierView = View.interrupts
    /// The order of interrupts.
    public var sort = SortKey.rate
    /// True if the order is reversed.
    public var isReversed = false
    /// Rows must contain this text; empty for all.
    public var filter = ""
    /// True if keys go to the filter.
    public var isTyping = false
    /// True if rows without interrupts in the last interval are left out.
    public var hidesIdle = false
    /// True if the numbers stand still.
    public var isFrozen = false
    /// True if handler times are wanted.
    public var isTracing = true
    /// True if CPUs share cells of the strip where there are more than fit.
    public var isFolded = true
    /// The first CPU column of an unfolded strip.
    public var firstColumn = 0
    /// Between samples, in nanoseconds.
    public var intervalNanoseconds: UInt64 = 1_000_000_000
    /// The place of the cursor among the rows that are shown.
    public var cursor = 0
    /// The first row on the screen.
    public var firstRow = 0
    /// The row under the cursor (`RowInterval.serial`), once it was moved: the cursor then follows it.
    public var followed: UInt32?
    /// The row of the detail screen (`RowInterval.serial`).
    public var detailSerial: UInt32 = 0
    /// The first line of a screen that is longer than the terminal.
    public var firstLine = 0
    /// True if a row is under the cursor: not in batch output.
    public var showsCursor = true
    /// True if the person wants to leave.
    public var isDone = false

    /// Creates the state at the start.
    public init() {}

    /// The shortest interval, in nanoseconds.
    public static let shortestInterval: UInt64 = 100_000_000
    /// The longest interval that keys reach, in nanoseconds.
    public static let longestInterval: UInt64 = 60_000_000_000
}

/// A key, as the terminal tells it.
public enum TopKey: Sendable, Equatable {
    case character(UInt32)
    case up, down, left, right, pageUp, pageDown, home, end
    case enter, escape, backspace
    case function(Int)
}

extension TopState {
    /// Changes what a key changes.
    ///
    /// - Parameters:
    ///   - rowCount: the number of rows that the screen could show.
    ///   - pageCount: the number of rows that fit.
    ///   - serial: the row at a place of the order, to be followed.
    public mutating func take(_ key: TopKey, rowCount: Int, pageCount: Int, serial: (Int) -> UInt32?) {
        if isTyping {
            type(key)
            return
        }
        switch key {
        case .up: move(by: -1, rowCount, pageCount, serial)
        case .down: move(by: 1, rowCount, pageCount, serial)
        case .pageUp: move(by: -max(pageCount, 1), rowCount, pageCount, serial)
        case .pageDown: move(by: max(pageCount, 1), rowCount, pageCount, serial)
        case .home: move(by: -rowCount, rowCount, pageCount, serial)
        case .end: move(by: rowCount, rowCount, pageCount, serial)
        case .left: firstColumn = max(firstColumn - 8, 0)
        case .right: firstColumn = min(firstColumn + 8, 65_536)
        case .enter: openDetail(serial)
        case .escape: goBack()
        case .backspace: goBack()
        case .function(let number): function(number)
        case .character(let scalar): character(scalar, rowCount, pageCount, serial)
        }
    }

    private mutating func character(_ scalar: UInt32, _ rowCount: Int, _ pageCount: Int, _ serial: (Int) -> UInt32?) {
        guard let character = Unicode.Scalar(scalar).map(Character.init) else { return }
        switch character {
        case "q", "Q": isDone = true
        case "?", "h": show(.help)
        case "1", "i": show(.interrupts)
        case "2", "s": show(.softirqs)
        case "3", "c": show(.cpus)
        case "\t": show(view == .interrupts ? .softirqs : view == .softirqs ? .cpus : .interrupts)
        case "k": move(by: -1, rowCount, pageCount, serial)
        case "j": move(by: 1, rowCount, pageCount, serial)
        case "g": move(by: -rowCount, rowCount, pageCount, serial)
        case "G": move(by: rowCount, rowCount, pageCount, serial)
        case ">", ".": changeSort(by: 1)
        case "<", ",": changeSort(by: -1)
        case "P", "R": chooseSort(.rate)
        case "N": chooseSort(.irq)
        case "T": chooseSort(.total)
        case "I", "r": isReversed.toggle()
        case "/", "\\": startTyping()
        case "z", "H": hidesIdle.toggle()
        case "f": isFolded.toggle()
        case "t": isTracing.toggle()
        case " ", "p", "Z": isFrozen.toggle()
        case "+", "=": changeInterval(longer: true)
        case "-", "_": changeInterval(longer: false)
        default: break
        }
    }

    private mutating func function(_ number: Int) {
        switch number {
        case 1: show(.help)
        case 2: show(.interrupts)
        case 3, 4: startTyping()
        case 5: show(.cpus)
        case 6: changeSort(by: 1)
        case 7: changeInterval(longer: false)
        case 8: changeInterval(longer: true)
        case 10: isDone = true
        default: break
        }
    }

    private mutating func type(_ key: TopKey) {
        switch key {
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            filter = ""
        case .backspace: if !filter.isEmpty { filter.removeLast() }
        case .character(let scalar):
            if scalar >= 0x20, scalar != 0x7F, filter.unicodeScalars.count < 64, let scalar = Unicode.Scalar(scalar) {
                filter.unicodeScalars.append(scalar)
            }
        default: break
        }
        (cursor, firstRow, followed) = (0, 0, nil)
    }

    /// The filter is one of interrupts.
    private mutating func startTyping() {
        show(.interrupts)
        isTyping = true
    }

    private mutating func show(_ view: View) {
        if self.view == view {
            if view == .help { goBack() }
            return
        }
        let isBack = self.view == .detail && view == .interrupts || self.view == .help && view == earlierView
        if view == .help { earlierView = self.view }
        self.view = view
        firstLine = 0
        // A look at the help, or at the detail, leaves the cursor where it was.
        if view != .help, !isBack { (cursor, firstRow, followed) = (0, 0, nil) }
    }

    private mutating func goBack() {
        if view == .help {
            (view, firstLine) = (earlierView, 0)
        } else if view == .detail {
            (view, firstLine) = (.interrupts, 0)
        } else if !filter.isEmpty {
            filter = ""
        }
    }

    private mutating func openDetail(_ serial: (Int) -> UInt32?) {
        guard view == .interrupts, let chosen = serial(cursor) else { return }
        view = .detail
        detailSerial = chosen
        (followed, firstLine) = (chosen, 0)
    }

    private mutating func move(by count: Int, _ rowCount: Int, _ pageCount: Int, _ serial: (Int) -> UInt32?) {
        if view == .help || view == .detail {
            firstLine = min(max(firstLine + count, 0), max(rowCount - pageCount, 0))
            return
        }
        cursor = min(max(cursor + count, 0), max(rowCount - 1, 0))
        followed = serial(cursor)
    }

    private mutating func chooseSort(_ key: SortKey) {
        if sort == key { isReversed.toggle() } else { (sort, isReversed) = (key, false) }
    }

    private mutating func changeSort(by step: Int) {
        let keys = SortKey.allCases
        let place = keys.firstIndex(of: sort) ?? 0
        sort = keys[(place + step + keys.count) % keys.count]
        isReversed = false
    }

    /// 0.1, 0.2, 0.5, 1, 2, 5 … seconds.
    private mutating func changeInterval(longer: Bool) {
        var steps: [UInt64] = []
        for decade: UInt64 in [100_000_000, 1_000_000_000, 10_000_000_000] {
            steps += [decade, decade * 2, decade * 5]
        }
        steps.append(Self.longestInterval)
        let next = longer ? steps.first { $0 > intervalNanoseconds } : steps.last { $0 < intervalNanoseconds }
        if let next { intervalNanoseconds = min(next, Self.longestInterval) }
    }
}
