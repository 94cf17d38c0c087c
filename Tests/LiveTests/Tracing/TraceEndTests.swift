import Foundation
import TestSupport
import Testing

@testable import KernelSource

/// Every way out removes the instance, or lets the next run remove it.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct TraceEndTests {
    @Test(arguments: [SIGTERM, SIGSEGV, SIGABRT]) func signalsRemoveTheInstance(signal: Int32) throws {
        let holder = try Holder("hold")
        #expect(try Tracefs.instances().contains(holder.name))
        holder.end(signal)
        #expect(holder.process.terminationReason == .uncaughtSignal && holder.process.terminationStatus == signal)
        #expect(try !Tracefs.instances().contains(holder.name))
    }

    @Test func trapsRemoveTheInstance() throws {
        let holder = try Holder("crash")
        holder.process.waitUntilExit()
        #expect(holder.name.hasPrefix("irqscope-") && holder.process.terminationReason == .uncaughtSignal)
        #expect(try !Tracefs.instances().contains(holder.name))
    }

    @Test func theNextRunFindsWhatSIGKILLLeft() throws {
        let killed = try Holder("hold")
        let living = try Holder("hold")
        defer { living.end(SIGTERM) }
        #expect(killed.name != living.name, "two at once do not meet")
        killed.end(SIGKILL)
        #expect(try Tracefs.instances().isSuperset(of: [killed.name, living.name]))
        let removed = TraceOrphans.remove()
        #expect(removed.contains(killed.name) && !removed.contains(living.name))
        let left = try Tracefs.instances()
        #expect(!left.contains(killed.name) && left.contains(living.name))
        #expect(!TraceOrphans.remove().contains(killed.name), "once")
    }

    @Test func twoCleanersAtOnce() throws {
        let holders = try (0..<4).map { _ in try Holder("hold") }
        for holder in holders { holder.end(SIGKILL) }
        let cleaners = try (0..<3).map { _ in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Holder.path)
            process.arguments = ["orphans"]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            return process
        }
        for cleaner in cleaners {
            cleaner.waitUntilExit()
            #expect(cleaner.terminationStatus == 0)
        }
        let left = try Tracefs.instances()
        for holder in holders { #expect(!left.contains(holder.name)) }
    }

    @Test func onlyOrphansOfOursAreRemoved() throws {
        let root = try #require(Tracefs.root)
        let own = InstanceName.own(serial: 1)
        let orphan = InstanceName(
            pid: own.pid, startTicks: own.startTicks + 1, namespace: own.namespace, serial: 900
        ).text
        let kept = [
            InstanceName(pid: own.pid, startTicks: own.startTicks, namespace: own.namespace, serial: 900).text,
            "irqscope-\(own.pid)", "irqscope-x-\(own.pid)",
            "test-irqscope-\(own.pid)-1", "irqscope-\(own.pid)-0\(own.startTicks)",
        ]
        for name in kept + [orphan] { mkdir("\(root)/instances/\(name)", 0o700) }
        defer { for name in kept + [orphan] { rmdir("\(root)/instances/\(name)") } }
        #expect(TraceOrphans.remove(tracingRoot: root).contains(orphan))
        let left = try Tracefs.instances()
        #expect(left.isSuperset(of: kept) && !left.contains(orphan))
    }

    @Test func anInstanceInUseSurvivesARemoval() throws {
        let root = try #require(Tracefs.root)
        let holder = try Holder("hold")
        defer { holder.end(SIGTERM) }
        #expect(rmdir("\(root)/instances/\(holder.name)") == -1 && errno == EBUSY)
        #expect(try Tracefs.text("instances/\(holder.name)/tracing_on") == "1\n")
    }

    @Test func removeIsAtOnce() throws {
        let instance = try TraceInstance()
        let name = instance.name
        #expect(try Tracefs.instances().contains(name))
        instance.remove()
        #expect(try !Tracefs.instances().contains(name))
    }

    @Test(.enabled(if: program("gcc") != nil)) func readingAllocatesNothing() throws {
        let tree = try FakeTree()
        let library = tree.root + "/mallocs.so"
        let source = Places.repository.appendingPathComponent("Tests/bench/mallocs.c").path
        try #require(run("/usr/bin/gcc", ["-O2", "-shared", "-fPIC", "-o", library, source]).status == 0)
        func allocations(rounds: Int) throws -> Int {
            let counts = tree.root + "/counts"
            let result = try run(
                Holder.path, ["read", "60", "1024", "50", "\(rounds)"], environment: ["LD_PRELOAD": library, "MALLOCS": counts])
            try #require(result.status == 0, "\(result.errors)")
            let text = try String(contentsOfFile: counts, encoding: .utf8)
            return try #require(text.split(separator: " ").first.flatMap { Int($0) })
        }
        let few = try allocations(rounds: 10)
        let many = try allocations(rounds: 1010)
        print("allocations: \(few) for 10 rounds, \(many) for 1,010")
        #expect(abs(many - few) < 100, "one a round would be 1,000")
    }
}
