internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceOutput

/// Keeps of a flight recorder's ring what is young enough.
struct FlightCut {
    private let cutoff: UInt64

    /// - Parameter cutoff: what is older is not kept, in nanoseconds of the trace clock.
    init(since cutoff: UInt64) { self.cutoff = cutoff }

    /// Reads the ring into the writer, as long as there is time, and says if a CPU's buffer did not reach back so far.
    ///
    /// - Returns: whether all has been read.
    func drain(
        _ instance: inout TraceInstance, _ room: inout PageBuffer, _ writer: inout RecordingWriter,
        until deadline: UInt64
    ) throws -> Bool {
        let formats = try instance.eventFormats()
        let layout = instance.layout
        let decoder = PageDecoder(layout: layout)
        // CPUs whose oldest page has not come yet: those that have lost older ones.
        var wrapped: Set<Int> = []
        for cpu in instance.cpus where instance.statistics(cpu: cpu)?.overrun ?? 0 > 0 { wrapped.insert(cpu) }
        var shortest: (cpu: Int, since: UInt64)?
        var problem: RecordingWriteError?
        let isWhole = try instance.drain(into: &room, until: deadline) { room, cpu in
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
            }
            return problem == nil
        }
        if let problem { throw problem }
        if let shortest {
            let held = Units().duration(KernelClock.monotonic() &- min(shortest.since, KernelClock.monotonic()))
            Diagnostics.say("the buffer of CPU \(shortest.cpu) held \(held) only: choose a larger --buffer-size")
        }
        return isWhole
    }
}
