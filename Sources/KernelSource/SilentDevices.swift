public import IRQCore

/// A network interface that is up, and a line of its device, none of which has ever come. All names are untrusted text.
public struct SilentDevice: Equatable, Sendable {
    /// The line's label.
    public let label: String
    /// Its actions.
    public let action: String
    /// The interface.
    public let interface: String
}

extension CloseLook {
    /// Still lines that are looked at for a device that is up.
    private static let silentCount = 256

    /// Devices that are up, but whose lines have not come once since boot: their interrupts may be lost.
    ///
    /// A line that is idle tells nothing if another one of its device has come: queues are used as they are needed. What is up
    /// is told of network interfaces only.
    public mutating func silentDevices(_ seen: BoxInterval, _ box: Box) -> [SilentDevice] {
        var silent: [SilentDevice] = []
        var waiting: Set<String> = []
        var addresses: [String] = []
        var lookedCount = 0
        for line in seen.lines where line.irq != nil && line.isKnown && !hasCome(line, box) {
            guard lookedCount < Self.silentCount else { break }
            guard let known = named(line, box) else { continue }
            lookedCount += 1
            guard let device = known.devices.first, device.kind == "net", let interface = device.name, isUp(interface),
                waiting.insert(device.address).inserted
            else { continue }
            silent.append(SilentDevice(label: known.label, action: known.name, interface: interface))
            addresses.append(device.address)
        }
        // Most boxes have no such device: only then all other lines are asked whose they are.
        for line in seen.lines where !waiting.isEmpty && line.irq != nil && line.isKnown && hasCome(line, box) {
            if let device = named(line, box)?.devices.first { waiting.remove(device.address) }
        }
        return silent.indices.filter { waiting.contains(addresses[$0]) }.map { silent[$0] }
    }

    private func hasCome(_ line: LineObservation, _ box: Box) -> Bool {
        box.interrupts.sample.table.total(box.interrupts.sample.table.row(line.row)) > 0
    }

    /// The details of a line with its device; nil where no driver has a handler.
    private mutating func named(_ line: LineObservation, _ box: Box) -> InterruptDetails? {
        let found = box.text(line.row)
        guard let irq = line.irq, found.actions?.isEmpty == false else { return nil }
        return withDevice(irq, found)
    }

    private func isUp(_ interface: String) -> Bool {
        guard let sys = roots.sys, let folder = Folder(path: sys + "/class/net/\(interface)") else { return false }
        return folder.attribute("operstate") == "up"
    }
}
