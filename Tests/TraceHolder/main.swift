// Holds a tracing instance, so that tests can end its process in bad ways, and reads one, to measure.
//
//     TraceHolder hold [ROOT]           prints the instance's name and waits; SIGTERM removes it
//     TraceHolder crash                 the same, then traps
//     TraceHolder overflow              the same, then uses up its stack
//     TraceHolder orphans               prints the orphans that it removed
//     TraceHolder read SECONDS KIB PERCENT [ROUNDS]   reads pages and prints figures

import Glibc
import IRQCore
import KernelSource

func say(_ text: String) {
    print(text)
    fflush(nil)
}

func complain(_ text: String) {
    let line = text + "\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
}

@inline(never) func fall(_ depth: Int) -> Int { depth == .max ? 0 : fall(depth + 1) &+ depth }

func hold(_ root: String?, crashes: Bool = false, overflows: Bool = false) throws(TraceError) {
    InstanceCleanup.install()
    let instance = try TraceInstance(tracingRoot: root)
    say(instance.name)
    if crashes {
        let empty: [Int] = []
        say("\(empty[instance.cpus.count])")
    }
    if overflows { say("\(fall(instance.cpus.count))") }
    // Used until the end, for else Swift would remove it before that.
    while instance.name != "" { pause() }
}

func cpuSeconds() -> (user: Double, system: Double) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return (seconds(usage.ru_utime), seconds(usage.ru_stime))
}

func read(_ seconds: Double, _ kilobytes: Int, _ percent: Int, _ maximum: Int) throws(TraceError) {
    var plan = TracePlan()
    plan.events = [.irq, .softirq, .irqVectors]
    plan.bufferKilobytesPerCPU = kilobytes
    plan.wakePercent = percent
    var instance = try TraceInstance(plan: plan)
    var room = PageBuffer(subBufferByteCount: instance.subBufferByteCount)
    var (wakes, pages, calls) = (0, 0, 0)
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    func elapsed() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec - start.tv_sec) + Double(now.tv_nsec - start.tv_nsec) / 1e9
    }
    let cpus = instance.cpus
    let before = cpuSeconds()
    while elapsed() < seconds, wakes < maximum {
        _ = instance.wait(milliseconds: maximum == .max ? 1000 : 1)
        wakes += 1
        // Not over the array itself: in debug builds its iterator allocates.
        for place in cpus.indices {
            let cpu = cpus[place]
            while true {
                room.removeAll()
                let count = try instance.readPages(cpu: cpu, into: &room)
                calls += 1
                pages += count
                if count < room.capacity { break }
            }
            if maximum != .max { _ = instance.statistics(cpu: cpu) }
        }
    }
    let time = elapsed()
    let after = cpuSeconds()
    var (events, lost): (UInt64, UInt64) = (0, 0)
    for cpu in instance.cpus {
        let statistics = instance.statistics(cpu: cpu) ?? TraceStatistics()
        events += statistics.readEvents
        lost += statistics.lost
    }
    let (user, system) = (after.user - before.user, after.system - before.system)
    say(
        "\(Int(Double(events) / time)) events/s, lost \(lost), \(Double(wakes) / time) wakes/s, "
            + "\(Int(Double(pages) / time)) pages/s, \(Int(Double(calls) / time)) calls/s, "
            + "user \(user / time * 100) %, system \(system / time * 100) %")
}

let arguments = CommandLine.arguments
do throws(TraceError) {
    switch arguments.dropFirst().first {
    case "hold": try hold(arguments.count > 2 ? arguments[2] : nil)
    case "crash": try hold(nil, crashes: true)
    case "overflow": try hold(nil, overflows: true)
    case "orphans": for name in TraceOrphans.remove() { say(name) }
    case "read" where arguments.count > 4:
        try read(
            Double(arguments[2]) ?? 1, Int(arguments[3]) ?? 4096, Int(arguments[4]) ?? 50,
            arguments.count > 5 ? Int(arguments[5]) ?? .max : .max)
    default: exit(64)
    }
} catch {
    complain("\(error)")
    exit(1)
}
