import Foundation
import Glibc
import IRQCore
import TestSupport
import Testing

@testable import KernelSource

/// Files that a driver answers, read by a child: one that hangs costs a quarter of a second, and no more.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BoundedReaderTests {
    private func tree() throws -> FakeTree {
        let tree = try FakeTree()
        try tree.write("sys/class/net/eth0/statistics/rx_packets", "1234\n")
        try tree.write("sys/class/net/eth1/mtu", "1500\n")
        try tree.write("sys/bus/pci/devices/0000:00:01.0/class", "0x020000\n")
        return tree
    }

    @Test func filesAreReadByAChild() throws {
        let tree = try tree()
        let files = RunningFiles(root: tree.root + "/")
        #expect(files.read("sys/bus/pci/devices/0000:00:01.0/class").text == "0x020000" && files.bounded.child == -1)
        #expect(files.read("sys/class/net/eth0/statistics/rx_packets") == .bytes(Array("1234\n".utf8)))
        let child = files.bounded.child
        #expect(child > 0)
        #expect(files.read("sys/class/net/eth0/statistics/nothing") == .missing)
        try tree.write("sys/class/net/eth0/empty", "")
        #expect(files.read("sys/class/net/eth0/empty") == .bytes([]))
        try tree.pipe("sys/class/net/eth0/pipe")
        #expect(files.read("sys/class/net/eth0/pipe").text == nil)
        try tree.write("sys/class/net/eth0/long", String(repeating: "x", count: 70_000))
        #expect(files.read("sys/class/net/eth0/long") == .failed(EFBIG))
        try tree.write("sys/class/net/eth0/page", String(repeating: "x", count: 65_536))
        #expect(files.read("sys/class/net/eth0/page").text?.utf8.count == 65_536)
        #expect(files.bounded.child == child)
    }

    @Test func aChildThatHangsIsLeftBehind() throws {
        let tree = try tree()
        let files = RunningFiles(root: tree.root + "/")
        #expect(files.read("sys/class/net/eth0/statistics/rx_packets").text == "1234")
        let child = files.bounded.child
        try #require(child > 0 && kill(child, SIGSTOP) == 0)
        let start = KernelClock.monotonic()
        #expect(files.read("sys/class/net/eth0/statistics/rx_packets") == .slow)
        let took = Double(KernelClock.monotonic() - start) / 1e9
        #expect(took >= 0.25 && took < 5, "\(took)")
        // The directory is not asked again; another one is, by a new child.
        #expect(files.read("sys/class/net/eth0/statistics/rx_packets") == .slow)
        #expect(files.read("sys/class/net/eth1/mtu").text == "1500")
        #expect(files.bounded.child > 0 && files.bounded.child != child)
    }

    @Test func aChildThatIsGoneIsNoAnswer() throws {
        let tree = try tree()
        let files = RunningFiles(root: tree.root + "/")
        #expect(files.read("sys/class/net/eth1/mtu").text == "1500")
        kill(files.bounded.child, SIGKILL)
        #expect(files.read("sys/class/net/eth0/statistics/rx_packets") == .slow)
        #expect(files.bounded.child == -1)
    }

    @Test func theChildEndsWithItsReader() throws {
        let tree = try tree()
        var files: RunningFiles? = RunningFiles(root: tree.root + "/")
        #expect(files?.read("sys/class/net/eth1/mtu").text == "1500")
        let child = try #require(files?.bounded.child)
        files = nil
        // On a busy machine it may not have ended in the time that its reader waits.
        var (waited, status, turns) = (pid_t(0), Int32(0), 0)
        while waited == 0, turns < 4000 {
            waited = waitpid(child, &status, WNOHANG)
            if waited == 0 { usleep(5_000) }
            turns += 1
        }
        #expect(waited == -1 ? errno == ECHILD : waited == child && status & 0x7F == SIGKILL, "\(waited) \(status)")
    }

    @Test func theRunningKernelTellsOfInterfaces() throws {
        // No interface of that name: nothing, and no wait.
        let reader = BoundedReader()
        let none = reader.link("no such one")
        #expect(none.channels == nil && none.coalescing == nil && none.indirection == nil && none.receiveLines == nil)
        #expect(reader.child > 0)
        // What the driver calls its queues is what sysfs has; what the kernel calls their interrupts is in /proc/interrupts.
        for name in try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net") {
            let facts = reader.link(name)
            let queues = try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/net/\(name)/queues")
            let count = (queues ?? []).count { $0.hasPrefix("rx-") }
            if let channels = facts.channels, channels.receiving > 0 {
                #expect(count >= channels.receiving, "\(name): \(facts)")
                #expect(try #require(facts.maximumChannels).receiving >= channels.receiving)
            }
            if let table = facts.indirection { #expect(table.allSatisfy { $0 < count }, "\(name): \(table)") }
            for irq in (facts.receiveLines ?? [:]).values {
                #expect(FileManager.default.fileExists(atPath: "/proc/irq/\(irq)"), "\(name): \(irq)")
            }
        }
    }
}

@Suite struct LinkFactsTextTests {
    @Test func factsSurviveTheWay() {
        var facts = LinkFacts()
        #expect(LinkFacts(text: facts.text).text.isEmpty)
        facts.maximumChannels = LinkChannels(receive: 1, send: 2, combined: 8)
        facts.channels = LinkChannels(receive: 0, send: 0, combined: 4)
        facts.coalescing = LinkCoalescing(receiveMicroseconds: nil, isReceiveAdaptive: false)
        facts.indirection = [0, 1, 2, 3, 0, 1]
        facts.receiveLines = [0: 38, 1: 40]
        facts.sendLines = [0: 39]
        let other = LinkFacts(text: facts.text)
        #expect(other.maximumChannels == facts.maximumChannels && other.channels == facts.channels)
        #expect(other.coalescing == facts.coalescing && other.indirection == facts.indirection)
        #expect(other.receiveLines == facts.receiveLines && other.sendLines == facts.sendLines)
    }

    @Test(arguments: ["", "channels 1", "coalescing x y", "table", "send 1", "\u{0}\u{1}", "channels 1 2 3 4 5 99999999999999999999"])
    func otherTextIsNothing(_ text: String) {
        let facts = LinkFacts(text: text)
        #expect(facts.channels == nil && facts.coalescing == nil)
    }

    /// As the kernel of a box with four queues answered CHANNELS_GET (attributes 5 and 9, and a header).
    @Test func attributesAreRead() {
        let bytes: [UInt8] =
            NetlinkBytes.attribute(1, NetlinkBytes.attribute(2, "eth0"), isNested: true)
            + NetlinkBytes.attribute(5, NetlinkBytes.of(UInt32(8))) + NetlinkBytes.attribute(9, NetlinkBytes.of(UInt32(4)))
        let found = NetlinkBytes.attributes(bytes[...])
        #expect(Set(found.keys) == [1, 5, 9])
        #expect(found[5].flatMap { NetlinkBytes.number32($0, at: 0) } == 8)
        #expect(found[1].map { NetlinkBytes.attributes($0)[2].map(Array.init) } == Array("eth0\0".utf8))
        // Cut anywhere it is no trap.
        for count in 0..<bytes.count { _ = NetlinkBytes.attributes(bytes.prefix(count)) }
        #expect(NetlinkBytes.attributes([3, 0, 1, 0]).isEmpty && NetlinkBytes.attributes([8, 0, 1, 0, 1]).isEmpty)
    }
}
