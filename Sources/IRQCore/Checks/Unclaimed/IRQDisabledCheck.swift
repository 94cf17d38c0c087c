/// Lines that the kernel switched off, since nobody claimed their interrupts.
enum IRQDisabledCheck: DoctorCheck {
    /// More cannot come while the kernel polls the line, per second.
    static let polledPerSecond = 10.0

    static let about = CheckText(
        "irq-disabled", title: "the kernel switched a line off",
        meaning: """
            After 100,000 interrupts that no driver claimed the kernel says 'nobody cared' and switches the line off. Devices on \
            it stop, or are looked after ten times a second: sound stutters, disks and USB are slow.
            """,
        reads: ["dmesg", "sys/kernel/debug/irq/irqs/N", "proc/irq/N/spurious", "proc/interrupts"],
        rule:
            "the log of this boot says so for the line, and did so after the first sample or at most 10 a second come; or debugfs says so; or the counters look so",
        exceptions: """
            as many handlers as the message lists are not there any more, or the count has begun again: a driver that registers \
            switches the line on
            """,
        trust: "certain by debugfs or the log; most likely by the counters alone",
        origin: "kernel/irq/spurious.c; QubesOS/qubes-issues#328, slimbootloader#603, openbmc/linux#130")

    /// A message of the log.
    private struct Message {
        var seconds: Double?
        /// The handlers that it lists; nil if it lists none.
        var handlerCount: Int?
    }

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let messages = messages(box.log ?? [])
        // What `alert` goes by the log is asked of the log itself here.
        let suspected = Set(
            box.verdicts(.unhandled).compactMap { verdict in
                let isByCounters = verdict.evidence.isDisabled && verdict.evidence.disabledSource == .counters
                return isByCounters ? verdict.subject.irq : nil
            })
        for line in box.lines where line.details.actions?.isEmpty == false {
            let state = line.details.isSpuriousDisabled
            if state == false { continue }
            let (told, isSuspected) = (messages[line.irq], suspected.contains(line.irq))
            let message = told.flatMap { isStill(line, $0, box, isSuspected: isSuspected) ? $0 : nil }
            guard state == true || message != nil || isSuspected else { continue }
            var found = finding(box, line, message, isSure: state == true || message != nil)
            if state == nil, message == nil {
                found.trust =
                    told == nil
                    ? "most likely: neither the log nor debugfs says so, only the way the counters moved"
                    : "most likely: the log says so of an earlier time, and now only the way the counters moved"
            }
            findings.append(found)
        }
        if box.log != nil || box.lines.contains(where: { $0.details.isSpuriousDisabled != nil }) { return }
        throw Unjudged("the kernel's log is not there, nor debugfs: only the counters were asked")
    }

    private static func messages(_ log: [LogLine]) -> [Int: Message] {
        var result: [Int: Message] = [:]
        var (current, isInHandlers): (Int?, Bool) = (nil, false)
        for line in log {
            if line.text.hasPrefix("irq "), line.text.has(": nobody cared"), let irq = line.text.number(after: "irq ") {
                result[irq] = Message(seconds: line.seconds)
                (current, isInHandlers) = (irq, false)
            } else if line.text.hasPrefix("Disabling IRQ #"), let irq = line.text.number(after: "Disabling IRQ #") {
                if result[irq] == nil || current != irq { result[irq] = Message(seconds: line.seconds) }
                (current, isInHandlers) = (nil, false)
            } else if current != nil, line.text.hasPrefix("handlers:") {
                isInHandlers = true
            } else if let irq = current, isInHandlers, line.text.hasPrefix("[<") {
                let count = result[irq]?.handlerCount ?? 0
                result[irq]?.handlerCount = count + 1
            }
        }
        return result
    }

    /// - Parameter isSuspected: whether the counters say so, too.
    private static func isStill(
        _ line: ExaminedLine, _ message: Message, _ box: Examination, isSuspected: Bool
    ) -> Bool {
        // The mean since boot has the time before in it; and so has the rate, where the 100,000 came between the samples.
        if !box.isSinceBoot, line.perSecond > polledPerSecond {
            guard isOfInterval(message, box) ?? isSuspected else { return false }
        }
        if let count = message.handlerCount, count != line.details.actions?.count { return false }
        return line.details.spurious.map { $0.count == 0 && $0.unhandled == 0 } ?? true
    }

    /// True if a message is later than the first sample; nil if the time of either is unknown.
    private static func isOfInterval(_ message: Message, _ box: Examination) -> Bool? {
        guard box.isIntervalKnown, let uptime = box.uptimeSeconds, let seconds = message.seconds else { return nil }
        return seconds > uptime - box.seconds
    }

    private static func finding(
        _ box: Examination, _ line: ExaminedLine, _ message: Message?, isSure: Bool
    ) -> DoctorFinding {
        let actions = line.details.actions ?? []
        var evidence = "irq \(line.irq) (\(actions.joined(separator: ", "))) \(isSure ? "" : "most likely ")off"
        if let seconds = message?.seconds { evidence += " since \(Units.fixed(seconds, 0)) s after boot" }
        if actions.count > 1 { evidence += "; it is polled ten times a second" }
        var (next, undo) = search(box, line.irq)
        next.append("# a newer BIOS; messages instead of the wire for the others (msi-off); another slot")
        if box.kernel.isRealtime != true { next.append("# the last resort, at boot: irqpoll") }
        var finding = DoctorFinding(
            .crit, "irq \(line.irq)", evidence,
            why: "one of its devices raised it 100,000 times without its driver's knowledge; all that share it suffer",
            next: next)
        finding.undo = undo
        (finding.weight, finding.lines) = (Double(actions.count), [line.irq])
        finding.sources = message == nil ? about.reads : ["dmesg", "proc/interrupts", "proc/irq/\(line.irq)/spurious"]
        return finding
    }

    /// The steps that find the device which raises the line, and what takes the first of them back.
    ///
    /// The line is off, and stays so when a driver leaves it. It is on again, for 100,000 more, as soon as a driver requests it
    /// anew (`__setup_irq`: "reenable it and give it another chance"), which most do when they are bound.
    private static func search(_ box: Examination, _ irq: Int) -> (next: [String], undo: String?) {
        // To take the disk or the network away would end what the reader does.
        let suspects = (box.wiredFunctions[irq] ?? []).prefix(8).filter { device in
            let role = DeviceRole(devices: [device], actions: [])
            return device.driver != nil && role != .storage && role != .network
        }
        let ordered = suspects.filter { !isUSB($0) } + suspects.filter(isUSB)
        guard let first = ordered.first else { return ([], nil) }
        var next: [String] = []
        if let usb = ordered.prefix(2).first(where: isUSB) {
            next.append(
                "# what is plugged into \(usb.address), a USB controller, is gone meanwhile: keyboard, disks, network")
        }
        let off = "if it stays on (no new 'Disabling IRQ #\(irq)' in dmesg)"
        guard ordered.count > 1 else {
            next += [command(first, "unbind"), command(first, "bind")]
            next.append("# the bind switches the line on for a while; \(off), its driver only had to begin anew")
            return (next, nil)
        }
        next += [command(first, "unbind"), command(ordered[1], "unbind"), command(ordered[1], "bind")]
        next.append(
            "# the bind switches the line on; \(off), \(first.address) was it; else the undo, and the next device")
        for device in ordered.dropFirst(2).prefix(2) {
            let danger = isUSB(device) ? ", USB: keyboard and disks go away" : ""
            next.append("# next: \(device.address) (\(device.driver ?? "")\(danger))")
        }
        return (next, command(first, "bind"))
    }

    private static func command(_ device: Device, _ verb: String) -> String {
        "echo \(ShellWord.quoted(device.address)) >/sys/bus/pci/drivers/\(ShellWord.quoted(device.driver ?? ""))/\(verb)"
    }

    /// True for controllers of USB, whose devices may be what the reader types on or the disk that the box runs from.
    private static func isUSB(_ device: Device) -> Bool {
        device.classCode.map { $0 >> 8 == 0x0c03 } ?? false || device.kind == "usb"
            || ["ehci", "ohci", "uhci", "xhci"].contains { device.driver?.hasPrefix($0) == true }
    }
}
