/// The bytes of the file in which `sample` keeps its sums: JSON in ASCII, which jq reads, and a checksum.
///
///     {"schema":"irqscope.sample_state.v1","boot_id":"f9f86c10-…",
///     "samples":60,"sampled_ns":60000000000,"lost_events":0,
///     "handlers":[{"action":"eth0-TxRx-*","kind":"network","driver":"ixgbe","calls":12,"unhandled":0,"total_ns":40000,
///         "buckets":"0 0 3 9 0 0 0 0 0 0 0 0 0"},…],
///     "softirqs":[{"vector":3,…}]
///     ,"checksum":"9e3779b97f4a7c15"}
///
/// Members and their order are as in `AlertStateFile`.
public enum SampleStateFile {
    /// The version that is written, and the only one that is read.
    public static let version: UInt32 = 1
    /// The bytes with which all versions begin.
    public static let magic = Array("{\"schema\":\"irqscope.sample_state.v".utf8)

    private static let nameByteLimit = 4096
    private static let softirqLimit = 64

    /// Writes sums piece by piece.
    public static func write(_ sums: HandlerSums, to take: @escaping ([UInt8]) -> Void) {
        var (writer, sums) = (StateWriter(take), sums)
        writer.put(magic)
        writer.put(Array("\(version)\"".utf8))
        // A writer throws nothing.
        try? pass(&writer, &sums)
        writer.end()
    }

    /// The sums in the bytes of a file.
    public static func decode(_ file: [UInt8]) throws(AlertStateError) -> HandlerSums {
        guard file.starts(with: magic) else { throw .foreign }
        var reader = StateReader(file, position: magic.count)
        guard let version = UInt32(reader.word()) else { throw .damaged }
        guard version == Self.version else { throw .version(version) }
        try reader.take(UInt8(ascii: "\""))
        let contents = file.count - StateWriter.endByteCount
        guard contents > magic.count else { throw .damaged }
        var hash = StableHash()
        for index in 0..<contents { hash.add(UInt64(file[index])) }
        guard file[contents...].elementsEqual(StateWriter.ending(hash)) else { throw .damaged }
        var sums = HandlerSums()
        try pass(&reader, &sums)
        try reader.skipMembers()
        guard reader.position == contents else { throw .damaged }
        return sums
    }

    // MARK: Fields

    private static func pass(_ fields: inout some StateFields, _ sums: inout HandlerSums) throws(AlertStateError) {
        try fields.text("boot_id", &sums.bootID, limit: 128)
        try fields.integer("samples", &sums.sampleCount)
        try fields.integer("sampled_ns", &sums.sampledNanoseconds)
        try fields.integer("lost_events", &sums.lostEvents)
        let blank = HandlerSums.Handlers(HandlerGroup(action: "", kind: "", driver: ""))
        try fields.list("handlers", &sums.handlers, limit: HandlerSums.mostLimit, blank: blank, passHandlers)
        guard Set(sums.handlers.map(\.group)).count == sums.handlers.count else { throw .damaged }
        try fields.list(
            "softirqs", &sums.softirqs, limit: softirqLimit, blank: HandlerSums.Softirq(vector: 0), passSoftirq)
    }

    private static func passHandlers<Fields: StateFields>(
        _ fields: inout Fields, _ handlers: inout HandlerSums.Handlers
    ) throws(AlertStateError) {
        try name("action", &handlers.group.action, &fields)
        try name("kind", &handlers.group.kind, &fields)
        try name("driver", &handlers.group.driver, &fields)
        try fields.integer("calls", &handlers.calls)
        try fields.integer("unhandled", &handlers.unhandled)
        try durations("total_ns", "buckets", &handlers.durations, &fields)
    }

    private static func passSoftirq<Fields: StateFields>(
        _ fields: inout Fields, _ softirq: inout HandlerSums.Softirq
    ) throws(AlertStateError) {
        try fields.integer("vector", &softirq.vector)
        try fields.integer("calls", &softirq.calls)
        try durations("total_ns", "buckets", &softirq.durations, &fields)
        try durations("raise_total_ns", "raise_buckets", &softirq.raiseLatencies, &fields)
    }

    /// A name, whole: one that were cut would be another's.
    private static func name(
        _ key: StaticString, _ value: inout String, _ fields: inout some StateFields
    ) throws(AlertStateError) {
        var bytes = Array(value.utf8)
        try fields.bytes(key, &bytes)
        guard bytes.count <= nameByteLimit else { throw .damaged }
        value = String(decoding: bytes, as: UTF8.self)
    }

    private static func durations(
        _ total: StaticString, _ buckets: StaticString, _ value: inout DurationBuckets,
        _ fields: inout some StateFields
    ) throws(AlertStateError) {
        var nanoseconds = value.totalNanoseconds
        try fields.integer(total, &nanoseconds)
        var text = Array(value.counts.map { "\($0)" }.joined(separator: " ").utf8)
        try fields.bytes(buckets, &text)
        let words = text.split(separator: ASCII.blank, omittingEmptySubsequences: false)
        let counts = words.compactMap { UInt64(String(decoding: $0, as: UTF8.self)) }
        guard counts.count == words.count,
            let read = DurationBuckets(counts: counts, totalNanoseconds: nanoseconds)
        else { throw .damaged }
        value = read
    }
}
