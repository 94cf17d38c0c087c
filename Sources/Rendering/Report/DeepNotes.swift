internal import IRQCore

/// Sentences beside the tables of the deep analysis: what their numbers do not say by themselves.
extension ReportText {
    /// Names the handlers that only wake their threads: on PREEMPT_RT and with threadirqs nearly all.
    func writeStubs(_ deep: DeepReport, to output: inout ByteOutput) {
        let stubs = Set(deep.handlers.filter(\.isStub).map(\.irq)).sorted()
        if stubs.isEmpty { return }
        let numbers = stubs.prefix(8).map { "\($0)" }.joined(separator: ", ")
        let more = stubs.count > 8 ? " and \(stubs.count - 8) more" : ""
        output.put(
            stubs.count == 1
                ? "  The hard handler of irq \(numbers) is a stub: it only wakes its thread, which does the work.\n"
                : "  The hard handlers of irq \(numbers)\(more) are stubs: they only wake their threads, which do the work.\n"
        )
    }

    /// Says how far times that begin on one CPU and end on another can be trusted.
    func writeClocks(_ deep: DeepReport, to output: inout ByteOutput) {
        for sentence in Self.clockSentences(deep, units) { output.put("  \(sentence)\n") }
    }

    /// The sentences on that; none where there is nothing to say.
    static func clockSentences(_ deep: DeepReport, _ units: Units) -> [String] {
        guard deep.cpus.count > 1 else { return [] }
        if let proven = deep.clocks.provenNanoseconds {
            return [
                "Times from one CPU to another are left out: the clock of one is \(units.duration(proven)) behind another's at least.",
                "irqscope record --deep takes a clock that they share.",
            ]
        }
        if let bound = deep.clocks.boundNanoseconds {
            let pairs = deep.clocks.pairCount == 1 ? "1 pair" : "\(deep.clocks.pairCount) pairs"
            return ["Times from one CPU to another: the clocks differ by \(units.duration(bound)) at most (\(pairs))."]
        }
        return deep.wakes.isEmpty ? [] : ["Times from one CPU to another: nothing tells how far the clocks differ."]
    }

    /// The sentences on ticks whose lateness nobody knows; none where there is nothing to say.
    static func tickSentences(_ deep: DeepReport) -> [String] {
        deep.hrtimers.filter(\.isWaitUntold).map {
            "How late \($0.name ?? "") was is not known: an idle CPU stops its tick and starts it anew without an event, as "
                + "\(Units.count($0.unseenStarts ?? 0)) of \(Units.count($0.wait.count)) show."
        }
    }

    /// Says how many wake-ups may have been answered where nobody saw it.
    func writeUncertain(_ deep: DeepReport, to output: inout ByteOutput) {
        guard let count = deep.count("uncertain_at_gaps"), count > 0 else { return }
        output.put(
            "  \(Units.count(count)) of all wake-ups \(count == 1 ? "is" : "are") an upper bound: the task may have run on a CPU "
                + "whose events were lost.\n")
    }
}
