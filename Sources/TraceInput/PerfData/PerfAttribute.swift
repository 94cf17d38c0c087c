import IRQCore

// struct perf_event_attr (include/uapi/linux/perf_event.h) has grown with the years: 64 bytes in 2009, 144 in perf 7.3. What
// is read stands in its first 96; what follows is passed over, whatever its size.
//
//     type u32 | size u32 | config u64 | sample_period u64 | sample_type u64 | read_format u64 | flags u64 | … | clockid s32 at 92

/// An event as perf was asked to record it.
struct PerfAttribute {
    let type: UInt32
    let config: UInt64
    /// Each so many events one sample; with `isFrequency` so many samples a second.
    let samplePeriod: UInt64
    let sampleType: UInt64
    let readFormat: UInt64
    /// The flags, the first of them in the lowest bit, whatever the writer's byte order.
    private let flags: UInt64
    private let givenClock: Int32
    /// The ids of its samples: one for each CPU, or for each task.
    var ids: [UInt64] = []
    /// Its name, such as "irq:irq_handler_entry" or "cycles"; nil if the file does not tell. Untrusted text.
    var name: String?

    /// PERF_TYPE_TRACEPOINT: `config` is the number that the kernel gave the event.
    static let tracepointType: UInt32 = 2
    /// The size of the first version: PERF_ATTR_SIZE_VER0.
    static let leastByteCount = 64

    /// Reads the attribute in `bytes`, which may be shorter or longer than the one that this program knows.
    init?(_ bytes: RawSpan, byteOrder: ByteOrder) {
        let isSwapped = byteOrder.isSwapped
        func word(_ offset: Int) -> UInt64 { bytes.load(at: offset, as: UInt64.self, isSwapped: isSwapped) ?? 0 }
        guard bytes.byteCount >= Self.leastByteCount else { return nil }
        type = bytes.load(at: 0, as: UInt32.self, isSwapped: isSwapped) ?? 0
        (config, samplePeriod, sampleType, readFormat) = (word(8), word(16), word(24), word(32))
        // Big-endian compilers number the bits of a bit field from the top.
        flags = byteOrder == .big ? Self.reversed(word(40)) : word(40)
        givenClock = bytes.load(at: 92, as: Int32.self, isSwapped: isSwapped) ?? -1
    }

    private static func reversed(_ value: UInt64) -> UInt64 {
        (0..<64).reduce(0) { $0 << 1 | (value >> UInt64($1)) & 1 }
    }

    private func has(_ bit: UInt64) -> Bool { flags >> bit & 1 != 0 }

    var isTracepoint: Bool { type == Self.tracepointType }
    /// True if `samplePeriod` is a rate.
    var isFrequency: Bool { has(10) }
    /// True if some of the events only became samples.
    var isSampled: Bool { isFrequency || samplePeriod > 1 }
    /// True if it was only counted, as a member of a group that is sampled by its leader (`{a,b}:S`).
    var isCountedOnly: Bool { samplePeriod == 0 && readFormat & 8 != 0 && sampleType & SampleField.read != 0 }
    /// True if idle tasks were left out.
    var excludesIdle: Bool { has(7) }
    /// True if it began with a command, in whose tasks alone it was recorded (`perf record` without -a).
    var isOfCommand: Bool { has(12) }
    /// True if records other than samples end with their time and CPU.
    var hasTail: Bool { has(18) }
    /// True if the buffer was written from its end (`--overwrite`).
    var isWrittenBackward: Bool { has(27) }
    /// The clock of the times, by the name that ftrace has for it.
    var clock: String {
        guard has(25) else { return "perf" }
        switch givenClock {
        case 0: return "realtime"
        case 1: return "mono"
        case 4: return "mono_raw"
        case 7: return "boot"
        case 11: return "tai"
        default: return "clock \(givenClock)"
        }
    }
    /// The words for it where nothing tells its name.
    var shownName: String { name ?? "perf event type \(type) config \(config)" }
}
