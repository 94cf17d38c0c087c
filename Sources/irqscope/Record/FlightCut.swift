internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceOutput

/// Keeps of a flight recorder's pages what is young enough, and writes it.
struct FlightCut: ~Copyable {
    /// The events that are older are not kept, in nanoseconds of the trace clock.
    var cutoff: UInt64 = 0
    private let layout: PageLayout
    private let decoder: PageDecoder
    private let formats: EventFormats
    private let handlerFormats: EventFormats
    /// CPUs whose oldest page has not come yet: those that have lost older ones.
    private var wrapped: Set<Int> = []
    private var shortest: (cpu: Int, since: UInt64)?
    private var problem: RecordingWriteError?
    private var longest: LongestHandler

    init(_ instance: borrowing TraceInstance, _ plan: RecordPlan) throws(TraceError) {
        let all = try instance.eventFormats()
        let handlers = try instance.eventFormats(of: [.irq])
        formats = all
        handlerFormats = handlers
        layout = instance.layout
        decoder = PageDecoder(layout: instance.layout)
        longest = LongestHandler(irqs: plan.trace.irqs)
    }

    /// Reads the kernel's ring into the writer, as long as there is time.
    ///
    /// - Returns: whether all has been read.
    mutating func write(
        _ instance: inout TraceInstance, _ room: inout PageBuffer, to writer: inout RecordingWriter,
        until deadline: UInt64
    ) throws -> Bool {
        for cpu in instance.cpus where instance.statistics(cpu: cpu)?.overrun ?? 0 > 0 { wrapped.insert(cpu) }
        let isWhole = try instance.drain(into: &room, until: deadline) { room, cpu in
            write(&room, cpu: cpu, to: &writer)
        }
        if let problem { throw problem }
        sayShortest()
        return isWhole
    }

    /// The same with what has been read before.
    ///
    /// - Returns: events that were not written by `deadline`, by CPU.
    mutating func write(
        _ ring: inout FlightRing, _ room: inout PageBuffer, to writer: inout RecordingWriter, until deadline: UInt64
    ) throws -> [(cpu: Int, count: UInt64)] {
        wrapped = ring.cpusThatDropped
        let left = ring.empty(into: &room, until: deadline) { room, cpu in write(&room, cpu: cpu, to: &writer) }
        if let problem { throw problem }
        sayShortest()
        return left
    }

    /// The longest handler that was written.
    var longestWritten: SlowestSpan? { longest.span() }

    private mutating func write(_ room: inout PageBuffer, cpu: Int, to writer: inout RecordingWriter) -> Bool {
        for index in 0..<room.count {
            let begin = room.page(index).load(at: 0, as: UInt64.self, isSwapped: false) ?? 0
            if wrapped.remove(cpu) != nil, begin > cutoff, begin > shortest?.since ?? 0 { shortest = (cpu, begin) }
            if begin < cutoff, let cut = decoder.cut(room.page(index), before: cutoff, formats: formats) {
                if cut.isEmpty { continue }
                room.cut(index, cut, layout: layout)
            }
            do throws(RecordingWriteError) {
                try writer.append(pages: room.page(index), cpu: cpu)
            } catch {
                problem = error
            }
            longest.feed(page: room.page(index), cpu: cpu, decoder: decoder, formats: handlerFormats)
        }
        return problem == nil
    }

    /// Says if a CPU's buffer did not reach back so far.
    private func sayShortest() {
        guard let shortest else { return }
        let held = Units().duration(KernelClock.monotonic() &- min(shortest.since, KernelClock.monotonic()))
        Diagnostics.say("the buffer of CPU \(shortest.cpu) held \(held) only: choose a larger --buffer-size")
    }
}
