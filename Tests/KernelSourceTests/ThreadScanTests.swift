import IRQCore
import Foundation
import Testing
import TestSupport

@testable import KernelSource

@Suite(.timeLimit(.minutes(1))) struct ThreadScanTests {
    @Test func threadsAreFoundByNameAndFlag() throws {
        let tree = try FakeTree()
        try tree.process(2, "kthreadd", priority: 0, policy: 0)
        try tree.process(50, "irq/36-virtio1-", user: 3, system: 4, cpu: 1)
        try tree.process(51, "irq/36-s-virtio1-req.0", priority: 49, policy: 2)
        try tree.process(52, "irq/7-we) S 1 (ird", policy: 6)
        try tree.process(14, "ksoftirqd/1", system: 9, priority: 0, policy: 0)
        try tree.process(13, "ksoftirqd/0", priority: 0, policy: 7)
        // Programs may take such names too; what else has digits is no process.
        try tree.process(900, "irq/36-fake", flags: 0x40_0000)
        for (pid, name) in [(60, "irq/x-a"), (61, "irq/7"), (62, "ksoftirqd/"), (63, "ksoftirqd/0x"), (64, "irq/-1-a")] {
            try tree.process(pid, name)
        }
        try tree.write("65/stat", "65 (irq/9-cut) S 2 0 0")
        try tree.pipe("66/stat")
        try tree.folder("67/stat")
        try tree.folder("068")
        try tree.folder("99999999999")

        let scan = Scan(procRoot: tree.root, ticksPerSecond: 100)
        #expect(scan.handlerThreads(irq: 36) == nil && scan.softirqThreads == nil, "not looked yet")
        scan.rescan()
        let threads = try #require(scan.handlerThreads(irq: 36))
        #expect(threads.map { $0.pid } == [50, 51])
        #expect(threads[0].role == .handler(irq: 36, isSecondary: false) && threads[0].action == "virtio1-")
        #expect(threads[0].cpuNanoseconds == 70_000_000 && threads[0].lastCPU == 1)
        #expect(threads[0].policy == .fifo && threads[0].realtimePriority == 50 && threads[0].startTicks == 40)
        #expect(threads[1].role == .handler(irq: 36, isSecondary: true) && threads[1].action == "virtio1-req.0")
        #expect(threads[1].policy == .roundRobin)
        let odd = try #require(scan.handlerThreads(irq: 7)?.first)
        #expect(odd.action == "we) S 1 (ird" && odd.policy == .deadline)
        let softirqs = try #require(scan.softirqThreads)
        #expect(softirqs.map { $0.role } == [.softirq(cpu: 0), .softirq(cpu: 1)])
        #expect(softirqs.map { $0.pid } == [13, 14] && softirqs[0].policy == .unknown(7))
        #expect(scan.softirqThread(cpu: 1)?.cpuNanoseconds == 100_000_000 && scan.softirqThread(cpu: 2) == nil)
        #expect(scan.handlerThreads(irq: 8) == [] && scan.unreadableCount == 3 && scan.isWhole)
    }

    @Test func timesAreReadAgainAndEndedThreadsDropped() throws {
        let tree = try FakeTree()
        for number in 1...5 { try tree.process(number, "irq/\(number)-a", user: number, system: 0) }
        let scan = Scan(procRoot: tree.root, ticksPerSecond: 1000)
        scan.rescan()
        try tree.process(1, "irq/1-a", user: 500, system: 7, cpu: 3, priority: 80, policy: 2)
        try tree.remove("2")
        try tree.process(3, "irq/3-a", start: 41)
        try tree.write("4/stat", "")
        scan.refreshTimes()
        let known = try #require(scan.threads)
        #expect(known.map { $0.pid } == [1, 4, 5])
        #expect(known.map { $0.cpuNanoseconds } == [507_000_000, nil, 5_000_000])
        #expect(known[0].lastCPU == 3 && known[0].realtimePriority == 80 && known[0].policy == .roundRobin)
        try tree.process(4, "irq/4-a", user: 44, system: 0)
        try tree.remove("5")
        scan.refreshTimes()
        #expect(scan.threads?.map { $0.cpuNanoseconds } == [507_000_000, 44_000_000])
        // The number that was used again is found by the next pass.
        scan.rescan()
        #expect(scan.handlerThreads(irq: 3)?.first?.startTicks == 41)
        #expect(scan.handlerThreads(irq: 2) == [])
    }

    @Test func aPassMayBeCutInSlices() throws {
        let tree = try FakeTree()
        for pid in 1...300 { try tree.process(pid, pid % 3 == 0 ? "irq/\(pid)-a" : "kworker/0:1") }
        let scan = Scan(procRoot: tree.root)
        var slices = 1
        while !scan.rescan(limit: 7) {
            slices += 1
            scan.refreshTimes()
            #expect(scan.threads == nil, "unknown until all were looked at")
        }
        #expect(slices == 302 / 7 + 1)  // "." and ".." among them
        #expect(scan.threads?.map { $0.pid } == (1...100).map { Int32($0 * 3) })

        // Changes in the next pass: a new one is there at once, an ended one at the end of the pass.
        try tree.process(1000, "irq/1000-b")
        try tree.remove("3")
        try tree.process(6, "irq/1006-c", start: 77)
        while !scan.rescan(limit: 1) { #expect((scan.threads?.count ?? 0) >= 99) }
        #expect(scan.handlerThreads(irq: 1000)?.count == 1 && scan.handlerThreads(irq: 3) == [])
        #expect(scan.handlerThreads(irq: 6) == [] && scan.handlerThreads(irq: 1006)?.first?.pid == 6)
        #expect(scan.threads?.count == 100)
    }

    @Test func whatIsHiddenIsUnknown() throws {
        let tree = try FakeTree()
        for root in [tree.root, "/nonexistent"] {
            let scan = Scan(procRoot: root)
            scan.rescan()
            scan.refreshTimes()
            #expect(!scan.isKnown && scan.handlerThreads(irq: 1) == nil && scan.softirqThread(cpu: 0) == nil)
        }
        // A container has processes, but none of the kernel's.
        try tree.process(1, "init", flags: 0x40_0100)
        let scan = Scan(procRoot: tree.root)
        scan.rescan()
        #expect(scan.softirqThreads == nil)
        try tree.process(2, "kthreadd")
        scan.rescan()
        #expect(scan.softirqThreads == [])
    }

    /// Of a line without threads in a pass that did not see everything it is unknown whether it has some.
    @Test func aPassThatWasCutShortDeniesNothing() throws {
        let tree = try FakeTree()
        for pid in 1...20 { try tree.process(pid, "irq/1-a") }
        var cut = ThreadScan(procRoot: tree.root, ticksPerSecond: 100, entryLimit: 8)
        cut.rescan()
        #expect(cut.isKnown && !cut.isWhole && cut.wakesThreads(irq: 1) == true && cut.wakesThreads(irq: 2) == nil)
        let scan = Scan(procRoot: tree.root)
        scan.rescan()
        #expect(scan.isWhole && scan.wakesThreads(irq: 1) == true && scan.wakesThreads(irq: 2) == false)
        // Who could not be read may be a thread of the line.
        try tree.folder("67/stat")
        scan.rescan()
        #expect(scan.wakesThreads(irq: 1) == true && scan.wakesThreads(irq: 2) == nil)
        var missing = ThreadScan(procRoot: tree.root + "/none")
        missing.rescan()
        #expect(missing.wakesThreads(irq: 1) == nil)
    }

    /// Whether a line has threads: known, hidden, or a copy that has no processes at all.
    @Test func linesWithThreads() throws {
        func wakes(_ tree: FakeTree) -> [Bool?] {
            let scan = Scan(procRoot: tree.root)
            scan.rescan()
            return [scan.wakesThreads(irq: 1), scan.wakesThreads(irq: 2)]
        }
        let tree = try FakeTree()
        #expect(wakes(tree) == [false, false], "nothing is hidden in a copy without processes")
        try tree.write("sys/kernel/version", "#1 SMP PREEMPT_RT Debian 6.12.95-1 (2026-05-02)\n")
        #expect(wakes(tree) == [nil, nil], "this kernel forces threads")
        try tree.write("sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.94-1\n")
        #expect(wakes(tree) == [false, false])
        try tree.write("version", "Linux version 4.19.0-rt (x) (gcc) #1 SMP PREEMPT RT Debian\n")
        #expect(wakes(tree) == [nil, nil])
        try tree.remove("version")
        try tree.write("cmdline", "root=/dev/vda ro threadirqs quiet\n")
        #expect(wakes(tree) == [nil, nil])
        try tree.remove("cmdline")
        // A container, or hidepid=: processes, and none of the kernel's.
        try tree.process(1, "init", flags: 0x40_0100)
        #expect(wakes(tree) == [nil, nil])
        try tree.process(9, "irq/1-a")
        #expect(wakes(tree) == [true, false])
    }

    /// On a box with many processes the threads are found before all were looked at; that they are all is known later.
    @Test func whatIsKnownChangesTheGeneration() throws {
        let tree = try FakeTree()
        for pid in 1...20 { try tree.process(pid, "irq/\(pid)-a") }
        let scan = Scan(procRoot: tree.root)
        // "." and ".." among them: all but the end.
        #expect(!scan.rescan(limit: 22) && scan.threads == nil)
        let found = scan.generation
        #expect(scan.rescan(limit: 22) && scan.threads?.count == 20 && scan.generation > found)
        let known = scan.generation
        scan.rescan()
        #expect(scan.generation == known, "nothing is new")
    }

    @Test func aPipeThatTalksIsNoFile() throws {
        let tree = try FakeTree()
        try tree.process(2, "ksoftirqd/0")
        let line = try String(contentsOfFile: tree.root + "/2/stat", encoding: .utf8)
        try tree.pipe("3/stat")
        // Without a writer but with its words still inside it reads like a file.
        let reader = open(tree.root + "/3/stat", O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let writer = open(tree.root + "/3/stat", O_WRONLY | O_NONBLOCK)
        #expect(write(writer, line, line.utf8.count) == line.utf8.count)
        close(writer)
        let scan = Scan(procRoot: tree.root)
        scan.rescan()
        #expect(scan.softirqThreads?.map { $0.pid } == [2] && scan.unreadableCount == 1)
    }

    @Test func extremeNumbersDoNotTrap() throws {
        let tree = try FakeTree()
        let most = Int.max
        try tree.process(2, "ksoftirqd/0", user: most, system: most, start: most, cpu: most, priority: most, policy: most)
        try tree.process(3, "ksoftirqd/65536")
        try tree.process(4, "irq/2147483648-a")
        try tree.process(5, "irq/2147483647-")
        try tree.write("6/stat", "6 (irq/6-a) S" + String(repeating: " 99999999999999999999999", count: 50))
        try tree.write("7/stat", "7 (irq/7-a) S" + String(repeating: " -5", count: 50))
        try tree.write("8/stat", Data(repeating: 0x29, count: 100_000))
        try tree.write("9/stat", "9 )(")
        for ticks in [Int.min, 0, 1, 1024, Int.max] {
            let scan = Scan(procRoot: tree.root, ticksPerSecond: ticks)
            scan.rescan()
            #expect(scan.threads?.map { $0.pid } == [5, 2])
            #expect(scan.softirqThread(cpu: 0)?.cpuNanoseconds != nil)
        }
    }
}
