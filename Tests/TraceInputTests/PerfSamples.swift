import IRQCore
import TestSupport
import TraceInput

/// Small recordings of perf of known content: that of `Samples`.
enum PerfSamples {
    /// Three passes of perf over the buffers of two CPUs, with what `Samples.check` expects but for names of functions.
    static func builder(_ byteOrder: ByteOrder = .little) -> PerfBuilder {
        var perf = PerfBuilder(byteOrder)
        perf.parts.pageByteCount = 4096
        return perf
    }

    /// Adds the events.
    ///
    /// - Parameter isBackward: writes each CPU's from the last to the first, all of one CPU together.
    static func addEvents(_ perf: inout PerfBuilder, isBackward: Bool = false) {
        let events = perf.events
        if isBackward {
            for cpu in 0..<2 {
                let place = perf.records.count
                for index in 0..<3 { addEvents(&perf, events, cpu, UInt64(1_000_000 + index * 100_000)) }
                perf.reverseRecords(from: place)
            }
            return
        }
        for index in 0..<3 {
            for cpu in 0..<2 { addEvents(&perf, events, cpu, UInt64(1_000_000 + index * 100_000)) }
            perf.finishedRound()
        }
    }

    private static func addEvents(_ perf: inout PerfBuilder, _ events: EventBuilder, _ cpu: Int, _ start: UInt64) {
        func add(_ delay: UInt64, _ payload: [UInt8]) {
            perf.sample(payload, time: start + delay, cpu: cpu, chain: [0xFFFF_FFFF_FFFF_FF80, delay])
        }
        if cpu == 0 {
            add(0, events.softirq("raise", 3))
            add(100, events.irqEntry(36, "eth0-rx", pid: 42))
            add(400, events.irqExit(36, ret: 1, pid: 42))
            add(500, events.softirq("entry", 3, pid: 42))
            add(600, events.timer("entry", pid: 42))
            add(650, events.timer("exit", pid: 42))
            add(1500, events.softirq("exit", 3, pid: 42))
            add(1600, events.work("queue_work", 0xC100, 0xC000_2000))
        } else {
            add(2000, events.other())
            add(2600, events.work("execute_start", 0xC100, 0xC000_2000, pid: 77))
            add(4600, events.work("execute_end", 0xC100, 0xC000_2000, pid: 77))
        }
    }

    static func recording(
        _ byteOrder: ByteOrder = .little, isBackward: Bool = false, _ change: (inout PerfBuilder) -> Void = { _ in }
    ) -> [UInt8] {
        var perf = builder(byteOrder)
        change(&perf)
        addEvents(&perf, isBackward: isBackward)
        return perf.build()
    }

    /// What a recording with these events must give.
    static func check(_ report: Report) -> [String] {
        // Of perf's: no symbols, another clock, its own machine.
        Samples.check(report).filter { !$0.hasPrefix("work name") && !$0.hasPrefix("source") }
            + (report[.work].first?.name == "0xc0002000" ? [] : ["work \(report[.work].map(\.name))"])
            + (report.source.cpuCount == 2 && report.source.format == "perf.data" ? [] : ["source \(report.source)"])
    }
}
