/// The reason why a file is no state.
public enum AlertStateError: Error, Equatable, Sendable {
    /// It does not begin as a state does.
    case foreign
    /// It is of another version of the format.
    case version(UInt32)
    /// It is cut short or changed.
    case damaged
}

/// The bytes of a state file: JSON in ASCII, which jq reads, and a checksum.
///
///     {"schema":"irqscope.alert_state.v3","boot_id":"f9f86c10-…",
///     "boottime_ns":5000000000,"monotonic_ns":4000000000,"realtime_ns":1790000000000000000,
///     "interrupts":" CPU0 CPU1\n36: 1 2 chip 1-edge dev\n","softirqs":"…","stat":"cpu0 10 0 …\n",
///     "softnet":[{"cpu":0,…}],"ksoftirqd":[{"cpu":0,"pid":15,"cpu_ns":77}],
///     "rows":[{"key":42,…}],"alerts":[{"verdict":"storm",…}]
///     ,"checksum":"9e3779b97f4a7c15"}
///
/// Members stand in this order; those that are null, false or empty texts may be missing, and unknown ones behind the others
/// are passed over. The counts of `WorkCounts` stand behind those of /proc/stat, where versions without them pass over them.
/// The checksum (`StableHash`) is of
/// all bytes before its comma. Versions 1 and 2 were binary.
public enum AlertStateFile {
    /// The version that is written, and the only one that is read.
    public static let version: UInt32 = 3
    /// The bytes with which the binary versions began.
    public static let oldMagic = Array("irqalert".utf8)
    /// The bytes with which all others begin.
    public static let magic = Array("{\"schema\":\"irqscope.alert_state.v".utf8)

    /// Writes a state piece by piece: no second copy of it is made.
    public static func write(_ state: AlertState, to take: @escaping ([UInt8]) -> Void) {
        var (writer, state) = (StateWriter(take), state)
        writer.put(magic)
        writer.put(Array("\(version)\"".utf8))
        // A writer throws nothing.
        try? pass(&writer, &state)
        writer.end()
    }

    /// The state in the bytes of a file.
    public static func decode(_ file: [UInt8]) throws(AlertStateError) -> AlertState {
        if file.starts(with: oldMagic) {
            guard file.count >= 12 else { throw .damaged }
            throw .version(file[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        _ = try contents(of: file)
        let contents = file.count - StateWriter.endByteCount
        guard contents > magic.count else { throw .damaged }
        var hash = StableHash()
        for index in 0..<contents { hash.add(UInt64(file[index])) }
        guard file[contents...].elementsEqual(StateWriter.ending(hash)) else { throw .damaged }
        return try decodeContents(file)
    }

    /// The state in bytes whose checksum was looked at: everything is checked all the same.
    public static func decodeContents(_ file: [UInt8]) throws(AlertStateError) -> AlertState {
        var (reader, state) = (try contents(of: file), AlertState())
        try pass(&reader, &state)
        try reader.skipMembers()
        guard reader.position == file.count - StateWriter.endByteCount else { throw .damaged }
        return state
    }

    /// A reader that is past the version.
    private static func contents(of file: [UInt8]) throws(AlertStateError) -> StateReader {
        guard file.starts(with: magic) else { throw .foreign }
        var reader = StateReader(file, position: magic.count)
        guard let version = UInt32(reader.word()) else { throw .damaged }
        guard version == Self.version else { throw .version(version) }
        try reader.take(UInt8(ascii: "\""))
        return reader
    }

    // MARK: Fields

    private static func pass(_ fields: inout some StateFields, _ state: inout AlertState) throws(AlertStateError) {
        try fields.text("boot_id", &state.bootID, limit: 128)
        try fields.integer("boottime_ns", &state.time.boot)
        try fields.integer("monotonic_ns", &state.time.awake)
        try fields.integer("realtime_ns", &state.time.wall)
        try fields.bytes("interrupts", &state.interrupts)
        try fields.bytes("softirqs", &state.softirqs)
        try fields.bytes("stat", &state.stat)
        let noCounts = SoftnetCounts(cpu: 0, processed: 0, dropped: 0, squeezed: 0)
        try fields.list("softnet", &state.softnet, limit: .max, blank: noCounts, passSoftnet)
        let noThread = SoftirqThread(cpu: 0, pid: 0, cpuNanoseconds: 0)
        try fields.list("ksoftirqd", &state.threads, limit: .max, blank: noThread, passThread)
        var rows = state.memory.rows.entries
        let noRow = RowMemories.Entry(key: 0, row: RowMemory())
        try fields.list("rows", &rows, limit: AlertMemory.rowLimit, blank: noRow, passRow)
        state.memory.rows = RowMemories(rows)
        var alerts = state.memory.alerts.values.sorted { $0.key < $1.key }
        let noAlert = ActiveAlert(key: AlertKey(.storm, id: 0), subject: AlertSubject())
        try fields.list("alerts", &alerts, limit: AlertMemory.alertLimit, blank: noAlert, passAlert)
        for alert in alerts { state.memory.alerts[alert.key] = alert }
        guard state.memory.rows.count == rows.count, state.memory.alerts.count == alerts.count else { throw .damaged }
    }

    private static func passSoftnet<Fields: StateFields>(
        _ fields: inout Fields, _ counts: inout SoftnetCounts
    ) throws(AlertStateError) {
        try fields.integer("cpu", &counts.cpu)
        try fields.integer("processed", &counts.processed)
        try fields.integer("dropped", &counts.dropped)
        try fields.integer("squeezed", &counts.squeezed)
    }

    private static func passThread<Fields: StateFields>(
        _ fields: inout Fields, _ thread: inout SoftirqThread
    ) throws(AlertStateError) {
        try fields.integer("cpu", &thread.cpu)
        try fields.integer("pid", &thread.pid)
        try fields.integer("cpu_ns", &thread.cpuNanoseconds)
    }

    private static func passRow<Fields: StateFields>(
        _ fields: inout Fields, _ entry: inout RowMemories.Entry
    ) throws(AlertStateError) {
        try fields.integer("key", &entry.key)
        var (centre, spread) = (Double(entry.row.baseline.centre), Double(entry.row.baseline.spread))
        var count = entry.row.baseline.count
        try fields.fraction("centre", &centre)
        try fields.fraction("spread", &spread)
        try fields.integer("intervals", &count)
        entry.row.baseline = Baseline(centre: Float(centre), spread: Float(spread), count: count)
        try fields.integer("mask", &entry.row.maskHash)
        try fields.flag("may_be_disabled", &entry.row.mayBeDisabled)
        var judged = entry.row.spurious?.count
        try fields.known("judged", &judged)
        guard let judged else { return }
        var counts = entry.row.spurious ?? SpuriousCounts(count: 0, unhandled: 0, lastUnhandledMilliseconds: 0)
        counts.count = judged
        try fields.integer("unhandled", &counts.unhandled)
        try fields.integer("last_unhandled_ms", &counts.lastUnhandledMilliseconds)
        entry.row.spurious = counts
    }

    private static func passAlert<Fields: StateFields>(
        _ fields: inout Fields, _ alert: inout ActiveAlert
    ) throws(AlertStateError) {
        try fields.choice("verdict", &alert.key.verdict) { $0.name }
        try fields.choice("aspect", &alert.key.aspect) { $0.name }
        try fields.integer("id", &alert.key.id)
        try fields.choice("level", &alert.level) { $0.name }
        try fields.choice("announced", &alert.announced) { $0.name }
        try fields.integer("since_ns", &alert.sinceNanoseconds)
        try fields.integer("since_realtime_ns", &alert.sinceWallNanoseconds)
        try fields.known("over_warn_since_ns", &alert.overWarnNanoseconds)
        try fields.known("over_crit_since_ns", &alert.overCritNanoseconds)
        try fields.known("under_since_ns", &alert.underNanoseconds)
        try fields.fraction("peak", &alert.peak)
        try fields.text("label", &alert.subject.label, limit: AlertSubject.nameByteLimit)
        try fields.known("irq", &alert.subject.irq)
        try fields.text("action", &alert.subject.action, limit: AlertSubject.nameByteLimit)
        try fields.text("device", &alert.subject.device, limit: AlertSubject.nameByteLimit)
        try fields.known("cpu", &alert.subject.cpu)
    }
}

extension AlertKey: Comparable {
    /// Orders by verdict, then aspect, then id.
    public static func < (left: Self, right: Self) -> Bool {
        (left.verdict.rawValue, left.aspect.rawValue, left.id) < (
            right.verdict.rawValue, right.aspect.rawValue, right.id
        )
    }
}
