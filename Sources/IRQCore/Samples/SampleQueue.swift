/// Samples that are kept to be put into the order of time: where they are not in it on each CPU.
///
/// perf writes the buffers that it keeps overwriting (`--overwrite`) from the newest event back to the oldest, and with a
/// buffer for each thread (`--per-thread`) the events of a CPU come from several buffers. What waits is bounded: beyond
/// the limit the oldest events go on, and those that come later still are left out and counted.
public final class SampleQueue {
    private struct Item {
        var time: UInt64
        let cpu: Int
        let content: Content
    }

    private enum Content {
        /// A record's place in `bytes`.
        case record(Range<Int>)
        /// Events are missing after the sample before, as was told at a time.
        case gap(MissedEvents, after: UInt64, toldAt: UInt64)
    }

    private var items: [Item] = []
    private var bytes: [UInt8] = []
    private let itemLimit: Int
    private let byteLimit: Int

    /// Creates a queue for so many samples; some 100 bytes of memory belong to each.
    public init(limit: Int = 1 << 17) {
        itemLimit = limit
        byteLimit = limit * 64
    }

    /// True if there is no room for a further record of any size.
    public var isFull: Bool { items.count >= itemLimit || bytes.count + (1 << 16) > byteLimit }

    /// Keeps the samples from `offset` on, until something else comes, they end or there is no room. Those that are only
    /// counted go on to `shard`.
    public func take(
        _ samples: RawSpan, from offset: inout Int, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts, shard: inout ShardAnalysis
    ) -> SampleStop {
        let isSwapped = table.byteOrder.isSwapped
        while let header = SampleHeader.read(samples, at: offset, isSwapped: isSwapped),
            header.type == SampleHeader.sample
        {
            let (start, end) = (offset, offset &+ header.byteCount)
            guard header.byteCount >= 8, end <= samples.byteCount else { return .otherRecord }
            if isFull { return .full }
            offset = end
            if header.isGuest {
                counts.guests &+= 1
            } else if let layout = table.layout(samples, at: start, isSwapped: isSwapped) {
                if layout.isRecord {
                    if let time = keep(samples, at: start, end: end, layout, isSwapped) {
                        counts.lastTime = time
                        latestTime = max(latestTime, time)
                    } else {
                        counts.malformed &+= 1
                    }
                } else {
                    shard.countOther(Int(layout.otherPlace), table: table, formats: formats)
                }
            } else {
                counts.unknown &+= 1
            }
        }
        return .otherRecord
    }

    /// Keeps a sample and returns its time; nil if its fields do not fit into it.
    private func keep(
        _ samples: RawSpan, at start: Int, end: Int, _ layout: SampleLayout, _ isSwapped: Bool
    ) -> UInt64? {
        guard let raw = layout.rawOffset(samples, at: start, end: end, isSwapped: isSwapped), raw + 4 <= end,
            let byteCount = samples.load(at: raw, as: UInt32.self, isSwapped: isSwapped), byteCount >= 4,
            Int(byteCount) <= end - raw - 4,
            let time = samples.load(at: start + Int(layout.timeOffset), as: UInt64.self, isSwapped: isSwapped),
            let cpu = samples.load(at: start + Int(layout.cpuOffset), as: UInt32.self, isSwapped: isSwapped),
            cpu < ProcTextLimits.kernelCPUCount
        else { return nil }
        moveGaps(before: time, cpu: Int(cpu))
        let place = bytes.count
        unsafe samples.extracting(raw + 4..<raw + 4 + Int(byteCount)).withUnsafeBytes { unsafe bytes += $0 }
        items.append(Item(time: time, cpu: Int(cpu), content: .record(place..<bytes.count)))
        return time
    }

    /// Keeps the fact that events of a CPU are missing between the sample before and the one that follows.
    ///
    /// - Parameter time: when that was told. The sample that follows has an earlier time, for the kernel reads that of a sample
    ///   first and then writes, in one piece, that events are missing and the sample (`__perf_output_begin` in
    ///   kernel/events/ring_buffer.c): by this time alone the gap would come behind what it is ahead of.
    public func add(gap missed: MissedEvents, at time: UInt64, cpu: Int) {
        var before: UInt64?
        if let last = items.last, last.cpu == cpu, last.time <= time { before = last.time }
        items.append(Item(time: before ?? time, cpu: cpu, content: .gap(missed, after: before ?? 0, toldAt: time)))
    }

    /// Moves the gaps that came last up to the sample that follows them, if it is of their CPU.
    private func moveGaps(before time: UInt64, cpu: Int) {
        var place = items.count - 1
        while place >= 0, items[place].cpu == cpu, case .gap(_, let after, let told) = items[place].content {
            if time <= told { items[place].time = max(after, time) }
            place -= 1
        }
    }

    /// The latest time of what has come.
    public private(set) var latestTime: UInt64 = 0

    /// Makes room: first of what belongs to other CPUs than the one that came last, whose turn is over where each is
    /// written in one piece, and if that is little, of the older half of all.
    public func makeRoom(
        in shard: inout ShardAnalysis, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts
    ) {
        guard let last = items.last else { return }
        let others = items.count { $0.cpu != last.cpu }
        if others >= items.count / 2 {
            flush(into: &shard, table: table, formats: formats, counts: &counts) { $0.cpu != last.cpu }
        } else {
            let times = items.map(\.time).sorted()
            let middle = times[times.count / 2]
            flush(into: &shard, table: table, formats: formats, counts: &counts) { $0.time <= middle }
        }
    }

    /// Feeds all that happened before `time`, in its order; of equal times what came first.
    public func flush(
        before time: UInt64, into shard: inout ShardAnalysis, table: borrowing SampleTable,
        formats: borrowing EventFormats, counts: inout SampleCounts
    ) {
        flush(into: &shard, table: table, formats: formats, counts: &counts) { $0.time < time || time == .max }
    }

    private func flush(
        into shard: inout ShardAnalysis, table: borrowing SampleTable, formats: borrowing EventFormats,
        counts: inout SampleCounts, _ isDue: (Item) -> Bool
    ) {
        var due: [Item] = []
        var kept: [Item] = []
        for item in items { if isDue(item) { due.append(item) } else { kept.append(item) } }
        guard !due.isEmpty else { return }
        // The standard library's sort is stable.
        due.sort { $0.time < $1.time }
        let waiting = bytes
        let span = waiting.span
        for item in due {
            guard let slot = shard.slot(makingCPU: item.cpu) else { continue }
            switch item.content {
            case .record(let range):
                let isFed = shard.feed(
                    record: unsafe span.bytes.extracting(range), time: item.time, slot: slot, formats: formats,
                    isSwapped: table.byteOrder.isSwapped, counts: &counts)  // plain bytes have no padding
                if !isFed {
                    counts.late &+= 1
                    // What was open may have ended in between.
                    shard.feed(gap: .unknown, at: shard.lastTime(slot: slot), slot: slot)
                }
            case .gap(let missed, _, _): shard.feed(gap: missed, at: item.time, slot: slot)
            }
        }
        compact(kept)
    }

    /// Keeps these items and their bytes only.
    private func compact(_ kept: [Item]) {
        var moved: [UInt8] = []
        moved.reserveCapacity(bytes.capacity)
        items.removeAll(keepingCapacity: true)
        for item in kept {
            if case .record(let range) = item.content {
                let place = moved.count
                moved += bytes[range]
                items.append(Item(time: item.time, cpu: item.cpu, content: .record(place..<moved.count)))
            } else {
                items.append(item)
            }
        }
        bytes = moved
    }
}

extension ShardAnalysis {
    /// Counts a sample that is not read.
    mutating func countOther(_ place: Int, table: borrowing SampleTable, formats: borrowing EventFormats) {
        pairing.reserve(events: 1, unusedNameCount: formats.unusedNames.count + table.otherNames.count)
        pairing.ledger.events &+= 1
        pairing.pass(formats.unusedNameCount + 1 + place)
    }
}
