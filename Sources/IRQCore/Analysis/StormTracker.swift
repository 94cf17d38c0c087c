/// The rate at which the entries of one action on one CPU count as a storm.
public struct StormCriteria: Sendable, Equatable {
    /// The rate, per second, at which a storm begins.
    public let ratePerSecond: UInt64
    /// The time that the rate must last, in nanoseconds.
    public let durationNanoseconds: UInt64
    /// Rates are counted over windows of this many nanoseconds.
    public static let windowNanoseconds: UInt64 = 10_000_000

    /// The rate, per second, from which on many interrupts are a storm, unless somebody says otherwise.
    public static let usualRatePerSecond: UInt64 = 20_000

    /// Creates criteria; by default for 100 ms.
    public init(ratePerSecond: UInt64 = Self.usualRatePerSecond, durationNanoseconds: UInt64 = 100_000_000) {
        self.ratePerSecond = ratePerSecond
        self.durationNanoseconds = durationNanoseconds
    }

    /// The entries in one window at which a storm begins.
    var enterCount: UInt64 { max(1, ratePerSecond / (1_000_000_000 / Self.windowNanoseconds)) }
    /// The entries in one window below which a storm ends: half, so that it does not flap.
    var leaveCount: UInt64 { max(1, enterCount / 2) }
}

/// One storm found, by tally.
struct StormRecord: BitwiseCopyable {
    let tally: Int32
    let start: UInt64
    let end: UInt64
    let count: UInt64
    let peakPerWindow: UInt64
    /// The time of the spans that began in it, without what was nested inside.
    let selfTime: UInt64
}

/// Room for the storms that a shard finds.
struct StormLog: ~Copyable {
    /// More storms than this are only counted.
    static let limit = 4096
    let criteria: StormCriteria
    let enterCount: UInt64
    let leaveCount: UInt64
    private(set) var records = GrowableBuffer<StormRecord>(capacity: limit)
    private(set) var dropped = 0

    init(_ criteria: StormCriteria) {
        self.criteria = criteria
        enterCount = criteria.enterCount
        leaveCount = criteria.leaveCount
    }

    /// Forgets all.
    mutating func removeAll() {
        records.removeAll()
        dropped = 0
    }

    mutating func append(_ record: StormRecord) {
        if records.count < Self.limit { records.append(record) } else { dropped &+= 1 }
    }
}

/// Counts the entries of one row on one CPU in windows of 10 ms, and remembers a stretch of full ones.
struct StormTracker: BitwiseCopyable {
    private var windowStart: UInt64 = 0
    private var windowCount: UInt64 = 0
    private var stormStart: UInt64 = 0
    private var stormCount: UInt64 = 0
    private var peak: UInt64 = 0
    private var isStorming = false
    // The row's self time when the window and the storm began. It may be set back meanwhile: differences wrap.
    private var windowTime: UInt64 = 0
    private var stormTime: UInt64 = 0

    /// Counts one entry at `time`; `selfTime` is that of the row's spans up to now.
    @inline(always)
    mutating func count(at time: UInt64, selfTime: UInt64, tally: Int32, log: inout StormLog) {
        if time &- windowStart >= StormCriteria.windowNanoseconds {
            turnWindow(to: time, selfTime: selfTime, tally: tally, log: &log)
        }
        windowCount &+= 1
    }

    /// Lets the row's self time begin anew at 0.
    mutating func setBack(selfTime: UInt64) {
        windowTime &-= selfTime
        stormTime &-= selfTime
    }

    /// Judges the window that has ended and starts the one that `time` lies in.
    @inline(never)
    private mutating func turnWindow(to time: UInt64, selfTime: UInt64, tally: Int32, log: inout StormLog) {
        judge(tally: tally, log: &log)
        let length = StormCriteria.windowNanoseconds
        let next = windowStart &+ length
        // A window without entries lies between: whatever was going on is over.
        if time < next || time &- next >= length {
            end(at: next, selfTime: selfTime, tally: tally, log: &log)
            windowStart = time
        } else {
            windowStart = next
        }
        windowCount = 0
        windowTime = selfTime
    }

    private mutating func judge(tally: Int32, log: inout StormLog) {
        if isStorming, windowCount < log.leaveCount {
            end(at: windowStart, selfTime: windowTime, tally: tally, log: &log)
        } else if !isStorming, windowCount >= log.enterCount {
            isStorming = true
            stormStart = windowStart
            stormTime = windowTime
            stormCount = 0
            peak = 0
        }
        if isStorming {
            stormCount &+= windowCount
            if windowCount > peak { peak = windowCount }
        }
    }

    private mutating func end(at time: UInt64, selfTime: UInt64, tally: Int32, log: inout StormLog) {
        guard isStorming else { return }
        isStorming = false
        if time &- stormStart >= log.criteria.durationNanoseconds {
            log.append(
                StormRecord(
                    tally: tally, start: stormStart, end: time, count: stormCount, peakPerWindow: peak,
                    selfTime: selfTime &- stormTime))
        }
    }

    /// Judges the last window, at the end of the recording.
    mutating func finish(selfTime: UInt64, tally: Int32, log: inout StormLog) {
        judge(tally: tally, log: &log)
        end(at: windowStart &+ StormCriteria.windowNanoseconds, selfTime: selfTime, tally: tally, log: &log)
        windowCount = 0
    }
}
