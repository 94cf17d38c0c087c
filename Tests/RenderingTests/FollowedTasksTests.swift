import Foundation
import IRQCore
import TestSupport
import Testing

/// The tasks that `top --deep` follows, against the exact numbers of recordings (Tests/oracle/make-deep.sh): interval by
/// interval they add up to those.
@Suite struct FollowedTasksTests {
    typealias Object = Oracle.Object
    static let folder = Places.fixtures.appendingPathComponent("deep")

    struct Sum: Equatable {
        var wakeups: UInt64 = 0
        var count: UInt64 = 0
        var total: UInt64 = 0
        var longest: UInt64 = 0
    }

    static func number(_ row: Object, _ key: String) -> UInt64 { Oracle.number(row[key]) ?? 0 }

    static func expected(_ name: String) throws -> Object {
        try Oracle.json(try Data(contentsOf: folder.appendingPathComponent("expected/\(name).json")))
    }

    /// Events that wait for a CPU which was not read yet tell nothing of tasks: that is unknown, and not none.
    @Test func tasksAreUnknownUntilEventsAreFollowed() throws {
        let live = Box()
        let recording = try FollowedRecording(Self.folder.appendingPathComponent("plain-6.12.dat").path)
        var known: [Bool] = []
        recording.play(into: live, intervals: 2) { known.append(live.tracing.knowsTasks) }
        #expect(known == [true, true])
        live.changeTracing { $0.start(vectorNames: [], missingEvents: [], isDeep: true) }
        known = [live.tracing.knowsTasks]
        recording.play(into: live, intervals: 2, isBehind: true) {
            known.append(live.tracing.knowsTasks)
            let (hasInterval, tasks) = (live.tracing.hasInterval, live.tracing.deep.tasks)
            #expect(hasInterval && tasks.isEmpty)
        }
        #expect(known == [false, false, false])
    }

    @Test(arguments: [("rt-6.12", 1), ("rt-6.12", 7), ("threadirqs-6.1", 5), ("plain-6.12", 3), ("arm64-6.12", 20)])
    func intervalsAddUpToTheExactNumbers(name: String, intervals: Int) throws {
        let exact = try Self.expected(name)
        var wakes: [Int64: Sum] = [:]
        var runs: [Int64: Sum] = [:]
        var lost: [Int64: [UInt64]] = [:]
        var services: Set<Int64> = []
        let live = Box()
        let recording = try FollowedRecording(Self.folder.appendingPathComponent("\(name).dat").path)
        recording.play(into: live, intervals: intervals) {
            for task in live.tracing.deep.tasks {
                func add(_ spans: SpanInterval, to sums: inout [Int64: Sum]) {
                    var sum = sums[task.pid] ?? Sum()
                    sum.wakeups += spans.calls
                    sum.count += spans.count
                    sum.total += spans.totalNanoseconds
                    sum.longest = max(sum.longest, spans.maximumNanoseconds)
                    sums[task.pid] = sum
                }
                add(task.wakes, to: &wakes)
                add(task.runs, to: &runs)
                if task.service != nil { services.insert(task.pid) }
                let part = [task.handlerNanoseconds, task.vectorNanoseconds, task.softirqNanoseconds]
                lost[task.pid] = zip(lost[task.pid] ?? [0, 0, 0], part).map { $0 + $1 }
            }
            let (more, restarts) = (live.tracing.deep.moreTasks, live.tracing.deep.restarts)
            #expect(more == 0 && restarts == 0)
        }
        let threads = exact["threads"] as? [Object] ?? []
        #expect(Set(threads.map { Int64(Self.number($0, "pid")) }) == services)
        for thread in threads {
            let pid = Int64(Self.number(thread, "pid"))
            let (wait, run) = (thread["wake_latency"] as? Object ?? [:], thread["run_time"] as? Object ?? [:])
            let waits = Sum(
                wakeups: Self.number(thread, "wakeups"), count: Self.number(wait, "count"),
                total: Self.number(wait, "total_ns"), longest: Self.number(wait, "max_ns"))
            #expect(wakes[pid] == waits, "\(pid)")
            let activations = Sum(
                wakeups: Self.number(run, "count"), count: Self.number(run, "count"), total: Self.number(run, "total_ns"),
                longest: Self.number(run, "max_ns"))
            #expect(runs[pid] == activations, "\(pid)")
        }
        var woken: [Int64: Sum] = [:]
        for row in exact["wakes"] as? [Object] ?? [] {
            let pid = Int64(truncating: row["pid"] as? NSNumber ?? 0)
            guard pid > 0, !services.contains(pid) else { continue }
            let latency = row["latency"] as? Object ?? [:]
            var sum = woken[pid] ?? Sum()
            sum.wakeups += Self.number(latency, "count") + Self.number(row, "while_running")
            sum.count += Self.number(latency, "count")
            sum.total += Self.number(latency, "total_ns")
            sum.longest = max(sum.longest, Self.number(latency, "max_ns"))
            woken[pid] = sum
        }
        #expect(!woken.isEmpty)
        for (pid, sum) in woken { #expect(wakes[pid] == sum, "\(pid)") }
        for (pid, sum) in wakes where !services.contains(pid) && woken[pid] == nil { #expect(sum == Sum(), "\(pid)") }
        for victim in exact["victims"] as? [Object] ?? [] {
            let pid = Int64(truncating: victim["pid"] as? NSNumber ?? 0)
            guard pid > 0 else { continue }
            let parts = ["hardirq_ns", "vector_ns", "softirq_ns"].map { Self.number(victim, $0) }
            #expect(lost[pid] ?? [0, 0, 0] == parts, "\(pid)")
        }
    }

    /// A CPU that is behind holds up all that comes later, and nothing is said that its events could change.
    @Test func nothingIsFollowedBeyondACPUThatIsBehind() throws {
        let live = Box()
        let recording = try FollowedRecording(Self.folder.appendingPathComponent("plain-6.12.dat").path)
        recording.play(into: live, intervals: 1) {}
        let all = live.tracing.deep.tasks.count
        #expect(all > 5)
        live.changeTracing { $0.start(vectorNames: [], missingEvents: [], isDeep: true) }
        live.changeTracing {
            $0.follow(before: .max, behind: [0])
            $0.endInterval(nanoseconds: LiveFixture.second)
        }
        var (count, isOn) = (live.tracing.deep.tasks.count, live.tracing.deep.isOn)
        #expect(count == 0 && isOn)
        live.changeTracing { $0.stop(reason: nil) }
        isOn = live.tracing.deep.isOn
        count = live.tracing.deep.tasks.count
        #expect(!isOn && count == 0)
    }

    /// The thread of an interrupt stands beside it.
    @Test func threadsOfInterruptsAreFound() throws {
        let live = Box()
        let recording = try FollowedRecording(Self.folder.appendingPathComponent("rt-6.12.dat").path)
        recording.play(into: live, intervals: 1) {}
        let (found, none) = (live.tracing.deep.thread(irq: 25), live.tracing.deep.thread(irq: 4711))
        let hasThreads = live.tracing.deep.hasThreads
        let thread = try #require(found)
        #expect(thread.name == "irq/25-virtio0-" && thread.priority == 49)
        #expect(none?.pid == nil && hasThreads)
        #expect(thread.cause == .irq(25, action: "virtio0-req.0"))
    }

    /// Names that no event told are asked for.
    @Test func namelessTasksAreNamed() throws {
        let live = Box()
        let recording = try FollowedRecording(Self.folder.appendingPathComponent("plain-6.12.dat").path)
        recording.play(into: live, intervals: 1) {}
        let nameless = live.tracing.deep.tasks.filter { $0.name.isEmpty }.map(\.pid)
        live.changeTracing { $0.nameTasks { "task \($0)" } }
        let tasks = live.tracing.deep.tasks
        for task in tasks where nameless.contains(task.pid) { #expect(task.name == "task \(task.pid)") }
        #expect(tasks.allSatisfy { !$0.name.isEmpty })
    }
}
