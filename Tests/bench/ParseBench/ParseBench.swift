import Glibc
import IRQCore
import KernelSource

/// Measures reading, parsing and comparing of /proc: made by IRQSCOPE_BENCH=1, run by Tests/bench/proc.sh.
///
///     ParseBench parse FILE [ROUNDS]      how fast a text is read, in GB/s of one core
///     ParseBench compare FILE [ROUNDS]    the same with the comparison to the sample before
///     ParseBench sample COUNT [PROC]      CPU time of a whole sample, in nanoseconds
@main struct ParseBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 2 else {
            print("ParseBench parse|compare FILE [ROUNDS] | sample COUNT [PROC]")
            exit(64)
        }
        let third = arguments.count > 3 ? arguments[3] : nil
        switch arguments[1] {
        case "parse": try parse(arguments[2], rounds: third.flatMap { Int($0) } ?? 30)
        case "compare": try compare(arguments[2], rounds: third.flatMap { Int($0) } ?? 30)
        case "sample": try sample(Int(arguments[2]) ?? 1000, procRoot: third)
        default: exit(64)
        }
    }

    static func parse(_ path: String, rounds: Int) throws {
        var text = TextBuffer()
        try ProcFile.read(path, into: &text)
        var table = CounterTable(.interrupts)
        var best = UInt64.max
        for _ in 0..<rounds {
            let start = now(CLOCK_THREAD_CPUTIME_ID)
            try read(text, into: &table)
            best = min(best, now(CLOCK_THREAD_CPUTIME_ID) - start)
        }
        report("parse", text.byteCount, best, rows: table.rowCount, cpus: table.cpuCount)
    }

    static func compare(_ path: String, rounds: Int) throws {
        var text = TextBuffer()
        try ProcFile.read(path, into: &text)
        var intervals = CounterIntervals(.interrupts)
        var best = UInt64.max
        for round in 0..<rounds {
            var spent: UInt64 = 0
            try intervals.take { (sample: inout CounterSample) throws(ProcTextError) in
                sample.startNanoseconds = UInt64(round) * 1_000_000_000
                sample.endNanoseconds = sample.startNanoseconds
                spent = now(CLOCK_THREAD_CPUTIME_ID)
                try read(text, into: &sample)
            }
            best = min(best, now(CLOCK_THREAD_CPUTIME_ID) - spent)
        }
        report(
            "parse and compare", text.byteCount, best, rows: intervals.sample.table.rowCount,
            cpus: intervals.sample.table.cpuCount)
    }

    static func sample(_ count: Int, procRoot: String?) throws {
        let state = Box()
        var source = LiveSource(KernelRoots(procRoot: procRoot, sysRoot: nil))
        try source.sample(into: state)
        try source.sample(into: state)
        let before = times()
        for _ in 0..<count { try source.sample(into: state) }
        let after = times()
        let (user, system) = (after.user - before.user, after.system - before.system)
        let each = Double(max(count, 1))
        var numbered = 0
        for row in 0..<state.interrupts.sample.table.rowCount where state.interrupts.sample.table.row(row).irq >= 0 {
            numbered += 1
        }
        print(
            "\(Int(Double(user + system) / each)) ns a sample (user \(Int(Double(user) / each)), "
                + "system \(Int(Double(system) / each))), \(numbered) interrupts")
    }

    private static func report(_ what: String, _ byteCount: Int, _ nanoseconds: UInt64, rows: Int, cpus: Int) {
        let speed = (Double(byteCount) / Double(max(nanoseconds, 1)) * 100).rounded() / 100
        print("\(speed) GB/s \(what): \(byteCount) bytes, \(rows) rows, \(cpus) CPUs in \(nanoseconds / 1000) µs")
    }

    private static func read(_ text: borrowing TextBuffer, into table: inout CounterTable) throws(ProcTextError) {
        try table.parse(text.bytes)
    }

    private static func read(_ text: borrowing TextBuffer, into sample: inout CounterSample) throws(ProcTextError) {
        try sample.parse(text.bytes)
    }

    private static func now(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func times() -> (user: UInt64, system: UInt64) {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func nanoseconds(_ time: timeval) -> UInt64 {
            UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1000
        }
        return (nanoseconds(usage.ru_utime), nanoseconds(usage.ru_stime))
    }
}
