public import IRQCore

/// The devices that raise interrupts.
///
/// The kernel numbers interrupts anew as drivers come and go: a map belongs to the time it was made. Where /sys does
/// not tell, as in a saved /proc/interrupts, the names of the chip and of the actions may:
///
///     chip    PCI-MSIX-0000:00:02.0            the function itself, and the kind of message
///     chip    9030000.pl061                    the device the line ends at, if no action tells more
///     action  virtio1-req.0                    the device behind virtio1
///     action  mlx5_async@pci:0002:00:00.0      the function
///     action  9030000.pl061                    a device on another bus
///     action  mmc0                             a device of that name on another bus
public struct DeviceMap: Sendable {
    /// All devices: those on the PCI bus by address, then the others.
    public let devices: [Device]
    /// True if /sys told about any bus; if not, names are all there is to go by.
    public let isKnown: Bool
    /// True if all of /sys was looked at, and not more devices or files were there than any machine has.
    public let isWhole: Bool
    /// Entries of the PCI bus that could not be read or are none.
    public let skippedCount: Int

    private let places: [PCIAddress: Int]
    private let namedPlaces: [String: Int]
    private let virtioPlaces: [String: Int]
    private let messagePlaces: [Int: Int]
    private let wiredPlaces: [Int: [Int]]
    /// Devices of other buses by what they are called; -1 where two have one name.
    private let calledPlaces: [String: Int]

    /// Looks through /sys below `sysRoot`, once.
    public init(sysRoot: String = "/sys") { self.init(DeviceScan(Folder(path: sysRoot + "/bus"))) }

    /// Looks through the sys of some files, once.
    init(_ files: any KernelFiles) { self.init(DeviceScan(Folder(files, path: "sys/bus"))) }

    private init(_ scan: DeviceScan) {
        devices = scan.devices
        isKnown = scan.isKnown
        isWhole = !scan.budget.isExceeded
        skippedCount = scan.skippedCount
        places = scan.places
        namedPlaces = scan.namedPlaces
        virtioPlaces = scan.virtioPlaces
        messagePlaces = scan.messagePlaces
        wiredPlaces = scan.wiredPlaces
        var called: [String: Int] = [:]
        for place in scan.namedPlaces.values {
            if let name = scan.devices[place].name { called[name] = called[name] == nil ? place : -1 }
        }
        calledPlaces = called
    }

    /// The devices that /sys says may raise `irq`: one if it is a message, perhaps several if it is a wired line.
    ///
    /// A device whose driver does not use the line it is wired to is among them.
    public func devices(irq: Int) -> [Device] {
        if let place = messagePlaces[irq] { return [devices[place]] }
        return (wiredPlaces[irq] ?? []).map { devices[$0] }
    }

    /// The device that raises `irq`; nil if that is unknown or several may.
    ///
    /// A name that has an address goes before the interrupt's number, for it is as new as the counts beside it.
    /// For one of the handlers that share a line, give its action only.
    ///
    /// - Parameters:
    ///   - irq: the number in /proc/interrupts.
    ///   - chip: the interrupt chip's name there.
    ///   - actions: the names of the handlers there.
    public func device(irq: Int, chip: [UInt8]? = nil, actions: [[UInt8]] = []) -> Device? {
        if let chip, let found = PCIAddress.find(in: chip) {
            let kind = Self.messageKind(ofChip: chip)
            guard var device = places[found.address].map({ devices[$0] }) else {
                return Device(address: found.address.description, bus: "pci", interruptKind: kind)
            }
            device.interruptKind = device.interruptKind ?? kind
            return device
        }
        for action in actions {
            if let place = Self.virtioName(action).flatMap({ virtioPlaces[$0] }) { return devices[place] }
        }
        for action in actions {
            guard let (address, _) = PCIAddress.find(in: action) else { continue }
            return places[address].map { devices[$0] } ?? Device(address: address.description, bus: "pci")
        }
        if let device = numbered(irq, actions) { return device }
        for action in actions {
            let text = String(decoding: action, as: UTF8.self)
            if let place = namedPlaces[text] ?? calledPlaces[text], place >= 0 { return devices[place] }
        }
        return chip.flatMap { namedPlaces[String(decoding: $0, as: UTF8.self)] }.map { devices[$0] }
    }

    /// The device of an interrupt's number; of several on one wire the one whose name or driver is in an action.
    private func numbered(_ irq: Int, _ actions: [[UInt8]]) -> Device? {
        let found = devices(irq: irq)
        guard found.count > 1 else { return found.first }
        let words = Set(actions.flatMap { Self.words($0) })
        let named = found.filter { $0.name.map { words.contains(Array($0.utf8)) } ?? false }
        if named.count == 1 { return named[0] }
        let driven = found.filter { $0.driver.map { words.contains(Array($0.utf8)) } ?? false }
        return named.isEmpty && driven.count == 1 ? driven[0] : nil
    }

    /// "ehci_hcd:usb1" has the words "ehci_hcd" and "usb1".
    private static func words(_ action: [UInt8]) -> [[UInt8]] {
        let separators = Array(":,@[]() ".utf8)
        return action.split { separators.contains($0) }.flatMap { word in
            // "eth0-rx-1" begins with a device's name.
            [Array(word), Array(word.prefix { $0 != 0x2D })]
        }
    }

    /// "virtio1" of "virtio1-req.0" and of "virtio1".
    private static func virtioName(_ action: [UInt8]) -> String? {
        guard action.starts(with: "virtio".utf8) else { return nil }
        let digits = action.dropFirst(6).prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        let rest = action.dropFirst(6 + digits.count)
        guard rest.isEmpty || rest.first == 0x2D || rest.first == 0x2E else { return nil }
        return "virtio" + String(decoding: digits, as: UTF8.self)
    }

    /// The kind of message in the name of a chip that belongs to one device: "PCI-MSIX-0000:00:02.0".
    private static func messageKind(ofChip chip: [UInt8]) -> MessageKind? {
        let words = chip.split(separator: 0x2D)
        if words.contains(where: { $0.elementsEqual("MSIX".utf8) }) { return .msix }
        return words.contains { $0.elementsEqual("MSI".utf8) } ? .msi : nil
    }
}
