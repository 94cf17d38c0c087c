/// One CPU that takes the interrupts of several queues of a device, or of all devices, while others could.
///
/// One busy line on one CPU is how devices with one queue work: it takes two lines for a device, three for all. The mark is
/// of one line, for people who look.
enum CrowdedCPUCheck: Check {
    /// The rate of one device, or of all, from which on it matters that one CPU takes them; and the share it takes then.
    static let (warnPerSecond, warnShare) = (10_000.0, 0.9)
    /// Slower lines are no part of a crowd, per second.
    static let leastPerSecond = 1_000.0
    /// The rate of a line from which on one CPU of many is worth a mark, per second, and the share that makes it "the" CPU.
    static let (markPerSecond, markShare) = (5_000.0, 0.95)

    static var verdict: Verdict? { .placement }
    static var aspects: [AlertAspect] { [.oneCPUOfDevice, .oneCPUOfAll] }
    static let mark: CheckMark? = CheckMark(
        .oneOfMany, "1", "one_of_many", "one CPU of several allowed serves 95% or more, from 5,000/s on")

    static func isMarked(_ served: Deliveries, rate: Double) -> Bool {
        rate >= markPerSecond && Double(served.highest) >= Double(served.total) * markShare
    }

    static func measure(_ run: CheckRun) -> [Measurement] {
        guard run.seen.cpus.count > 1 else { return [] }
        var groups: [String: [LineObservation]] = [:]
        var all: [LineObservation] = []
        for line in run.seen.lines {
            guard line.isKnown, line.irq != nil, line.busiestPerSecond >= leastPerSecond, let details = line.details,
                !line.isPerCPU, details.canBeMoved
            else { continue }
            all.append(line)
            groups[device(details), default: []].append(line)
        }
        var result: [Measurement] = []
        for (name, lines) in groups.sorted(by: { $0.key < $1.key }) where lines.count >= 2 {
            let key = AlertKey(.placement, .oneCPUOfDevice, id: StableHash.of(name))
            if let found = crowd(run, lines, key, whole: lines.reduce(0) { $0 + $1.perSecond }) {
                result.append(found)
            }
        }
        // All lines of one CPU together, only if no device has several there by itself.
        if result.isEmpty, all.count >= 3,
            let busiest = run.seen.cpus.max(by: { $0.value.devicePerSecond < $1.value.devicePerSecond })
        {
            let key = AlertKey(.placement, .oneCPUOfAll, id: 0)
            let here = all.filter { $0.busiestCPU == busiest.key }
            if here.count >= 3, var found = crowd(run, here, key, whole: run.seen.devicePerSecond) {
                (found.subject.irq, found.subject.label, found.subject.action, found.subject.device) = (nil, "", "", "")
                result.append(found)
            }
        }
        return result
    }

    private static func crowd(
        _ run: CheckRun, _ lines: [LineObservation], _ key: AlertKey, whole: Double
    ) -> Measurement? {
        var shares: [Int: Double] = [:]
        for line in lines { if let cpu = line.busiestCPU { shares[cpu, default: 0] += line.busiestPerSecond } }
        guard whole > 0, let most = shares.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            most.value / whole >= warnShare,
            let busiest = lines.max(by: { $0.busiestPerSecond < $1.busiestPerSecond }),
            lines.allSatisfy({ !run.levels($0).ignored.contains(.placement) })
        else { return nil }
        guard whole >= warnPerSecond * run.rules.leaveShare else { return nil }
        var measurement = Measurement(key, busiest.subject, value: whole, warn: warnPerSecond)
        measurement.subject.cpu = most.key
        measurement.evidence.perSecond = most.value
        measurement.evidence.totalPerSecond = whole
        measurement.evidence.cpuShare = most.value / whole
        measurement.evidence.queueCount = lines.count
        measurement.evidence.affinity = busiest.details?.affinity?.list
        run.addCPU(most.key, to: &measurement.evidence)
        return measurement
    }

    /// A name that the queues of one device have in common.
    static func device(_ details: InterruptDetails) -> String {
        if let device = details.devices.first { return device.address }
        let name = details.name
        // mlx5_comp3@pci:0000:01:00.0 names the function; eth0-TxRx-3 the device and the queue.
        if let place = name.utf8.firstIndex(of: UInt8(ascii: "@")) { return String(name[place...]) }
        var bytes = Array(name.utf8)
        while let last = bytes.last, (0x30...0x39).contains(last) { bytes.removeLast() }
        return bytes.isEmpty ? name : String(decoding: bytes, as: UTF8.self)
    }

    static func next(_ finding: AlertFinding) -> String {
        "irqscope affinity plan spread shows how to spread them, irqscope affinity apply spread does it; or irqbalance"
    }
}
