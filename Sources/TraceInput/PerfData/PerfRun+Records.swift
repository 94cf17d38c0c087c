import IRQCore

/// The passes of perf over its buffers, of which each ends with FINISHED_ROUND: what comes after the end of a pass is later
/// than all that came before the pass began (`perf_event__process_finished_round` in tools/perf/util/session.c).
struct PerfRound {
    /// The time of the latest event of the pass before this one: everything up to it has come.
    var before: UInt64 = 0
    /// The time of the latest event so far.
    var latest: UInt64 = 0
    /// The time of the sample that was read last.
    var position: UInt64 = 0
    /// True if the file marks its passes.
    var isMarked = false
    /// True if nothing more comes of this part.
    var isFinished = false
}

/// The losses that a recording tells of.
struct PerfLosses {
    /// The sum of the records LOST, which stand where events are missing, in the buffer of their CPU.
    var told: UInt64 = 0
    /// The sum of the records LOST_SAMPLES, which tell of the same losses once more, event by event and at the end.
    var toldByEvent: UInt64 = 0
    /// Samples that a BPF filter took out, as it was asked to.
    var filtered: UInt64 = 0
}

/// The names of tasks, as they came and changed.
struct PerfTasks {
    private(set) var names: [Int32: String] = [:]
    /// More are not remembered.
    private static let limit = 1 << 16

    mutating func set(_ name: String, of task: Int32) {
        if names.count < Self.limit || names[task] != nil { names[task] = name }
    }
}

extension PerfRun {
    /// Takes up a record that is no sample; all of it is there.
    mutating func take(
        _ header: SampleHeader, _ bytes: RawSpan, at start: Int, part: Int, _ formats: borrowing EventFormats
    ) {
        let end = start + header.byteCount
        func word(_ offset: Int) -> UInt64 {
            bytes.load(at: start + offset, as: UInt64.self, isSwapped: isSwapped) ?? 0
        }
        func number(_ offset: Int) -> Int32 {
            bytes.load(at: start + offset, as: Int32.self, isSwapped: isSwapped) ?? 0
        }
        switch header.type {
        case PerfRecordType.lost where header.byteCount >= 24:
            losses.told &+= word(16)
            noteLoss(word(16), tail(bytes, from: start + 16, to: end))
        case PerfRecordType.lostSamples where header.byteCount >= 16:
            if header.misc & 1 << 15 != 0 { losses.filtered &+= word(8) } else { losses.toldByEvent &+= word(8) }
        case PerfRecordType.finishedRound:
            rounds[part].isMarked = true
            finishRound(part, formats)
        case PerfRecordType.comm where header.byteCount > 16:
            setName(bytes.text(start + 16..<end), of: number(12))
        case PerfRecordType.fork where header.byteCount >= 24:
            if let name = tasks?.names[number(20)], tasks?.names[number(16)] == nil { setName(name, of: number(16)) }
        default: break
        }
    }

    private mutating func setName(_ name: String, of task: Int32) {
        tasks?.set(name, of: task)
        if analysis.isDeep { analysis.setName(name, of: task) }
    }

    /// The time and CPU at the end of a record whose own fields end at `start`.
    private func tail(_ bytes: RawSpan, from start: Int, to end: Int) -> PerfTail? {
        // All events of a recording have the same fields there. Without sample_id_all there are none.
        guard let first = attributes.first(where: { $0.hasTail }) else { return nil }
        var type = first.sampleType
        if type & SampleField.identifier != 0, end - 8 >= start + 8,
            let id = bytes.load(at: end - 8, as: UInt64.self, isSwapped: isSwapped),
            let place = table.place(of: id), place < attributes.count
        {
            type = attributes[place].sampleType
        }
        return PerfTail(bytes, from: start, to: end, sampleType: type, isSwapped: isSwapped)
    }

    /// Tells the analysis that events are missing on the CPU in whose buffer there was no room. If that is unknown, it may have
    /// been any.
    private mutating func noteLoss(_ count: UInt64, _ tail: PerfTail?) {
        let told = MissedEvents.counted(count)
        if let tail, let cpu = tail.cpu, let slot = analysis.withShard(0, { $0.slot(makingCPU: cpu) }) {
            let last = analysis.withShard(0) { $0.lastTime(slot: slot) }
            let time = tail.time ?? last
            if let queue {
                queue.add(gap: told, at: time, cpu: cpu)
            } else {
                analysis.withShard(0) { $0.feed(gap: told, at: max(time, last), slot: slot) }
            }
            return
        }
        analysis.withShard(0) { shard in
            for slot in 0..<shard.cpuCount {
                shard.feed(gap: slot == 0 ? told : .counted(0), at: shard.lastTime(slot: slot), slot: slot)
            }
        }
    }

    // MARK: - Order over all CPUs

    /// Ends a pass of perf over its buffers.
    private mutating func finishRound(_ part: Int, _ formats: borrowing EventFormats) {
        let latest = latestTime
        let due = rounds[part].latest
        rounds[part].before = due
        rounds[part].latest = latest
        flush(formats)
    }

    private var latestTime: UInt64 {
        let fed = analysis.withShard(0) { shard in
            (0..<shard.cpuCount).reduce(UInt64(0)) { max($0, shard.lastTime(slot: $1)) }
        }
        return max(fed, queue?.latestTime ?? 0)
    }

    /// The time up to which everything has come, from all parts.
    private var reached: UInt64 {
        rounds.reduce(.max) { $1.isFinished ? $0 : min($0, $1.before) }
    }

    /// Hands on what is earlier than anything that can still come.
    private mutating func flush(_ formats: borrowing EventFormats) {
        let reached = reached
        if let queue {
            var counts = counts
            analysis.withShard(0) {
                queue.flush(before: reached, into: &$0, table: table, formats: formats, counts: &counts)
            }
            self.counts = counts
        }
        analysis.mergeCPUs(before: reached)
    }

    /// Lets the oldest of what waits go on.
    mutating func makeRoom(_ formats: borrowing EventFormats) {
        guard let queue else { return }
        var counts = counts
        analysis.withShard(0) { queue.makeRoom(in: &$0, table: table, formats: formats, counts: &counts) }
        self.counts = counts
    }

    /// Looks, after each slice of a part, whether too many events wait for those of other CPUs. Where a file does not mark its
    /// passes, they wait for the CPU that is most behind.
    mutating func endSlice(part: Int, isFinished: Bool, _ formats: borrowing EventFormats) {
        rounds[part].isFinished = isFinished
        let (waiting, behind, latest) = analysis.withShard(0) { shard in
            var sums = (0, UInt64.max, UInt64(0))
            for slot in 0..<shard.cpuCount {
                let last = shard.lastTime(slot: slot)
                sums = (sums.0 + shard.waitingCount(slot: slot), min(sums.1, last), max(sums.2, last))
            }
            return sums
        }
        if !rounds[part].isMarked, queue == nil, behind != .max { rounds[part].before = min(behind, latest) }
        if isFinished || waiting > Self.waitingLimit / 2 { flush(formats) }
        guard waiting > Self.waitingLimit else { return }
        let left = analysis.withShard(0) { shard in
            (0..<shard.cpuCount).reduce(0) { $0 + shard.waitingCount(slot: $1) }
        }
        if left > Self.waitingLimit {
            isMergeForced = true
            analysis.mergeCPUs(before: latest)
        }
    }

    // MARK: - End

    /// Feeds what still waits.
    mutating func end(_ formats: borrowing EventFormats) {
        for part in rounds.indices { rounds[part].isFinished = true }
        flush(formats)
        // What was lost at places that nobody knows.
        let unplaced = losses.toldByEvent > losses.told ? losses.toldByEvent - losses.told : 0
        guard unplaced > 0 else { return }
        analysis.withShard(0) { shard in
            guard let slot = shard.slot(makingCPU: 0) else { return }
            shard.feed(unplacedGap: .counted(unplaced), slot: slot)
        }
    }

    /// Ends the recording.
    consuming func finish(_ formats: borrowing EventFormats) -> BufferResult {
        let counts = counts
        analysis.withShard(0) { $0.noteUnread(counts) }
        return analysis.finish(
            buffer: "", vectorNames: formats.vectorNames, unusedNames: formats.unusedNames + table.otherNames)
    }
}
