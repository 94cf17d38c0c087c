import IRQCore
import Foundation
import KernelSource
import Testing
import TestSupport

/// Counts the allocations of `refreshTimes` with Tests/bench/mallocs.c, which must be loaded before the program:
/// so the test program runs itself twice, and what more refreshes allocate is theirs.
@Suite struct AllocationTests {
    private static let variable = "IRQSCOPE_TEST_REFRESHES"
    private static var refreshes: Int? { ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } }

    @Test(.enabled(if: refreshes != nil, "run by the other test only"))
    func refreshesOfManyThreads() throws {
        let tree = try FakeTree()
        for pid in 1...10 { try tree.process(pid, pid % 2 == 0 ? "irq/\(pid)-virtio1-req.0" : "ksoftirqd/\(pid)") }
        var scan = ThreadScan(procRoot: tree.root)
        scan.rescan()
        for _ in 0..<(Self.refreshes ?? 0) { scan.refreshTimes() }
        let count = scan.threads?.count
        #expect(count == 10)
    }

    @Test(.enabled(if: refreshes == nil && program("gcc") != nil))
    func refreshingAllocatesNothing() throws {
        let tree = try FakeTree()
        let library = tree.root + "/mallocs.so"
        let source = Places.repository.appendingPathComponent("Tests/bench/mallocs.c").path
        let compiled = try run("/usr/bin/gcc", ["-O2", "-shared", "-fPIC", "-o", library, source])
        try #require(compiled.status == 0, "\(compiled.errors)")
        func allocations(refreshes: Int) throws -> Int {
            let counts = tree.root + "/counts"
            let result = try run(
                CommandLine.arguments[0], ["--testing-library", "swift-testing", "--filter", "refreshesOfManyThreads"],
                environment: ["LD_PRELOAD": library, "MALLOCS": counts, Self.variable: "\(refreshes)"])
            let log = result.text + result.errors
            try #require(result.status == 0 && log.contains("refreshesOfManyThreads() passed"), "\(log)")
            let text = try String(contentsOfFile: counts, encoding: .utf8)
            return try #require(text.split(separator: " ").first.flatMap { Int($0) })
        }
        let few = try allocations(refreshes: 10)
        let many = try allocations(refreshes: 10_010)
        // The test program's own threads allocate some hundreds more or less in each run.
        print("allocations: \(few) for 10 refreshes, \(many) for 10,010")
        #expect(many - few < 5000, "one in a refresh would be 10,000, one in each thread 100,000")
    }
}
