internal import IRQCore

/// One look at the devices in /sys; see Documentation/ABI/testing/sysfs-bus-pci.
///
///     bus/pci/devices/0000:00:02.0 -> ../../../devices/pci0000:00/0000:00:02.0
///         irq          wired line, 0 for none; the first message's number while MSI is on, still the wired
///                      line while MSI-X is on
///         msi_irqs/36  "msi" or "msix", one file for each interrupt; only while messages are on
///         numa_node class vendor device driver
///     bus/virtio/devices/virtio1 -> ../../../devices/pci0000:00/0000:00:02.0/virtio1
struct DeviceScan {
    /// Files and directories opened at most: some seconds' work. A server with 2,000 functions takes 100,000.
    static let openLimit = 1_000_000
    /// Devices of one bus.
    static let deviceLimit = 65_536
    /// MSI-X has 2,048 messages at the most.
    static let messageLimit = 4096
    /// Buses whose devices do not tell their interrupts, but whose names the kernel's actions may have.
    private static let namedBuses = ["platform", "amba", "ccw"]

    private(set) var devices: [Device] = []
    /// Places in `devices`.
    private(set) var places: [PCIAddress: Int] = [:]
    /// Places of what is on other buses, by address.
    private(set) var namedPlaces: [String: Int] = [:]
    /// Places of the devices behind "virtio1".
    private(set) var virtioPlaces: [String: Int] = [:]
    /// Places of what sends interrupts by message, by interrupt.
    private(set) var messagePlaces: [Int: Int] = [:]
    /// Places of what is wired to an interrupt, by address.
    private(set) var wiredPlaces: [Int: [Int]] = [:]
    /// Entries of the PCI bus that are no PCI addresses or no directories.
    private(set) var skippedCount = 0
    /// True if there is a PCI bus, or any other that was looked at.
    private(set) var isKnown = false
    private(set) var budget = ScanBudget(openLimit)

    init(_ folder: consuming Folder?) {
        guard let buses = folder else { return }
        scanPCI(buses)
        for bus in Self.namedBuses { scan(bus, buses) }
        scanVirtio(buses)
    }

    // MARK: PCI

    private mutating func scanPCI(_ buses: borrowing Folder) {
        guard let folder = buses.folder("pci/devices"), let names = names(folder) else { return }
        isKnown = true
        let addresses = names.compactMap { PCIAddress($0.utf8) }
        skippedCount += names.count - addresses.count
        for address in addresses.sorted() where places[address] == nil {
            guard budget.take(8), let device = folder.folder(address.description) else {
                skippedCount += 1
                continue
            }
            add(address, device)
        }
    }

    private mutating func add(_ address: PCIAddress, _ folder: borrowing Folder) {
        var device = Device(address: address.description, bus: "pci")
        describe(&device, folder)
        if let vendor = folder.attribute("vendor").flatMap({ Self.hexadecimal($0, 4) }),
            let product = folder.attribute("device").flatMap({ Self.hexadecimal($0, 4) })
        {
            device.vendorDevice = vendor + ":" + product
        }
        device.classCode = folder.attribute("class").flatMap { Self.hexadecimal($0, 6) }
            .flatMap { UInt32($0, radix: 16) }
        let place = devices.count
        let messages = messages(folder)
        device.interruptKind = messages.kind
        for irq in messages.irqs where messagePlaces[irq] == nil { messagePlaces[irq] = place }
        // Without a driver nothing asked for the line; with messages it is not used.
        if messages.irqs.isEmpty, device.driver != nil, let irq = folder.attribute("irq").flatMap({ Self.irq($0) }) {
            wiredPlaces[irq, default: []].append(place)
        }
        places[address] = place
        devices.append(device)
    }

    /// The interrupts a device sends by message. They are all of one kind: one file tells it.
    private mutating func messages(_ folder: borrowing Folder) -> (irqs: [Int], kind: MessageKind?) {
        guard budget.take(), let inner = folder.folder("msi_irqs") else { return ([], nil) }
        guard let list = inner.names(limit: Self.messageLimit) else { return ([], nil) }
        if !list.isWhole { budget.exceed() }
        let irqs = list.names.compactMap { Self.irq($0) }.sorted()
        for irq in irqs.prefix(4) {
            guard budget.take(), let text = inner.attribute(String(irq)) else { continue }
            if let kind = MessageKind(rawValue: text) { return (irqs, kind) }
        }
        return (irqs, nil)
    }

    // MARK: Other buses

    private mutating func scan(_ bus: String, _ buses: borrowing Folder) {
        guard let folder = buses.folder(bus + "/devices"), let names = names(folder) else { return }
        isKnown = true
        for name in names.sorted() where namedPlaces[name] == nil {
            guard budget.take(3), let inner = folder.folder(name) else { continue }
            var device = Device(address: name, bus: bus)
            describe(&device, inner)
            namedPlaces[name] = devices.count
            devices.append(device)
        }
    }

    /// A virtio device's parent is on a real bus: the part before the last of where its link leads.
    private mutating func scanVirtio(_ buses: borrowing Folder) {
        guard let folder = buses.folder("virtio/devices"), let names = names(folder) else { return }
        for name in names.sorted() {
            guard budget.take(), let parts = folder.link(name)?.split(separator: "/"), parts.count >= 2,
                let last = parts.last, last == name
            else { continue }
            let parent = String(parts[parts.count - 2])
            if let address = PCIAddress(parent.utf8) {
                virtioPlaces[name] = places[address] ?? addFromLink(address, folder.folder(name))
            } else if let place = namedPlaces[parent] {
                virtioPlaces[name] = place
            }
        }
    }

    /// A copy of /sys may have a link to a PCI function that is not there: its address is known all the same.
    private mutating func addFromLink(_ address: PCIAddress, _ folder: consuming Folder?) -> Int {
        var device = Device(address: address.description, bus: "pci")
        if let folder, let found = DeviceName.find(folder, budget: &budget) {
            (device.name, device.kind) = (found.name, found.kind)
        }
        places[address] = devices.count
        devices.append(device)
        return devices.count - 1
    }

    private mutating func describe(_ device: inout Device, _ folder: borrowing Folder) {
        device.driver = folder.linkName("driver")
        device.numaNode = folder.attribute("numa_node").flatMap { Int($0) }
            .flatMap { (0..<NUMATopology.nodeLimit).contains($0) ? $0 : nil }
        guard let found = DeviceName.find(folder, budget: &budget) else { return }
        (device.name, device.kind) = (found.name, found.kind)
    }

    private mutating func names(_ folder: borrowing Folder) -> [String]? {
        guard budget.take(), let list = folder.names(limit: Self.deviceLimit) else { return nil }
        if !list.isWhole { budget.exceed() }
        return list.names
    }

    // MARK: Values

    /// The digits of "0x1af4", `count` of them.
    private static func hexadecimal(_ text: String, _ count: Int) -> String? {
        guard text.hasPrefix("0x"), text.utf8.count == count + 2, text.dropFirst(2).allSatisfy({ $0.isHexDigit })
        else { return nil }
        return text.dropFirst(2).lowercased()
    }

    /// An interrupt's number; 0 is none (on PCs it is the timer, which is no device of these buses).
    private static func irq(_ text: String) -> Int? {
        guard let number = Int32(text), number > 0 else { return nil }
        return Int(number)
    }
}
