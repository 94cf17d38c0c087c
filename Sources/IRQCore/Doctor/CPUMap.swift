/// The CPUs of a box: which are there, which were set aside, where each stands.
public struct CPUMap: Sendable {
    /// The CPUs online.
    public var online = CPUSet()
    /// The CPUs that can ever be there; nil if unknown.
    public var possible: CPUSet?
    /// The CPUs of isolcpus=; nil if the kernel does not tell.
    public var bootIsolated: CPUSet?
    /// The CPUs of nohz_full=; nil if the kernel does not tell.
    public var nohzFull: CPUSet?
    /// The CPUs of isolated cpuset partitions; nil if that cannot be told.
    public var partitions: CPUSet?
    /// The CPUs that the user named as those where latency matters.
    public var named = CPUSet()
    /// The memory node of each CPU, by its number; -1 if unknown. Empty where nothing tells.
    public var nodes: [Int16] = []
    /// The CPUs of each memory node that has any.
    public var nodeCPUs: [Int: CPUSet] = [:]
    /// The distance from a node to each node, by the order of node numbers; empty where nothing tells.
    public var distances: [Int: [Int]] = [:]
    /// The CPUs of each CPU's core, itself among them; empty where nothing tells.
    public var siblings: [Int: CPUSet] = [:]
    /// The speed of each CPU where they differ (cpu_capacity, 1024 is the fastest); empty where nothing tells.
    public var capacities: [Int: Int] = [:]

    /// Creates a map without CPUs.
    public init() {}

    /// The CPUs that were set aside, in any way.
    public var isolated: CPUSet {
        (bootIsolated ?? CPUSet()).union(nohzFull ?? CPUSet()).union(partitions ?? CPUSet()).union(named)
    }
    /// The CPUs online that do the box's ordinary work.
    public var housekeeping: CPUSet { online.subtracting(isolated) }

    /// The memory node of a CPU; nil if unknown.
    public func node(of cpu: Int) -> Int? {
        guard nodes.indices.contains(cpu), nodes[cpu] >= 0 else { return nil }
        return Int(nodes[cpu])
    }

    /// The distance between two nodes, 10 for the same; nil where the firmware does not tell.
    public func distance(_ from: Int, _ to: Int) -> Int? {
        let order = nodeCPUs.keys.sorted()
        let all = distances.keys.sorted()
        guard let row = distances[from], let place = (row.count == all.count ? all : order).firstIndex(of: to),
            row.indices.contains(place)
        else { return from == to ? 10 : nil }
        return row[place]
    }

    /// One CPU of each core of a set, the lowest first: what can work at the same time without sharing a core.
    public func cores(of cpus: CPUSet) -> [Int] {
        var taken = CPUSet()
        var result: [Int] = []
        for cpu in cpus.cpus where !taken.contains(cpu) {
            result.append(cpu)
            taken = taken.union(siblings[cpu] ?? CPUSet([cpu]))
        }
        return result
    }
}
