/// A clock that is slow to read.
enum ClocksourceCheck: DoctorCheck {
    private static let folder = "sys/devices/system/clocksource/clocksource0"

    static let about = CheckText(
        "clocksource", title: "the clock is slow to read",
        meaning: """
            A PC has a fast clock in each CPU (tsc). Where the kernel does not trust it, each look at the time goes to a chip: \
            a microsecond or more, for each packet, each timer and each call of clock_gettime.
            """,
        reads: ["\(folder)/current_clocksource", "\(folder)/available_clocksource", "dmesg"],
        rule: "an x86 box runs by another clock than tsc, kvm-clock, hyperv_clocksource or xen",
        exceptions: "guests with a clock of their own",
        trust: "a long SMI or a guest that was paused can make the kernel distrust a good clock",
        origin: "arch/x86/kernel/tsc.c; sozu-proxy/sozu#500, oxidecomputer/propolis#328")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.isX86 else { return }
        let current = try box.require("\(folder)/current_clocksource")
        let isFast =
            current.hasPrefix("tsc") || current.hasPrefix("kvm-clock") || current.hasPrefix("hyperv_clocksource")
            || current.hasPrefix("xen")
        guard !isFast, !current.isEmpty else { return }
        let marks = [
            "Marking clocksource 'tsc' as unstable", "TSC found unstable after boot", "Marking TSC unstable due to",
        ]
        let message = (box.log ?? []).first { line in marks.contains { line.text.has($0) } }
        let isThere = box.text("\(folder)/available_clocksource")?.split(separator: " ").contains("tsc") == true
        var evidence = current
        if let message {
            if let seconds = message.seconds { evidence += " since \(Units.fixed(seconds, 0)) s" }
            evidence += ": tsc marked unstable"
        } else {
            evidence += isThere ? ": tsc is available and not used" : ": tsc is not available"
        }
        var next: [String] = []
        if isThere, message == nil, box.log != nil { next.append("echo tsc >/\(folder)/current_clocksource") }
        next.append("dmesg | grep -iE 'tsc|clocksource'")
        next.append(
            "# a newer BIOS; in a guest: the host must give it invtsc; tsc=reliable only where it is known to be good")
        var finding = DoctorFinding(
            .warn, "clock", evidence, why: "each look at the time asks a chip, which takes a microsecond or more",
            next: next)
        if next.count > 2 { finding.undo = "echo \(ShellWord.quoted(current)) >/\(folder)/current_clocksource" }
        findings.append(finding)
    }
}
