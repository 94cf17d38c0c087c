import IRQCore
import Foundation
import Testing
import TestSupport

@testable import KernelSource

@Suite struct TopologyTests {
    @Test func nodesOfCPUs() throws {
        let tree = try FakeTree()
        try tree.write("devices/system/node/node0/cpulist", "0-1,4\n")
        try tree.write("devices/system/node/node2/cpulist", "2-3,4\n")
        try tree.write("devices/system/node/node3/cpulist", "\n")
        try tree.folder("devices/system/node/node4")
        for name in ["node", "node01", "node-1", "node1024", "nodex", "power"] {
            try tree.write("devices/system/node/\(name)/cpulist", "0-9\n")
        }
        try tree.write("devices/system/cpu/isolated", "2-3\n")
        try tree.write("devices/system/cpu/nohz_full", "(null)\n")
        try tree.write("devices/system/cpu/possible", "0-7\n")
        try tree.write("devices/system/cpu/online", "0-4 garbage\n")
        let topology = NUMATopology(sysRoot: tree.root)
        #expect((0..<6).map { topology.node(ofCPU: $0) } == [0, 0, 2, 2, 0, nil])
        #expect(topology.node(ofCPU: -1) == nil && topology.node(ofCPU: 100_000) == nil)
        #expect(topology.nodeCount == 4 && topology.unreadableNodeCount == 2)
        #expect(topology.isolated?.cpus == [2, 3] && topology.nohzFull == CPUSet())
        #expect(topology.possible?.count == 8 && topology.online == nil)
    }

    @Test func nothingThereIsUnknown() throws {
        let tree = try FakeTree()
        for root in [tree.root, "/nonexistent"] {
            let topology = NUMATopology(sysRoot: root)
            #expect(topology.nodeCount == 0 && topology.node(ofCPU: 0) == nil)
            #expect(topology.isolated == nil && topology.nohzFull == nil)
            #expect(topology.possible == nil && topology.online == nil)
        }
        try tree.pipe("devices/system/cpu/isolated")
        try tree.write("devices/system/cpu/online", String(repeating: "0", count: 1 << 20))
        try tree.write(
            "devices/system/cpu/possible", stride(from: 0, to: 65_536, by: 2).map { "\($0)" }.joined(separator: ","))
        let topology = NUMATopology(sysRoot: tree.root)
        #expect(topology.isolated == nil && topology.online == nil)
        #expect(topology.possible?.count == 32_768, "the longest list there can be")
    }
}
