/// A key, as the terminal tells it.
public enum TopKey: Sendable, Equatable {
    case character(UInt32)
    case up, down, left, right, pageUp, pageDown, home, end
    case enter, escape, backspace
    case function(Int)

    /// The key with a name as the help and the manual have it: `F6`, `PgUp`, `Space`, `x`.
    public init?(name: String) {
        let named: [String: TopKey] = [
            "Up": .up, "Down": .down, "Left": .left, "Right": .right, "PgUp": .pageUp, "PgDn": .pageDown,
            "Home": .home, "End": .end, "Enter": .enter, "Esc": .escape, "Backspace": .backspace,
            "Tab": .character(9), "Space": .character(32),
        ]
        if let key = named[name] {
            self = key
        } else if let scalar = name.unicodeScalars.first, name.unicodeScalars.count == 1 {
            self = .character(scalar.value)
        } else if name.hasPrefix("F"), let number = Int(name.dropFirst()) {
            self = .function(number)
        } else {
            return nil
        }
    }
}

/// The things that keys do.
enum TopAction: Equatable {
    case show(TopState.View), showNext, open, plan, goBack
    case move(Int), movePage(Int), moveToEnd(Int)
    case sort(TopState.SortKey), changeSort(Int), reverse
    case find, goToCPU, hideIdle, fold, scroll(Int)
    case freeze, trace, follow, forget, hideNotes, changeInterval(isLonger: Bool)
    case quit
}

/// Keys that belong together: what they are called, what they do, in which views, and how that is told. The help, the
/// foot and the keys themselves follow this table; the manual is compared with it.
struct TopKeys {
    /// The keys by name, and what each does.
    let actions: [(name: String, action: TopAction)]
    /// The names that the help shows.
    let shown: String
    /// The words of the help and the manual.
    let words: String
    /// The views in which they work.
    let views: [TopState.View]
    /// The short words of the foot, and the names there; nil if they are not at the foot.
    var foot: (name: String, words: String)?

    private init(
        _ names: String, _ actions: [TopAction], shown: String? = nil, _ words: String,
        in views: [TopState.View] = everywhere, foot: (name: String, words: String)? = nil
    ) {
        let names = names.split(separator: " ").map { String($0) }
        // One action is that of all names; else there is one for each.
        self.actions = names.enumerated().map { ($1, actions[actions.count == 1 ? 0 : $0]) }
        self.shown = shown ?? names.joined(separator: " ")
        (self.words, self.views, self.foot) = (words, views, foot)
    }

    private static let everywhere = TopState.View.allCases
    private static let tables: [TopState.View] = [.interrupts, .softirqs, .cpus, .tasks]
    private static let counted: [TopState.View] = [.interrupts, .softirqs, .cpus]
    private static let strips: [TopState.View] = [.interrupts, .softirqs]
    private static let ordered: [TopState.View] = [.interrupts, .softirqs, .cpus, .tasks, .cpu]
    private static let searched: [TopState.View] = [
        .interrupts, .softirqs, .cpus, .tasks, .detail, .plan, .softirq, .cpu, .task,
    ]

    /// All keys, in the order of the help and the manual.
    static let all: [TopKeys] = [
        TopKeys("F1 ? h", [.show(.help)], "help; again goes back", foot: ("F1", "Help")),
        TopKeys(
            "Enter", [.open], "the row under the cursor in detail", in: tables, foot: ("Enter", "Detail")),
        TopKeys(
            "a", [.plan], "plan where the interrupts of this row's device should come; nothing is written",
            in: [.interrupts, .detail], foot: ("a", "Plan")),
        TopKeys(
            "Esc Backspace", [.goBack], "back from a page; in a table clear its filter",
            foot: ("Esc", "Back")),
        TopKeys(
            "1 2 3 4 Tab i s c w F2 F5",
            [
                .show(.interrupts), .show(.softirqs), .show(.cpus), .show(.tasks), .showNext, .show(.interrupts),
                .show(.softirqs), .show(.cpus), .show(.tasks), .show(.interrupts), .show(.cpus),
            ], shown: "1 2 3 4 Tab",
            "interrupts, softirqs, CPUs, tasks, and the next of these; i s c w too, F2 interrupts, F5 CPUs",
            foot: ("1-4", "Views")),
        TopKeys(
            "Up Down PgUp PgDn Home End k j g G",
            [
                .move(-1), .move(1), .movePage(-1), .movePage(1), .moveToEnd(-1), .moveToEnd(1), .move(-1), .move(1),
                .moveToEnd(-1), .moveToEnd(1),
            ], shown: "Up Down k j",
            "move the cursor or scroll, by PgUp and PgDn a screen, by Home g and End G to the end"),
        TopKeys(
            "F4 F3 / \\", [.find], "filter as you type; in the view of CPUs go to one by its number", in: searched,
            foot: ("F4", "Filter")),
        TopKeys("#", [.goToCPU], "go to a CPU by its number", in: searched),
        TopKeys(
            "F6 > . < ,", [.changeSort(1), .changeSort(1), .changeSort(1), .changeSort(-1), .changeSort(-1)],
            "sort by the next key, by the previous one", in: ordered, foot: ("F6", "Sort")),
        TopKeys(
            "P N T A D 5 9 M K C R",
            [
                .sort(.rate), .sort(.irq), .sort(.total), .sort(.name), .sort(.device), .sort(.p50), .sort(.p99),
                .sort(.max), .sort(.peak), .sort(.cpu), .sort(.rate),
            ], shown: "P N T A D 5 9 M K C",
            "sort by rate (R too), number, total, name, device, p50, p99, max, peak, time of a CPU; again reverses",
            in: ordered),
        TopKeys("r I", [.reverse], "reverse the order", in: ordered),
        TopKeys("z H", [.hideIdle], "hide rows that did not come, or show them", in: counted, foot: ("z", "Idle")),
        TopKeys("x", [.forget], "forget peaks and all that is since the start"),
        TopKeys("t", [.trace], "measure handlers, or not (root)"),
        TopKeys("d", [.follow], "follow interrupts to the tasks they wake and delay, or not (root; far more events)"),
        TopKeys("n", [.hideNotes], "hide the notes below the head, or show them"),
        TopKeys("f", [.fold], "fold all CPUs into the strip, or show single ones", in: strips),
        TopKeys("Left Right", [.scroll(-8), .scroll(8)], "move along single CPUs", in: strips),
        TopKeys("Space p Z", [.freeze], "freeze, and go on", foot: ("Space", "Freeze")),
        TopKeys(
            "+ = F8 - _ F7",
            [
                .changeInterval(isLonger: true), .changeInterval(isLonger: true), .changeInterval(isLonger: true),
                .changeInterval(isLonger: false), .changeInterval(isLonger: false), .changeInterval(isLonger: false),
            ], "longer (+ = F8) and shorter interval", foot: ("+-", "Interval")),
        TopKeys("q Q F10", [.quit], "quit", foot: ("q", "Quit")),
    ]

    private static let actions: [(key: TopKey, action: TopAction, views: [TopState.View])] = all.flatMap { keys in
        keys.actions.compactMap { name, action in TopKey(name: name).map { ($0, action, keys.views) } }
    }

    /// The action of a key in a view; nil if it has none there.
    static func action(_ key: TopKey, in view: TopState.View) -> TopAction? {
        actions.first { $0.key == key && $0.views.contains(view) }?.action
    }
}
