import IRQCore

/// The events of a CPU, one after the other: those of a bundle one by one, and the scheduler's, which may be packed beside.
struct PerfettoTrack {
    let cpu: Int
    private let bundles: [PerfettoBundle]
    private var next = 0
    /// The rest of the bundle's events, and the first of each kind.
    private var rest = 0..<0
    private var event: PerfettoItem?
    private var switches: PerfettoColumns?
    private var switchItem: PerfettoItem?
    private var wakings: PerfettoColumns?
    private var wakingItem: PerfettoItem?
    private var taskNames: [Range<Int>] = []
    /// Events from this time on lie behind a page that Perfetto could not read.
    private var unreadTime = UInt64.max
    private var isLossPending = false
    /// True if a part of the bundle could not be read: then events are missing before the next one.
    private var isDamaged = false
    private let switchPlace: Int
    /// The task that runs, with its name if a switch told it; nil if it is not known.
    private var task: Int32?
    private var taskName = 0..<0

    /// The event that is next.
    private(set) var item = PerfettoItem(time: 0, pid: 0)
    /// Its time, and whether it lies before that of the one before: then another trace begins there.
    private(set) var time: UInt64 = 0
    private(set) var isEarlier = false
    /// True if events before it were lost.
    private(set) var isAfterLoss = false
    /// Events that make no sense, since the last one.
    private(set) var malformedCount = 0

    init(_ cpu: Int, _ bundles: [PerfettoBundle], switchPlace: Int) {
        (self.cpu, self.bundles, self.switchPlace) = (cpu, bundles, switchPlace)
    }

    /// The bundle of the event.
    var bundle: PerfettoBundle { bundles[next - 1] }

    /// Goes on to the next event; false if there is none.
    mutating func advance(_ bytes: RawSpan, _ events: inout PerfettoEvents) -> Bool {
        (isAfterLoss, malformedCount) = (false, 0)
        while true {
            if let found = take(bytes, &events) {
                // The rest of a bundle with an unread page is not known to hang together.
                if found.time >= unreadTime {
                    isDamaged = true
                    continue
                }
                item = found
                if isLossPending { (isAfterLoss, task) = (true, nil) }
                isLossPending = false
                follow()
                isEarlier = item.time < time
                time = item.time
                return true
            }
            guard next < bundles.count else { return false }
            open(bytes, &events)
        }
    }

    /// Opens the next bundle.
    private mutating func open(_ bytes: RawSpan, _ events: inout PerfettoEvents) {
        let bundle = bundles[next]
        next += 1
        rest = bundle.range
        unreadTime = .max
        if bundle.isAfterLoss || isDamaged { isLossPending = true }
        isDamaged = false
        (switches, wakings, taskNames) = (nil, nil, [])
        var fields = ProtoFields(bytes, rest)
        while let field = fields.next() {
            if field.number == 4 {
                taskNames = PerfettoColumns.names(bytes, field.range)
                switches = PerfettoColumns(bytes, field.range, isSwitch: true, place: events.switchPlace)
                wakings = PerfettoColumns(bytes, field.range, isSwitch: false, place: events.wakingPlace)
            } else if field.number == 8 {
                var parts = ProtoFields(bytes, field.range)
                while let part = parts.next() {
                    if part.number == 1 { unreadTime = min(unreadTime, part.value) }
                }
            }
        }
        advanceEvent(bytes, &events)
        advanceSwitch(bytes, events)
        advanceWaking(bytes, events)
    }

    /// The earliest of the events that are next; nil at the end of the bundle.
    private mutating func take(_ bytes: RawSpan, _ events: inout PerfettoEvents) -> PerfettoItem? {
        let first = min(event?.time ?? .max, switchItem?.time ?? .max, wakingItem?.time ?? .max)
        if let found = event, found.time == first {
            advanceEvent(bytes, &events)
            return found
        }
        if let found = wakingItem, found.time == first {
            advanceWaking(bytes, events)
            return found
        }
        if let found = switchItem {
            advanceSwitch(bytes, events)
            return found
        }
        return nil
    }

    private mutating func advanceEvent(_ bytes: RawSpan, _ events: inout PerfettoEvents) {
        event = nil
        var fields = ProtoFields(bytes, rest)
        while let field = fields.next() {
            guard field.number == 2 else { continue }
            let found = PerfettoItem(bytes, field.range, &events)
            if found.place == nil {
                malformedCount += 1
                continue
            }
            rest = fields.offset..<rest.upperBound
            event = found
            return
        }
        // What follows damage is not known.
        if fields.isDamaged { isDamaged = true }
        rest = rest.upperBound..<rest.upperBound
    }

    private mutating func advanceSwitch(_ bytes: RawSpan, _ events: PerfettoEvents) {
        switchItem = switches?.next(bytes, names: taskNames, events)
        if switches?.isDamaged == true {
            switches = nil
            noteDamage()
        }
    }

    private mutating func advanceWaking(_ bytes: RawSpan, _ events: PerfettoEvents) {
        wakingItem = wakings?.next(bytes, names: taskNames, events)
        if wakings?.isDamaged == true {
            wakings = nil
            noteDamage()
        }
    }

    private mutating func noteDamage() {
        malformedCount += 1
        isDamaged = true
    }

    /// Follows which task runs, and tells it to the events that are packed by columns: these do not say.
    private mutating func follow() {
        if item.isPacked {
            if let task {
                item.pid = task
                if item.kind == .schedSwitch { item.secondText = taskName }
            } else {
                // Nobody knows whom it interrupted.
                (item.kind, item.pid) = (nil, -1)
            }
        } else if item.pid != task {
            (task, taskName) = (item.pid, 0..<0)
        }
        if item.place == switchPlace { (task, taskName) = (Int32(truncatingIfNeeded: item.numbers.0), item.text) }
    }
}
