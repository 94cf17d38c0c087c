extension AlertTrial {
    /// A line that is served outside of its mask, or on a CPU that was to be left alone.
    func placement(_ line: LineObservation) -> [Measurement] {
        guard let details = line.details, details.delivery?.isPerCPU != true else { return [] }
        var result: [Measurement] = []
        if let outside = line.outsidePerSecond, outside >= AlertRules.outsideWarn * rules.leaveShare,
            outside >= line.perSecond * AlertRules.outsideShare
        {
            var measurement = Measurement(
                AlertKey(.placement, .outsideMask, id: line.key), Self.subject(line), value: outside,
                warn: AlertRules.outsideWarn)
            // A mask may have been there and back between two looks.
            measurement.needsTwo = true
            measurement.evidence = evidence(line)
            measurement.evidence.perSecond = outside
            measurement.evidence.cpuShare = line.perSecond > 0 ? outside / line.perSecond : nil
            result.append(measurement)
        }
        if line.isolatedPerSecond >= AlertRules.isolatedWarn * rules.leaveShare {
            var measurement = Measurement(
                AlertKey(.placement, .isolatedCPU, id: line.key), Self.subject(line), value: line.isolatedPerSecond,
                warn: AlertRules.isolatedWarn)
            measurement.subject.cpu = line.isolatedCPU
            measurement.evidence = evidence(line)
            measurement.evidence.perSecond = line.isolatedPerSecond
            result.append(measurement)
        }
        return result
    }

    /// One CPU that takes the interrupts of several queues of a device, or of all devices, while others could.
    ///
    /// One busy line on one CPU is how devices with one queue work: it takes two lines for a device, three for all.
    func crowding() -> [Measurement] {
        guard seen.cpus.count > 1 else { return [] }
        var groups: [String: [LineObservation]] = [:]
        var all: [LineObservation] = []
        for line in seen.lines {
            guard line.isKnown, line.irq != nil, line.busiestPerSecond >= 1_000, let details = line.details,
                details.delivery?.isPerCPU != true
            else { continue }
            all.append(line)
            groups[Self.device(line, details), default: []].append(line)
        }
        var result: [Measurement] = []
        for (name, lines) in groups.sorted(by: { $0.key < $1.key }) where lines.count >= 2 {
            let key = AlertKey(.placement, .oneCPUOfDevice, id: StableHash.of(name))
            if let found = crowd(lines, key, whole: lines.reduce(0) { $0 + $1.perSecond }) {
                result.append(found)
            }
        }
        // A device that was named explains the whole.
        if result.isEmpty, all.count >= 3,
            let busiest = seen.cpus.max(by: { $0.value.devicePerSecond < $1.value.devicePerSecond })
        {
            let key = AlertKey(.placement, .oneCPUOfAll, id: 0)
            let here = all.filter { $0.busiestCPU == busiest.key }
            if here.count >= 3, var found = crowd(here, key, whole: seen.devicePerSecond) {
                (found.subject.irq, found.subject.label, found.subject.action, found.subject.device) = (nil, "", "", "")
                result.append(found)
            }
        }
        return result
    }

    private func crowd(_ lines: [LineObservation], _ key: AlertKey, whole: Double) -> Measurement? {
        var shares: [Int: Double] = [:]
        for line in lines { if let cpu = line.busiestCPU { shares[cpu, default: 0] += line.busiestPerSecond } }
        guard whole > 0, let most = shares.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            most.value / whole >= AlertRules.crowdedShare,
            let busiest = lines.max(by: { $0.busiestPerSecond < $1.busiestPerSecond }),
            lines.allSatisfy({
                !rules.resolve(irq: $0.irq, actions: Self.names($0).actions, devices: Self.names($0).devices)
                    .ignored.contains(.placement)
            })
        else { return nil }
        guard whole >= AlertRules.crowdedWarn * rules.leaveShare else { return nil }
        var measurement = Measurement(key, Self.subject(busiest), value: whole, warn: AlertRules.crowdedWarn)
        measurement.subject.cpu = most.key
        measurement.evidence.perSecond = most.value
        measurement.evidence.totalPerSecond = whole
        measurement.evidence.cpuShare = most.value / whole
        measurement.evidence.queueCount = lines.count
        measurement.evidence.affinity = busiest.details?.affinity?.list
        addCPU(most.key, to: &measurement.evidence)
        return measurement
    }

    /// What the queues of one device have in common.
    private static func device(_ line: LineObservation, _ details: InterruptDetails) -> String {
        if let device = details.devices.first { return device.address }
        let name = details.name
        // mlx5_comp3@pci:0000:01:00.0 names the function; eth0-TxRx-3 the device and the queue.
        if let place = name.utf8.firstIndex(of: UInt8(ascii: "@")) { return String(name[place...]) }
        var bytes = Array(name.utf8)
        while let last = bytes.last, (0x30...0x39).contains(last) { bytes.removeLast() }
        return bytes.isEmpty ? name : String(decoding: bytes, as: UTF8.self)
    }
}
