import Testing
import TestSupport

@testable import IRQCore

/// The order in which events reach what is paired across CPUs.
@Suite struct CrossCPUQueueTests {
    /// An event of a CPU, or a gap.
    struct Seen: Equatable {
        let time: UInt64
        let cpu: UInt32
        /// The work item; nil for a gap.
        let work: UInt64?
    }

    /// Two consumers as one: the pairing of work, and a list of all that came.
    struct Both: CrossCPUConsumer, ~Copyable {
        var work = WorkPairing(AnalysisOptions())
        var seen: [Seen] = []

        mutating func lane(ofCPU cpu: UInt32) -> Int32 { Int32(cpu) }
        mutating func learn(_ names: borrowing DeepNames, shard: Int, hasWaking: Bool) {}
        mutating func take(_ log: borrowing CrossCPULog, _ run: Range<Int>, _ place: CrossCPUPlace) {
            for index in run {
                let record = log[index]
                let isGap = record.role == .gapEnd
                #expect(place.lane == Int32(place.cpu))
                if isGap {
                    work.gap(cpu: place.cpu, time: record.time)
                } else {
                    work.take(record.event, cpu: place.cpu)
                }
                seen.append(Seen(time: record.time, cpu: place.cpu, work: isGap ? nil : record.work))
            }
        }
    }

    @Test func eventsAndGapsOfManyShardsComeInTheOrderOfTime() {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            // CPUs dealt out over the shards, some of which have none.
            let cpuCount = Int.random(in: 1...24, using: &random)
            let homes = (0..<cpuCount).map { _ in Int.random(in: 0..<9, using: &random) }
            var shards = FixedSlots(count: 9) { _ in ShardAnalysis(AnalysisOptions(), isMerged: true) }
            let slots = (0..<cpuCount).map { cpu in shards[homes[cpu]].addCPU(cpu) }
            var (times, all) = ([UInt64](repeating: 0, count: cpuCount), [Seen]())
            // The times of the last events, and the CPUs whose gap only the next event ends: then it is told once more.
            var (last, isOpen) = ([UInt64?](repeating: nil, count: cpuCount), [Bool](repeating: false, count: cpuCount))
            var both = Both()
            var queue = CrossCPUQueue()
            for work in 0..<2_000 {
                // Steps so small that many CPUs have the same time.
                let cpu = Int.random(in: 0..<cpuCount, using: &random)
                times[cpu] += UInt64.random(in: 0...3, using: &random)
                let isGap = Int.random(in: 0..<20, using: &random) == 0
                let step: Step = isGap ? .gap(1) : .work(.workQueue, UInt64(work))
                step.feed(&shards[homes[cpu]], at: times[cpu], slot: slots[cpu])
                if isGap {
                    if times[cpu] <= last[cpu] ?? .max { isOpen[cpu] = true }
                } else {
                    if isOpen[cpu] { all.append(Seen(time: times[cpu], cpu: UInt32(cpu), work: nil)) }
                    (last[cpu], isOpen[cpu]) = (times[cpu], false)
                }
                all.append(Seen(time: times[cpu], cpu: UInt32(cpu), work: isGap ? nil : UInt64(work)))
                guard work % 100 == 99 else { continue }
                let watermark = times.min()!
                queue.merge(&shards, before: watermark, into: &both)
                let isBefore = both.seen.allSatisfy { $0.time < watermark }
                let dueCount = all.count { $0.time < watermark }
                #expect(isBefore && both.seen.count == dueCount, "seed \(seed)")
            }
            queue.merge(&shards, before: .max, into: &both)
            // Sorting keeps what a CPU has at one time in its order.
            let sorted = all.enumerated().sorted {
                ($0.element.time, $0.element.cpu, $0.offset) < ($1.element.time, $1.element.cpu, $1.offset)
            }
            let isSorted = both.seen == sorted.map(\.element)
            #expect(isSorted, "seed \(seed)")
            // The first consumer got the same: all that was queued before the last gap is gone.
            let dropped = both.work.ledger.workDroppedAtGaps
            let lastGap = sorted.lastIndex { $0.element.work == nil } ?? 0
            #expect(dropped == sorted[..<lastGap].count { $0.element.work != nil }, "seed \(seed)")
        }
    }

    @Test func shardOfItsOwnKeepsNothingForOthers() {
        // `top` draws from such a shard for days, and gaps come again and again.
        var shard = ShardAnalysis(AnalysisOptions())
        let slot = shard.addCPU(0)
        for time in 0..<100 as Range<UInt64> {
            Step.gap(1).feed(&shard, at: time, slot: slot)
            Step.work(.workQueue, time).feed(&shard, at: time, slot: slot)
        }
        #expect(shard.waitingCount(slot: slot) == 0)
        #expect(shard.pairing.ledger.gaps == 100)
    }
}
