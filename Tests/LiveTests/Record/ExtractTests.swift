import Foundation
import TestSupport
import Testing

/// Recordings that `trace-cmd extract` makes of a tracing instance: they describe all events of the kernel, recorded or not, and
/// have an empty buffer at the top.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct ExtractTests {
    typealias Object = [String: Any]

    /// Records events while a disk is read, and reports what was extracted.
    ///
    /// - Parameters:
    ///   - events: directories below `events`.
    ///   - middle: shell in the instance's directory while it records, before a second run of reads.
    static func report(_ events: [String], middle: String = ":", _ options: String...) throws -> (Object, text: String) {
        let root = try #require(Tracefs.root)
        let folder = try TestFolder()
        let name = "irqscope-test-extract"
        let line = """
            set -e
            # trace-cmd may have removed it.
            trap 'cd \(root)/instances; rmdir \(name) 2>/dev/null || true' EXIT
            mkdir \(root)/instances/\(name)
            cd \(root)/instances/\(name)
            echo 0 >tracing_on
            for event in \(events.joined(separator: " ")); do echo 1 >events/$event/enable; done
            read_disk() { dd if=/var/tmp/scratch of=/dev/null iflag=direct bs=4k count=200 2>/dev/null; sleep 0.3; }
            [ -s /var/tmp/scratch ] || dd if=/dev/zero of=/var/tmp/scratch bs=1M count=64 2>/dev/null
            echo 1 >tracing_on
            read_disk
            \(middle)
            read_disk
            echo 0 >tracing_on
            cd '\(folder.path)'
            trace-cmd extract -B \(name) -o t.dat >/dev/null 2>&1
            trace-cmd report -t t.dat >t.txt 2>/dev/null
            """
        let made = try LiveMachine.use { try shell(line) }
        #expect(made.status == 0, "\(made.errors)")
        let path = folder.file("t.dat")
        let result = try run(Places.command.path, ["report", "-J", path] + options)
        #expect(result.status == 0, "\(result.errors)")
        let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? Object)
        return (object, try String(contentsOfFile: folder.file("t.txt"), encoding: .utf8))
    }

    /// sched_wakeup stands for wake-ups where sched_waking was described, but not recorded.
    @Test func wakeupsCountWithoutWakings() throws {
        let (report, text) = try Self.report(["irq", "sched/sched_switch", "sched/sched_wakeup"])
        #expect(text.contains(" sched_wakeup:") && !text.contains(" sched_waking:"))
        let wakes = (report["deep"] as? Object)?["wakes"] as? [Object] ?? []
        let count = wakes.reduce(0) { $0 + (($1["latency"] as? Object)?["count"] as? Int ?? 0) }
        // A fast disk answers before its reader sleeps, which then is not woken: of 400 reads 11 to nearly all wake it. What
        // trace-cmd shows inside of handlers and softirqs tells how many: few of them may not have run before the end.
        var (depths, expected): ([Substring: Int], Int) = ([:], 0)
        for line in text.split(separator: "\n") {
            guard let open = line.firstIndex(of: "["), let close = line.firstIndex(of: "]") else { continue }
            let cpu = line[open...close]
            if line.contains(" irq_handler_entry:") || line.contains(" softirq_entry:") { depths[cpu, default: 0] += 1 }
            if line.contains(" irq_handler_exit:") || line.contains(" softirq_exit:") { depths[cpu, default: 0] -= 1 }
            if line.contains(" sched_wakeup:"), depths[cpu, default: 0] > 0 { expected += 1 }
        }
        let missing = expected - count
        #expect(count > 0 && missing >= 0 && missing <= max(10, expected / 5), "\(count) of \(expected)")
    }

    /// Calls over time are those of the buffer that has events.
    @Test func callsOverTimeAreOfTheInstance() throws {
        let (report, _) = try Self.report(["irq"], "--every", "100ms")
        let slices = (report["deep"] as? Object)?["slices"] as? [Object] ?? []
        #expect(!slices.isEmpty)
        let notes = report["notes"] as? [String] ?? []
        #expect(!notes.contains { $0.contains("buffer top") }, "\(notes)")
    }

    // KILL: what Foundation starts has SIGTERM held back.
    /// A page that was read in part before begins with the time of an event that is gone.
    @Test func windowBeginsWithTheFirstEventThatIsLeft() throws {
        let (report, text) = try Self.report(["irq"], middle: "timeout -s KILL 0.2 cat trace_pipe >/dev/null || true; sleep 0.5")
        let times = text.split(separator: "\n").compactMap { line -> UInt64? in
            guard let time = line.split(separator: " ").first(where: { $0.hasSuffix(":") && $0.contains(".") }) else { return nil }
            let parts = time.dropLast().split(separator: ".")
            return parts.count == 2 ? UInt64(parts[0] + parts[1]) : nil
        }
        let window = try #require(report["window"] as? Object)
        #expect(window["start_ns"] as? UInt64 == times.min(), "\(window)")
        #expect(window["end_ns"] as? UInt64 == times.max())
    }
}
