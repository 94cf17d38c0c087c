/// Interrupts of the firmware, which stop all CPUs.
enum SMICheck: DoctorCheck {
    /// So many a second are a warning.
    static let warnPerSecond = 1.0

    static let about = CheckText(
        "smi", title: "the firmware stops all CPUs",
        meaning: """
            A system management interrupt (SMI) takes all CPUs away from the kernel until the firmware is done, for microseconds \
            or milliseconds. No tool of the kernel sees where the time went.
            """,
        reads: ["the counter smi of the PMU msr: sys/bus/event_source/devices/msr"],
        rule: "any in the time between the samples: a note; one a second or more: a warning",
        exceptions: "unknown on AMD's processors, in guests, in copies, and without root",
        trust: "the number is exact; how long they took is not known",
        origin: "arch/x86/events/msr.c; MinnowBoard-org/bugs-and-help#99")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let count: UInt64
        switch box.firmwareStops {
        case .counted(let number): count = number
        case .unknown(let reason): throw Unjudged(reason)
        }
        guard count > 0 else { return }
        let rate = box.perSecond(count)
        var finding = DoctorFinding(
            rate >= warnPerSecond ? .warn : .note, "firmware",
            "\(Units.count(count)) \(count == 1 ? "SMI" : "SMIs") in \(Units.fixed(box.seconds, 0)) s",
            why: "all CPUs stand still meanwhile, isolated ones too",
            next: [
                "# BIOS: USB legacy support, power capping, reports of corrected memory errors; a newer one",
                "# how long they take: rtla hwnoise, where the kernel has osnoise",
            ])
        finding.weight = rate
        findings.append(finding)
    }
}

/// The number of times that the firmware stopped the box, if somebody counted.
public enum FirmwareStops: Equatable, Sendable {
    /// Counted between the samples.
    case counted(UInt64)
    /// Not counted, for this reason.
    case unknown(String)
}
