import Foundation
import TestSupport
import Testing

/// A CPU's tick, which is stopped while the CPU is idle, and started anew without an event.
@Suite struct TickTests {
    /// A text in which another timer expires `other` ns after the tick was due and the tick itself 600 ms after it.
    private static func text(other: Int, function: String = "tick_nohz_handler") -> String {
        func line(_ time: Int, _ event: String) -> String {
            let time = String(format: "%d.%09d", time / 1_000_000_000, time % 1_000_000_000)
            return "          <idle>-0       [000] d.h..  \(time): \(event)\n"
        }
        func entry(_ timer: Int, _ function: String, _ now: Int) -> String {
            line(now, "hrtimer_expire_entry: hrtimer=\(timer) function=\(function) now=\(now)")
                + line(now + 1000, "hrtimer_expire_exit: hrtimer=\(timer)")
        }
        func start(_ timer: Int, _ function: String, _ now: Int, _ due: Int) -> String {
            line(now, "hrtimer_start: hrtimer=\(timer) function=\(function) expires=\(due) softexpires=\(due) mode=ABS")
        }
        let due = 1_004_000_000
        return start(1, function, 1_000_000_000, due) + start(2, "hrtimer_wakeup", 1_000_100_000, due + other)
            + line(
                1_000_200_000,
                "sched_switch: prev_comm=swapper/0 prev_pid=0 prev_prio=120 prev_state=R ==> "
                    + "next_comm=a next_pid=7 next_prio=120")
            + (other < 600_000_000
                ? entry(2, "hrtimer_wakeup", due + other + 2000) + entry(1, function, due + 600_000_000)
                : entry(1, function, due + 600_000_000) + entry(2, "hrtimer_wakeup", due + other + 2000))
    }

    private static func report(_ text: String) throws -> (text: String, timer: Oracle.Object) {
        let json = try run(Places.command.path, ["report", "-J"], input: Data(text.utf8))
        let deep = try #require(Oracle.json(json.output)["deep"] as? Oracle.Object, "\(json.errors)")
        let timers = try #require(deep["timers"] as? [Oracle.Object])
        let timer = try #require(timers.first { ($0["function"] as? String)?.hasPrefix("hrtimer_wakeup") == false })
        return (try run(Places.command.path, ["report", "--deep"], input: Data(text.utf8)).text, timer)
    }

    @Test func ticksThatWereStoppedAreNotLate() throws {
        let (text, tick) = try Self.report(Self.text(other: 1_000_000))
        #expect(Oracle.number(tick["unseen_starts"]) == 1)
        #expect(text.contains("How late tick_nohz_handler was is not known") && !text.contains("600 ms"), "\(text)")
    }

    /// Nothing that was due has been run before it, or it is another function, whose slack is not known.
    @Test(arguments: [(-1_000_000, "tick_nohz_handler"), (700_000_000, "tick_sched_timer"), (1_000_000, "ehci_hrtimer_func")])
    func othersAre(other: Int, function: String) throws {
        let (text, timer) = try Self.report(Self.text(other: other, function: function))
        #expect(Oracle.number(timer["unseen_starts"]) ?? 0 == 0)
        #expect(text.contains("600 ms") && !text.contains("How late"), "\(text)")
    }
}
