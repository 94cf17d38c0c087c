public import IRQCore

/// A trace that goes on while somebody watches: drains the instance's buffers into the durations of a `Box`.
public struct LiveTrace: ~Copyable {
    private var instance: TraceInstance
    private var room: PageBuffer
    private let formats: EventFormats
    private let decoder: PageDecoder
    private var lastNanoseconds: UInt64

    /// Makes an instance and starts to trace into `state`.
    ///
    /// Instances that a killed process left behind are removed first.
    public init(plan: TracePlan, tracingRoot: String?, into state: Box) throws(TraceError) {
        _ = TraceOrphans.remove(tracingRoot: tracingRoot)
        let made = try TraceInstance(plan: plan, tracingRoot: tracingRoot)
        let table = try made.eventFormats()
        let vectorNames = table.vectorNames
        room = PageBuffer(subBufferByteCount: made.subBufferByteCount)
        decoder = PageDecoder(layout: made.layout)
        formats = table
        lastNanoseconds = KernelClock.monotonic()
        let (missing, isDeep) = (made.missingEvents, plan.isDeep)
        instance = made
        state.changeTracing {
            $0.start(vectorNames: vectorNames, missingEvents: missing, isDeep: isDeep, wall: KernelClock.wall())
        }
    }

    /// The descriptors that become readable when a buffer is half full.
    public var descriptors: [Int32] { instance.descriptors }

    /// Reads what is there, for a tenth of a second at the most: what is left comes next time, or the kernel counts it as
    /// lost. Allocates nothing once every interrupt has been seen.
    ///
    /// - Throws: `TraceError` if the buffers cannot be read any more.
    public mutating func drain(into state: Box) throws(TraceError) {
        let start = KernelClock.monotonic()
        let deadline = start &+ TraceInstance.turnNanoseconds
        let decoder = decoder
        let isWhole = try instance.drain(into: &room, until: deadline) { room, cpu in
            for index in 0..<room.count {
                state.changeTracing {
                    $0.feed(page: room.page(index), cpu: cpu, decoder: decoder, formats: formats)
                }
            }
            return true
        }
        guard instance.plan.isDeep else { return }
        // All that was written before it began has been read then; an event takes a moment from its time stamp to its place.
        let time = start &- min(start, Self.writingNanoseconds)
        let behind = isWhole ? [] : instance.behindCPUs
        state.changeTracing { $0.follow(before: time, behind: behind) }
    }

    /// So long an event may take from its time stamp until it can be read; some microseconds are usual.
    private static let writingNanoseconds: UInt64 = 1_000_000

    /// Reads what is there and ends the interval.
    public mutating func endInterval(into state: Box) throws(TraceError) {
        try drain(into: state)
        let now = KernelClock.monotonic()
        let passed = now &- lastNanoseconds
        lastNanoseconds = now
        // The trace clock is CLOCK_MONOTONIC.
        let wall = KernelClock.wall()
        state.changeTracing {
            $0.endInterval(nanoseconds: passed, wallOffset: wall &- now, wall: wall)
            $0.nameTasks { TaskName.find($0) }
        }
    }
}
