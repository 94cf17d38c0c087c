/// The facts that are known of an interrupt.
public struct InterruptDetails: Sendable {
    /// The row's label: `36`, `LOC`.
    public var label: String
    /// The text that follows its counts, as the kernel printed it.
    public var text: String
    /// The IRQ number; nil for rows of the architecture.
    public var irq: Int?
    /// The interrupt controller.
    public var chip: String?
    /// The controller's own number of the line.
    public var hwirq: UInt64?
    /// `edge` or `level`.
    public var trigger: String?
    /// The name of the way the kernel handles the line, where it is told (`fasteoi`, `virq`).
    public private(set) var flow: String?
    /// The names that drivers gave; nil where the kernel does not tell, empty where nobody handles the line.
    public var actions: [String]? { didSet { name = Self.name(actions, chip: chip, text: text) } }
    /// The name a person gives the row: its actions, or the architecture's words.
    public private(set) var name = ""
    /// The way the interrupt reaches the CPU.
    public var delivery: Delivery?
    /// The CPUs it may be delivered to; nil if unknown.
    public var affinity: CPUSet?
    /// The mask that was valid before, if it changed in the last interval.
    public var earlierAffinity: CPUSet?
    /// The CPUs the controller was told; nil if unknown.
    public var effectiveAffinity: CPUSet?
    /// The CPUs the driver would like; nil if it has no wish.
    public var affinityHint: CPUSet?
    /// The NUMA node of the device; nil if unknown.
    public var node: Int?
    /// True if user space may set the affinity; nil if unknown.
    public var isUserSettable: Bool?
    /// True if `isUserSettable` is the kernel's word: since Linux 6.12 it says by a file's mode whose mask can be set, before
    /// it said so of all.
    public var isModeTold = false
    /// True if the kernel knows the line as one that each CPU has for itself, by its own word (debugfs); nil where that
    /// cannot be read or was not looked at.
    public var isPerCPU: Bool?
    /// True if the kernel alone spreads the line (a managed interrupt), by its own word (debugfs); nil where that cannot be
    /// read or was not looked at.
    public var isSpread: Bool?
    /// The kernel's counts of unhandled interrupts.
    public var spurious: SpuriousCounts?
    /// The number of unhandled interrupts since the row was first seen.
    public var newlyUnhandled: UInt64 = 0
    /// The number of interrupts the kernel judged meanwhile.
    public var newlyJudged: UInt64 = 0
    /// True if the kernel has disabled the line because nobody claimed its interrupts, by its own word (debugfs); nil
    /// where that cannot be read or was not looked at.
    public var isSpuriousDisabled: Bool?
    /// The devices behind the line: more than one where it is shared.
    public var devices: [Device] = []
    /// The threads that do the handlers' work (threaded handlers); nil where the kernel's threads cannot be seen, or were
    /// not looked for.
    public var threads: [HandlerThread]?
    /// True if handlers of the line go on in threads; nil if unknown. The kernel's count of unhandled interrupts is
    /// then an upper bound only (`UnhandledCount`).
    public var wakesThreads: Bool?

    /// Creates what the row's own text tells.
    ///
    /// - Parameter layout: the way in which texts of its table are laid out.
    public init(label: String, text: String, irq: Int?, layout: DescriptorText.Layout = .fields) {
        self.label = label
        self.text = text
        self.irq = irq
        guard irq != nil else {
            threads = []
            name = text
            delivery = Delivery(architectureLabel: label, text: text)
            return
        }
        let descriptor = DescriptorText(text, layout: layout)
        (chip, hwirq, trigger, flow) = (descriptor.chip, descriptor.hwirq, descriptor.trigger, descriptor.flow)
        actions = descriptor.actions
        name = Self.name(actions, chip: chip, text: text)  // observers sleep in initializers
        findDelivery()
    }

    /// Finds the delivery again, of what is known now.
    public mutating func findDelivery() {
        var line = DescriptorText()
        (line.chip, line.hwirq, line.flow, line.actions) = (chip, hwirq, flow, actions ?? [])
        delivery = Delivery(line, irq: irq)
    }

    /// The device's own name, or its driver's, or its address; nil if there is none.
    public var deviceName: String? { devices.first?.title }

    /// True if interrupts of the line were claimed by no handler since the row was first seen, as far as that is
    /// certain.
    public var hasUnhandled: Bool {
        wakesThreads == false ? newlyUnhandled > 0 : UnhandledCount.isCertain(newlyUnhandled, of: newlyJudged)
    }

    private static func name(_ actions: [String]?, chip: String?, text: String) -> String {
        guard let actions else { return text }
        return actions.isEmpty ? (chip ?? text) : actions.joined(separator: ", ")
    }
}

/// A kernel thread that runs a handler (`irq/36-virtio1-r`).
public struct HandlerThread: Equatable, Sendable {
    /// Its process number.
    public var pid: Int
    /// Its name, which the kernel cuts at 15 bytes.
    public var name: String
    /// Its scheduling policy (sched(7)): `FIFO`, `OTHER`, …
    public var policy: String
    /// Its real-time priority, 1…99; 0 without.
    public var priority: Int

    /// Creates a thread.
    public init(pid: Int, name: String, policy: String, priority: Int) {
        self.pid = pid
        self.name = name
        self.policy = policy
        self.priority = priority
    }
}

/// The kind of messages that a device sends as interrupts, instead of using a wire.
public enum MessageKind: String, Sendable {
    /// Message-signalled interrupts of the first kind: up to 32 numbers in a row.
    case msi
    /// Message-signalled interrupts with a table: up to 2,048, each on its own.
    case msix
}

/// A device that interrupts, as /sys tells.
public struct Device: Hashable, Sendable {
    /// Its name on its bus: "0000:00:02.0", "a003e00.virtio_mmio".
    public var address: String
    /// Its bus: "pci", "platform", "amba", "ccw".
    public var bus: String
    /// The driver that it is bound to; nil if there is none or that is unknown.
    public var driver: String?
    /// The name that people give it: "eth0", "nvme0", "vda", "card0", "usb1"; nil if nobody gave it a name.
    ///
    /// Untrusted text. A device with several such parts has the name of the first.
    public var name: String?
    /// The class of the part that gave it its name, by the directory in /sys: "net", "block", "usb", "can" for a network
    /// interface of that kind; nil if there is none.
    public var kind: String?
    /// The memory node it is attached to; nil if it is attached to none in particular or that is unknown.
    public var numaNode: Int?
    /// The kind of its interrupts; nil for a wired line or if that is unknown.
    public var interruptKind: MessageKind?
    /// Vendor and product as hexadecimal PCI numbers: "1af4:1042".
    public var vendorDevice: String?
    /// The PCI class, subclass and programming interface: 0x020000 is an Ethernet controller.
    public var classCode: UInt32?

    /// Its own name, or its driver's, or its address.
    public var title: String { name ?? driver ?? address }

    /// Creates a device of which no more is known than what is given.
    public init(
        address: String, bus: String, driver: String? = nil, name: String? = nil, kind: String? = nil,
        numaNode: Int? = nil, interruptKind: MessageKind? = nil, vendorDevice: String? = nil, classCode: UInt32? = nil
    ) {
        self.address = address
        self.bus = bus
        self.driver = driver
        self.name = name
        self.kind = kind
        self.numaNode = numaNode
        self.interruptKind = interruptKind
        self.vendorDevice = vendorDevice
        self.classCode = classCode
    }
}
