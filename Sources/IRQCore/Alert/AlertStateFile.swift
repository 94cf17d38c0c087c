/// Why a file is no state.
public enum AlertStateError: Error, Equatable, Sendable {
    /// It does not begin as a state does.
    case foreign
    /// It is of another version of the format.
    case version(UInt32)
    /// It is cut short or changed.
    case damaged
}

/// The bytes of a state file.
///
/// ```
/// 0   8  magic "irqalert"
/// 8   4  version (2)
/// 12  4  0
/// 16  8  how many bytes follow the checksum
/// 24  8  checksum of those, and of the 24 before
/// 32     boot id, times, four texts, threads, rows, alerts; each list with its length in front
/// ```
///
/// Numbers are little-endian. The checksum takes eight bytes at a time, each step one to one: a single change
/// anywhere always changes it.
public enum AlertStateFile {
    /// The version that is written, and the only one that is read. In version 1 alerts had times of another clock.
    public static let version: UInt32 = 2
    /// Bytes in front of the contents.
    public static let headByteCount = 32
    static let magic = Array("irqalert".utf8)

    /// Whether a file that begins so is a state of some version.
    static func check(_ file: RawSpan) throws(AlertStateError) {
        for (index, byte) in magic.enumerated() where file.byte(at: index) != byte { throw .foreign }
        guard let version = file.load(at: 8, as: UInt32.self, isSwapped: isSwapped) else { throw .damaged }
        if version != Self.version { throw .version(version) }
        guard let reserved = file.load(at: 12, as: UInt32.self, isSwapped: isSwapped), reserved == 0,
            let count = file.load(at: 16, as: UInt64.self, isSwapped: isSwapped),
            count == UInt64(max(file.byteCount - headByteCount, 0)),
            let sum = file.load(at: 24, as: UInt64.self, isSwapped: isSwapped), sum == checksum(file)
        else { throw .damaged }
    }

    /// Whether this machine is a big-endian one.
    static let isSwapped = UInt16(littleEndian: 1) != 1

    /// The checksum of a file; its own place counts as zeros.
    public static func checksum(_ file: RawSpan) -> UInt64 {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15
        var position = 0
        while let word = file.load(at: position, as: UInt64.self, isSwapped: isSwapped) {
            sum = mix(sum, position == 24 ? 0 : word)
            position &+= 8
        }
        while let byte = file.byte(at: position) {
            sum = mix(sum, UInt64(byte))
            position &+= 1
        }
        return sum
    }

    @inline(__always)
    private static func mix(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93  // odd: one to one
        return product ^ (product >> 32)
    }

    // MARK: Writing

    /// The bytes of a state.
    public static func encode(_ state: AlertState) -> [UInt8] {
        var out = StateWriter()
        // Growing bit by bit would take twice as much at its end.
        let lists = state.interrupts.count + state.softirqs.count + state.stat.count
        out.bytes.reserveCapacity(
            lists + 64 * state.memory.rows.count + 16 * (state.softnet.count + state.threads.count) + 4096)
        out.bytes += magic
        out.put(version)
        out.put(UInt32(0))
        out.put(UInt64(0))
        out.put(UInt64(0))
        out.put(text: state.bootID)
        out.put(state.time.boot)
        out.put(state.time.awake)
        out.put(state.time.wall)
        out.put(list: state.interrupts)
        out.put(list: state.softirqs)
        out.put(list: state.stat)
        out.put(UInt64(state.softnet.count))
        for counts in state.softnet {
            out.put(UInt32(bitPattern: counts.cpu))
            out.put(counts.processed)
            out.put(counts.dropped)
            out.put(counts.squeezed)
        }
        out.put(UInt64(state.threads.count))
        for thread in state.threads {
            out.put(UInt32(bitPattern: thread.cpu))
            out.put(UInt32(bitPattern: thread.pid))
            out.put(thread.cpuNanoseconds)
        }
        out.put(UInt64(state.memory.rows.count))
        for entry in state.memory.rows.entries { out.put(entry.row, key: entry.key) }
        let alerts = state.memory.alerts.values.sorted { $0.key < $1.key }
        out.put(UInt64(alerts.count))
        for alert in alerts { out.put(alert) }
        out.patch(UInt64(out.bytes.count - headByteCount), at: 16)
        // The span ends with the call: the array is not changed meanwhile.
        let sum = unsafe checksum(out.bytes.span.bytes)
        out.patch(sum, at: 24)
        return out.bytes
    }

    // MARK: Reading

    /// The state in the bytes of a file.
    public static func decode(_ file: RawSpan) throws(AlertStateError) -> AlertState {
        try check(file)
        return try decodeContents(file)
    }

    /// The state in bytes whose head was looked at: everything is checked all the same.
    public static func decodeContents(_ file: RawSpan) throws(AlertStateError) -> AlertState {
        var state = AlertState()
        var input = StateReader(position: headByteCount)
        state.bootID = try input.text(file, limit: 128)
        state.time.boot = try input.number(file)
        state.time.awake = try input.number(file)
        state.time.wall = try input.number(file)
        state.interrupts = try input.list(file)
        state.softirqs = try input.list(file)
        state.stat = try input.list(file)
        for _ in 0..<(try input.count(file, itemByteCount: 16)) {
            state.softnet.append(
                SoftnetCounts(
                    cpu: try input.int32(file), processed: try input.number(file), dropped: try input.number(file),
                    squeezed: try input.number(file)))
        }
        for _ in 0..<(try input.count(file, itemByteCount: 16)) {
            state.threads.append(
                SoftirqThreadMemory(
                    cpu: try input.int32(file), pid: try input.int32(file), cpuNanoseconds: try input.number(file)))
        }
        let rows = try input.count(file, itemByteCount: 27)
        guard rows <= AlertMemory.rowLimit else { throw .damaged }
        var entries: [RowMemories.Entry] = []
        entries.reserveCapacity(rows)
        for _ in 0..<rows {
            let key: UInt64 = try input.number(file)
            entries.append(RowMemories.Entry(key: key, row: try input.row(file)))
        }
        state.memory.rows = RowMemories(entries)
        guard state.memory.rows.count == rows else { throw .damaged }
        let alerts = try input.count(file, itemByteCount: 60)
        guard alerts <= AlertMemory.alertLimit else { throw .damaged }
        for _ in 0..<alerts {
            let alert = try input.alert(file)
            guard state.memory.alerts.updateValue(alert, forKey: alert.key) == nil else { throw .damaged }
        }
        guard input.position == file.byteCount else { throw .damaged }
        return state
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
