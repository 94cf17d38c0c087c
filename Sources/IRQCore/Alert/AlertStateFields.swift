/// Puts fields of a state file one behind the other.
struct StateWriter {
    var bytes: [UInt8] = []

    mutating func put<T: FixedWidthInteger>(_ value: T) {
        var rest = value
        for _ in 0..<(T.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func patch(_ value: UInt64, at position: Int) {
        for index in 0..<8 { bytes[position + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
    }

    mutating func put(list: [UInt8]) {
        put(UInt64(list.count))
        bytes += list
    }

    mutating func put(text: String) {
        let text = AlertSubject.cut(text)
        put(UInt16(text.utf8.count))
        bytes += Array(text.utf8)
    }

    /// A time that may be unknown: a byte that tells, and the time.
    mutating func put(_ time: UInt64?) {
        put(UInt8(time == nil ? 0 : 1))
        put(time ?? 0)
    }

    mutating func put(_ row: RowMemory, key: UInt64) {
        put(key)
        put(row.baseline.centre.bitPattern)
        put(row.baseline.spread.bitPattern)
        put(row.baseline.count)
        put(row.maskHash)
        put(UInt8((row.spurious == nil ? 0 : 1) | (row.mayBeDisabled ? 2 : 0)))
        guard let spurious = row.spurious else { return }
        put(spurious.count)
        put(spurious.unhandled)
        put(spurious.lastUnhandledMilliseconds)
    }

    mutating func put(_ alert: ActiveAlert) {
        put(alert.key.verdict.rawValue)
        put(alert.key.aspect.rawValue)
        put(alert.key.id)
        put(alert.level.rawValue)
        put(alert.announced.rawValue)
        put(alert.sinceNanoseconds)
        put(alert.sinceWallNanoseconds)
        put(alert.overWarnNanoseconds)
        put(alert.overCritNanoseconds)
        put(alert.underNanoseconds)
        put(alert.peak.bitPattern)
        put(text: alert.subject.label)
        put(Int64(alert.subject.irq ?? -1))
        put(text: alert.subject.action)
        put(text: alert.subject.device)
        put(Int32(alert.subject.cpu ?? -1))
    }
}

/// Takes fields of a state file one after the other; all that does not fit is `damaged`.
struct StateReader {
    private(set) var position: Int

    init(position: Int) { self.position = position }

    mutating func number<T: FixedWidthInteger & BitwiseCopyable>(_ file: RawSpan) throws(AlertStateError) -> T {
        guard let value = file.load(at: position, as: T.self, isSwapped: AlertStateFile.isSwapped) else {
            throw .damaged
        }
        position += MemoryLayout<T>.size
        return value
    }

    mutating func int32(_ file: RawSpan) throws(AlertStateError) -> Int32 {
        let bits: UInt32 = try number(file)
        return Int32(bitPattern: bits)
    }

    /// How many items follow, each of at least so many bytes.
    mutating func count(_ file: RawSpan, itemByteCount: Int) throws(AlertStateError) -> Int {
        let count: UInt64 = try number(file)
        guard count <= UInt64(file.byteCount - position) / UInt64(itemByteCount) else { throw .damaged }
        return Int(count)
    }

    mutating func list(_ file: RawSpan) throws(AlertStateError) -> [UInt8] {
        let count = try count(file, itemByteCount: 1)
        let bytes = file.extracting(position..<position + count)
        position += count
        return unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    mutating func text(_ file: RawSpan, limit: Int) throws(AlertStateError) -> String {
        let count: UInt16 = try number(file)
        guard Int(count) <= limit, file.holds(Int(count), at: position) else { throw .damaged }
        let bytes = file.extracting(position..<position + Int(count))
        position += Int(count)
        return unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    mutating func time(_ file: RawSpan) throws(AlertStateError) -> UInt64? {
        let isKnown: UInt8 = try number(file)
        let time: UInt64 = try number(file)
        guard isKnown <= 1 else { throw .damaged }
        return isKnown == 1 ? time : nil
    }

    mutating func row(_ file: RawSpan) throws(AlertStateError) -> RowMemory {
        var row = RowMemory()
        let centre: UInt32 = try number(file)
        let spread: UInt32 = try number(file)
        row.baseline = Baseline(
            centre: Float(bitPattern: centre), spread: Float(bitPattern: spread), count: try number(file))
        row.maskHash = try number(file)
        let flags: UInt8 = try number(file)
        guard flags < 4 else { throw .damaged }
        row.mayBeDisabled = flags & 2 != 0
        if flags & 1 != 0 {
            row.spurious = SpuriousCounts(
                count: try number(file), unhandled: try number(file), lastUnhandledMilliseconds: try number(file))
        }
        return row
    }

    mutating func alert(_ file: RawSpan) throws(AlertStateError) -> ActiveAlert {
        guard let verdict = Verdict(rawValue: try number(file)), let aspect = AlertAspect(rawValue: try number(file))
        else { throw .damaged }
        let id: UInt64 = try number(file)
        var alert = ActiveAlert(key: AlertKey(verdict, aspect, id: id), subject: AlertSubject())
        guard let level = AlertLevel(rawValue: try number(file)), let announced = AlertLevel(rawValue: try number(file))
        else { throw .damaged }
        (alert.level, alert.announced) = (level, announced)
        alert.sinceNanoseconds = try number(file)
        alert.sinceWallNanoseconds = try number(file)
        alert.overWarnNanoseconds = try time(file)
        alert.overCritNanoseconds = try time(file)
        alert.underNanoseconds = try time(file)
        let peak: UInt64 = try number(file)
        alert.peak = Double(bitPattern: peak)
        guard alert.peak.isFinite else { throw .damaged }
        alert.subject.label = try text(file, limit: AlertSubject.nameByteLimit)
        let irq: UInt64 = try number(file)
        alert.subject.irq = Int64(bitPattern: irq) < 0 ? nil : Int(Int64(bitPattern: irq))
        alert.subject.action = try text(file, limit: AlertSubject.nameByteLimit)
        alert.subject.device = try text(file, limit: AlertSubject.nameByteLimit)
        let cpu = try int32(file)
        alert.subject.cpu = cpu < 0 ? nil : Int(cpu)
        return alert
    }
}
