/// The identity of an alert, from run to run.
public struct AlertKey: Hashable, Sendable {
    /// The verdict.
    public var verdict: Verdict
    /// The way of it.
    public var aspect: AlertAspect
    /// The row's key (`Box.key`), a CPU, or a hash of a device's name.
    public var id: UInt64

    /// Creates a key.
    public init(_ verdict: Verdict, _ aspect: AlertAspect = .plain, id: UInt64) {
        self.verdict = verdict
        self.aspect = aspect
        self.id = id
    }
}

/// The subject of a finding, for people and scripts. All names are untrusted text of at most 255 bytes.
public struct AlertSubject: Equatable, Sendable {
    /// The row's label; "" if it is about no row.
    public var label = ""
    /// The number of the interrupt.
    public var irq: Int?
    /// The actions, or the words of the architecture's row.
    public var action = ""
    /// The device's name; "" if unknown.
    public var device = ""
    /// The CPU that matters most; nil if none does.
    public var cpu: Int?

    /// Creates a subject that is nothing yet.
    public init() {}

    static let nameByteLimit = 255

    static func cut(_ name: String) -> String {
        guard name.utf8.count > nameByteLimit else { return name }
        let bytes = Array(name.utf8)
        var end = nameByteLimit
        // Not within a character: its rest would become a longer one.
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

/// A condition that is or may become an alert.
public struct ActiveAlert: Equatable, Sendable {
    /// Its identity.
    public var key: AlertKey
    /// Its subject.
    public var subject: AlertSubject
    /// Its level now; `ok` while it waits for `--for`, or for its end to be told.
    public var level = AlertLevel.ok
    /// The level that was told last: a difference is still to be told.
    public var announced = AlertLevel.ok
    // Durations are of CLOCK_MONOTONIC, which does not count the time that the machine sleeps.

    /// The time at which the condition began.
    public var sinceNanoseconds: UInt64 = 0
    /// The same for people, in nanoseconds since 1970; known as soon as it is above a level.
    public var sinceWallNanoseconds: UInt64 = 0
    /// The time since which it is above the warning level without a break; nil if it is not.
    public var overWarnNanoseconds: UInt64?
    /// The same for the critical level.
    public var overCritNanoseconds: UInt64?
    /// The time since which it is below the level it has; nil if it is not.
    public var underNanoseconds: UInt64?
    /// The highest value seen.
    public var peak = 0.0

    /// Creates a condition that has just begun.
    public init(key: AlertKey, subject: AlertSubject) {
        self.key = key
        self.subject = subject
    }

    /// True if nothing is left to remember.
    var isOver: Bool {
        level == .ok && announced == .ok && overWarnNanoseconds == nil && overCritNanoseconds == nil
    }
}

/// The memory of a row.
public struct RowMemory: Equatable, Sendable {
    /// Its usual rate on its busiest CPU.
    public var baseline = Baseline()
    /// A hash of its affinity mask; 0 if unknown.
    public var maskHash: UInt64 = 0
    /// True if the kernel seems to have judged the line: if it stands still now, it is disabled.
    public var mayBeDisabled = false
    /// None or one: most rows have none, and there are many of them.
    private var spuriousCounts: [SpuriousCounts] = []
    /// The kernel's counts of unhandled interrupts.
    public var spurious: SpuriousCounts? {
        get { spuriousCounts.first }
        set { spuriousCounts = newValue.map { [$0] } ?? [] }
    }

    /// Creates a memory of nothing.
    public init() {}
}

/// The memory of the verdicts from run to run; bounded by the rows there are.
public struct AlertMemory: Equatable, Sendable {
    /// Conditions, by key; at most `alertLimit`.
    public var alerts: [AlertKey: ActiveAlert] = [:]
    /// Rows, by key; at most `rowLimit`.
    public var rows = RowMemories()

    /// More conditions at once are counted only.
    public static let alertLimit = 4_096
    /// Rows beyond have no history.
    public static let rowLimit = 65_536

    /// Creates an empty memory.
    public init() {}
}

/// The state that one run leaves to the next.
public struct AlertState: Equatable, Sendable {
    /// The kernel's name for this boot; "" if unknown.
    public var bootID = ""
    /// The time of the sample.
    public var time = BoxTime()
    /// /proc/interrupts, without padding.
    public var interrupts: [UInt8] = []
    /// /proc/softirqs, without padding; empty if it could not be read.
    public var softirqs: [UInt8] = []
    /// The lines of CPUs of /proc/stat; empty if it could not be read.
    public var stat: [UInt8] = []
    /// /proc/net/softnet_stat; empty if it could not be read.
    public var softnet: [SoftnetCounts] = []
    /// ksoftirqd on each CPU; empty if they could not be seen.
    public var threads: [SoftirqThread] = []
    /// The memory of the verdicts.
    public var memory = AlertMemory()

    /// Creates a state of nothing.
    public init() {}
}

/// The memories of rows, by key: in the order of keys, for a dictionary of so many takes twice the memory.
public struct RowMemories: Equatable, Sendable {
    /// A row's memory, and its key.
    public struct Entry: Equatable, Sendable {
        /// The row's key (`Box.key`).
        public var key: UInt64
        /// Its memory.
        public var row: RowMemory
    }

    /// All of them, by key.
    public private(set) var entries: [Entry] = []

    /// Creates an empty memory.
    public init() {}

    /// Takes entries in any order; of several with one key the last counts.
    init(_ entries: consuming [Entry]) {
        var entries = entries
        if !zip(entries, entries.dropFirst()).allSatisfy({ $0.key < $1.key }) {
            entries.sort { $0.key < $1.key }
            var kept = 0
            for index in entries.indices {
                if kept > 0, entries[kept - 1].key == entries[index].key { kept -= 1 }
                entries[kept] = entries[index]
                kept += 1
            }
            entries.removeSubrange(kept...)
        }
        self.entries = entries
    }

    /// The number of rows.
    public var count: Int { entries.count }
    /// True if there are none.
    public var isEmpty: Bool { entries.isEmpty }

    /// The memory of a row; nil for none.
    public subscript(key: UInt64) -> RowMemory? {
        get {
            let place = place(of: key)
            return place < entries.count && entries[place].key == key ? entries[place].row : nil
        }
        set {
            let place = place(of: key)
            let isThere = place < entries.count && entries[place].key == key
            switch (newValue, isThere) {
            case (let row?, true): entries[place].row = row
            case (let row?, false): entries.insert(Entry(key: key, row: row), at: place)
            case (nil, true): entries.remove(at: place)
            case (nil, false): break
            }
        }
    }

    /// The first place whose key is not below `key`.
    private func place(of key: UInt64) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
