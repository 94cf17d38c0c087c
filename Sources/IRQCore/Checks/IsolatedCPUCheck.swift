/// A line of a device that is served on a CPU that was to be left alone (isolcpus=, nohz_full=).
enum IsolatedCPUCheck: Check {
    /// Interrupts of a device per second on an isolated CPU, from which on it is a warning.
    static let warnPerSecond = 10.0

    static var verdict: Verdict? { .placement }
    static var aspects: [AlertAspect] { [.isolatedCPU] }

    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement? {
        guard line.irq != nil, let details = line.details, !line.isPerCPU,
            line.isolatedPerSecond >= warnPerSecond * run.rules.leaveShare
        else { return nil }
        var measurement = Measurement(
            AlertKey(.placement, .isolatedCPU, id: line.key), line.subject, value: line.isolatedPerSecond,
            warn: warnPerSecond)
        measurement.subject.cpu = line.isolatedCPU
        measurement.evidence = run.evidence(line)
        measurement.evidence.perSecond = line.isolatedPerSecond
        measurement.evidence.isolatedCPUs = run.seen.isolated.list
        measurement.evidence.isMaskFixed = details.isUserSettable == false
        return measurement
    }

    static func next(_ finding: AlertFinding) -> String {
        let irq = finding.subject.irq.map { "\($0)" } ?? "N"
        let cpu = finding.subject.cpu.map { "\($0)" } ?? "N"
        if finding.evidence.isManaged == true {
            // The kernel spreads such masks over all CPUs; this option keeps them off isolated ones, but where a mask has
            // no other CPU: then a program there uses the device.
            let list = finding.evidence.isolatedCPUs ?? "LIST"
            return
                "its mask cannot be written: boot with isolcpus=managed_irq,domain,\(list), give the device fewer queues,"
                + " or keep programs that use it off CPU \(cpu)"
        }
        if finding.evidence.isMaskFixed {
            return "its mask cannot be written, for its controller has none: leave CPU \(cpu) out of isolcpus="
        }
        return "irqscope affinity plan isolate shows what to write to /proc/irq/\(irq)/smp_affinity_list;"
            + " or set irqaffinity="
    }
}
