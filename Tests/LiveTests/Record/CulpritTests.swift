import Foundation
import TestSupport
import Testing

/// A task is made late on purpose: the report names who had its CPU.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct CulpritTests {
    typealias Object = [String: Any]

    /// Two processes on one CPU: a sleeper that wants to run each 5 ms, and a real-time task that keeps the CPU for 80 ms at
    /// a time. The kernel leaves other tasks a twentieth of each second all the same (sched_rt_runtime_us).
    private static func script(work: String) -> String {
        """
        import os, socket, sys, time
        cpu = max(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cpu})
        child = os.fork()
        if child == 0:
            open("/proc/self/comm", "w").write("culprit")
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            into = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            into.bind(("127.0.0.1", 0))
            to, data = into.getsockname(), b"x" * 64
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
            for turn in range(10):
                end = time.monotonic() + 0.08
                while time.monotonic() < end:
                    \(work)
                time.sleep(0.06)
            os._exit(0)
        open("/proc/self/comm", "w").write("victim")
        end = time.monotonic() + 1.3
        while time.monotonic() < end: time.sleep(0.005)
        os.waitpid(child, 0)
        """
    }

    private static func latest(work: String) throws -> [Object] {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let python = try #require(program("python3"))
        let recorder = try Recorder(record: ["--deep", "-o", path, "--", python, "-c", script(work: work)])
        #expect(recorder.status(seconds: 60) == 0, "\(recorder.errors)")
        #expect(try Tracefs.instances(of: recorder.id) == [])
        let report = try Oracle.report(path, "--task", "^victim$")
        return (report["deep"] as? Object)?["late_wakes"] as? [Object] ?? []
    }

    private static func parts(_ late: Object) -> [Object] { late["meanwhile"] as? [Object] ?? [] }

    private static func number(_ object: Object, _ key: String) -> Int { (object[key] as? NSNumber)?.intValue ?? 0 }

    /// The late wake-ups in which the culprit had the CPU longer than anything else that was not an interrupt.
    private static func blamed(_ late: [Object]) -> [Object] {
        late.filter { start in
            number(start, "latency_ns") > 10_000_000
                && parts(start).first { $0["kind"] as? String == "task" }?["name"] as? String == "culprit"
        }
    }

    @Test(.enabled(if: program("python3") != nil, "python3 is not installed"))
    func spinnerIsNamed() throws {
        let late = try Self.latest(work: "pass")
        let blamed = Self.blamed(late)
        // Other tasks of a busy machine may be in the way as well; the culprit is for more than half a second.
        #expect(blamed.count >= 3, "\(late)")
        let culprits = blamed.compactMap { Self.parts($0).first { $0["kind"] as? String == "task" } }
        #expect(culprits.contains { Self.number($0, "total_ns") > 8_000_000 })
        // Where the kernel does not record the switch to a task, its priority is not known. In its first turn the
        // culprit was switched to before it became a real-time task.
        let others = culprits.count { !($0["prio"] is NSNull) && Self.number($0, "prio") != 49 }
        #expect(others <= 1, "\(culprits)")
        for start in late {
            let sum = Self.parts(start).reduce(0) { $0 + Self.number($1, "total_ns") }
            let rest = Self.number(start, "meanwhile_rest_ns") + Self.number(start, "meanwhile_unknown_ns")
            #expect(sum + rest == Self.number(start, "latency_ns"))
            #expect(start["comm"] as? String == "victim")
        }
    }

    /// The culprit floods the loopback: each packet is a softirq on the victim's CPU.
    @Test(.enabled(if: program("python3") != nil, "python3 is not installed"))
    func floodOfPacketsIsNamed() throws {
        let blamed = Self.blamed(try Self.latest(work: "out.sendto(data, to)"))
        let packets = blamed.filter { start in
            Self.parts(start).contains {
                $0["kind"] as? String == "softirq" && $0["name"] as? String == "NET_RX" && Self.number($0, "count") > 50
            }
        }
        #expect(packets.count >= 3, "\(blamed)")
    }
}
