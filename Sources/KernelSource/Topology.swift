public import IRQCore

/// The memory node of each CPU, and the CPUs that are kept free of ordinary work.
///
/// Read once; CPUs that come or go later need a new one. From Documentation/ABI/stable/sysfs-devices-node and
/// Documentation/ABI/testing/sysfs-devices-system-cpu.
public struct NUMATopology: Sendable {
    /// Nodes with higher numbers are passed over; kernels are built for 1,024 at the most.
    public static let nodeLimit = 1024
    /// The longest list that can be: 32,768 single CPUs of five digits and a comma.
    private static let listByteLimit = 32_768 * 6

    /// The node of each CPU, by CPU number; -1 is none.
    private var nodes: [Int16] = []
    /// The number of nodes; 0 where the kernel tells none, which is not the same as one.
    public private(set) var nodeCount = 0
    /// Node directories whose list of CPUs could not be read or contradicts another node's.
    public private(set) var unreadableNodeCount = 0

    /// CPUs that the scheduler leaves alone (isolcpus=); nil if the kernel does not tell.
    public let isolated: CPUSet?
    /// CPUs without a timer tick while one task runs (nohz_full=); nil if the kernel cannot do that.
    public let nohzFull: CPUSet?
    /// CPUs that can ever be there; nil if the kernel does not tell.
    public let possible: CPUSet?
    /// CPUs that are there now; nil if the kernel does not tell.
    public let online: CPUSet?

    /// Reads /sys below `sysRoot`; what is missing there is unknown.
    public init(sysRoot: String = "/sys") {
        let system = Folder(path: sysRoot + "/devices/system/cpu")
        isolated = Self.list(system, "isolated")
        nohzFull = Self.list(system, "nohz_full")
        possible = Self.list(system, "possible")
        online = Self.list(system, "online")
        guard let folder = Folder(path: sysRoot + "/devices/system/node"),
            let names = folder.names(limit: 4 * Self.nodeLimit)
        else { return }
        // In order, so that a contradiction always has the same outcome.
        let numbers = names.names.compactMap { Self.number(ofNode: $0) }.sorted()
        for number in numbers {
            guard let node = folder.folder("node\(number)") else { continue }
            nodeCount += 1
            guard let list = Self.list(node, "cpulist"), enter(list, number) else {
                unreadableNodeCount += 1
                continue
            }
        }
    }

    /// The node of each CPU, by its number; -1 if the kernel does not tell.
    public var nodeOfEachCPU: [Int16] { nodes }

    /// The node of `cpu`; nil if the kernel does not tell, as for a CPU that is offline.
    public func node(ofCPU cpu: Int) -> Int? {
        guard nodes.indices.contains(cpu), nodes[cpu] >= 0 else { return nil }
        return Int(nodes[cpu])
    }

    /// Notes the node of its CPUs; false if another node has one of them, which then keeps it.
    private mutating func enter(_ list: CPUSet, _ node: Int) -> Bool {
        guard let last = list.highest else { return true }
        if nodes.count <= last { nodes += Array(repeating: -1, count: last + 1 - nodes.count) }
        var isAlone = true
        for cpu in list.cpus {
            if nodes[cpu] >= 0 { isAlone = false } else { nodes[cpu] = Int16(node) }
        }
        return isAlone
    }

    private static func list(_ folder: borrowing Folder?, _ name: String) -> CPUSet? {
        switch folder {
        case .some(let folder): list(folder, name)
        case .none: nil
        }
    }

    private static func list(_ folder: borrowing Folder, _ name: String) -> CPUSet? {
        // A list that does not end within the limit is no list.
        guard let bytes = folder.bytes(name, limit: listByteLimit), bytes.count < listByteLimit else { return nil }
        // What nohz_full says where the option was not given.
        if bytes.starts(with: "(null)".utf8) { return CPUSet() }
        var list = CPUSet()
        // The span ends with this expression, before the array it looks into.
        return unsafe list.readList(bytes.span.bytes) ? list : nil
    }

    private static func number(ofNode name: String) -> Int? {
        guard name.hasPrefix("node"), let number = Int(name.dropFirst(4)), (0..<nodeLimit).contains(number),
            name == "node\(number)"
        else { return nil }
        return number
    }
}
