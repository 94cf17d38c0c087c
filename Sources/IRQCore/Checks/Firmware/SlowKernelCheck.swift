/// Complaints of the kernel about its own slowness.
enum SlowKernelCheck: DoctorCheck {
    /// So many lines within an hour are a warning.
    static let (repeatedCount, hourSeconds) = (10, 3600.0)

    static let about = CheckText(
        "slow-kernel", title: "the kernel complained that something took too long",
        meaning: """
            The kernel measures some of its own work and says so when it took far too long: handlers, timers, samples of perf, \
            work in queues.
            """,
        reads: ["dmesg"],
        rule: "any such line of this boot: a note; ten or more within an hour: a warning",
        exceptions: "one single line of perf, which finds its own limit after boot",
        trust: "the line of hrtimer comes once a boot; others are limited as well",
        origin: "kernel/time/hrtimer.c, kernel/events/core.c, kernel/workqueue.c, arch/x86/kernel/nmi.c")

    /// A complaint in short; nil for other lines.
    private static func complaint(_ text: String) -> (words: String, irq: Int?, isPerf: Bool)? {
        if text.has("long duration of IRQ[") {
            let irq = text.number(after: "long duration of IRQ[")
            let took = text.number(after: "took: ").map { " took \($0) µs" } ?? " took too long"
            return ("irq \(irq.map(String.init) ?? "?") handler\(took)", irq, false)
        }
        if text.has("hrtimer: interrupt took ") {
            return ("a timer interrupt took \(text.number(after: "interrupt took ") ?? 0) ns", nil, false)
        }
        if text.has("perf: interrupt took too long") { return ("perf: interrupt took too long", nil, true) }
        if text.has("INFO: NMI handler"), text.has("took too long to run") {
            let name = text.text(after: "NMI handler (", before: ")") ?? "?"
            return ("the NMI handler \(name) took too long", nil, false)
        }
        if text.has("workqueue: "), text.has(" hogged CPU for >") {
            let name = text.text(after: "workqueue: ", before: " hogged") ?? "work"
            return ("\(name) hogged a CPU for over \(text.number(after: "hogged CPU for >") ?? 0) µs", nil, false)
        }
        if text.has("local softirq work is pending") || text.has("local_softirq_pending") {
            return ("softirqs were pending when a CPU went idle", nil, false)
        }
        return nil
    }

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let log = try box.requireLog()
        var counts: [String: Int] = [:]
        var order: [String] = []
        var times: [Double] = []
        var irqs: Set<Int> = []
        var (count, perfCount) = (0, 0)
        for line in log {
            guard let found = complaint(line.text) else { continue }
            if counts[found.words] == nil { order.append(found.words) }
            counts[found.words, default: 0] += 1
            count += 1
            if found.isPerf { perfCount += 1 }
            if let irq = found.irq { irqs.insert(irq) }
            if let seconds = line.seconds { times.append(seconds) }
        }
        guard count > 0, !(count == 1 && perfCount == 1) else { return }
        // What names an interrupt first, perf's own last.
        let ranked = order.sorted { rank($0) < rank($1) }
        var evidence = ranked.prefix(3).map { words in
            (counts[words] ?? 1) > 1 ? "\(words) (\(counts[words] ?? 1) times)" : words
        }.joined(separator: "; ")
        if ranked.count > 3 { evidence += "; \(ranked.count - 3) more kinds" }
        let isRepeated = Self.isRepeated(times)
        if isRepeated { evidence += "; \(repeatedCount) and more within an hour" }
        var finding = DoctorFinding(
            isRepeated ? .warn : .note, "kernel", evidence,
            why: "a handler, the firmware or the host kept a CPU for long; what waited for it was late",
            next: ["irqscope record --trigger-slow 500us --flight 5s"])
        if let irq = irqs.min() { finding.next.append("irqscope list --irq \(irq)") }
        (finding.weight, finding.lines) = (Double(count), irqs)
        findings.append(finding)
    }

    private static func rank(_ words: String) -> Int {
        words.hasPrefix("irq ") ? 0 : words.hasPrefix("perf:") ? 2 : 1
    }

    private static func isRepeated(_ times: [Double]) -> Bool {
        let times = times.sorted()
        guard times.count >= repeatedCount else { return false }
        return (repeatedCount - 1..<times.count).contains { times[$0] - times[$0 - repeatedCount + 1] <= hourSeconds }
    }
}
