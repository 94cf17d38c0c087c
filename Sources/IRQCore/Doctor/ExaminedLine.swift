/// An interrupt as `doctor` and `affinity` see it: its row, its masks in both samples, its rates.
public struct ExaminedLine: Sendable {
    /// The number.
    public let irq: Int
    /// The facts of the last sample: chip, trigger, actions, masks, devices.
    public var details: InterruptDetails
    /// The mask of the first sample; nil if unknown, or with one sample.
    public var maskBefore: CPUSet?
    /// The CPUs that the controller had in the first sample; nil if unknown, or with one sample.
    public var effectiveBefore: CPUSet?
    /// The unhandled interrupts that the first sample counted; nil if unknown, or with one sample.
    public var spuriousBefore: SpuriousCounts?
    /// The number that came between the samples, or since boot with one.
    public var delta: UInt64 = 0
    /// The number since boot.
    public var total: UInt64 = 0
    /// The rate, per second.
    public var perSecond = 0.0
    /// The rates of the CPUs that served some, per second, ascending.
    public var perCPU: [(cpu: Int, perSecond: Double)] = []
    /// False if the row was not there in the first sample, or began anew: its rates are unknown.
    public var isKnown = true
    /// The disks and interfaces behind it.
    public var parts = LineParts()
    /// The facts that a look at its handlers told; nil without one.
    public var look: HandlerProfile?
    /// The kind of line: who may move it.
    public var mobility = Mobility.free
    /// The queue that it serves; nil if it is no queue of a device.
    public var queue: QueueName?
    /// True if its chip moves it at once: with remapping, or an Arm GIC. Others move it at its next interrupt.
    public var movesAtOnce = false

    /// The ways in which a line may be moved, or not.
    public enum Mobility: String, Sendable {
        /// Its mask can be written.
        case free
        /// The kernel alone spreads it, by its own word or by mode.
        case managed
        /// The kernel most likely spreads it: by its name, where nothing else tells.
        case probablyManaged = "probably managed"
        /// Its controller or the kernel allows no mask.
        case fixed
        /// Each CPU has its own.
        case perCPU = "per CPU"
        /// Nobody handles it by itself.
        case chained

        /// True if somebody may write its mask.
        public var isFree: Bool { self == .free }
        /// True if the kernel alone spreads it, certainly or probably.
        public var isManaged: Bool { self == .managed || self == .probablyManaged }
    }

    /// The name of its handlers.
    public var name: String { details.name }
    /// The first device behind it.
    public var device: Device? { details.devices.first }
    /// The address, device or owner of its queue by which lines of one device are told; nil if unknown.
    public var deviceKey: String? { device?.address ?? queue?.owner }
    /// The mask; nil if unknown.
    public var mask: CPUSet? { details.affinity }
    /// The CPUs that the controller has; nil if unknown. An empty one is unknown too: per-CPU lines have none.
    public var effective: CPUSet? { details.effectiveAffinity.flatMap { $0.isEmpty ? nil : $0 } }
    /// The CPU that served most, and its rate; nil if none did.
    public var busiest: (cpu: Int, perSecond: Double)? {
        perCPU.max { ($0.perSecond, $1.cpu) < ($1.perSecond, $0.cpu) }
    }
    /// The rate on some CPUs, per second.
    public func perSecond(on cpus: CPUSet) -> Double {
        perCPU.reduce(0) { $0 + (cpus.contains($1.cpu) ? $1.perSecond : 0) }
    }
    /// `irq 57 ens192-rxtx-1`.
    public var title: String { name.isEmpty ? "irq \(irq)" : "irq \(irq) \(name)" }
    /// The purpose of its device.
    public var role: DeviceRole { DeviceRole(devices: details.devices, actions: details.actions ?? []) }
}

/// The queues of a device that have a line each.
public struct QueueGroup: Sendable {
    /// The name of the device, or what its lines have in common.
    public let title: String
    /// The key by which its lines are told: an address, or the owner in their names.
    public let key: String
    /// The lines of queues, in the order of queues: receive before transmit of the same one.
    public var queues: [ExaminedLine]
    /// The lines of the device that are no queues.
    public var admins: [ExaminedLine]
    /// The memory node of the device; nil if it has none or that is unknown.
    public var node: Int?
    /// The network interface; nil if it is none.
    public var interface: String?

    /// The rate of all queues, per second.
    public var perSecond: Double { queues.reduce(0) { $0 + $1.perSecond } }
    /// The rates of the CPUs, of all queues together, per second.
    public var perCPU: [Int: Double] {
        var rates: [Int: Double] = [:]
        for line in queues { for (cpu, rate) in line.perCPU { rates[cpu, default: 0] += rate } }
        return rates
    }
    /// The CPU that serves most of the queues, and its rate; nil if none came.
    public var busiest: (cpu: Int, perSecond: Double)? {
        perCPU.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ($0.key, $0.value) }
    }
    /// The number of different queues.
    public var queueCount: Int {
        let numbers = queues.compactMap { $0.queue?.number }
        return numbers.count == queues.count ? Set(numbers).count : queues.count
    }
}

/// A row of the architecture: LOC, TLB, MCE.
public struct ExaminedRow: Sendable {
    /// The label.
    public let label: String
    /// The words behind the counts.
    public let text: String
    /// The number that came between the samples, or since boot with one.
    public let delta: UInt64
    /// The number since boot.
    public let total: UInt64
    /// The counts of the CPUs between the samples that are above 0, ascending; empty for a row that counts for the machine.
    public let perCPU: [(cpu: Int, delta: UInt64)]
    /// False if its counts cannot be compared.
    public let isKnown: Bool
}
