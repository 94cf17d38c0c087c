import Foundation
import TestSupport
import Testing

@testable import KernelSource

/// Instances are the same in all namespaces, numbers of processes are not: instances whose owner cannot be looked up
/// stay. Beside a container that started irqscope again and again, 68 of 240 starts failed.
@Suite(
    .serialized,
    .enabled(if: Tracefs.isUsable && program("unshare") != nil, "needs root, tracefs and unshare(1)"))
struct TraceNamespaceTests {
    static let unshare = program("unshare")
    static let view = ProcessView()

    /// An instance as it is while it is set up: nobody has a file of it open.
    final class Half {
        let name: String
        var path: String { "\(Tracefs.root ?? "")/instances/\(name)" }
        var isThere: Bool { access(path, F_OK) == 0 }

        init(_ name: String) throws {
            self.name = name
            try #require(mkdir(path, 0o700) == 0)
        }

        deinit { rmdir(path) }

        func age(seconds: Int) throws {
            try FileManager.default.setAttributes([.modificationDate: Date().addingTimeInterval(-Double(seconds))], ofItemAtPath: path)
        }
    }

    /// With a /proc of the namespace's own and with that of another one; in a time namespace processes seem to have
    /// started at other times.
    @Test(arguments: [["-p", "-f", "--mount-proc"], ["-p", "-f"], ["-T", "-f", "--boottime", "100000"]])
    func fromElsewhereNobodyIsAnOrphan(options: [String]) throws {
        let own = try Half(InstanceName.own(serial: 901).text)
        let old = try Half("irqscope-\(getpid())-1")
        let result = try run(Self.unshare ?? "", options + [Holder.path, "orphans"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(own.isThere && old.isThere, "\(result.text)")
        // Here it is known.
        #expect(!TraceOrphans.remove().contains(own.name) && own.isThere)
    }

    @Test func whatAContainerLeavesGoesWhenItIsOld() throws {
        let half = try Half("irqscope-7-700-77")
        #expect(!TraceOrphans.remove().contains(half.name) && half.isThere)
        try half.age(seconds: 590)
        #expect(!TraceOrphans.remove().contains(half.name) && half.isThere)
        try half.age(seconds: 700)
        #expect(TraceOrphans.remove().contains(half.name) && !half.isThere)
    }

    @Test func namesOfTheirOwnNamespace() throws {
        let launcher = [Self.unshare ?? "", "-p", "-f", "--mount-proc", "--kill-child"]
        let holder = try Holder("hold", launcher: launcher)
        let name = try #require(InstanceName(holder.name))
        #expect(name.pid == 1 && name.startTicks > 0 && name.namespace ?? 0 > 0 && !name.isJudged(by: Self.view))
        let path = "\(try #require(Tracefs.root))/instances/\(holder.name)"
        // Old, and in use: the kernel keeps it.
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
        #expect(!TraceOrphans.remove().contains(holder.name))
        #expect(try Tracefs.text("instances/\(holder.name)/tracing_on") == "1\n")
        holder.end(SIGKILL)
        let end = Date().addingTimeInterval(10)
        while Date() < end, !TraceOrphans.remove().contains(holder.name) { usleep(20_000) }
        #expect(access(path, F_OK) != 0)
        // A time that nobody else reads so is not told.
        let other = try Holder("hold", launcher: [Self.unshare ?? "", "-T", "-f", "--boottime", "100000", "--kill-child"])
        let same = try #require(InstanceName(other.name))
        #expect(same.startTicks == 0 && same.isJudged(by: Self.view) && !same.isOrphan(Self.view))
        kill(same.pid, SIGTERM)
        other.process.waitUntilExit()
        #expect(try !Tracefs.instances().contains(other.name))
    }

    /// Both start again and again, and look for orphans each time.
    @Test func twoNamespacesDoNotDisturbEachOther() throws {
        let folder = try TestFolder()
        let line = """
            loop='for i in $(seq 12); do "$1" record --duration 10ms -o "$2" || echo failed; done'
            unshare -p -f --mount-proc bash -c "$loop" x "$1" "$2/a.dat" & bash -c "$loop" x "$1" "$2/b.dat" & wait
            """
        let result = try run("/bin/bash", ["-c", line, "x", Places.command.path, folder.path])
        #expect(result.text.isEmpty, "\(result.errors)")
    }
}
