internal import IRQCore
internal import KernelSource

/// The last seconds of a flight recorder that looks at each event: read from the kernel at once and kept here.
///
/// A recorder that left its events in the kernel would need a second instance to look at, and that stamps each call
/// anew: a pause between the two stamps is in one of them and not in the other.
struct FlightRing: ~Copyable {
    private let rings: FixedSlots<PageRing>
    private let cpus: [Int]
    private let placeOfCPU: [Int: Int]
    private let formats: EventFormats
    private let decoder: PageDecoder
    private let flightNanoseconds: UInt64
    /// The longest handler of all that was read.
    private var longest: LongestHandler

    init(_ instance: borrowing TraceInstance, _ plan: RecordPlan) throws(TraceError) {
        let table = try instance.eventFormats(of: [.irq])
        let (size, cpus) = (instance.subBufferByteCount, instance.cpus)
        let byteCount = plan.flightKilobytesPerCPU << 10
        rings = FixedSlots(count: cpus.count) { _ in PageRing(byteCount: byteCount, subBufferByteCount: size) }
        self.cpus = cpus
        placeOfCPU = Dictionary(uniqueKeysWithValues: cpus.enumerated().map { ($0.element, $0.offset) })
        formats = table
        decoder = PageDecoder(layout: instance.layout)
        flightNanoseconds = plan.flightNanoseconds ?? 0
        longest = LongestHandler(irqs: plan.trace.irqs)
    }

    /// Reads what the kernel has, as long as there is time.
    ///
    /// - Returns: whether all has been read.
    @discardableResult
    mutating func drain(
        _ instance: inout TraceInstance, _ room: inout PageBuffer, until deadline: UInt64
    ) throws(TraceError) -> Bool {
        let now = KernelClock.monotonic()
        let cutoff = now - min(flightNanoseconds, now)
        let decoder = decoder
        return try instance.drain(into: &room, until: deadline) { room, cpu in
            guard let place = placeOfCPU[cpu] else { return true }
            for index in 0..<room.count {
                let page = room.page(index)
                longest.feed(page: page, cpu: cpu, decoder: decoder, formats: formats)
                let used = page.extracting(0..<decoder.usedByteCount(page))
                rings.with(place) { $0.append(used) }
            }
            rings.with(place) { $0.removeOlder(than: cutoff) }
            return true
        }
    }

    /// The longest handler, if it took longer than `limit` nanoseconds.
    func tooSlow(_ limit: UInt64) -> SlowestSpan? { longest.nanoseconds > limit ? longest.span() : nil }

    /// The CPUs of which sub-buffers had to go that were young enough.
    var cpusThatDropped: Set<Int> {
        Set(cpus.indices.filter { place in rings.with(place) { $0.hasDropped } }.map { cpus[$0] })
    }

    /// Hands all that is kept to `take`, a CPU after the other; false ends it.
    ///
    /// - Returns: events that were not handed over by `deadline`, by CPU.
    mutating func empty(
        into room: inout PageBuffer, until deadline: UInt64, _ take: (inout PageBuffer, Int) -> Bool
    ) -> [(cpu: Int, count: UInt64)] {
        var left: [(cpu: Int, count: UInt64)] = []
        var isOver = false
        for place in cpus.indices {
            var count: UInt64 = 0
            while true {
                room.removeAll()
                while room.count < room.capacity, rings.with(place, { $0.moveFirst(to: &room) }) {}
                if room.count == 0 { break }
                if isOver {
                    for index in 0..<room.count { count += UInt64(decoder.eventCount(room.page(index))) }
                } else {
                    isOver = !take(&room, cpus[place]) || KernelClock.monotonic() >= deadline
                }
            }
            if count > 0 { left.append((cpus[place], count)) }
        }
        return left
    }
}
