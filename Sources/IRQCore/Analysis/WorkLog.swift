/// One workqueue event, kept until the events of all CPUs up to its time have been read.
struct WorkRecord: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        case queue, start, end
        /// Events were lost on this CPU: what was queued or running there has an unknown end.
        case gap
    }
    let time: UInt64
    let work: UInt64
    let function: UInt64
    let pid: Int32
    let cpu: UInt32
    let kind: Kind
    /// The next record of the same CPU, or the next free place, or -1.
    var next: Int32 = -1
}

/// The workqueue events of the CPUs of one shard, each CPU's in the order of its recording.
///
/// Work is queued on one CPU and run on another, so these events need all CPUs in the order of time;
/// everything else is paired on its own CPU and never comes here.
struct WorkLog: ~Copyable {
    /// Room for what usually waits, so that a longer recording does not mean more growth. Untouched, it is no memory.
    private var records = GrowableBuffer<WorkRecord>(capacity: 1 << 17)
    private var free: Int32 = -1

    mutating func reserve(_ additional: Int) { records.reserve(additional) }

    @inline(__always)
    mutating func append(_ record: WorkRecord, to context: inout CPUContext) {
        var place = free
        if place >= 0 {
            free = records[Int(place)].next
            records[Int(place)] = record
        } else {
            place = Int32(truncatingIfNeeded: records.count)
            records.append(record)
        }
        if context.workTail >= 0 { records[Int(context.workTail)].next = place } else { context.workHead = place }
        context.workTail = place
        context.pendingWork &+= 1
    }

    /// The time of the first record of a CPU, or nil if none waits.
    @inline(__always)
    borrowing func firstTime(of context: CPUContext) -> UInt64? {
        context.workHead < 0 ? nil : records[Int(context.workHead)].time
    }

    /// Takes the first record of a CPU, which must exist.
    @inline(__always)
    mutating func removeFirst(of context: inout CPUContext) -> WorkRecord {
        let place = context.workHead
        let record = records[Int(place)]
        context.workHead = record.next
        if context.workHead < 0 { context.workTail = -1 }
        context.pendingWork &-= 1
        records[Int(place)].next = free
        free = place
        return record
    }
}
