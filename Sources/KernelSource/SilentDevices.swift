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
        var details: [Int: InterruptDetails] = [:]
        var alive: Set<String> = []
        var silent: [(device: Device, line: InterruptDetails)] = []
        for line in seen.lines where line.irq != nil && line.isKnown {
            let counts = box.interrupts.sample.table.row(line.row)
            let hasCome = box.interrupts.sample.table.total(counts) > 0
            guard hasCome || details.count < Self.silentCount else { continue }
            var found: [Int: InterruptDetails] = [line.row: box.text(line.row)]
            guard found[line.row]?.actions?.isEmpty == false else { continue }
            name([line.row], of: seen, in: &found)
            guard let known = found[line.row], let device = known.devices.first else { continue }
            if hasCome {
                alive.insert(device.address)
            } else {
                details[line.row] = known
                silent.append((device, known))
            }
        }
        var told: Set<String> = []
        return silent.compactMap { device, line in
            guard device.kind == "net", let interface = device.name, !alive.contains(device.address),
                isUp(interface), told.insert(device.address).inserted
            else { return nil }
            return SilentDevice(label: line.label, action: line.name, interface: interface)
        }
    }

    private func isUp(_ interface: String) -> Bool {
        guard let sys = roots.sys, let folder = Folder(path: sys + "/class/net/\(interface)") else { return false }
        return folder.attribute("operstate") == "up"
    }
}
