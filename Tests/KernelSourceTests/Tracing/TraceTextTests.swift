import Glibc
import TestSupport
import Testing

@testable import IRQCore
@testable import KernelSource

/// Texts that go to the kernel and come from it.
@Suite struct TraceTextTests {
    @Test func filtersOfInterrupts() {
        #expect(EventFilter.irqs([24...24]) == "irq == 24")
        #expect(EventFilter.irqs([40...42, 1...1, 43...50, 44...45]) == "irq == 1 || (irq >= 40 && irq <= 50)")
        #expect(EventFilter.irqs([0...Int64.max, 5...5]) == "(irq >= 0 && irq <= 2147483647)")
        #expect(EventFilter.irqs([Int64.min...Int64.max, 7...9]) == "(irq >= 0 && irq <= 2147483647)")
        #expect(EventFilter.irqs([]) == "irq < 0" && EventFilter.irqs([-9 ... -1]) == "irq < 0")
    }

    /// By the fields of include/trace/events/sched.h; what the kernel makes of the texts is a live test's matter.
    @Test func filtersOfTasks() {
        #expect(TaskSelection.all.filter(prefixes: [""]) == nil)
        #expect(
            TaskSelection.serviceThreads.filter(prefixes: [""])
                == #"comm ~ "irq/*" || comm ~ "ksoftirqd/*" || comm ~ "ktimers/*" || comm ~ "napi/*""#)
        let some = TaskSelection.any([.realTime, .pid(17), .name("a*")])
        #expect(
            some.filter(prefixes: ["prev_", "next_"])
                == "prev_prio < 100 || prev_pid == 17 || prev_comm ~ \"a*\" || next_prio < 100 || next_pid == 17 || next_comm ~ \"a*\"")
        #expect(some.words == ["rt", "17", "a*"] && TaskSelection.all.words == nil)
    }

    @Test(
        arguments: [
            (1, nil, 16 << 10, 512 << 10), (2, 16 << 20, 16 << 10, 256 << 10), (128, nil, 4 << 10, 4 << 10), (4096, nil, 512, 512),
            (4, 64 << 10, 1 << 10, 1 << 10), (1, 0, 512, 512),
        ] as [(Int, Int?, Int, Int)]) func deepBuffersLeaveMemory(cpuCount: Int, available: Int?, usual: Int, most: Int)
    {
        #expect(TracePlan.deepKilobytes(cpuCount: cpuCount, availableKilobytes: available) == (usual, most))
    }

    @Test func memoryIsThatOfTheKernel() throws {
        let free = try #require(KernelMemory.availableKilobytes())
        let whole = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 1024
        #expect(free > 0 && free <= whole)
    }

    @Test func masksOfCPUs() {
        #expect(CPUMaskText.text([0]) == "00000001")
        #expect(CPUMaskText.text([0, 1, 31]) == "80000003")
        #expect(CPUMaskText.text([0, 32, 33]) == "00000003,00000001")
        #expect(CPUMaskText.text([64]) == "00000001,00000000,00000000")
    }

    @Test(
        arguments: [
            ("irqscope-17-4711-4026531836", 17, 4711, 4_026_531_836, 1), ("irqscope-1-0-0", 1, 0, 0, 1),
            ("irqscope-17-4711", 17, 4711, nil, 1), ("irqscope-17-4711.2", 17, 4711, nil, 2),
            ("irqscope-2147483647-18446744073709551615-18446744073709551615.3", 2_147_483_647, .max, .max, 3),
        ] as [(String, Int32, UInt64, UInt64?, UInt32)])
    func names(text: String, pid: Int32, start: UInt64, namespace: UInt64?, serial: UInt32) {
        let name = InstanceName(text)
        #expect(name == InstanceName(pid: pid, startTicks: start, namespace: namespace, serial: serial))
        #expect(name?.text == text)
    }

    @Test(arguments: [
        "", "irqscope", "irqscope-", "irqscope-17", "irqscope-17-", "irqscope--5", "irqscope-0-5", "irqscope--1-5", "irqscope-+1-5",
        "irqscope-01-5", "irqscope-1-05", "irqscope-1-5.1", "irqscope-1-5.", "irqscope-1-5.2.3", "irqscope-1-5-6-7", "irqscope-1-5 ",
        "Irqscope-1-5", "irqscope-2147483648-5", "trace-cmd", "irqscope-a-b", "irqscope-1-5-06", "irqscope-1-5-", "irqscope-1-5-6.1",
        "irqscope-1.2-5-6",
    ])
    func foreignNames(text: String) { #expect(InstanceName(text) == nil) }

    @Test func ownNameIsLiving() {
        let view = ProcessView()
        let own = InstanceName.own(serial: 1)
        func name(_ pid: Int32, _ startTicks: UInt64, _ namespace: UInt64?) -> InstanceName {
            InstanceName(pid: pid, startTicks: startTicks, namespace: namespace, serial: 1)
        }
        #expect(own.startTicks > 0 && own.namespace == view.namespace && !own.isOrphan(view))
        #expect(name(own.pid, own.startTicks + 1, own.namespace).isOrphan(view), "the number was used again")
        #expect(!name(own.pid, 0, own.namespace).isOrphan(view), "unknown start: leave it")
        #expect(!name(1, 0, own.namespace).isOrphan(view))
        let absent: Int32 = 0x3FFF_FFFF
        #expect(name(absent, 5, own.namespace).isOrphan(view), "no such process")
        // Other namespaces, unknown ones, and names that do not tell.
        for namespace in [(own.namespace ?? 0) + 1, 0, nil] {
            #expect(!name(absent, 5, namespace).isOrphan(view) && !name(absent, 5, namespace).isJudged(by: view))
        }
    }

    @Test func withoutProcNobodyIsJudged() throws {
        let tree = try FakeTree()
        let view = ProcessView(proc: tree.root)
        #expect(view.namespace == nil && !view.knowsStarts && view.ownStartTicks == 0)
        let own = InstanceName.own(serial: 2, view)
        #expect(own.text == "irqscope-\(getpid())-0-0.2" && !own.isJudged(by: view))
        #expect(!InstanceName(pid: 0x3FFF_FFFF, startTicks: 0, namespace: 0, serial: 1).isOrphan(view))
    }

    @Test func statistics() {
        let text = """
            entries: 67
            overrun: 18446744073709551615
            commit overrun: 2
            bytes: 3676
            oldest event ts:  5145.480107
            now ts:     0.000043
            dropped events: 4
            read events: 12
            something new: 5

            """
        let bytes = Array(text.utf8)
        let statistics = TraceStatistics(bytes.span.bytes)
        #expect(statistics.entries == 67 && statistics.overrun == .max && statistics.commitOverrun == 2)
        #expect(statistics.bytes == 3676 && statistics.oldestMicroseconds == 5_145_480_107)
        #expect(statistics.nowMicroseconds == 43 && statistics.droppedEvents == 4 && statistics.readEvents == 12)
        #expect(statistics.lost == 5, "wraps like the kernel's counters")
        for length in 0...bytes.count { _ = TraceStatistics(bytes.span.bytes.extracting(0..<length)) }
        #expect(TraceStatistics([UInt8]("overrun: x\nentries:".utf8).span.bytes) == TraceStatistics())
    }

    @Test func eventsOfAPlan() {
        var plan = TracePlan()
        let known = ["irq_vectors": ["vector_alloc", "local_timer_exit", "local_timer_entry"], "ipi": ["ipi_raise"]]
        func choices() -> (names: [String], missing: [String]) {
            let (choices, missing) = EventChoice.all(plan) { known[$0] ?? [] }
            return (choices.map(\.fullName), missing)
        }
        let handlers = ["irq:irq_handler_entry", "irq:irq_handler_exit"]
        let softirqs = ["irq:softirq_raise", "irq:softirq_entry", "irq:softirq_exit"]
        #expect(choices() == (handlers + softirqs, []))
        plan.events = []
        #expect(choices() == (handlers, []))
        plan.events = [.irqVectors, .ipi]
        #expect(choices() == (handlers + ["irq_vectors:local_timer_entry", "irq_vectors:local_timer_exit", "ipi:ipi_raise"], []))
        #expect(EventChoice.all(plan) { _ in [] }.missing == ["irq_vectors:*", "ipi:*"])
        plan.events = [.sched]
        plan.irqs = [7...7]
        let all = EventChoice.all(plan) { _ in [] }.choices
        #expect(all.prefix(2).allSatisfy { $0.filter == "irq == 7" && $0.isRequired })
        #expect(all.dropFirst(2).allSatisfy { $0.isFilterNeeded && $0.filter?.contains("ksoftirqd/*") == true })
    }

    @Test func bufferSizes() {
        #expect(TracePlan.defaultKilobytes(cpuCount: 1) == 4096 && TracePlan.defaultKilobytes(cpuCount: 64) == 4096)
        #expect(TracePlan.defaultKilobytes(cpuCount: 128) == 2048 && TracePlan.defaultKilobytes(cpuCount: 8192) == 512)
    }
}
