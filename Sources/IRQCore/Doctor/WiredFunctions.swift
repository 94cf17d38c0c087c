extension Examination {
    /// Finds the functions that are wired to lines: by what sys says, and by the names of handlers.
    func findWiredFunctions() -> [Int: [Device]] {
        var result: [Int: [Device]] = [:]
        for device in devices where device.bus == "pci" && device.driver != nil && device.interruptKind == nil {
            let folder = "sys/bus/pci/devices/\(device.address)"
            guard let irq = number("\(folder)/irq"), irq > 0, files.names("\(folder)/msi_irqs")?.isEmpty != false else {
                continue
            }
            result[irq, default: []].append(device)
        }
        for line in lines where !line.details.isMessage {
            for device in line.details.devices where device.bus == "pci" && device.driver != nil {
                let isKnown = result[line.irq]?.contains { $0.address == device.address } ?? false
                if !isKnown, device.interruptKind == nil { result[line.irq, default: []].append(device) }
            }
        }
        return result
    }
}
