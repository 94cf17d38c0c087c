internal import IRQCore

/// A finding in words: a fact with its numbers.
struct FindingSentence {
    let report: Report
    let units: Units

    /// The sentence; names in it are made harmless.
    func words(_ finding: Finding) -> String { SafeText.escaped(text(finding)) }

    private func text(_ finding: Finding) -> String {
        switch finding {
        case .lost: lost
        case .storm(let storm): self.storm(storm)
        case .unclaimed(let irq, let actions, let calls, let buffer):
            "No handler claims irq \(irq) (\(actions.prefix(3).joined(separator: ", ")))"
                + (report.isOfSeveralBuffers ? " of buffer \(RowLabel.name(ofBuffer: buffer)): " : ": ")
                + "\(Units.count(calls)) interrupts, fewer than 1% of them handled."
        case .lateWake(let late): wake(late)
        case .busyCPU(let cpu, let share, let row, let rowShare, let isLowerBound):
            "CPU \(cpu) spent \(isLowerBound ? "at least " : "")\(Units.percent(share)) of its time in interrupts\(threads), most of it in \(label(row)) "
                + "(\(Units.percent(rowShare)))."
        case .longHandler(let row):
            "The handler of \(label(row.key)) took up to \(units.duration(row.duration.maximumNanoseconds)), in "
                + "the median \(units.duration(row.duration.percentile(perMille: 500)))."
        }
    }

    private func label(_ row: RowKey) -> String { RowLabel.words(row, in: report) }

    /// The highest rate, which a stretch has for 10 ms, and the mean of all of it, which may be half of that which began it.
    private func storm(_ storm: Storm) -> String {
        let mean = storm.meanPerSecond.map { ", \(Units.rate($0)) on average" } ?? ""
        let others = report.storms.count { $0.row == storm.row && $0.cpu == storm.cpu } - 1
        let choice = others > 0 ? ", the costliest of \(others + 1) such stretches" : ""
        return "\(label(storm.row)) came up to \(Units.rate(Double(storm.peakPerSecond))) times a second on CPU "
            + "\(storm.cpu)\(mean) over \(units.duration(storm.endNanoseconds &- storm.startNanoseconds))\(choice)"
            + (storm.cpuShare.map { ", and took \(Units.percent($0)) of the CPU meanwhile." } ?? ".")
    }

    /// The words for what else interrupts may have taken of a CPU, where that is told elsewhere.
    private var threads: String { report.countsThreads ? ", without their threads" : "" }

    private var lost: String {
        let ledger = report.ledger
        let rest = "Counts are too low, and what took longest may be among them."
        if ledger.lostEvents == 0 { return "An unknown number of events was lost. " + rest }
        let all = Double(ledger.events &+ ledger.lostEvents)
        let atLeast = ledger.gapsOfUnknownSize > 0 ? "At least " : ""
        let were = ledger.lostEvents == 1 ? "event was" : "events were"
        return "\(atLeast)\(Units.count(ledger.lostEvents)) \(were) lost, "
            + "\(Units.percent(Double(ledger.lostEvents) / all)) of all. " + rest
    }

    private func wake(_ late: DeepReport.LateStart) -> String {
        let kind = late.isUrgent ? "Real-time task " : "Task "
        let cause =
            late.cause.map { "\(DeepColumns.words($0)) woke it" }
            ?? late.waker.map { "\(LateColumns.task($0.name, $0.pid)) woke it" } ?? "it was woken"
        let head = "\(kind)\(late.name) \(late.pid) ran \(units.duration(late.latencyNanoseconds)) after \(cause)"
        let most = late.meanwhile.prefix(2).map { LateColumns.words($0, units) }
        if most.isEmpty { return head + "; what had its CPU meanwhile was not kept." }
        return head + "; CPU \(late.waitingCPU) had meanwhile \(most.joined(separator: ", "))."
    }
}
