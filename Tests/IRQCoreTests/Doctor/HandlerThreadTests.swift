import TestSupport
import Testing

@testable import IRQCore

/// A box whose line 91 has a thread of its handler.
private func threaded(allowed: String = "2", on cpu: Int = 2) -> MemoryBox {
    var box = MemoryBox()
    box.line(91, "PCI-MSI 1-edge", "enp2s0-TxRx-2", on: cpu, perSecond: 100)
    box.tasks[500] = MemoryBox.Task(
        name: "irq/91-enp2s0-TxRx-2", delta: 5, cpu: cpu, realtimePriority: 50, policy: 1)
    box.files["proc/500/status"] = "Name:\tirq/91\nCpus_allowed:\t4\nCpus_allowed_list:\t\(allowed)\nMems_allowed_list:\t0\n"
    return box
}

@Suite struct IRQThreadMaskTests {
    @Test func theThreadMayRunElsewhere() throws {
        let finding = try #require(try threaded(allowed: "0-3").run(IRQThreadMaskCheck.self).findings.first)
        #expect(finding.severity == .note && finding.lines == [91])
        #expect(finding.evidence == "irq/91-enp2s0-TxRx-2 may run on 0-3, its interrupt comes to 2")
        #expect(finding.next.first == "cat /proc/irq/91/smp_affinity >/proc/irq/91/smp_affinity")
    }

    @Test func itMattersWhereCPUsAreIsolatedAndUnderRealTime() throws {
        var box = threaded(allowed: "0-3")
        box.files["sys/devices/system/cpu/isolated"] = "3"
        #expect(try box.run(IRQThreadMaskCheck.self).findings.first?.severity == .warn)
        var realtime = threaded(allowed: "0-3")
        realtime.files["proc/version"] = "Linux version 6.12.0-rt (x) #1 SMP PREEMPT_RT"
        #expect(try realtime.run(IRQThreadMaskCheck.self).findings.first?.severity == .warn)
    }

    /// The checks of this program and the verdicts that it shares with `alert` know the same kernels.
    @Test(arguments: [
        ("sys/kernel/realtime", "1", true), ("proc/sys/kernel/version", "#1 SMP PREEMPT_RT", true),
        ("proc/version", "Linux version 5.4.0 (x) #1 SMP PREEMPT RT", true), ("proc/cmdline", "quiet threadirqs", true),
        ("proc/cmdline", "threadirqs=1", true), ("proc/cmdline", "nothreadirqs", false), ("sys/kernel/realtime", "0", false),
    ])
    func handlersInThreadsAreKnownInOnePlace(_ path: String, _ text: String, _ isForced: Bool) throws {
        var box = threaded()
        box.files[path] = text
        let found = try box.examine()
        #expect(found.kernel.areHandlersThreaded == isForced)
        let threads = try #require(found.seen.lines.first { $0.irq == 91 }?.threads)
        if case .forced = threads { #expect(isForced) } else { #expect(!isForced, "\(threads)") }
    }

    /// The rule of `alert` (`ThreadScanTests.linesWithThreads`): a copy without any process hides nothing, but where threads
    /// are forced.
    @Test func copiesWithoutProcessesHideNoThreads() throws {
        func wakes(_ change: (inout MemoryBox) -> Void) throws -> [Bool?] {
            var box = threaded()
            change(&box)
            let lines = try box.examine().seen.lines
            return [91, 28].map { irq in lines.first { $0.irq == irq }?.details?.wakesThreads }
        }
        #expect(try wakes { _ in } == [true, false])
        func removeTasks(_ box: inout MemoryBox) {
            box.tasks = [:]
            box.remove("proc/500/status")
        }
        #expect(try wakes(removeTasks) == [false, false])
        let forced = try wakes {
            removeTasks(&$0)
            $0.files["proc/cmdline"] = "threadirqs"
        }
        #expect(forced == [nil, nil])
        // A container, or hidepid=: processes, and none of the kernel's.
        #expect(try wakes { $0.tasks = $0.tasks.filter { !$0.value.isKernel } } == [nil, nil])
        // Who could not be read may be a thread of the line.
        let cut = try wakes {
            $0.answers["proc/77/stat"] = .denied
            $0.files["proc/77/comm"] = "x"
        }
        #expect(cut == [true, nil])
    }

    @Test func manyThreadsAreOneFinding() throws {
        var box = threaded(allowed: "0-3")
        for number in 0..<6 {
            box.line(100 + number, "PCI-MSI \(number + 2)-edge", "dev\(number)", on: 1, perSecond: 10)
            box.tasks[600 + number] = MemoryBox.Task(name: "irq/\(100 + number)-dev\(number)", cpu: 1)
            box.files["proc/\(600 + number)/status"] = "Cpus_allowed_list:\t0-3\n"
        }
        let findings = try box.run(IRQThreadMaskCheck.self).findings
        #expect(findings.count == 1 && findings[0].lines.count == 7)
        #expect(findings[0].evidence.hasSuffix("; 6 more threads likewise: irq/100-dev0, irq/101-dev1, irq/102-dev2, …"))
        #expect(findings[0].next[0].hasPrefix("for n in 91 100 101 102 103 104 105; do cat"))
    }

    @Test func aManagedLineCannotBeWritten() throws {
        var box = threaded(allowed: "0-3")
        box.kernel = "6.12.0"
        box.modes["proc/irq/91/smp_affinity"] = 0o444
        #expect(try box.run(IRQThreadMaskCheck.self).findings.first?.next == ["taskset -pc 2 500"])
    }

    @Test func silent() throws {
        #expect(try threaded().run(IRQThreadMaskCheck.self).findings.isEmpty)
        var empty = threaded(allowed: "0-3")
        empty.files["proc/irq/91/effective_affinity"] = "0"
        let run = try empty.run(IRQThreadMaskCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
        // CPU 7 is not online.
        #expect(try threaded(allowed: "2,7").run(IRQThreadMaskCheck.self).findings.isEmpty)
    }

    @Test(arguments: ["proc/500/status", "proc/irq/91/effective_affinity"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = threaded(allowed: "0-3")
        box.remove(path)
        let run = try box.run(IRQThreadMaskCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains(path) == true)
    }

    @Test func withoutProcessesItIsUnknown() throws {
        var box = threaded(allowed: "0-3")
        box.tasks = [:]
        #expect(try box.run(IRQThreadMaskCheck.self, IRQThreadPriorityCheck.self).unknown.first?.reason.contains("proc") == true)
    }
}

@Suite struct IRQThreadPriorityTests {
    private func box(_ ticks: UInt64, priority: Int = 80, on cpu: Int = 2, options: String = "threadirqs") -> MemoryBox {
        var box = threaded()
        box.files["proc/cmdline"] = "quiet \(options)"
        box.tasks[700] = MemoryBox.Task(
            name: "engine", isKernel: false, delta: ticks, cpu: cpu, realtimePriority: priority, policy: 1)
        return box
    }

    @Test func theThreadWaits() throws {
        let finding = try #require(try box(990).run(IRQThreadPriorityCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.lines == [91])
        #expect(finding.evidence == "irq/91-enp2s0-TxRx-2 FIFO 50 waits for engine FIFO 80 (99.0% of CPU 2)")
        #expect(finding.next.first == "chrt -f -p 85 500" && finding.undo == "chrt -f -p 50 500")
    }

    @Test func silent() throws {
        #expect(try box(499).run(IRQThreadPriorityCheck.self).findings.isEmpty)
        #expect(try box(500).run(IRQThreadPriorityCheck.self).findings.count == 1)
        #expect(try box(990, priority: 50).run(IRQThreadPriorityCheck.self).findings.count == 1)
        #expect(try box(990, priority: 49).run(IRQThreadPriorityCheck.self).findings.isEmpty)
        #expect(try box(990, on: 1).run(IRQThreadPriorityCheck.self).findings.isEmpty)
        #expect(try box(990, options: "").run(IRQThreadPriorityCheck.self).findings.isEmpty)
    }

    @Test func theThreadIsAnOrdinaryOne() throws {
        var box = box(0)
        box.tasks[500]?.policy = 0
        box.tasks[500]?.realtimePriority = 0
        let finding = try #require(try box.run(IRQThreadPriorityCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence.hasPrefix("irq/91-enp2s0-TxRx-2 is OTHER"))
        #expect(finding.next == ["chrt -f -p 50 500"])
    }

    @Test func oneSampleDoesNotTell() throws {
        var box = box(990)
        box.hasTwoSamples = false
        let run = try box.run(IRQThreadPriorityCheck.self)
        #expect(run.findings.isEmpty && run.unknown.count == 1)
    }

    @Test func withoutFilesItIsUnknown() throws {
        var box = box(990)
        box.remove("proc/cmdline")
        box.remove("proc/version")
        #expect(try box.run(IRQThreadPriorityCheck.self).unknown.first?.reason.contains("proc/cmdline") == true)
    }
}

@Suite struct RTThrottleTests {
    private static let limit = "proc/sys/kernel/sched_rt_runtime_us"

    /// A box with a FIFO task that takes so many of 1,000 ticks of CPU 1, to which eth0 comes.
    private func box(_ ticks: UInt64, limit: String) -> MemoryBox {
        var box = MemoryBox()
        box.files[Self.limit] = limit
        box.tasks[700] = MemoryBox.Task(
            name: "engine", isKernel: false, delta: ticks, cpu: 1, realtimePriority: 80, policy: 1)
        return box
    }

    @Test func nothingElseRuns() throws {
        let finding = try #require(try box(990, limit: "-1").run(RTThrottleCheck.self).findings.first)
        #expect(finding.severity == .warn)
        #expect(
            finding.evidence
                == "engine FIFO 80 takes 99.0% of CPU 1; sched_rt_runtime_us -1: nothing else runs there")
        #expect(finding.next.first == "sysctl kernel.sched_rt_runtime_us=950000")
        #expect(finding.undo == "sysctl kernel.sched_rt_runtime_us=-1")
    }

    @Test func theLimitLeavesSome() throws {
        #expect(try box(950, limit: "950000").run(RTThrottleCheck.self).findings.first?.severity == .note)
    }

    @Test func theKernelStoppedThem() throws {
        var box = box(100, limit: "950000")
        box.log = ["[  812.000000] sched: RT throttling activated"]
        let finding = try #require(try box.run(RTThrottleCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence.contains("RT throttling activated) at 812 s"))
    }

    @Test func silent() throws {
        #expect(try box(940, limit: "-1").run(RTThrottleCheck.self).findings.isEmpty)
        var other = box(990, limit: "-1")
        other.tasks[700]?.policy = 2
        #expect(try other.run(RTThrottleCheck.self).findings.isEmpty)
        // No line comes there, and no softirq waits.
        other.tasks[700]?.policy = 1
        other.tasks[700]?.cpu = 2
        #expect(try other.run(RTThrottleCheck.self).findings.isEmpty)
        other.tasks[22]?.delta = 20
        #expect(try other.run(RTThrottleCheck.self).findings.count == 1)
    }

    /// Tasks that began between the samples have taken nothing before; of those that were not seen alone the share is unknown.
    @Test func tasksThatComeAndGo() throws {
        var box = box(100, limit: "950000")
        func later(_ start: Int, ticks: Int) {
            var fields = Array(repeating: "0", count: 50)
            (fields[0], fields[11], fields[17], fields[19]) = ("S", "\(ticks)", "1", "\(start)")
            (fields[36], fields[37], fields[38]) = ("1", "10", "1")
            box.later["proc/800/stat"] = "800 (sleep) " + fields.joined(separator: " ") + "\n"
        }
        later(719_950, ticks: 2)
        #expect(try box.run(RTThrottleCheck.self).unknown.isEmpty)
        later(719_000, ticks: 980)
        #expect(try box.run(RTThrottleCheck.self).findings.map(\.severity) == [.note])
        later(500, ticks: 2)
        #expect(
            try box.run(RTThrottleCheck.self).unknown.map(\.reason) == ["sleep (800, FIFO 10) was not there in both samples"])
        box.hasTwoSamples = false
        #expect(try box.run(RTThrottleCheck.self).unknown.first?.reason.hasPrefix("one sample") == true)
    }

    @Test func theOnlyCPUKeepsItsInterrupts() throws {
        var box = MemoryBox(cpus: 1)
        box.files[Self.limit] = "-1"
        box.line(9, "IO-APIC 9-fasteoi", "acpi", on: 0, perSecond: 20)
        box.tasks[700] = MemoryBox.Task(
            name: "engine", isKernel: false, delta: 990, cpu: 0, realtimePriority: 80, policy: 1)
        let next = try #require(try box.run(RTThrottleCheck.self).findings.first).next
        #expect(next.count == 2 && !next.contains { $0.contains("affinity plan") })
    }

    @Test func withoutItsFileItIsUnknown() throws {
        let run = try MemoryBox().run(RTThrottleCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "\(Self.limit) is not there")
    }
}

@Suite struct ExaminedTaskTests {
    /// The line of a stat file: flags, priority (field 18), CPU, real-time priority, policy.
    private func stat(
        flags: Int = 0x20_0000, parent: Int = 2, priority: Int = 20, cpu: Int = 0, realtime: Int = 0, policy: Int = 0
    ) throws -> ExaminedTask {
        let text =
            "300 (irq/70-eno1) S \(parent) 0 0 0 -1 \(flags) 0 0 0 0 5 0 0 0 \(priority) 0 1 0 10 0 0 0 0 0 0 0 0 0 0 0 0 0"
            + " 0 0 17 \(cpu) \(realtime) \(policy) 0 0 0"
        return try #require(ExaminedTask(stat: text, process: 300))
    }

    @Test func thePriorityThatItRunsWithCounts() throws {
        // One that inherited FIFO 50 runs with it.
        #expect(try stat(priority: -51).policyText == "FIFO 50")
        #expect(try stat(priority: -51, realtime: 50, policy: 2).policyText == "RR 50")
        #expect(try stat(priority: 0).policyText == "OTHER")
        #expect(try stat(priority: -101, policy: 6).policyText == "DEADLINE")
    }

    @Test func flagsTellThreadsOfTheKernel() throws {
        #expect(try stat().isKernel)
        #expect(try !stat(flags: 0x40_0000).isKernel)
        #expect(try stat(flags: 0).isKernel)
        #expect(try !stat(flags: 0, parent: 1).isKernel)
    }

    @Test func aPinnedTaskIsOnItsCPU() throws {
        var box = threaded(allowed: "3")
        #expect(try box.examine().tasks?.first { $0.pid == 500 }?.lastCPU == 3)
        box.files["proc/500/status"] = "Cpus_allowed_list:\t0-3\n"
        #expect(try box.examine().tasks?.first { $0.pid == 500 }?.lastCPU == 2)
    }

    @Test(arguments: [
        ("6.12.48+deb13-rt-amd64", "#1 SMP PREEMPT_DYNAMIC", true), ("6.1.0-rt5", "#1 SMP", true),
        ("6.12.0-amd64", "#1 SMP PREEMPT_RT", true), ("6.12.0-smart-rtl", "#1 SMP PREEMPT_DYNAMIC", false),
    ])
    func realtimeKernels(_ release: String, _ version: String, _ isRealtime: Bool) throws {
        var box = MemoryBox()
        box.kernel = release
        box.files["proc/version"] = "Linux version \(release) (x) \(version)"
        #expect(try box.examine().kernel.isRealtime == isRealtime)
    }
}
