import Foundation
import TestSupport
import Testing

@testable import IRQCore
@testable import KernelSource

/// The real tracefs of this machine. One test at a time: they compare what is there before and after.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct TraceInstanceTests {
    /// Reads the disk past the cache, so that there are interrupts, and sends over the loopback, for softirqs.
    static func load(seconds: Double) throws {
        let result = try shell(
            """
            file=/var/tmp/irqscope-test-scratch-$$
            dd if=/dev/zero of=$file bs=1M count=8 oflag=dsync 2>/dev/null
            end=$(($(date +%s%N) / 1000000 + \(Int(seconds * 1000))))
            while [ $(($(date +%s%N) / 1000000)) -lt $end ]; do
                dd if=$file of=/dev/null iflag=direct bs=4k count=500 2>/dev/null
            done
            rm -f $file
            """)
        #expect(result.status == 0)
    }

    /// Everything an instance holds, decoded.
    struct Decoded {
        var kinds: [EventKind: Int] = [:]
        var handlerCalls: [Int: Int] = [:]
        var records = 0
        var pages = 0
        var gaps = 0
        var lost: UInt64 = 0
        var times: [UInt64] = []
    }

    static func drain(_ instance: inout TraceInstance, cpus: [Int]? = nil, into decoded: inout Decoded) throws {
        let formats = try instance.eventFormats()
        let decoder = PageDecoder(layout: instance.layout)
        var room = PageBuffer(subBufferByteCount: instance.subBufferByteCount, capacity: 16)
        for cpu in cpus ?? instance.cpus {
            var count = 0
            var lastTime: UInt64 = 0
            repeat {
                room.removeAll()
                count = try instance.readPages(cpu: cpu, into: &room)
                #expect(room.bytes.byteCount == count * instance.subBufferByteCount)
                for index in 0..<count {
                    let page = room.page(index)
                    var cursor = try decoder.open(page)
                    #expect(cursor.time >= lastTime, "pages of a CPU come in order")
                    switch cursor.missed {
                    case .none: break
                    case .unknown: decoded.gaps += 1
                    case .counted(let lost):
                        decoded.gaps += 1
                        decoded.lost += lost
                    }
                    try decoder.decode(page, from: &cursor, formats: formats) { event, _ in
                        decoded.kinds[event.kind, default: 0] += 1
                        if event.kind == .irqEntry { decoded.handlerCalls[Int(event.irq), default: 0] += 1 }
                        decoded.times.append(event.time)
                        lastTime = event.time
                    }
                    decoded.records += cursor.recordCount
                }
                decoded.pages += count
            } while count == room.capacity
        }
    }

    /// What the kernel counted for all CPUs.
    static func statistics(_ instance: inout TraceInstance) -> [TraceStatistics] {
        var all: [TraceStatistics] = []
        for cpu in instance.cpus {
            if let one = instance.statistics(cpu: cpu) { all.append(one) }
        }
        return all
    }

    /// Counts of /proc/interrupts, of lines with one action.
    static func counts() throws -> [Int: Int] {
        let lines = try String(contentsOfFile: "/proc/interrupts", encoding: .utf8).split(separator: "\n")
        let cpuCount = lines[0].split(separator: " ").count
        var counts: [Int: Int] = [:]
        for line in lines.dropFirst() where !line.contains(", ") {
            let words = line.split(separator: " ")
            guard let irq = Int(words[0].dropLast()) else { continue }
            counts[irq] = words.dropFirst().prefix(cpuCount).compactMap { Int($0) }.reduce(0, +)
        }
        return counts
    }

    @Test func appearsAsPlannedAndDisturbsNobody() throws {
        let root = try #require(Tracefs.root)
        let foreign = "test-foreign-\(getpid())"
        try FileManager.default.createDirectory(atPath: "\(root)/instances/\(foreign)", withIntermediateDirectories: false)
        defer { rmdir("\(root)/instances/\(foreign)") }
        try "irq == 3".write(
            toFile: "\(root)/instances/\(foreign)/events/irq/irq_handler_entry/filter", atomically: false, encoding: .utf8)
        try "1".write(
            toFile: "\(root)/instances/\(foreign)/events/irq/softirq_raise/enable", atomically: false, encoding: .utf8)
        let top = try Tracefs.settings("")
        let other = try Tracefs.settings("instances/\(foreign)/")
        let before = try Tracefs.foreignInstances()
        #expect(before.contains(foreign))

        var plan = TracePlan()
        plan.events = [.irq, .softirq, .irqVectors, .sched, .tasklet, .workqueue, .napi, .ipi]
        plan.irqs = [3...5, 24...24]
        plan.cpus = [0]
        plan.bufferKilobytesPerCPU = 512
        plan.wakePercent = 30
        plan.isOverwrite = false
        plan.clock = "boot"
        let name: String
        do {
            let instance = try TraceInstance(plan: plan, tracingRoot: root)
            name = instance.name
            let own = "instances/\(name)/"
            #expect(InstanceName(name)?.pid == getpid() && instance.path == "\(root)/instances/\(name)")
            #expect(instance.cpus == [0] && instance.descriptors.count == 1)
            #expect(instance.bufferKilobytesPerCPU == 512 && instance.unfilteredEvents.isEmpty)
            #expect(try Tracefs.text(own + "trace_clock").contains("[boot]"))
            #expect(try Tracefs.text(own + "tracing_on") == "1\n" && Tracefs.text(own + "buffer_percent") == "30\n")
            #expect(try Tracefs.text(own + "options/overwrite") == "0\n")
            #expect(try Tracefs.text(own + "tracing_cpumask").trimmingCharacters(in: .whitespacesAndNewlines) == "1")
            let filter = "irq == 24"
            #expect(
                try Tracefs.text(own + "events/irq/irq_handler_exit/filter")
                    == "(irq >= 3 && irq <= 5) || \(filter)\n")
            #expect(try Tracefs.text(own + "events/sched/sched_waking/filter").contains("comm ~ \"irq/*\""))
            let enabled = Set(
                try Tracefs.text(own + "set_event").split(separator: "\n").map { $0.split(separator: " ")[0] }.map { String($0) })
            #expect(enabled == Set(instance.events))
            #expect(enabled.isSuperset(of: ["irq:irq_handler_entry", "irq:softirq_raise", "sched:sched_switch", "napi:napi_poll"]))
            #expect(!enabled.contains { $0.hasPrefix("irq_vectors:vector_") })
            for missing in instance.missingEvents {
                #expect(!FileManager.default.fileExists(atPath: "\(root)/events/" + missing.replacing(":", with: "/")))
            }
            #expect(try Tracefs.settings("") == top && Tracefs.settings("instances/\(foreign)/") == other)
            #expect(!enabled.contains("irq:irq_handler_entry") || instance.layout.dataOffset == 16 || MemoryLayout<Int>.size == 4)
        }
        #expect(try Tracefs.settings("") == top && Tracefs.settings("instances/\(foreign)/") == other)
        #expect(try Tracefs.foreignInstances() == before && !Tracefs.instances().contains(name))
    }

    @Test func pagesAgreeWithTheKernelsCounts() throws {
        let first = try Self.counts()
        var plan = TracePlan()
        plan.events = [.irq, .softirq, .irqVectors]
        var instance = try TraceInstance(plan: plan)
        let second = try Self.counts()
        try Self.load(seconds: 0.5)
        var decoded = Decoded()
        try Self.drain(&instance, into: &decoded)  // on the run
        let third = try Self.counts()
        try instance.stop()
        let last = try Self.counts()
        try Self.drain(&instance, into: &decoded)  // what was left
        let statistics = Self.statistics(&instance)
        #expect(statistics.allSatisfy { $0.entries == 0 && $0.lost == 0 && $0.nowMicroseconds > 0 })
        let read = statistics.map(\.readEvents).reduce(0, +)
        #expect(UInt64(decoded.records) == read && decoded.gaps == 0)
        #expect(decoded.kinds.values.reduce(0, +) == decoded.records, "each event is known")
        let count = { (kind: EventKind) in decoded.kinds[kind] ?? 0 }
        #expect(count(.irqEntry) > 100 && abs(count(.irqEntry) - count(.irqExit)) <= instance.cpus.count)
        #expect(abs(count(.softirqEntry) - count(.softirqExit)) <= instance.cpus.count && count(.softirqRaise) > 0)
        #if arch(x86_64)
            #expect(count(.vectorEntry) > 0)
        #endif
        var compared = 0
        for (irq, total) in last {
            guard let start = first[irq], let low = second[irq], let high = third[irq], total - start >= 20 else { continue }
            let calls = decoded.handlerCalls[irq] ?? 0
            // An edge interrupt that comes again while its handler runs is counted once and handled twice.
            #expect(calls >= high - low && calls <= (total - start) * 11 / 10, "irq \(irq): \(calls), \(high - low)…\(total - start)")
            compared += 1
        }
        #expect(compared > 0)
        print("\(decoded.records) events in \(decoded.pages) pages, \(compared) interrupts compared")
    }

    @Test func filtersInTheKernel() throws {
        let before = try Self.counts()
        try Self.load(seconds: 0.2)
        let after = try Self.counts()
        let busiest = try #require(after.max { ($0.value - before[$0.key, default: 0]) < ($1.value - before[$1.key, default: 0]) }?.key)
        var plan = TracePlan()
        plan.events = [.irq]
        plan.irqs = [Int64(busiest)...Int64(busiest)]
        var instance = try TraceInstance(plan: plan)
        var others = plan
        others.irqs = [0...Int64(busiest - 1), Int64(busiest + 1)...1000]
        var rest = try TraceInstance(plan: others)
        #expect(instance.name != rest.name && InstanceName(rest.name)?.serial ?? 0 > 1, "two of one process")
        try Self.load(seconds: 0.3)
        try instance.stop()
        try rest.stop()
        var decoded = Decoded()
        try Self.drain(&instance, into: &decoded)
        #expect(Set(decoded.handlerCalls.keys) == [busiest])
        var decodedRest = Decoded()
        try Self.drain(&rest, into: &decodedRest)
        #expect(decodedRest.handlerCalls[busiest] == nil)
    }

    @Test func readsTheChosenCPUsOnly() throws {
        let cpus = try #require(NUMATopology().online?.cpus)
        if cpus.count < 2 { try Test.cancel("this machine has one CPU") }
        var plan = TracePlan()
        plan.cpus = [cpus[1]]
        plan.events = [.irq, .softirq, .irqVectors]
        var instance = try TraceInstance(plan: plan)
        try Self.load(seconds: 0.2)
        try instance.stop()
        var decoded = Decoded()
        try Self.drain(&instance, cpus: cpus, into: &decoded)
        let (off, on) = (instance.statistics(cpu: cpus[0]), instance.statistics(cpu: cpus[1]))
        #expect(decoded.records > 0 && off == nil && on?.readEvents == UInt64(decoded.records))
        #expect(try Tracefs.text("instances/\(instance.name)/per_cpu/cpu\(cpus[0])/stats").hasPrefix("entries: 0\noverrun: 0\n"))
    }

    @Test func cpuThatCannotBeIsRefused() {
        var plan = TracePlan()
        plan.cpus = [65_000]
        #expect(throws: TraceError(path: "/sys/devices/system/cpu/possible", reason: .cpuUnknown(65_000))) {
            _ = try TraceInstance(plan: plan).name
        }
    }

    @Test func stopKeepsWhatTheRingHolds() throws {
        var instance = try TraceInstance()
        try Self.load(seconds: 0.2)
        try instance.stop()
        let held = Self.statistics(&instance).map(\.entries).reduce(0, +)
        #expect(held > 0)
        try Self.load(seconds: 0.1)
        let later = Self.statistics(&instance).map(\.entries).reduce(0, +)
        #expect(later == held)
        var decoded = Decoded()
        try Self.drain(&instance, into: &decoded)
        #expect(UInt64(decoded.records) == held)
        try instance.start()
        try Self.load(seconds: 0.1)
        try Self.drain(&instance, into: &decoded)
        #expect(UInt64(decoded.records) > held)
    }

    @Test func lostEventsAreCountedAndMarked() throws {
        var plan = TracePlan()
        plan.bufferKilobytesPerCPU = 8
        plan.events = [.irq, .softirq, .irqVectors]
        var instance = try TraceInstance(plan: plan)
        var decoded = Decoded()
        for _ in 0..<2 {
            // The first page after a loss tells of it, if there was one before.
            try Self.load(seconds: 0.2)
            try Self.drain(&instance, into: &decoded)
        }
        try instance.stop()
        try Self.drain(&instance, into: &decoded)
        let statistics = Self.statistics(&instance)
        #expect(statistics.map(\.lost).reduce(0, +) > 0 && decoded.gaps > 0)
        #expect(statistics.map(\.readEvents).reduce(0, +) == UInt64(decoded.records))
        print("\(decoded.gaps) gaps, \(decoded.lost) events lost, the kernel counted \(statistics.map(\.lost))")
    }

    @Test func waits() throws {
        var plan = TracePlan()
        plan.events = [.irq]
        plan.irqs = []  // none at all
        var silent = try TraceInstance(plan: plan)
        let clock = ContinuousClock()
        let start = clock.now
        let quiet = silent.wait(milliseconds: 50)
        #expect(quiet.isTimeout && clock.now - start >= .milliseconds(50))
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data([1]))
        let other = silent.wait(milliseconds: 10_000, also: pipe.fileHandleForReading.fileDescriptor)
        #expect(other.isOtherReady && other.readyCount == 0)

        plan = TracePlan()
        plan.bufferKilobytesPerCPU = 16
        plan.events = [.irq, .softirq, .irqVectors]
        var busy = try TraceInstance(plan: plan)
        try Self.load(seconds: 0.2)
        let wake = busy.wait(milliseconds: 10_000)
        #expect(wake.readyCount > 0)
        var room = PageBuffer(subBufferByteCount: busy.subBufferByteCount, capacity: 4)
        var count = 0
        for cpu in busy.cpus { count += try busy.readPages(cpu: cpu, into: &room, limit: 1) }
        #expect(count == room.count && count > 0 && count <= busy.cpus.count)
        let none = try busy.readPages(cpu: 99_999, into: &room) + busy.readPages(cpu: -1, into: &room)
        #expect(none == 0)
    }

    @Test func eventsThatTheKernelLacks() throws {
        let root = try #require(Tracefs.root)
        let folder = try InstanceFolder(root: root, cpuCount: 1)
        let raise = EventChoice(system: "irq", name: "softirq_raise")
        let absent = EventChoice(system: "irq", name: "nonesuch")
        var bad = EventChoice(system: "irq", name: "softirq_entry", filter: "nonesuch == 1")
        var outcome = try TraceSetup.enable([raise, absent, bad], folder)
        #expect(outcome == (["irq:softirq_raise", "irq:softirq_entry"], ["irq:nonesuch"], ["irq:softirq_entry"]))
        bad.isFilterNeeded = true
        outcome = try TraceSetup.enable([bad], folder)
        #expect(outcome == ([], ["irq:softirq_entry"], []))
        var required = absent
        required.isRequired = true
        let path = folder.path
        do {
            _ = try TraceSetup.enable([required], folder)
            Issue.record("an event that must be there is not")
        } catch {
            #expect(error == TraceError(path: path, reason: .eventMissing("irq:nonesuch")))
            #expect(error.description.contains("this kernel has no event irq:nonesuch; use a kernel"))
        }
    }

    /// However fast events come, reading ends when its time is over; what is left can be told, and read.
    @Test func drainingEndsInTime() throws {
        var plan = TracePlan()
        plan.events = [.irq, .softirq, .irqVectors]
        var instance = try TraceInstance(plan: plan)
        var room = PageBuffer(subBufferByteCount: instance.subBufferByteCount, capacity: 1)
        try DiskLoad.during { _ = usleep(500_000) }
        try instance.stop()
        let decoder = PageDecoder(layout: instance.layout)
        var (pages, events): (Int, UInt64) = (0, 0)
        func take(_ room: inout PageBuffer, _ cpu: Int) -> Bool {
            pages += room.count
            for index in 0..<room.count { events += UInt64(decoder.eventCount(room.page(index))) }
            return true
        }
        // The time is over already: one room all the same, so that it goes on, and of another CPU the next time.
        #expect(try !instance.drain(into: &room, until: 0) { take(&$0, $1) } && pages == 1)
        let first = instance.unreadEvents()
        #expect(!first.isEmpty)
        let unread = first.reduce(0) { $0 + $1.count }
        events = 0
        #expect(try instance.drain(into: &room, until: .max) { take(&$0, $1) })
        #expect(events == unread && instance.unreadEvents().isEmpty)
    }

    @Test func settingsThatTheKernelRefusesLeaveNothingBehind() throws {
        let root = try #require(Tracefs.root)
        let before = try Tracefs.instances().filter { InstanceName($0)?.pid == getpid() }
        var plan = TracePlan()
        plan.clock = "sundial"
        do {
            _ = try TraceInstance(plan: plan).name
            Issue.record("there is no such clock")
        } catch {
            #expect(error.reason == .setting("sundial", EINVAL) && error.path.hasSuffix("/trace_clock"))
            #expect(error.description.contains("the kernel does not take \"sundial\" (Invalid argument)"))
        }
        #expect(try Tracefs.instances().filter { InstanceName($0)?.pid == getpid() } == before)
        #expect(root == "/sys/kernel/tracing" || !root.isEmpty)
    }

    @Test func describesTheKernel() throws {
        var plan = TracePlan()
        plan.events = [.irq, .softirq, .workqueue]
        let instance = try TraceInstance(plan: plan)
        let description = try instance.description()
        let root = "\(try #require(Tracefs.root))/"
        func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: root + path))) }
        #expect(try description.headerPage == bytes("events/header_page") && description.headerEvent == bytes("events/header_event"))
        #expect(Set(description.events.map(\.system)) == ["irq", "workqueue"])
        for event in description.events + description.ftraceEvents {
            #expect(try event.format == bytes("events/\(event.system)/\(event.name)/format"), "\(event.system):\(event.name)")
        }
        #expect(
            description.events.contains { $0.name == "irq_handler_entry" } && description.ftraceEvents.contains { $0.name == "function" })
        #expect(description.clocks.contains("[mono]") && description.options.contains("overwrite"))
        // Data(contentsOf:) would end at the first short read.
        #expect(try Data(description.printkFormats) == run("/bin/cat", [root + "printk_formats"]).output)
        #expect(description.cpuCount == (instance.cpus.last ?? 0) + 1 && !instance.onlineCPUs.isEmpty)
        #expect(!instance.savedCommandLines().isEmpty)
        let symbols = instance.kernelSymbols() ?? []
        #expect(symbols.isEmpty || String(decoding: symbols.prefix(4096), as: UTF8.self).contains(" T "))
        let formats = try instance.eventFormats()
        let (hasWork, hasVectors) = (formats.contains(.workStart), formats.contains(.vectorEntry))
        #expect(hasWork && !hasVectors)
    }
}
