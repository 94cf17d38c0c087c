/// How a device sends interrupts as messages instead of over a wire.
public enum MessageKind: String, Sendable {
    /// Message-signalled interrupts of the first kind: up to 32 numbers in a row.
    case msi
    /// Message-signalled interrupts with a table: up to 2,048, each on its own.
    case msix
}

/// A device that interrupts, as /sys tells.
public struct Device: Equatable, Sendable {
    /// Its name on its bus: "0000:00:02.0", "a003e00.virtio_mmio".
    public var address: String
    /// Its bus: "pci", "platform", "amba", "ccw".
    public var bus: String
    /// The driver that it is bound to; nil if there is none or that is unknown.
    public var driver: String?
    /// What a person calls it: "eth0", "nvme0", "vda", "card0", "usb1"; nil if nobody gave it a name.
    ///
    /// Untrusted text. A device with several such parts has the name of the first.
    public var name: String?
    /// The memory node it is attached to; nil if it is attached to none in particular or that is unknown.
    public var numaNode: Int?
    /// How it sends interrupts; nil for a wired line or if that is unknown.
    public var interruptKind: MessageKind?
    /// Vendor and product as hexadecimal PCI numbers: "1af4:1042".
    public var vendorDevice: String?
    /// The PCI class, subclass and programming interface: 0x020000 is an Ethernet controller.
    public var classCode: UInt32?

    /// Creates a device of which no more is known than what is given.
    public init(
        address: String, bus: String, driver: String? = nil, name: String? = nil, numaNode: Int? = nil,
        interruptKind: MessageKind? = nil, vendorDevice: String? = nil, classCode: UInt32? = nil
    ) {
        self.address = address
        self.bus = bus
        self.driver = driver
        self.name = name
        self.numaNode = numaNode
        self.interruptKind = interruptKind
        self.vendorDevice = vendorDevice
        self.classCode = classCode
    }
}
