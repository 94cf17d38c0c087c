internal import IRQCore

internal import Rendering

/// Events that were traced and are not in the recording, though the kernel did not lose them.
struct RecordLoss {
    /// Still in the kernel's buffers, by CPU.
    let unread: [(cpu: Int, count: UInt64)]
    /// Read, and without space on the disk, by CPU.
    let dropped: [(cpu: Int, count: UInt64)]

    /// Both, by CPU.
    var events: [(cpu: Int, count: UInt64)] {
        var counts: [Int: UInt64] = [:]
        for (cpu, count) in unread + dropped { counts[cpu, default: 0] &+= count }
        return counts.sorted { $0.key < $1.key }.map { (cpu: $0.key, count: $0.value) }
    }

    /// The number of lost events.
    var count: UInt64 { events.reduce(0) { $0 &+ $1.count } }
    /// The number of them that were read.
    var droppedCount: UInt64 { dropped.reduce(0) { $0 &+ $1.count } }

    /// So long it may take to read the names of functions; a twentieth of it is usual.
    static let symbolsNanoseconds: UInt64 = 2_000_000_000

    /// So long the last reading of the buffers may take, when nothing is traced any more: far longer than a process needs that has a CPU
    /// and a disk, for it reads some hundred MB a second.
    static func limitNanoseconds(bufferKilobytes: Int) -> UInt64 {
        2_000_000_000 + UInt64(max(bufferKilobytes, 0)) * 1_000_000_000 / (64 << 10)
    }

    /// The sentence to say when the time was over.
    func sentence(limitNanoseconds: UInt64) -> String {
        let count = unread.reduce(0) { $0 &+ $1.count }
        return
            "\(Units.count(count)) events were not read \(Units().duration(limitNanoseconds)) after the end and are lost: "
            + "this process gets too little of a CPU, or the disk is too slow"
    }
}
